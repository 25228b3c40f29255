#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

enum { default_quality = 92, encoded_ceiling = 1 << 30 };

typedef struct jpeg_writer {
    struct jpeg_compress_struct encoder;
    struct jpeg_error_mgr errors;
    jmp_buf leave;
    char why[JMSG_LENGTH_MAX];
} jpeg_writer;

static void on_jpeg_error(j_common_ptr info)
{
    jpeg_writer *writer = info->client_data;
    info->err->format_message(info, writer->why);
    longjmp(writer->leave, 1);
}

static vt_status encode_jpeg(vt__buffer *out, const vt_pixels *pixels, int quality, vt_error *err)
{
    jpeg_writer *writer = vt__calloc(1, sizeof *writer);
    if (!writer) return vt__fail_memory(err, sizeof *writer);
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    volatile vt_status status = VT_OK;
    writer->encoder.err = jpeg_std_error(&writer->errors);
    writer->errors.error_exit = on_jpeg_error;
    if (setjmp(writer->leave)) {
        status = vt__fail(err, VT_EINVAL, "cannot encode as JPEG: %.200s", writer->why);
        goto done;
    }
    writer->encoder.client_data = writer;
    jpeg_create_compress(&writer->encoder);
    writer->encoder.client_data = writer;
    jpeg_mem_dest(&writer->encoder, &bytes, &size);
    writer->encoder.image_width = (JDIMENSION)pixels->size.width;
    writer->encoder.image_height = (JDIMENSION)pixels->size.height;
    writer->encoder.input_components = 3;
    writer->encoder.in_color_space = JCS_RGB;
    jpeg_set_defaults(&writer->encoder);
    jpeg_set_quality(&writer->encoder, quality, TRUE);
    jpeg_start_compress(&writer->encoder, TRUE);
    while (writer->encoder.next_scanline < writer->encoder.image_height) {
        JSAMPROW rows[] = { pixels->data + writer->encoder.next_scanline * pixels->stride_bytes };
        jpeg_write_scanlines(&writer->encoder, rows, 1);
    }
    jpeg_finish_compress(&writer->encoder);
    vt__buffer_append(out, bytes, size);
done:
    jpeg_destroy_compress(&writer->encoder);
    free(bytes); /* libjpeg's own malloc */
    vt__free(writer);
    return status;
}

static void on_png_write(png_structp writer, png_bytep bytes, size_t size)
{
    vt__buffer_append(png_get_io_ptr(writer), bytes, size);
}

static void on_png_flush(png_structp writer)
{
    (void)writer;
}

static vt_status encode_png(vt__buffer *out, const vt_pixels *pixels, int quality, vt_error *err)
{
    (void)quality;
    png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = writer ? png_create_info_struct(writer) : NULL;
    if (!info || setjmp(png_jmpbuf(writer))) {
        png_destroy_write_struct(&writer, &info);
        return vt__fail(err, VT_ENOMEM, "cannot encode as PNG");
    }
    png_set_write_fn(writer, out, on_png_write, on_png_flush);
    png_set_IHDR(writer, info, (png_uint_32)pixels->size.width, (png_uint_32)pixels->size.height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(writer, 3);
    png_write_info(writer, info);
    for (int y = 0; y < pixels->size.height; y++) png_write_row(writer, pixels->data + (size_t)y * pixels->stride_bytes);
    png_write_end(writer, info);
    png_destroy_write_struct(&writer, &info);
    return VT_OK;
}

static vt_status encode_webp(vt__buffer *out, const vt_pixels *pixels, int quality, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = WebPEncodeRGB(pixels->data, pixels->size.width, pixels->size.height, (int)pixels->stride_bytes,
                                (float)quality, &bytes);
    if (!size) return vt__fail(err, VT_EINVAL, "cannot encode %d x %d as WebP (at most 16,383 a side)", pixels->size.width, pixels->size.height);
    vt__buffer_append(out, bytes, size);
    WebPFree(bytes);
    return VT_OK;
}

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> 8 * i);
}

static vt_status encode_bmp(vt__buffer *out, const vt_pixels *pixels, int quality, vt_error *err)
{
    (void)quality;
    (void)err;
    size_t row = ((size_t)pixels->size.width * 3 + 3) & ~(size_t)3;
    uint8_t head[54] = { 'B', 'M' };
    put32(head + 2, (uint32_t)(54 + row * (size_t)pixels->size.height));
    put32(head + 10, 54);
    put32(head + 14, 40);
    put32(head + 18, (uint32_t)pixels->size.width);
    put32(head + 22, (uint32_t)pixels->size.height);
    head[26] = 1;
    head[28] = 24;
    vt__buffer_append(out, head, sizeof head);
    for (int y = pixels->size.height - 1; y >= 0; y--) {
        const uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes;
        for (int x = 0; x < pixels->size.width; x++, p += 3) vt__buffer_append(out, (uint8_t[]){ p[2], p[1], p[0] }, 3);
        vt__buffer_append(out, "\0\0\0", row - (size_t)pixels->size.width * 3);
    }
    return VT_OK;
}

vt_status vt_pixels_encode(uint8_t **out_bytes, size_t *out_size_bytes, const vt_pixels *pixels, vt_format format,
                           const vt_encode_options *options, vt_error *err)
{
    static const struct {
        vt_format format;
        vt_status (*encode)(vt__buffer *, const vt_pixels *, int, vt_error *);
    } encoders[] = { { VT_FORMAT_JPEG, encode_jpeg }, { VT_FORMAT_PNG, encode_png }, { VT_FORMAT_WEBP, encode_webp }, { VT_FORMAT_BMP, encode_bmp } };
    int quality = options && options->quality ? options->quality : default_quality;
    if (quality < 1 || quality > 100) return vt__fail(err, VT_EINVAL, "quality %d is not in 1..100", quality);
    for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++) {
        if (encoders[i].format != format) continue;
        vt__buffer out;
        vt__buffer_init(&out, encoded_ceiling);
        vt_status status = encoders[i].encode(&out, pixels, quality, err);
        if (!status) status = vt__buffer_take(out_bytes, out_size_bytes, &out, err);
        vt__buffer_free(&out);
        return status;
    }
    return vt__fail(err, VT_EUNSUPPORTED, "cannot write %s; known: jpeg, png, webp, bmp", vt_format_name(format));
}
