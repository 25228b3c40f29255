/* Part of a picture at full resolution. */
#ifndef VT_IMAGE_REGION_H
#define VT_IMAGE_REGION_H

#include <vultus/image.h>

typedef struct vt__region {
    vt_pixels pixels; /* upright */
    float scale;      /* pixels per full-size pixel, <= 1 */
    float left, top;  /* full-size coordinates of the pixels' top left corner */
} vt__region;

/* Pixels that hold `box` (cut to the picture) at a scale of at least min_scale: what the picture has decoded already if
 * that is fine enough, else only this part of a JPEG, else the whole. The pixels are the picture's, until the next call for a region or its closing. */
vt_status vt__picture_region(vt__region *out, vt_picture *picture, vt_box box, float min_scale, vt_error *err);

#endif
