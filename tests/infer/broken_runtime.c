/* Libraries that are no ONNX Runtime we can use. BROKEN: 0 has no OrtGetApiBase, 1 gives no base, 2 is too old. */
#include "infer/runtime_abi.h"

const vt__ort_base *OrtGetApiBase(void);
int vultus_broken_runtime(void);

int vultus_broken_runtime(void)
{
    return BROKEN;
}

#if BROKEN == 1
__attribute__((visibility("default"))) const vt__ort_base *OrtGetApiBase(void)
{
    return NULL;
}
#elif BROKEN == 2
static const void *no_table(uint32_t version)
{
    (void)version;
    return NULL;
}

static const char *version_of(void)
{
    return "1.12.1";
}

__attribute__((visibility("default"))) const vt__ort_base *OrtGetApiBase(void)
{
    static const vt__ort_base base = { no_table, version_of };
    return &base;
}
#endif
