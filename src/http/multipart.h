/* multipart/form-data (RFC 7578) in a whole body. Part headers in any order and case; a file needs no filename. */
#ifndef VT_HTTP_MULTIPART_H
#define VT_HTTP_MULTIPART_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#define VT__MULTIPART_MAX_PARTS 32
#define VT__MULTIPART_NAME_BYTES 128

typedef struct vt__part {
    char name[VT__MULTIPART_NAME_BYTES];
    char filename[VT__MULTIPART_NAME_BYTES]; /* "" when none */
    char content_type[VT__MULTIPART_NAME_BYTES];
    const uint8_t *bytes; /* inside the body; borrowed */
    size_t size_bytes;
} vt__part;

typedef struct vt__parts {
    vt__part items[VT__MULTIPART_MAX_PARTS];
    size_t count;
} vt__parts;

/* Splits `body` by the boundary in `content_type` (the header's value). VT_EFORMAT: no boundary, or a part that is
 * damaged, has no name, or is not ended; VT_ELIMIT: too many parts. */
vt_status vt__multipart_parse(vt__parts *out, const char *content_type, const void *body, size_t body_bytes,
                              vt_error *err);

/* The first part of that name, letter case ignored; NULL when there is none. */
const vt__part *vt__multipart_get(const vt__parts *parts, const char *name);

#endif
