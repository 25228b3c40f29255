/**
 * Pictures: encoded bytes to upright RGB pixels and back.
 *
 * A `vt_picture` is an encoded file (JPEG, PNG, GIF, BMP, WebP, HEIC, AVIF, TIFF) or borrowed pixels. Opening reads
 * the header only, so size is judged before a pixel is decoded; pixels are decoded on demand at the smallest
 * scale that serves and kept for later calls. All coordinates of the library are pixels of the *upright,
 * full-size* picture (EXIF orientation applied), x to the right, y down, (0,0) the top left corner of the top left pixel.
 *
 * Threads: a picture is used by one thread at a time; different pictures by any.
 */
#ifndef VULTUS_IMAGE_H
#define VULTUS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vt_size {
    int width;  /**< pixels, > 0 */
    int height; /**< pixels, > 0 */
} vt_size;

typedef struct vt_point {
    float x; /**< pixels from the left */
    float y; /**< pixels from the top */
} vt_point;

typedef struct vt_box {
    float left; /**< pixels; may lie outside the picture */
    float top;
    float width; /**< pixels, > 0 */
    float height;
} vt_box;

/** Interleaved 8-bit RGB rows, top row first. A view: who allocated `data` frees it. */
typedef struct vt_pixels {
    uint8_t *data;       /**< red of the top left pixel */
    vt_size size;        /**< columns and rows */
    size_t stride_bytes; /**< from one row to the next, >= 3 * width */
} vt_pixels;

typedef enum vt_format {
    VT_FORMAT_UNKNOWN = 0,
    VT_FORMAT_PIXELS, /**< borrowed pixels, no file */
    VT_FORMAT_JPEG,
    VT_FORMAT_PNG,
    VT_FORMAT_GIF,
    VT_FORMAT_BMP,
    VT_FORMAT_WEBP,
    VT_FORMAT_HEIC,
    VT_FORMAT_AVIF,
    VT_FORMAT_TIFF
} vt_format;

typedef struct vt_picture_options {
    size_t struct_size;
    size_t max_bytes;  /**< encoded size ceiling; 0 = 64 MiB */
    size_t max_pixels; /**< width * height ceiling; 0 = 100 million */
    int max_side_px;   /**< longest side ceiling; 0 = 32,768 */
} vt_picture_options;
#define VT_PICTURE_OPTIONS_INIT { sizeof(vt_picture_options), 0, 0, 0 }

typedef struct vt_picture_info {
    vt_format format;
    vt_size size;        /**< upright, full size */
    int exif_orientation; /**< 1..8 as stored; 1 when absent. Already applied to `size`. */
} vt_picture_info;

typedef struct vt_picture vt_picture;

/**
 * Opens an encoded picture; only its header is read.
 * `bytes` is borrowed and must outlive the picture. VT_EFORMAT: no known format or a damaged header;
 * VT_ELIMIT: larger than `options` allow; VT_EUNSUPPORTED: a kind that this build cannot decode.
 * The caller frees *out with vt_picture_close.
 */
VT_API vt_status vt_picture_open(vt_picture **out, const void *bytes, size_t size_bytes,
                                 const vt_picture_options *options, vt_error *err);

/** Makes a picture of pixels (already upright) that are borrowed and must outlive it. VT_EINVAL: no size, or a stride under
 *  3 * width; VT_ENOMEM. The caller frees *out with vt_picture_close. */
VT_API vt_status vt_picture_from_pixels(vt_picture **out, const vt_pixels *pixels, vt_error *err);

/** Frees the picture and all pixels it handed out. NULL is allowed. */
VT_API void vt_picture_close(vt_picture *picture);

/** What the header said. Cannot fail. */
VT_API vt_picture_info vt_picture_get_info(const vt_picture *picture);

/**
 * Gives the whole picture, upright, at a scale of at least `min_scale` (0 < min_scale <= 1).
 * JPEG is decoded at n/8 scale just above; other formats at full size. The scale reached is
 * out->size.width / info.size.width. The pixels belong to the picture and stay until it is closed.
 * VT_EFORMAT: truncated or damaged; VT_ELIMIT: a decoder's own limit; VT_ENOMEM.
 */
VT_API vt_status vt_picture_decode(vt_pixels *out, vt_picture *picture, float min_scale, vt_error *err);

/** "jpeg" for VT_FORMAT_JPEG; "unknown" for a number that is no format. Static storage. Any thread. */
VT_API const char *vt_format_name(vt_format format);

/** Allocates zeroed (black) pixels of a size, stride 3 * width. Free with vt_pixels_free. VT_EINVAL: a side under 1;
 *  VT_ENOMEM. Any thread. */
VT_API vt_status vt_pixels_create(vt_pixels *out, vt_size size, vt_error *err);

/** Frees what vt_pixels_create gave and clears the struct; a cleared one is fine. */
VT_API void vt_pixels_free(vt_pixels *pixels);

typedef struct vt_encode_options {
    size_t struct_size;
    int quality; /**< JPEG and WebP, 1..100; 0 = 92 */
} vt_encode_options;
#define VT_ENCODE_OPTIONS_INIT { sizeof(vt_encode_options), 0 }

/**
 * Encodes pixels as JPEG, PNG, WebP or BMP without metadata. *out_bytes is the caller's, freed with vt_bytes_free.
 * VT_EUNSUPPORTED for other formats; VT_EINVAL for a quality out of range or a size that the format cannot state (WebP:
 * 16,383 px a side); VT_ENOMEM. Any thread.
 */
VT_API vt_status vt_pixels_encode(uint8_t **out_bytes, size_t *out_size_bytes, const vt_pixels *pixels,
                                  vt_format format, const vt_encode_options *options, vt_error *err);

/** Frees bytes that the library returned. NULL is allowed. */
VT_API void vt_bytes_free(void *bytes);

#ifdef __cplusplus
}
#endif
#endif
