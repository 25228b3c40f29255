/* Simple drawing for people to look at. Everything is cut to the picture. */
#ifndef VT_IMAGE_DRAW_H
#define VT_IMAGE_DRAW_H

#include <vultus/image.h>

typedef struct vt__colour {
    uint8_t red, green, blue;
} vt__colour;

void vt__draw_box(vt_pixels *pixels, vt_box box, int thickness_px, vt__colour colour);
void vt__draw_disc(vt_pixels *pixels, vt_point centre, float radius_px, vt__colour colour);
/* Digits and '#', '.', '%', 5 x 7 cells of `cell_px` pixels, on a dark ground; other characters are blank. */
void vt__draw_digits(vt_pixels *pixels, vt_point top_left, int cell_px, const char *text, vt__colour colour);

#endif
