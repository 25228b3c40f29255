/* libheif: HEIC (libde265) and AVIF (dav1d or aom). It applies rotation and mirroring itself. */
#include <string.h>

#include <libheif/heif.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

static bool brand_is(vt__bytes file, const char *const *brands, size_t count)
{
    if (file.size < 16 || memcmp(file.data + 4, "ftyp", 4) != 0) return false;
    for (size_t i = 0; i < count; i++)
        if (!memcmp(file.data + 8, brands[i], 4)) return true;
    return false;
}

static bool sniff_heic(vt__bytes file)
{
    static const char *const brands[] = { "heic", "heix", "mif1", "heim", "heis", "hevc", "msf1" };
    return brand_is(file, brands, sizeof brands / sizeof brands[0]);
}

static bool sniff_avif(vt__bytes file)
{
    static const char *const brands[] = { "avif", "avis" };
    return brand_is(file, brands, sizeof brands / sizeof brands[0]);
}

static vt_status open_primary(struct heif_context **context, struct heif_image_handle **handle, vt__bytes file, vt_error *err)
{
    *context = heif_context_alloc();
    if (!*context) return vt__fail_memory(err, 1024);
    struct heif_error result = heif_context_read_from_memory_without_copy(*context, file.data, file.size, NULL);
    if (!result.code) result = heif_context_get_primary_image_handle(*context, handle);
    return result.code ? vt__codec_damaged(err, "HEIF", result.message) : VT_OK;
}

static void close_primary(struct heif_context *context, struct heif_image_handle *handle)
{
    if (handle) heif_image_handle_release(handle);
    if (context) heif_context_free(context);
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    struct heif_context *context = NULL;
    struct heif_image_handle *handle = NULL;
    vt_status status = open_primary(&context, &handle, file, err);
    if (!status) {
        out->size = (vt_size){ heif_image_handle_get_width(handle), heif_image_handle_get_height(handle) };
        out->orientation = 1;
        if (out->size.width <= 0 || out->size.height <= 0) status = vt__codec_damaged(err, "HEIF", "a side of 0 pixels");
    }
    close_primary(context, handle);
    return status;
}

/* The declared size was judged against the limits; a coded picture of another size is refused here. */
static vt_status copy_rows(vt_pixels *out, const struct heif_image *image, vt_size size, vt_error *err)
{
    int stride = 0;
    const uint8_t *rows = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    if (!rows || heif_image_get_width(image, heif_channel_interleaved) != size.width ||
        heif_image_get_height(image, heif_channel_interleaved) != size.height)
        return vt__codec_damaged(err, "HEIF", "another size inside than its header says");
    vt_status status = vt_pixels_create(out, size, err);
    for (int y = 0; !status && y < size.height; y++)
        memcpy(out->data + (size_t)y * out->stride_bytes, rows + (ptrdiff_t)y * stride, (size_t)size.width * 3);
    return status;
}

/* For AVIF libaom where libheif has it: of damaged files libdav1d prints to standard error, and libheif 1.15 leaks what it
 * handed to it. NULL: libheif's own choice. */
static struct heif_decoding_options *quiet_options(vt__bytes file)
{
    const struct heif_decoder_descriptor *decoders[8];
    int count = sniff_avif(file) ? heif_get_decoder_descriptors(heif_compression_AV1, decoders, 8) : 0;
    struct heif_decoding_options *options = NULL;
    for (int i = 0; i < count && !options; i++) {
        const char *id = heif_decoder_descriptor_get_id_name(decoders[i]);
        if (!id || strcmp(id, "aom") != 0) continue;
        options = heif_decoding_options_alloc();
        if (options) options->decoder_id = id;
    }
    return options;
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)eighths;
    struct heif_context *context = NULL;
    struct heif_image_handle *handle = NULL;
    struct heif_image *image = NULL;
    vt_status status = open_primary(&context, &handle, file, err);
    if (!status) {
        heif_context_set_max_decoding_threads(context, 0);
        struct heif_decoding_options *options = quiet_options(file);
        struct heif_error result = heif_decode_image(handle, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGB, options);
        if (options) heif_decoding_options_free(options);
        status = result.code ? vt__codec_damaged(err, "HEIF", result.message)
                             : copy_rows(out, image, header_read->size, err);
    }
    if (image) heif_image_release(image);
    close_primary(context, handle);
    return status;
}

const vt__codec vt__codec_heif = { VT_FORMAT_HEIC, sniff_heic, header, decode, false };
const vt__codec vt__codec_avif = { VT_FORMAT_AVIF, sniff_avif, header, decode, false };
