/* A request target: path and query taken apart, matched with a pattern. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *target = size ? strndup((const char *)data, size) : strdup("");
    vt__http_request request;
    if (!vt__http_request_init(&request, "GET", target, NULL)) {
        vt__route_path_matches(&request, "/face/{apiVersion}/persongroups/{personGroupId}/persons/{personId}");
        vt__http_param(&request, "personId");
        vt__http_query(&request, "top");
    }
    vt__http_request_free(&request);
    char value[16];
    vt__http_header_parameter(value, sizeof value, target, "boundary");
    free(target);
    return 0;
}
