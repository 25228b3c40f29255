/* First line: the Content-Type; the rest: the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || memchr(data, 0, (size_t)(end - data))) return 0;
    char *type = strndup((const char *)data, (size_t)(end - data));
    static vt__parts parts;
    size_t body = size - (size_t)(end + 1 - data);
    uint8_t *copy = malloc(body ? body : 1); /* of exact size, so that one byte too far is seen */
    if (body) memcpy(copy, end + 1, body);
    if (!vt__multipart_parse(&parts, type, copy, body, NULL))
        for (size_t i = 0; i < parts.count; i++)
            if (parts.items[i].size_bytes && memchr(parts.items[i].bytes, 1, parts.items[i].size_bytes)) break;
    free(copy);
    free(type);
    return 0;
}
