#include "service/scope.h"

#include <string.h>
#include <strings.h>

#include "service/service.h"

static const struct {
    const char *name;
    uint32_t scope;
} scopes[] = { { "detect", VT__SCOPE_DETECT },
               { "recognize", VT__SCOPE_RECOGNIZE },
               { "manage", VT__SCOPE_MANAGE },
               { "liveness", VT__SCOPE_LIVENESS },
               { "admin", VT__SCOPE_ADMIN },
               { "operator", VT__SCOPE_OPERATOR } };

#define SCOPES (sizeof scopes / sizeof scopes[0])

bool vt__scope_parse(uint32_t *out, const char *names)
{
    *out = 0;
    while (*names) {
        size_t size = strcspn(names, ","), i = 0;
        while (i < SCOPES && !(strlen(scopes[i].name) == size && strncasecmp(names, scopes[i].name, size) == 0)) i++;
        if (i == SCOPES) return false;
        *out |= scopes[i].scope;
        names += size + (names[size] == ',');
    }
    return *out != 0;
}

const char *vt__scope_name(uint32_t scope)
{
    for (size_t i = 0; i < SCOPES; i++)
        if (scopes[i].scope == scope) return scopes[i].name;
    return "";
}
