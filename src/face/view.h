/* The part of a picture around one face, at about the resolution that a network wants. */
#ifndef VT_FACE_VIEW_H
#define VT_FACE_VIEW_H

#include "image/region.h"

typedef struct vt__view {
    vt__region region;
    vt_pixels shrunk;  /* owned, when the region was finer than useful */
    vt_pixels pixels;  /* what to look at */
    float scale_x, scale_y; /* view pixels per full-size pixel */
    float left, top;   /* of the view, in full-size pixels */
} vt__view;

/* `box` is what must be seen; `face_side_px` (full-size) should become about `wanted_px` view pixels, never enlarged. */
vt_status vt__view_open(vt__view *out, vt_picture *picture, vt_box box, float face_side_px, float wanted_px, vt_error *err);
void vt__view_close(vt__view *view);

vt_point vt__view_point(const vt__view *view, vt_point full);  /* full size to view */
vt_point vt__view_back(const vt__view *view, vt_point inside); /* view to full size */
vt_box vt__view_box(const vt__view *view, vt_box full);

#endif
