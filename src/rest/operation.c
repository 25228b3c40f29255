#include "rest/operation.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/route.h"
#include "rest/handlers.h"

#define X(method, pattern, name, versions, scope, kind, takes, handler, action)                                      \
    { method, pattern, name, versions, VT__SCOPE_##scope, VT__KIND_##kind, takes, vt__rest_##handler, VT__ACTION_##action },
static const vt__wire_operation operations[] = {
#include "rest/operations_table.h"
};
#undef X

#define OPERATIONS (sizeof operations / sizeof operations[0])

static void add_allowed(char allowed[64], const char *method)
{
    size_t used = strlen(allowed);
    snprintf(allowed + used, 64 - used, "%s%s", used ? ", " : "", method);
}

const vt__wire_operation *vt__wire_operation_find(char allowed[64], vt__http_request *request)
{
    allowed[0] = 0;
    for (size_t i = 0; i < OPERATIONS; i++) {
        if (!vt__route_path_matches(request, operations[i].pattern)) continue;
        if (vt__route_method_matches(request, operations[i].method)) return &operations[i];
        add_allowed(allowed, operations[i].method);
    }
    return NULL;
}

const vt__wire_operation *vt__wire_operation_at(size_t index)
{
    return index < OPERATIONS ? &operations[index] : NULL;
}

static const char *const version_names[VT__VERSIONS] = { "v1.0", "v1.0-preview", "v1.1-preview.1",
                                                         "v1.2-preview.1", "v1.2", "v1.3-preview.1" };

bool vt__api_version_parse(vt__api_version *out, const char *text)
{
    for (int i = 0; i < VT__VERSIONS; i++) {
        if (strcasecmp(text, version_names[i]) != 0) continue;
        *out = (vt__api_version)i;
        return true;
    }
    return false;
}

const char *vt__api_version_name(vt__api_version version)
{
    return version_names[version];
}
