/* Orientation of pixels. */
#ifndef VT_IMAGE_PIXELS_H
#define VT_IMAGE_PIXELS_H

#include <stdbool.h>

#include <vultus/image.h>

/* The size of a picture once its EXIF orientation (1..8) is applied. */
vt_size vt__upright_size(vt_size stored, int orientation);

/* Turns pixels upright; replaces them unless the orientation is 1. */
vt_status vt__upright(vt_pixels *pixels, int orientation, vt_error *err);

/* Turns left, top, right, bottom of the upright picture into those of the stored one. */
void vt__stored_rect(int rect[4], vt_size upright, int orientation);

#endif
