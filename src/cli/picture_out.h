/* Pictures written to files by their names' endings. */
#ifndef VT_CLI_PICTURE_OUT_H
#define VT_CLI_PICTURE_OUT_H

#include <vultus/image.h>

/* .jpg .jpeg .png .webp .bmp; VT_EINVAL for other endings. */
vt_status vt__picture_out(const char *path, const vt_pixels *pixels, vt_error *err);

/* A copy of the whole picture, upright, to draw on. */
vt_status vt__picture_copy(vt_pixels *out, vt_picture *picture, vt_error *err);

#endif
