#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"
#include "image/pixels.h"
#include "image/region.h"

enum { default_max_bytes = 64 << 20, default_max_pixels = 100000000, default_max_side = 32768, eighths_full = 8 };

struct vt_picture {
    const vt__codec *codec; /* NULL for borrowed pixels */
    vt__bytes file;
    vt__header header;
    vt_picture_info info;
    vt_pixels scales[eighths_full + 1]; /* decoded, by eighths; [8] is full size */
    vt__region part;                    /* the last part decoded at full size, kept for the next that lies within it */
};

static const vt__codec *const codecs[] = { &vt__codec_jpeg, &vt__codec_png,  &vt__codec_gif,  &vt__codec_bmp,
                                           &vt__codec_webp, &vt__codec_heif, &vt__codec_avif, &vt__codec_tiff };

static const char *const format_names[] = { "unknown", "pixels", "jpeg", "png", "gif", "bmp", "webp", "heic", "avif", "tiff" };

const char *vt_format_name(vt_format format)
{
    bool known = (size_t)format < sizeof format_names / sizeof format_names[0];
    return format_names[known ? format : VT_FORMAT_UNKNOWN];
}

vt_status vt__codec_damaged(vt_error *err, const char *format, const char *why)
{
    return vt__fail(err, VT_EFORMAT, "damaged %s: %s", format, why && *why ? why : "unreadable");
}

int vt__scaled_side(int side, int eighths)
{
    return (int)(((int64_t)side * eighths + 7) / 8);
}

static vt_status check_size(vt_size size, const vt_picture_options *options, vt_error *err)
{
    size_t max_pixels = options && options->max_pixels ? options->max_pixels : default_max_pixels;
    int max_side = options && options->max_side_px ? options->max_side_px : default_max_side;
    int longest = size.width > size.height ? size.width : size.height;
    if (size.width <= 0 || size.height <= 0) return vt__fail(err, VT_EFORMAT, "a picture of %d x %d", size.width, size.height);
    if (longest > max_side || (size_t)size.width * (size_t)size.height > max_pixels)
        return vt__fail(err, VT_ELIMIT, "%d x %d pixels are more than the %zu (or a side of %d) allowed", size.width,
                        size.height, max_pixels, max_side);
    return VT_OK;
}

static const vt__codec *find_codec(vt__bytes file)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (codecs[i]->sniff(file)) return codecs[i];
    return NULL;
}

static vt_status read_header(vt_picture *picture, const vt_picture_options *options, vt_error *err)
{
    size_t max_bytes = options && options->max_bytes ? options->max_bytes : default_max_bytes;
    if (picture->file.size > max_bytes)
        return vt__fail(err, VT_ELIMIT, "%zu bytes are more than the %zu allowed", picture->file.size, max_bytes);
    picture->codec = find_codec(picture->file);
    if (!picture->codec) return vt__fail(err, VT_EFORMAT, "not a JPEG, PNG, GIF, BMP, WebP, HEIC, AVIF or TIFF picture");
    vt_status status = picture->codec->header(&picture->header, picture->file, err);
    if (!status) status = check_size(picture->header.size, options, err);
    if (status) return status;
    picture->info.format = picture->codec->format;
    picture->info.exif_orientation = picture->header.orientation;
    picture->info.size = vt__upright_size(picture->header.size, picture->header.orientation);
    return VT_OK;
}

vt_status vt_picture_open(vt_picture **out, const void *bytes, size_t size_bytes, const vt_picture_options *options,
                          vt_error *err)
{
    vt_picture *picture = vt__calloc(1, sizeof *picture);
    if (!picture) return vt__fail_memory(err, sizeof *picture);
    picture->file = (vt__bytes){ bytes, size_bytes };
    vt_status status = read_header(picture, options, err);
    if (status) vt_picture_close(picture);
    else *out = picture;
    return status;
}

vt_status vt_picture_from_pixels(vt_picture **out, const vt_pixels *pixels, vt_error *err)
{
    if (pixels->size.width <= 0 || pixels->size.height <= 0 || pixels->stride_bytes < 3 * (size_t)pixels->size.width)
        return vt__fail(err, VT_EINVAL, "pixels of %d x %d with a stride of %zu bytes", pixels->size.width,
                        pixels->size.height, pixels->stride_bytes);
    vt_picture *picture = vt__calloc(1, sizeof *picture);
    if (!picture) return vt__fail_memory(err, sizeof *picture);
    picture->info = (vt_picture_info){ VT_FORMAT_PIXELS, pixels->size, 1 };
    picture->scales[eighths_full] = *pixels;
    *out = picture;
    return VT_OK;
}

void vt_picture_close(vt_picture *picture)
{
    if (!picture) return;
    for (int i = 0; picture->codec && i <= eighths_full; i++) vt_pixels_free(&picture->scales[i]);
    vt_pixels_free(&picture->part.pixels);
    vt__free(picture);
}

vt_picture_info vt_picture_get_info(const vt_picture *picture)
{
    return picture->info;
}

/* The smallest decoded scale of at least `eighths`, or 0. */
static int decoded_from(const vt_picture *picture, int eighths)
{
    for (int i = eighths; i <= eighths_full; i++)
        if (picture->scales[i].data) return i;
    return 0;
}

static vt_status decode_at(vt_picture *picture, int eighths, vt_error *err)
{
    vt_pixels pixels = { 0 };
    vt_status status = picture->codec->decode(&pixels, picture->file, &picture->header, eighths, err);
    if (!status && (pixels.size.width != vt__scaled_side(picture->header.size.width, eighths) ||
                    pixels.size.height != vt__scaled_side(picture->header.size.height, eighths)))
        status = vt__codec_damaged(err, vt_format_name(picture->info.format), "another size inside than its header says");
    if (!status) status = vt__upright(&pixels, picture->header.orientation, err);
    if (status) vt_pixels_free(&pixels);
    else picture->scales[eighths] = pixels;
    return status;
}

static int eighths_for(const vt_picture *picture, float min_scale)
{
    if (!picture->codec || !picture->codec->scales || !(min_scale < 1)) return eighths_full;
    int eighths = (int)ceilf(min_scale * eighths_full - 1e-4f);
    return eighths < 1 ? 1 : eighths;
}

vt_status vt_picture_decode(vt_pixels *out, vt_picture *picture, float min_scale, vt_error *err)
{
    int eighths = eighths_for(picture, min_scale), have = decoded_from(picture, eighths);
    vt_status status = have ? VT_OK : decode_at(picture, eighths, err);
    if (!status) *out = picture->scales[have ? have : eighths];
    return status;
}

static void whole(vt__region *out, const vt_picture *picture, vt_pixels pixels)
{
    *out = (vt__region){ pixels, (float)pixels.size.width / (float)picture->info.size.width, 0, 0 };
}

/* Whole pixels that hold the box with a pixel to spare on each side, cut to the picture. */
static bool cut_rect(int rect[4], vt_size size, vt_box box)
{
    float right = fminf(box.left + box.width + 2, (float)size.width), bottom = fminf(box.top + box.height + 2, (float)size.height);
    float left = fmaxf(box.left - 2, 0), top = fmaxf(box.top - 2, 0);
    if (!(left < right) || !(top < bottom)) return false;
    rect[0] = (int)left;
    rect[1] = (int)top;
    rect[2] = (int)ceilf(right);
    rect[3] = (int)ceilf(bottom);
    return rect[2] > rect[0] && rect[3] > rect[1];
}

/* Turning the region upright moves its origin too: recomputed from the stored rectangle that was really decoded. */
static vt_status decode_region(vt__region *out, vt_picture *picture, int rect[4], vt_error *err)
{
    int orientation = picture->header.orientation;
    vt__stored_rect(rect, picture->info.size, orientation);
    vt_pixels pixels = { 0 };
    int left = rect[0], top = rect[1];
    vt_status status = vt__jpeg_region(&pixels, &left, &top, rect[2], rect[3], picture->file, err);
    if (status) return status;
    int got[4] = { left, top, left + pixels.size.width, top + pixels.size.height };
    status = vt__upright(&pixels, orientation, err);
    if (status) {
        vt_pixels_free(&pixels);
        return status;
    }
    /* back to upright: the inverse placing of 6 is 8, of 8 is 6, every other is its own */
    int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    vt__stored_rect(got, picture->header.size, inverse);
    vt_pixels_free(&picture->part.pixels);
    *out = picture->part = (vt__region){ pixels, 1, (float)got[0], (float)got[1] };
    return VT_OK;
}

static bool holds(const vt__region *part, const int rect[4])
{
    const vt_pixels *p = &part->pixels;
    return p->data && (float)rect[0] >= part->left && (float)rect[1] >= part->top &&
           (float)rect[2] <= part->left + (float)p->size.width && (float)rect[3] <= part->top + (float)p->size.height;
}

vt_status vt__picture_region(vt__region *out, vt_picture *picture, vt_box box, float min_scale, vt_error *err)
{
    int eighths = eighths_for(picture, min_scale), have = decoded_from(picture, eighths);
    *out = (vt__region){ 0 };
    if (have) {
        whole(out, picture, picture->scales[have]);
        return VT_OK;
    }
    int rect[4];
    bool jpeg = picture->codec && picture->codec->format == VT_FORMAT_JPEG;
    if (jpeg && eighths == eighths_full && cut_rect(rect, picture->info.size, box)) {
        double share = (double)(rect[2] - rect[0]) * (rect[3] - rect[1]) /
                       ((double)picture->info.size.width * picture->info.size.height);
        if (holds(&picture->part, rect)) *out = picture->part;
        else if (share < 0.5) return decode_region(out, picture, rect, err);
        if (out->pixels.data) return VT_OK;
    }
    vt_pixels pixels;
    vt_status status = vt_picture_decode(&pixels, picture, min_scale, err);
    if (!status) whole(out, picture, pixels);
    return status;
}
