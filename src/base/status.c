#include <stddef.h>

#include <vultus/status.h>

#define STATUS_NAME(name, value, text) { name, #name, text },
static const struct {
    vt_status code;
    const char *name;
    const char *text;
} statuses[] = { VT_STATUS_MAP(STATUS_NAME) };

const char *vt_status_name(vt_status status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].code == status) return statuses[i].name;
    return "VT_UNKNOWN";
}

const char *vt_status_text(vt_status status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].code == status) return statuses[i].text;
    return "unknown status";
}
