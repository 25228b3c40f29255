#include "http/route.h"

#include <string.h>
#include <strings.h>

/* One {name}: names are kept in the pattern's text, so find the parameter by comparing up to the brace. */
static bool match_segment(vt__http_request *request, const char *pattern, size_t size, const char *segment)
{
    if (pattern[0] != '{') return strlen(segment) == size && strncasecmp(pattern, segment, size) == 0;
    if (request->param_count == VT__HTTP_MAX_PARAMS) return false;
    request->params[request->param_count++] = (vt__http_field){ pattern + 1, segment };
    return true;
}

bool vt__route_path_matches(vt__http_request *request, const char *pattern)
{
    request->param_count = 0;
    size_t at = 0;
    while (*pattern) {
        pattern += strspn(pattern, "/");
        size_t size = strcspn(pattern, "/");
        if (size == 0) break;
        if (at == request->segment_count || !match_segment(request, pattern, size, request->segments[at])) return false;
        at++;
        pattern += size;
    }
    return at == request->segment_count;
}

bool vt__route_method_matches(const vt__http_request *request, const char *method)
{
    return strcmp(request->method, method) == 0 || (strcmp(request->method, "HEAD") == 0 && strcmp(method, "GET") == 0);
}
