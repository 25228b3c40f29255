#include "model/scratch.h"

#include "base/error.h"
#include "base/memory.h"

vt_status vt__scratch_need(vt__scratch *scratch, size_t count, vt_error *err)
{
    if (count <= scratch->capacity) return VT_OK;
    float *floats = vt__calloc_aligned(count, sizeof *floats);
    if (!floats) return vt__fail_memory(err, count * sizeof *floats);
    vt__free(scratch->floats);
    *scratch = (vt__scratch){ floats, count };
    return VT_OK;
}

void vt__scratch_free(vt__scratch *scratch)
{
    vt__free(scratch->floats);
    *scratch = (vt__scratch){ 0 };
}
