/* libwebp, still and animated (first frame through the demuxer's container is not needed: features tell). */
#include <string.h>

#include <webp/decode.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

static bool sniff(vt__bytes file)
{
    return file.size > 16 && !memcmp(file.data, "RIFF", 4) && !memcmp(file.data + 8, "WEBP", 4);
}

/* The EXIF chunk of the container; chunks are 8 bytes of head and an even number of bytes. */
static int orientation_of(vt__bytes file)
{
    for (size_t at = 12; file.size - at >= 8 && at < file.size;) {
        const uint8_t *head = file.data + at;
        size_t size = head[4] | (size_t)head[5] << 8 | (size_t)head[6] << 16 | (size_t)head[7] << 24;
        at += 8;
        if (size > file.size - at) return 1;
        if (!memcmp(head, "EXIF", 4)) {
            size_t skip = size > 6 && !memcmp(file.data + at, "Exif\0\0", 6) ? 6 : 0;
            return vt__exif_orientation((vt__bytes){ file.data + at + skip, size - skip });
        }
        at += size + (size & 1);
        if (at > file.size) return 1;
    }
    return 1;
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(file.data, file.size, &features) != VP8_STATUS_OK)
        return vt__codec_damaged(err, "WebP", "its header");
    if (features.has_animation) return vt__fail(err, VT_EUNSUPPORTED, "animated WebP is not read; save its first frame");
    out->size = (vt_size){ features.width, features.height };
    out->orientation = orientation_of(file);
    return VT_OK;
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)eighths;
    vt_status status = vt_pixels_create(out, header_read->size, err);
    if (status) return status;
    size_t width = (size_t)out->size.width, pixels = width * (size_t)out->size.height;
    uint8_t *rgba = vt__malloc(pixels, 4);
    if (!rgba) status = vt__fail_memory(err, pixels * 4);
    else if (!WebPDecodeRGBAInto(file.data, file.size, rgba, pixels * 4, (int)width * 4))
        status = vt__codec_damaged(err, "WebP", "cut short or damaged pixels");
    for (size_t i = 0; !status && i < pixels; i++)
        for (int c = 0; c < 3; c++) {
            unsigned alpha = rgba[4 * i + 3];
            out->data[3 * i + (size_t)c] = (uint8_t)((rgba[4 * i + (size_t)c] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    vt__free(rgba);
    if (status) vt_pixels_free(out);
    return status;
}

const vt__codec vt__codec_webp = { VT_FORMAT_WEBP, sniff, header, decode, false };
