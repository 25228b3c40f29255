/* libtiff: the first picture of the file, every kind that its RGBA reader knows. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <tiffio.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

typedef struct tiff_source {
    vt__bytes file;
    uint64_t at;
} tiff_source;

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t size)
{
    tiff_source *source = handle;
    if (size < 0 || source->at >= source->file.size) return 0;
    size_t left = source->file.size - (size_t)source->at, take = (size_t)size < left ? (size_t)size : left;
    memcpy(out, source->file.data + source->at, take);
    source->at += take;
    return (tmsize_t)take;
}

static tmsize_t on_write(thandle_t handle, void *bytes, tmsize_t size)
{
    (void)handle;
    (void)bytes;
    (void)size;
    return 0;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    tiff_source *source = handle;
    if (whence == SEEK_SET) source->at = offset;
    if (whence == SEEK_CUR) source->at += offset;
    if (whence == SEEK_END) source->at = source->file.size + offset;
    return source->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((tiff_source *)handle)->file.size;
}

static TIFF *open_tiff(tiff_source *source, vt__bytes file)
{
    /* libtiff prints to standard error by default; a library may not. The setting is the process's, and idempotent. */
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    *source = (tiff_source){ file, 0 };
    return TIFFClientOpen("memory", "rm", source, on_read, on_write, on_seek, on_close, on_size, NULL, NULL);
}

static bool sniff(vt__bytes file)
{
    return file.size > 8 && (!memcmp(file.data, "II*\0", 4) || !memcmp(file.data, "MM\0*", 4));
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    tiff_source source;
    TIFF *tiff = open_tiff(&source, file);
    if (!tiff) return vt__codec_damaged(err, "TIFF", "its directory");
    uint32_t width = 0, height = 0;
    uint16_t orientation = 1;
    int good = TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) && TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
    TIFFClose(tiff);
    if (!good || !width || !height || width > 1u << 20 || height > 1u << 20)
        return vt__codec_damaged(err, "TIFF", "its size");
    out->size = (vt_size){ (int)width, (int)height };
    out->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    return VT_OK;
}

/* Premultiplied ABGR words over white; rows in the stored order because the image says it is top left. */
static void over_white(vt_pixels *out, const uint32_t *words)
{
    size_t count = (size_t)out->size.width * (size_t)out->size.height;
    for (size_t i = 0; i < count; i++) {
        unsigned rest = 255 - TIFFGetA(words[i]);
        unsigned rgb[3] = { TIFFGetR(words[i]), TIFFGetG(words[i]), TIFFGetB(words[i]) };
        for (int c = 0; c < 3; c++) {
            unsigned value = rgb[c] + rest;
            out->data[3 * i + (size_t)c] = (uint8_t)(value > 255 ? 255 : value);
        }
    }
}

static vt_status read_words(uint32_t *words, TIFF *tiff, vt_error *err)
{
    TIFFRGBAImage image;
    char why[1024] = "";
    if (!TIFFRGBAImageOK(tiff, why)) return vt__fail(err, VT_EUNSUPPORTED, "TIFF of a kind that is not read: %.150s", why);
    if (!TIFFRGBAImageBegin(&image, tiff, 1, why)) return vt__codec_damaged(err, "TIFF", why);
    image.req_orientation = image.orientation; /* ours is applied later, for every format alike */
    int good = TIFFRGBAImageGet(&image, words, image.width, image.height);
    TIFFRGBAImageEnd(&image);
    return good ? VT_OK : vt__codec_damaged(err, "TIFF", "cut short or damaged pixels");
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)eighths;
    tiff_source source;
    TIFF *tiff = open_tiff(&source, file);
    if (!tiff) return vt__codec_damaged(err, "TIFF", "its directory");
    vt_status status = vt_pixels_create(out, header_read->size, err);
    uint32_t *words = NULL;
    if (!status) {
        size_t count = (size_t)out->size.width * (size_t)out->size.height;
        words = vt__calloc(count, sizeof *words);
        status = words ? read_words(words, tiff, err) : vt__fail_memory(err, count * sizeof *words);
        if (!status) over_white(out, words);
        else vt_pixels_free(out);
    }
    vt__free(words);
    TIFFClose(tiff);
    return status;
}

const vt__codec vt__codec_tiff = { VT_FORMAT_TIFF, sniff, header, decode, false };
