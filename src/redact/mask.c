/* Masks over a picture. */
#include <vultus/redact.h>

#include "redact/cover.h"

vt_status vt_redact_pixels(vt_pixels *pixels, const vt_box *boxes, size_t count, const vt_redact_options *options, vt_error *err)
{
    vt_redact_options settled;
    vt_status status = vt__mask_settle(&settled, options, err);
    for (size_t i = 0; i < count && !status; i++) {
        vt_box rectangle = vt__mask_rectangle(&boxes[i], &settled);
        for (int c = 0; c < 3; c++) {
            vt__plane plane = { pixels->data + c, pixels->stride_bytes, 3, pixels->size, 1, 0, 8 };
            vt__mask_fill fill = { .value = settled.colour[c] };
            if (settled.method == VT_REDACT_IMAGE) fill = (vt__mask_fill){ 0, settled.image->data + c, settled.image->size, settled.image->stride_bytes, 3 };
            vt__mask_cover(&plane, &rectangle, &settled, &fill);
        }
    }
    return status;
}
