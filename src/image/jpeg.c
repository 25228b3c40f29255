/* libjpeg-turbo. Its errors come back by longjmp into the function that opened the decoder; nothing is allocated by us
 * between setjmp and the calls that may jump but what `work` holds. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

/* Scans of a progressive file are each decoded over the whole picture: more than this is an attack on time. */
enum { max_scans = 500, exif_marker = JPEG_APP0 + 1 };

typedef struct jpeg_work {
    struct jpeg_decompress_struct decoder;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf leave;
    char why[JMSG_LENGTH_MAX];
    vt_pixels pixels;
    uint8_t *row; /* CMYK or grey row on its way to RGB */
} jpeg_work;

static void on_error(j_common_ptr info)
{
    jpeg_work *work = info->client_data;
    info->err->format_message(info, work->why);
    longjmp(work->leave, 1);
}

/* Warnings are counted by the library (num_warnings); a file cut short is judged by them at the end. */
static void on_message(j_common_ptr info, int level)
{
    jpeg_work *work = info->client_data;
    if (level < 0 && !work->why[0]) info->err->format_message(info, work->why);
    if (level < 0) info->err->num_warnings++;
}

static void on_progress(j_common_ptr info)
{
    jpeg_work *work = info->client_data;
    if (work->decoder.input_scan_number <= max_scans) return;
    snprintf(work->why, sizeof work->why, "more than %d scans", max_scans);
    longjmp(work->leave, 1);
}

static void begin(jpeg_work *work, vt__bytes file)
{
    work->decoder.err = jpeg_std_error(&work->errors);
    work->errors.error_exit = on_error;
    work->errors.emit_message = on_message;
    work->decoder.client_data = work;
    jpeg_create_decompress(&work->decoder);
    work->decoder.client_data = work;
    work->progress.progress_monitor = on_progress;
    work->decoder.progress = &work->progress;
    jpeg_mem_src(&work->decoder, file.data, (unsigned long)file.size);
    jpeg_save_markers(&work->decoder, exif_marker, 0xFFFF);
    jpeg_read_header(&work->decoder, TRUE);
}

static void end(jpeg_work *work)
{
    jpeg_destroy_decompress(&work->decoder);
    vt__free(work->row);
    vt__free(work);
}

static int orientation_of(const jpeg_work *work)
{
    for (jpeg_saved_marker_ptr m = work->decoder.marker_list; m; m = m->next)
        if (m->marker == exif_marker && m->data_length > 6 && !memcmp(m->data, "Exif\0\0", 6))
            return vt__exif_orientation((vt__bytes){ m->data + 6, m->data_length - 6 });
    return 1;
}

static bool sniff(vt__bytes file)
{
    return file.size > 3 && file.data[0] == 0xFF && file.data[1] == 0xD8 && file.data[2] == 0xFF;
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    jpeg_work *work = vt__calloc(1, sizeof *work);
    if (!work) return vt__fail_memory(err, sizeof *work);
    vt_status status = VT_OK;
    if (setjmp(work->leave)) {
        status = vt__codec_damaged(err, "JPEG", work->why);
    } else {
        begin(work, file);
        out->size = (vt_size){ (int)work->decoder.image_width, (int)work->decoder.image_height };
        out->orientation = orientation_of(work);
    }
    end(work);
    return status;
}

/* Adobe stores CMYK inverted, which is what makes the product of two bytes right; others are turned first. */
static void cmyk_to_rgb(uint8_t *out, const uint8_t *row, int width, bool inverted)
{
    for (int x = 0; x < width; x++) {
        unsigned k = inverted ? row[4 * x + 3] : 255u - row[4 * x + 3];
        for (int c = 0; c < 3; c++) {
            unsigned ink = inverted ? row[4 * x + c] : 255u - row[4 * x + c];
            out[3 * x + c] = (uint8_t)((ink * k + 127) / 255);
        }
    }
}

static void choose_output(struct jpeg_decompress_struct *decoder)
{
    bool four = decoder->jpeg_color_space == JCS_CMYK || decoder->jpeg_color_space == JCS_YCCK;
    decoder->out_color_space = four ? JCS_CMYK : JCS_RGB;
    decoder->dct_method = JDCT_ISLOW;
}

static void read_row(jpeg_work *work, uint8_t *out)
{
    struct jpeg_decompress_struct *decoder = &work->decoder;
    bool four = decoder->out_color_space == JCS_CMYK;
    JSAMPROW rows[] = { four ? work->row : out };
    if (jpeg_read_scanlines(decoder, rows, 1) != 1) longjmp(work->leave, 1); /* a memory source never waits */
    if (four) cmyk_to_rgb(out, work->row, (int)decoder->output_width, decoder->saw_Adobe_marker);
}

/* A file that ends early is filled with grey by the library, with a warning: an error for us. */
static vt_status judge_warnings(const jpeg_work *work, vt_error *err)
{
    bool cut = work->errors.num_warnings && strstr(work->why, "remature end");
    return cut ? vt__codec_damaged(err, "JPEG", "the file is cut short") : VT_OK;
}

static vt_status make_rows(jpeg_work *work, int width, int height, vt_error *err)
{
    vt_status status = vt_pixels_create(&work->pixels, (vt_size){ width, height }, err);
    if (status) return status;
    work->row = vt__malloc((size_t)work->decoder.output_width, 4);
    return work->row ? VT_OK : vt__fail_memory(err, (size_t)work->decoder.output_width * 4);
}

/* What is done with an opened file: makes work->pixels and reads rows into them. */
typedef vt_status (*jpeg_steps)(jpeg_work *work, void *wanted, vt_error *err);

/* libjpeg leaves through here when it finds damage. */
static vt_status with_decoder(vt_pixels *out, vt__bytes file, jpeg_steps steps, void *wanted, vt_error *err)
{
    jpeg_work *work = vt__calloc(1, sizeof *work);
    if (!work) return vt__fail_memory(err, sizeof *work);
    volatile vt_status status = VT_OK;
    if (setjmp(work->leave)) {
        status = vt__codec_damaged(err, "JPEG", work->why);
    } else {
        begin(work, file);
        status = steps(work, wanted, err);
        if (!status) status = judge_warnings(work, err);
    }
    if (status) vt_pixels_free(&work->pixels);
    else *out = work->pixels;
    end(work);
    return status;
}

static vt_status read_rows(jpeg_work *work, int width, int height, vt_error *err)
{
    vt_status status = make_rows(work, width, height, err);
    for (int y = 0; !status && y < height; y++) read_row(work, work->pixels.data + (size_t)y * work->pixels.stride_bytes);
    return status;
}

static vt_status decode_scaled(jpeg_work *work, void *wanted, vt_error *err)
{
    work->decoder.scale_num = (unsigned)*(const int *)wanted;
    work->decoder.scale_denom = 8;
    choose_output(&work->decoder);
    jpeg_start_decompress(&work->decoder);
    return read_rows(work, (int)work->decoder.output_width, (int)work->decoder.output_height, err);
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)header_read;
    return with_decoder(out, file, decode_scaled, &eighths, err);
}

typedef struct rectangle {
    int left, top, right, bottom;
} rectangle;

static vt_status decode_part(jpeg_work *work, void *wanted, vt_error *err)
{
    rectangle *part = wanted;
    choose_output(&work->decoder);
    jpeg_start_decompress(&work->decoder);
    JDIMENSION x = (JDIMENSION)part->left, width = (JDIMENSION)(part->right - part->left);
    jpeg_crop_scanline(&work->decoder, &x, &width);
    part->left = (int)x;
    if (part->top > 0) jpeg_skip_scanlines(&work->decoder, (JDIMENSION)part->top);
    return read_rows(work, (int)width, part->bottom - part->top, err);
}

vt_status vt__jpeg_region(vt_pixels *out, int *left, int *top, int right, int bottom, vt__bytes file, vt_error *err)
{
    rectangle part = { *left, *top, right, bottom };
    vt_status status = with_decoder(out, file, decode_part, &part, err);
    *left = part.left;
    return status;
}

const vt__codec vt__codec_jpeg = { VT_FORMAT_JPEG, sniff, header, decode, true };
