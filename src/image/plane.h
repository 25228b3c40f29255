/* One colour component of a picture or video frame, wherever its samples lie. */
#ifndef VT_IMAGE_PLANE_H
#define VT_IMAGE_PLANE_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/image.h>

typedef struct vt__plane {
    uint8_t *data;       /* first sample; borrowed */
    size_t stride_bytes; /* row to row */
    size_t step_bytes;   /* sample to sample */
    vt_size size;        /* of this component: chroma may be smaller than the frame */
    int sample_bytes;    /* 1, or 2 in the machine's byte order */
    int shift;           /* bits below the value */
    int depth;           /* bits of the value */
} vt__plane;

#endif
