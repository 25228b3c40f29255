/* The orientation in an Exif block. */
#include <stdlib.h>

#include "decode_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int orientation = vt__exif_orientation((vt__bytes){ data, size });
    if (orientation < 1 || orientation > 8) abort();
    return 0;
}
