/* libpng, which expands every kind to 8-bit RGB; alpha is laid over white. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

enum { max_chunk_bytes = 8 << 20, max_chunks = 1000 };

typedef struct png_work {
    png_structp reader;
    png_infop info;
    vt__bytes file;
    size_t at;
    char why[128];
    vt_pixels pixels;
    uint8_t *rgba; /* whole picture, stride 4 * width: interlaced files need all rows at once */
    png_bytepp rows;
} png_work;

static void on_error(png_structp reader, png_const_charp message)
{
    png_work *work = png_get_error_ptr(reader);
    snprintf(work->why, sizeof work->why, "%s", message);
    png_longjmp(reader, 1);
}

static void on_warning(png_structp reader, png_const_charp message)
{
    (void)reader;
    (void)message;
}

static void on_read(png_structp reader, png_bytep out, size_t size)
{
    png_work *work = png_get_io_ptr(reader);
    if (size > work->file.size - work->at) png_error(reader, "the file is cut short");
    memcpy(out, work->file.data + work->at, size);
    work->at += size;
}

static vt_status begin(png_work **out, vt__bytes file, vt_error *err)
{
    png_work *work = vt__calloc(1, sizeof *work);
    if (!work) return vt__fail_memory(err, sizeof *work);
    work->file = file;
    work->reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, work, on_error, on_warning);
    work->info = work->reader ? png_create_info_struct(work->reader) : NULL;
    if (!work->info) {
        png_destroy_read_struct(&work->reader, NULL, NULL);
        vt__free(work);
        return vt__fail_memory(err, 1024);
    }
    png_set_read_fn(work->reader, work, on_read);
    png_set_chunk_malloc_max(work->reader, max_chunk_bytes);
    png_set_chunk_cache_max(work->reader, max_chunks);
    png_set_user_limits(work->reader, 1 << 20, 1 << 20);
    *out = work;
    return VT_OK;
}

static void end(png_work *work)
{
    png_destroy_read_struct(&work->reader, &work->info, NULL);
    vt__free(work->rgba);
    vt__free(work->rows);
    vt__free(work);
}

static bool sniff(vt__bytes file)
{
    return file.size > 8 && !memcmp(file.data, "\x89PNG\r\n\x1a\n", 8);
}

static int orientation_of(png_work *work)
{
    png_bytep exif = NULL;
    png_uint_32 size = 0;
    if (!png_get_eXIf_1(work->reader, work->info, &size, &exif)) return 1;
    return vt__exif_orientation((vt__bytes){ exif, size });
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    png_work *work;
    vt_status status = begin(&work, file, err);
    if (status) return status;
    if (setjmp(png_jmpbuf(work->reader))) {
        end(work);
        return vt__codec_damaged(err, "PNG", "its header or a chunk before the pixels");
    }
    png_read_info(work->reader, work->info);
    out->size = (vt_size){ (int)png_get_image_width(work->reader, work->info),
                           (int)png_get_image_height(work->reader, work->info) };
    out->orientation = orientation_of(work);
    end(work);
    return VT_OK;
}

static void expand(png_work *work)
{
    png_set_expand(work->reader);
    png_set_scale_16(work->reader);
    png_set_gray_to_rgb(work->reader);
    png_set_add_alpha(work->reader, 255, PNG_FILLER_AFTER);
    png_set_interlace_handling(work->reader);
    png_read_update_info(work->reader, work->info);
}

static vt_status make_rows(png_work *work, vt_size size, vt_error *err)
{
    size_t width = (size_t)size.width, height = (size_t)size.height;
    vt_status status = vt_pixels_create(&work->pixels, size, err);
    if (status) return status;
    size_t pixels;
    if (vt__mul_size(&pixels, width, height)) work->rgba = vt__malloc(pixels, 4);
    work->rows = vt__malloc(height, sizeof *work->rows);
    if (!work->rgba || !work->rows) return vt__fail_memory(err, width * height * 4);
    for (size_t y = 0; y < height; y++) work->rows[y] = work->rgba + y * width * 4;
    return VT_OK;
}

static void over_white(vt_pixels *out, const uint8_t *rgba)
{
    for (int y = 0; y < out->size.height; y++) {
        const uint8_t *from = rgba + (size_t)y * (size_t)out->size.width * 4;
        uint8_t *to = out->data + (size_t)y * out->stride_bytes;
        for (int x = 0; x < out->size.width; x++, from += 4, to += 3)
            for (int c = 0; c < 3; c++) to[c] = (uint8_t)((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
    }
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)eighths;
    png_work *work;
    volatile vt_status status = begin(&work, file, err);
    if (status) return status;
    if (setjmp(png_jmpbuf(work->reader))) {
        status = vt__codec_damaged(err, "PNG", work->why);
        goto done;
    }
    png_read_info(work->reader, work->info);
    expand(work);
    if (png_get_rowbytes(work->reader, work->info) != (size_t)header_read->size.width * 4)
        png_error(work->reader, "unexpected row size");
    status = make_rows(work, header_read->size, err);
    if (status) goto done;
    png_read_image(work->reader, work->rows);
    over_white(&work->pixels, work->rgba);
done:
    if (status) vt_pixels_free(&work->pixels);
    else *out = work->pixels;
    end(work);
    return status;
}

const vt__codec vt__codec_png = { VT_FORMAT_PNG, sniff, header, decode, false };
