#include "http/range.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Reads digits; false when there are none or too many. */
static bool read_number(uint64_t *out, const char **at)
{
    const char *begin = *at;
    for (*out = 0; **at >= '0' && **at <= '9'; ++*at) *out = *out * 10 + (uint64_t)(**at - '0');
    return *at > begin && *at - begin <= 18;
}

vt__range_kind vt__range_parse(vt__range *out, const char *text, uint64_t size_bytes)
{
    uint64_t first = 0, last = size_bytes ? size_bytes - 1 : 0;
    *out = (vt__range){ 0, size_bytes };
    if (!text || strncasecmp(text, "bytes=", 6) != 0) return VT__RANGE_NONE;
    const char *at = text + 6;
    if (*at == '-') {
        uint64_t tail;
        at++;
        if (!read_number(&tail, &at) || *at) return VT__RANGE_NONE;
        if (!tail || !size_bytes) return VT__RANGE_OUTSIDE;
        first = tail < size_bytes ? size_bytes - tail : 0;
    } else {
        uint64_t end = last;
        if (!read_number(&first, &at) || *at++ != '-') return VT__RANGE_NONE;
        if (*at && (!read_number(&end, &at) || *at || end < first)) return VT__RANGE_NONE;
        if (first >= size_bytes) return VT__RANGE_OUTSIDE;
        if (end < last) last = end;
    }
    *out = (vt__range){ first, last - first + 1 };
    return VT__RANGE_PART;
}
