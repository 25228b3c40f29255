#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "match/kernel/scan.h"

/* Every kernel that this CPU runs gives the portable one's integers, over all widths, counts of quads and probes, and
 * with the largest codes there are. */
static void kernels_agree(void **state)
{
    (void)state;
    enum { most_width = 512, most_quads = 9 };
    vt__cpu_level best = vt__cpu_get_level();
    uint8_t *probes = vt__calloc_aligned(4, most_width);
    int8_t *quads = vt__calloc_aligned(most_quads, most_width * VT__QUAD);
    static int32_t expected[4][most_quads * VT__QUAD], got[4][most_quads * VT__QUAD];
    for (int level = VT__CPU_AVX2; level <= VT__CPU_NEON; level++) {
        const vt__scan_kernel *kernel = vt__scan_of((vt__cpu_level)level);
        char name[16];
        snprintf(name, sizeof name, "%s", vt__cpu_level_name((vt__cpu_level)level));
        setenv("VULTUS_CPU", name, 1);
        bool runs = kernel && vt__cpu_get_level() == (vt__cpu_level)level;
        unsetenv("VULTUS_CPU");
        if (!runs) continue;
        for (size_t width = 16; width <= most_width; width += 16)
            for (size_t probe_count = 1; probe_count <= 4; probe_count++) {
                size_t stride = (width + 63) & ~(size_t)63, quad_count = 1 + width / 16 % most_quads;
                bool extreme = width % 64 == 0;
                for (size_t i = 0; i < probe_count * stride; i++) probes[i] = extreme ? 127 : (uint8_t)(1 + rand() % 127);
                for (size_t i = 0; i < quad_count * width * VT__QUAD; i++) quads[i] = extreme ? -127 : (int8_t)(rand() % 255 - 127);
                vt__scan_of(VT__CPU_PORTABLE)->scan(expected[0], most_quads * VT__QUAD, probes, probe_count, quads, quad_count, width);
                kernel->scan(got[0], most_quads * VT__QUAD, probes, probe_count, quads, quad_count, width);
                for (size_t p = 0; p < probe_count; p++)
                    for (size_t i = 0; i < quad_count * VT__QUAD; i++)
                        if (expected[p][i] != got[p][i]) fail_msg("%s, width %zu, probe %zu, row %zu: %d, not %d", name, width, p, i, got[p][i], expected[p][i]);
            }
    }
    assert_int_equal(vt__scan_choose()->level, best);
    vt__free(probes);
    vt__free(quads);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kernels_agree) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
