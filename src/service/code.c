#include "service/code.h"

#include "base/error.h"

static const struct {
    const char *name, *text;
} codes[] = {
#define ROW(name, text) { #name, text },
    VT__CODE_MAP(ROW)
#undef ROW
};

const char *vt__code_name(vt__code code)
{
    return (unsigned)code < VT__CODE_COUNT ? codes[code].name : "UNKNOWN";
}

const char *vt__code_text(vt__code code)
{
    return (unsigned)code < VT__CODE_COUNT ? codes[code].text : "unknown code";
}

vt__code vt__code_fail(vt_error *err, vt__code code)
{
    vt__fail(err, VT_EINVAL, "%s", vt__code_text(code));
    return code;
}

vt__code vt__code_of(vt_status status)
{
    switch (status) {
    case VT_OK: return VT__CODE_OK;
    case VT_ENOMEM: return VT__CODE_NO_MEMORY;
    case VT_EUNSUPPORTED: return VT__CODE_UNSUPPORTED;
    case VT_EBUSY: return VT__CODE_CONFLICT;
    default: return VT__CODE_FAILED;
    }
}
