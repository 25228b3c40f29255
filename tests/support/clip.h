/* A short moving picture, made here: a grey GIF whose frames are one picture. */
#ifndef VT_TESTS_CLIP_H
#define VT_TESTS_CLIP_H

#include <vultus/image.h>

/* Writes `frames` frames of the picture's brightness, a tenth of a second each. */
void clip_write(const char *path, const vt_pixels *pixels, int frames);

#endif
