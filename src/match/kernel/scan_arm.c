/* The scan on 64-bit Arm. */
#include "match/kernel/kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define INSIDE RACES_WITH_DEAD_ROWS __attribute__((always_inline)) static inline
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* Widening products of halves of 8-bit registers, summed in pairs: runs on every 64-bit Arm. */
INSIDE int32x4_t dot_neon(int32x4_t sums, uint8x16_t row, int8x16_t first, int8x16_t second)
{
    int8x16_t low = vreinterpretq_s8_u8(vandq_u8(row, vdupq_n_u8(15))), high = vreinterpretq_s8_u8(vshrq_n_u8(row, 4));
    int16x8_t products = vmull_s8(vget_low_s8(low), vget_low_s8(first));
    products = vmlal_high_s8(products, low, first);
    products = vmlal_s8(products, vget_low_s8(high), vget_low_s8(second));
    products = vmlal_high_s8(products, high, second);
    return vpadalq_s16(sums, products);
}

INSIDE DOTPROD int32x4_t dot_dotprod(int32x4_t sums, uint8x16_t row, int8x16_t first, int8x16_t second)
{
    int8x16_t low = vreinterpretq_s8_u8(vandq_u8(row, vdupq_n_u8(15))), high = vreinterpretq_s8_u8(vshrq_n_u8(row, 4));
    return vdotq_s32(vdotq_s32(sums, low, first), high, second);
}

/* One text for both. */
#define SCAN_ARM(name, target_of, dot)                                                                                                   \
    RACES_WITH_DEAD_ROWS target_of void name(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips,     \
                                             size_t strip_count, size_t width)                                                           \
    {                                                                                                                                    \
        size_t pieces = vt__pieces(width);                                                                                               \
        for (size_t b = 0; b < strip_count; b++)                                                                                         \
            for (size_t p = 0; p < probe_count; p++) {                                                                                   \
                const uint8_t *strip = strips + b * vt__strip_bytes(width);                                                              \
                int32_t dots[VT__STRIP];                                                                                                 \
                for (size_t q = 0; q < VT__QUAD; q++) {                                                                                 \
                    int32x4_t sums[4] = { vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0) };                              \
                    const uint8_t *at = strip + VT__MARKS_BYTES + q * pieces * 64;                                                       \
                    for (size_t piece = 0; piece < pieces; piece++) {                                                                    \
                        const int8_t *codes = probes[p].codes + piece * VT__PIECE_CODES;                                                 \
                        int8x16_t first = vld1q_s8(codes), second = vld1q_s8(codes + VT__PIECE);                                         \
                        for (size_t r = 0; r < 4; r++) sums[r] = dot(sums[r], vld1q_u8(at + piece * 64 + r * VT__PIECE), first, second); \
                    }                                                                                                                    \
                    for (size_t r = 0; r < 4; r++) dots[r * VT__QUAD + q] = vaddvq_s32(sums[r]);                                        \
                }                                                                                                                        \
                may[p * strip_count + b] = vt__scan_judge(&probes[p], strip, dots);                                                      \
            }                                                                                                                            \
    }

SCAN_ARM(vt__scan_neon, , dot_neon)
SCAN_ARM(vt__scan_neondot, DOTPROD, dot_dotprod)

RACES_WITH_DEAD_ROWS
int32_t vt__row_dot_neon(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width)
{
    int32x4_t high = vdupq_n_s32(0), low = vdupq_n_s32(0);
    for (size_t piece = 0; piece < vt__pieces(width); piece++, upper += 64, lower += VT__PIECE, codes += VT__PIECE_CODES) {
        int8x16_t first = vld1q_s8(codes), second = vld1q_s8(codes + VT__PIECE);
        high = dot_neon(high, vld1q_u8(upper), first, second);
        low = dot_neon(low, vld1q_u8(lower), first, second);
    }
    return 16 * vaddvq_s32(high) + vaddvq_s32(low);
}
#else
typedef int nothing_here; /* a translation unit is not empty */
#endif
