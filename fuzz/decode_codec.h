/* One decoder on its own: header, and pixels where the header's size is small. */
#ifndef VT_FUZZ_DECODE_CODEC_H
#define VT_FUZZ_DECODE_CODEC_H

#include "image/codec.h"

enum { fuzz_max_pixels = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_codec(const vt__codec *codec, const uint8_t *data, size_t size, int eighths)
{
    vt__bytes file = { data, size };
    vt__header header = { { 0, 0 }, 1 };
    vt_pixels pixels = { 0 };
    vt_error err;
    if (!codec->sniff(file) || codec->header(&header, file, &err)) return;
    if (header.size.width <= 0 || header.size.height <= 0 || header.size.width > fuzz_max_pixels / header.size.height) return;
    if (!codec->decode(&pixels, file, &header, codec->scales ? eighths : 8, &err)) vt_pixels_free(&pixels);
}

#endif
