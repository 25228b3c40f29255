/* A picture format: how it is recognised, what its header says, and how its pixels are made. One file a format. */
#ifndef VT_IMAGE_CODEC_H
#define VT_IMAGE_CODEC_H

#include <stdbool.h>

#include <vultus/image.h>

typedef struct vt__bytes {
    const uint8_t *data;
    size_t size;
} vt__bytes;

/* As stored, before the EXIF orientation is applied. */
typedef struct vt__header {
    vt_size size;
    int orientation; /* 1..8; 1 when the format or the file has none, or when decode applies it itself */
} vt__header;

typedef struct vt__codec {
    vt_format format;
    bool (*sniff)(vt__bytes file);
    /* Reads the header only; allocates nothing that depends on the stored size. */
    vt_status (*header)(vt__header *out, vt__bytes file, vt_error *err);
    /* Decodes at `eighths`/8 of the size (8 unless the format scales). out is made with vt_pixels_create. */
    vt_status (*decode)(vt_pixels *out, vt__bytes file, const vt__header *header, int eighths, vt_error *err);
    bool scales;
} vt__codec;

extern const vt__codec vt__codec_jpeg, vt__codec_png, vt__codec_gif, vt__codec_bmp, vt__codec_webp, vt__codec_heif,
    vt__codec_avif, vt__codec_tiff;

/* VT_EFORMAT "damaged <format>: why" */
vt_status vt__codec_damaged(vt_error *err, const char *format, const char *why);

/* Size of a JPEG after scaling: ceil(side * eighths / 8). */
int vt__scaled_side(int side, int eighths);

/* Decodes the rows and columns of a JPEG that hold `left, top, right, bottom` (stored orientation, full size) and no more;
 * *left and *top receive where the pixels begin. */
vt_status vt__jpeg_region(vt_pixels *out, int *left, int *top, int right, int bottom, vt__bytes file, vt_error *err);

/* The orientation (1..8) in an Exif block that begins with a TIFF header; 1 when there is none. */
int vt__exif_orientation(vt__bytes tiff);

#endif
