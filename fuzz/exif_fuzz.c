/* The orientation in an Exif block. */
#include "decode_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int orientation = vt__exif_orientation((vt__bytes){ data, size });
    return orientation >= 1 && orientation <= 8 ? 0 : -1;
}
