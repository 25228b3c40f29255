/* The operations of the wire, one row each, made from api/operations.tsv. */
#ifndef VT_REST_OPERATION_H
#define VT_REST_OPERATION_H

#include <stdbool.h>

#include "http/request.h"
#include "service/collection.h"
#include "service/policy.h"
#include "service/scope.h"

struct vt__call;

/* Bit in vt__wire_operation.versions. */
typedef enum vt__api_version {
    VT__V1_0 = 0,
    VT__V1_0_PREVIEW,
    VT__V1_1_PREVIEW_1,
    VT__V1_2_PREVIEW_1,
    VT__V1_2,
    VT__V1_3_PREVIEW_1,
    VT__VERSIONS
} vt__api_version;

/* Operations without a kind or without credentials. */
#define VT__KIND_NONE VT__KIND_COUNT
#define VT__SCOPE_OPEN 0

#define VT__ACTION_NONE (-1)

/* Bodies that an operation takes, or'ed. */
#define VT__TAKES_JSON 1u
#define VT__TAKES_IMAGE 2u
#define VT__TAKES_MULTIPART 4u
#define VT__TAKES_VIDEO 8u

typedef struct vt__wire_operation {
    const char *method;
    const char *pattern;
    const char *name;  /* as in the OpenAPI description, logs and counters */
    unsigned versions; /* 0: the path has none */
    uint32_t scope;
    vt__kind kind;
    unsigned takes;
    void (*handle)(struct vt__call *call);
    int action; /* the vt__action whose registered use it needs, or VT__ACTION_NONE. The service is the gate. */
} vt__wire_operation;

/* The operation of a request, its {params} set. NULL: `*allowed` is "" when the path is unknown, else the methods
 * that it knows ("GET, PUT"). */
const vt__wire_operation *vt__wire_operation_find(char allowed[64], vt__http_request *request);

/* The rows, for tests and the description. NULL at the end. */
const vt__wire_operation *vt__wire_operation_at(size_t index);

bool vt__api_version_parse(vt__api_version *out, const char *text);
const char *vt__api_version_name(vt__api_version version);

#endif
