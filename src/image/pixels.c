#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/pixels.h"

vt_status vt_pixels_create(vt_pixels *out, vt_size size, vt_error *err)
{
    *out = (vt_pixels){ 0 };
    if (size.width <= 0 || size.height <= 0) return vt__fail(err, VT_EINVAL, "a picture of %d x %d", size.width, size.height);
    size_t stride = (size_t)size.width * 3, total;
    if (!vt__mul_size(&total, stride, (size_t)size.height)) return vt__fail_memory(err, stride);
    out->data = vt__calloc(total, 1);
    if (!out->data) return vt__fail_memory(err, total);
    out->size = size;
    out->stride_bytes = stride;
    return VT_OK;
}

void vt_pixels_free(vt_pixels *pixels)
{
    vt__free(pixels->data);
    *pixels = (vt_pixels){ 0 };
}

void vt_bytes_free(void *bytes)
{
    vt__free(bytes);
}

/* Where the stored pixel (x, y) of a w x h picture stands when it is upright (EXIF 2.32, tag 0x0112). */
typedef struct placing {
    bool swap, flip_x, flip_y; /* first the axes change places, then each may run backwards */
} placing;

static const placing placings[9] = {
    [1] = { false, false, false }, [2] = { false, true, false }, [3] = { false, true, true }, [4] = { false, false, true },
    [5] = { true, false, false },  [6] = { true, true, false },  [7] = { true, true, true },  [8] = { true, false, true },
};

vt_size vt__upright_size(vt_size stored, int orientation)
{
    return placings[orientation].swap ? (vt_size){ stored.height, stored.width } : stored;
}

vt_status vt__upright(vt_pixels *pixels, int orientation, vt_error *err)
{
    if (orientation == 1) return VT_OK;
    placing p = placings[orientation];
    vt_pixels out;
    vt_status status = vt_pixels_create(&out, vt__upright_size(pixels->size, orientation), err);
    if (status) return status;
    for (int y = 0; y < pixels->size.height; y++) {
        const uint8_t *from = pixels->data + (size_t)y * pixels->stride_bytes;
        for (int x = 0; x < pixels->size.width; x++, from += 3) {
            int to_x = p.swap ? y : x, to_y = p.swap ? x : y;
            if (p.flip_x) to_x = out.size.width - 1 - to_x;
            if (p.flip_y) to_y = out.size.height - 1 - to_y;
            memcpy(out.data + (size_t)to_y * out.stride_bytes + (size_t)to_x * 3, from, 3);
        }
    }
    vt_pixels_free(pixels);
    *pixels = out;
    return VT_OK;
}

void vt__stored_rect(int rect[4], vt_size upright, int orientation)
{
    placing p = placings[orientation];
    int left = rect[0], top = rect[1], right = rect[2], bottom = rect[3];
    if (p.flip_x) left = upright.width - rect[2], right = upright.width - rect[0];
    if (p.flip_y) top = upright.height - rect[3], bottom = upright.height - rect[1];
    rect[0] = p.swap ? top : left;
    rect[1] = p.swap ? left : top;
    rect[2] = p.swap ? bottom : right;
    rect[3] = p.swap ? right : bottom;
}
