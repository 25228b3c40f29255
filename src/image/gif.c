/* giflib: the first frame, on white. */
#include <string.h>

#include <gif_lib.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/codec.h"

typedef struct gif_source {
    vt__bytes file;
    size_t at;
} gif_source;

static int on_read(GifFileType *gif, GifByteType *out, int size)
{
    gif_source *source = gif->UserData;
    size_t left = source->file.size - source->at, take = (size_t)size < left ? (size_t)size : left;
    memcpy(out, source->file.data + source->at, take);
    source->at += take;
    return (int)take;
}

static bool sniff(vt__bytes file)
{
    return file.size > 13 && (!memcmp(file.data, "GIF87a", 6) || !memcmp(file.data, "GIF89a", 6));
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    out->size = (vt_size){ file.data[6] | file.data[7] << 8, file.data[8] | file.data[9] << 8 };
    out->orientation = 1;
    if (out->size.width && out->size.height) return VT_OK;
    return vt__codec_damaged(err, "GIF", "a side of 0 pixels");
}

/* Skips to the first image; -1 where there is none. The transparent colour of the extension before it goes to *clear. */
static int find_image(GifFileType *gif, int *clear)
{
    GifRecordType kind;
    while (DGifGetRecordType(gif, &kind) == GIF_OK && kind != TERMINATE_RECORD_TYPE) {
        if (kind == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(gif) == GIF_OK ? 0 : -1;
        if (kind != EXTENSION_RECORD_TYPE) continue;
        int code;
        GifByteType *block;
        if (DGifGetExtension(gif, &code, &block) != GIF_OK) return -1;
        GraphicsControlBlock control;
        if (block && code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
            *clear = control.TransparentColor;
        while (block)
            if (DGifGetExtensionNext(gif, &block) != GIF_OK) return -1;
    }
    return -1;
}

static void put_row(vt_pixels *out, const GifFileType *gif, const ColorMapObject *map, const GifByteType *row, int y, int clear)
{
    int top = gif->Image.Top + y;
    if (top < 0 || top >= out->size.height) return;
    for (int x = 0; x < gif->Image.Width; x++) {
        int left = gif->Image.Left + x, index = row[x];
        if (left >= out->size.width || index == clear || index >= map->ColorCount) continue;
        uint8_t *to = out->data + (size_t)top * out->stride_bytes + (size_t)left * 3;
        to[0] = map->Colors[index].Red;
        to[1] = map->Colors[index].Green;
        to[2] = map->Colors[index].Blue;
    }
}

/* Interlaced rows come in four passes (GIF89a, appendix E). */
static vt_status read_rows(vt_pixels *out, GifFileType *gif, int clear, vt_error *err)
{
    static const int first[] = { 0, 4, 2, 1 }, step[] = { 8, 8, 4, 2 };
    const ColorMapObject *map = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
    if (!map) return vt__codec_damaged(err, "GIF", "no colours");
    GifByteType *row = vt__malloc((size_t)gif->Image.Width, 1);
    if (!row) return vt__fail_memory(err, (size_t)gif->Image.Width);
    vt_status status = VT_OK;
    int passes = gif->Image.Interlace ? 4 : 1;
    for (int pass = 0; pass < passes && !status; pass++)
        for (int y = passes > 1 ? first[pass] : 0; y < gif->Image.Height && !status; y += passes > 1 ? step[pass] : 1) {
            if (DGifGetLine(gif, row, gif->Image.Width) != GIF_OK)
                status = vt__codec_damaged(err, "GIF", GifErrorString(gif->Error));
            else put_row(out, gif, map, row, y, clear);
        }
    vt__free(row);
    return status;
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)eighths;
    gif_source source = { file, 0 };
    int code = 0, clear = -1;
    GifFileType *gif = DGifOpen(&source, on_read, &code);
    if (!gif) return vt__codec_damaged(err, "GIF", GifErrorString(code));
    vt_status status = find_image(gif, &clear) ? vt__codec_damaged(err, "GIF", "no picture in it") : VT_OK;
    if (!status && (gif->Image.Width <= 0 || gif->Image.Width > 65535 || gif->Image.Height > 65535))
        status = vt__codec_damaged(err, "GIF", "a frame of impossible size");
    if (!status) status = vt_pixels_create(out, header_read->size, err);
    if (!status) {
        memset(out->data, 255, out->stride_bytes * (size_t)out->size.height);
        status = read_rows(out, gif, clear, err);
        if (status) vt_pixels_free(out);
    }
    DGifCloseFile(gif, &code);
    return status;
}

const vt__codec vt__codec_gif = { VT_FORMAT_GIF, sniff, header, decode, false };
