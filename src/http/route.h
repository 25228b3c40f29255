/* Routing by pattern: "/face/{apiVersion}/persons/{personId}". Letter case of fixed segments is ignored, double and
 * trailing slashes do not count. */
#ifndef VT_HTTP_ROUTE_H
#define VT_HTTP_ROUTE_H

#include "http/request.h"

/* Whether the request's path is one of the pattern; then its {params} are set. */
bool vt__route_path_matches(vt__http_request *request, const char *pattern);

/* Whether the method of the request is the route's; "GET" also answers HEAD. */
bool vt__route_method_matches(const vt__http_request *request, const char *method);

#endif
