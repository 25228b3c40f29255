/**
 * Redaction: making faces in pictures unrecognisable. No template is made here.
 */
#ifndef VULTUS_REDACT_H
#define VULTUS_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include <vultus/image.h>
#include <vultus/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum vt_redact_method {
    VT_REDACT_BLUR = 0, /**< averaged to a few cells, then smoothed: cells, not pixels, survive */
    VT_REDACT_PIXELATE, /**< averaged to a few cells */
    VT_REDACT_BLOCK,    /**< one colour: nothing survives */
    VT_REDACT_IMAGE     /**< a picture stretched over the mask: nothing survives */
} vt_redact_method;

typedef enum vt_redact_shape { VT_REDACT_OVAL = 0, VT_REDACT_BOX } vt_redact_shape;

typedef struct vt_redact_options {
    size_t struct_size;
    vt_redact_method method;
    vt_redact_shape shape;
    float margin;        /**< added on each side, as a share of the box; 0 = 0.15; at most 1 */
    int cells;           /**< across the mask, for blur and pixelate; 0 = 3; 2 to 12 */
    unsigned char colour[3]; /**< of a block, RGB */
    const vt_pixels *image;  /**< of VT_REDACT_IMAGE; borrowed */
} vt_redact_options;
#define VT_REDACT_OPTIONS_INIT { sizeof(vt_redact_options), VT_REDACT_BLUR, VT_REDACT_OVAL, 0, 0, { 0, 0, 0 }, NULL }

/**
 * Covers the boxes in place. Pixels outside of the masks stay bit for bit. Boxes are in pixels of `pixels` and may
 * reach outside. What is left under a mask of n cells is n x n mean colours, drawn halfway to their common mean, whatever
 * the size of the face: at the default of 3 the detector took no mask for a face again (docs/redaction.md has counts).
 * `boxes` may be NULL when count is 0. NULL options mean defaults. VT_EINVAL for values out of range, or an image asked for and none given; VT_ENOMEM. Any
 * thread, one at a time for one picture. The method's strength was chosen by measurement (docs/redaction.md).
 */
VT_API vt_status vt_redact_pixels(vt_pixels *pixels, const vt_box *boxes, size_t count, const vt_redact_options *options,
                                  vt_error *err);

#ifdef __cplusplus
}
#endif
#endif
