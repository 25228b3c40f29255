/* The handlers that the rows of api/operations.tsv name; each stands in the file of its subject. */
#ifndef VT_REST_HANDLERS_H
#define VT_REST_HANDLERS_H

struct vt__call;

#define X(method, pattern, name, versions, scope, kind, takes, handler, action) void vt__rest_##handler(struct vt__call *call);
#include "rest/operations_table.h"
#undef X

#endif
