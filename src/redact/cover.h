/* A mask drawn over one colour component. */
#ifndef VT_REDACT_COVER_H
#define VT_REDACT_COVER_H

#include <vultus/redact.h>

#include "image/plane.h"

/* The options with defaults filled in and checked. VT_EINVAL. */
vt_status vt__mask_settle(vt_redact_options *out, const vt_redact_options *options, vt_error *err);

/* The rectangle that the mask of a face's box fills, margins included. */
vt_box vt__mask_rectangle(const vt_box *face, const vt_redact_options *settled);

/* What a block or an image puts under a mask, for one plane: a value as wide as the plane's, or values of 8 bits, one every
 * step_bytes, stretched over the mask. */
typedef struct vt__mask_fill {
    int value;
    const uint8_t *texture; /* NULL: the value alone */
    vt_size size;
    size_t stride_bytes, step_bytes;
} vt__mask_fill;

/* Covers `rectangle`, given in samples of the plane. */
void vt__mask_cover(const vt__plane *plane, const vt_box *rectangle, const vt_redact_options *settled, const vt__mask_fill *fill);

#endif
