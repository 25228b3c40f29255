/* The Range header of a request for a part (RFC 9110 section 14). */
#ifndef VT_HTTP_RANGE_H
#define VT_HTTP_RANGE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum vt__range_kind {
    VT__RANGE_NONE = 0, /* absent, several parts, or no range of bytes: the whole is answered */
    VT__RANGE_PART,     /* 206 */
    VT__RANGE_OUTSIDE   /* 416 */
} vt__range_kind;

typedef struct vt__range {
    uint64_t first, count; /* bytes */
} vt__range;

/* `text` may be NULL. *out is the whole unless it is a part. */
vt__range_kind vt__range_parse(vt__range *out, const char *text, uint64_t size_bytes);

#endif
