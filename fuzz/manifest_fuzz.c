/* A pack's manifest. */
#include "model/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vt__pack pack;
    vt_error err;
    if (!vt__pack_parse(&pack, "packs/fuzz", data, size, &err)) vt__pack_close(&pack);
    return 0;
}
