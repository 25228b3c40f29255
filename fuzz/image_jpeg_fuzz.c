/* The JPEG decoder: whole, at an eighth, and part of the picture. */
#include "decode_codec.h"
#include "image/region.h"

static void decode_part(const uint8_t *data, size_t size)
{
    static const vt_picture_options small = { sizeof small, 0, fuzz_max_pixels, 0 };
    vt_picture *picture = NULL;
    vt__region region;
    if (vt_picture_open(&picture, data, size, &small, NULL)) return;
    vt__picture_region(&region, picture, (vt_box){ 3, 2, 9, 7 }, 1, NULL);
    vt_picture_close(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_codec(&vt__codec_jpeg, data, size, 8);
    fuzz_codec(&vt__codec_jpeg, data, size, 1);
    if (vt__codec_jpeg.sniff((vt__bytes){ data, size })) decode_part(data, size);
    return 0;
}
