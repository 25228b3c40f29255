/* Pixels resampled into a network's planar float input. */
#ifndef VT_IMAGE_SAMPLE_H
#define VT_IMAGE_SAMPLE_H

#include <vultus/image.h>

typedef enum vt__order { VT__ORDER_RGB = 0, VT__ORDER_BGR, VT__ORDER_GREY } vt__order;

/* value = (byte - mean) * scale, per output plane. Grey: 0.299 R + 0.587 G + 0.114 B. */
typedef struct vt__planar {
    vt__order order;
    float mean[3];
    float scale[3];
} vt__planar;

int vt__order_planes(vt__order order); /* 3, or 1 for grey */

/* x_source = m[0] x + m[1] y + m[2]; y_source = m[3] x + m[4] y + m[5], between pixel centres (0,0 is the centre of
 * the top left pixel on both sides). */
typedef struct vt__affine {
    float m[6];
} vt__affine;

/* Fills out (planes of size.height rows of size.width floats, `out_stride` floats a row, `plane_stride` a plane) by
 * bilinear sampling; outside of the picture the byte is `outside`. */
void vt__warp_planar(float *out, size_t out_stride, size_t plane_stride, vt_size size, const vt_pixels *pixels,
                     const vt__affine *map, const vt__planar *planar, float outside);

/* The box of the picture stretched to `size`; enlarging samples bilinearly, shrinking averages the covered area.
 * `box` is in pixels of `pixels`, and may reach outside: there the byte is `outside`. */
vt_status vt__resize_planar(float *out, size_t out_stride, size_t plane_stride, vt_size size, const vt_pixels *pixels,
                            vt_box box, const vt__planar *planar, float outside, vt_error *err);

/* Pixels resized (area average when shrinking); made with vt_pixels_create. */
vt_status vt__resize(vt_pixels *out, const vt_pixels *pixels, vt_size size, vt_error *err);

#endif
