/* The avif decoder. */
#include "decode_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_codec(&vt__codec_avif, data, size, 8);
    return 0;
}
