#include "match/kernel/scan.h"

#include <string.h>

#include "match/kernel/kernels.h"

RACES_WITH_DEAD_ROWS
uint16_t vt__scan_judge(const vt__scan_probe *probe, const uint8_t *marks, const int32_t dots[VT__STRIP])
{
    unsigned may = 0;
    for (size_t i = 0; i < VT__STRIP; i++) {
        uint32_t mark, upper, lower;
        float scale, coarse;
        memcpy(&mark, marks + i * sizeof mark, sizeof mark);
        upper = mark & 0xFFFF0000u;
        lower = mark << 16;
        memcpy(&scale, &upper, sizeof scale);
        memcpy(&coarse, &lower, sizeof coarse);
        float score = probe->scale * scale * (float)(32 * dots[i] - probe->offset);
        float bound = probe->length * coarse + probe->slack;
        may |= (unsigned)(score + bound >= probe->cut) << i;
    }
    return (uint16_t)may;
}

RACES_WITH_DEAD_ROWS
static void scan_portable(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips,
                          size_t strip_count, size_t width)
{
    for (size_t b = 0; b < strip_count; b++) {
        const uint8_t *strip = strips + b * vt__strip_bytes(width);
        for (size_t p = 0; p < probe_count; p++) {
            int32_t dots[VT__STRIP] = { 0 };
            for (size_t i = 0; i < VT__STRIP; i++) {
                const uint8_t *row = strip + vt__upper_at(i, width);
                const int8_t *codes = probes[p].codes;
                for (size_t piece = 0; piece < vt__pieces(width); piece++, row += 64, codes += VT__PIECE_CODES)
                    for (size_t k = 0; k < VT__PIECE; k++) dots[i] += (row[k] & 15) * codes[k] + (row[k] >> 4) * codes[VT__PIECE + k];
            }
            may[p * strip_count + b] = vt__scan_judge(&probes[p], strip, dots);
        }
    }
}

static int32_t row_dot_portable(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width)
{
    int32_t sum = 0;
    for (size_t piece = 0; piece < vt__pieces(width); piece++, upper += 64, lower += VT__PIECE, codes += VT__PIECE_CODES)
        for (size_t k = 0; k < VT__PIECE; k++)
            sum += (16 * (upper[k] & 15) + (lower[k] & 15)) * codes[k] + ((upper[k] & 0xF0) + (lower[k] >> 4)) * codes[VT__PIECE + k];
    return sum;
}

static const vt__scan_kernel kernels[] = {
    { VT__CPU_PORTABLE, scan_portable, row_dot_portable },
#if defined(__x86_64__)
    { VT__CPU_AVX2, vt__scan_avx2, vt__row_dot_avx2 },
    { VT__CPU_AVXVNNI, vt__scan_avxvnni, vt__row_dot_avx2 },
    { VT__CPU_AVX512VNNI, vt__scan_avx512vnni, vt__row_dot_avx512vnni },
#elif defined(__aarch64__)
    { VT__CPU_NEON, vt__scan_neon, vt__row_dot_neon },
    { VT__CPU_NEONDOT, vt__scan_neondot, vt__row_dot_neon },
#endif
};

const vt__scan_kernel *vt__scan_of(vt__cpu_level level)
{
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
        if (kernels[i].level == level) return &kernels[i];
    return NULL;
}

const vt__scan_kernel *vt__scan_choose(void)
{
    const vt__scan_kernel *kernel = vt__scan_of(vt__cpu_get_level());
    return kernel ? kernel : &kernels[0];
}
