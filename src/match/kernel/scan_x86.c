/* The scan on x86-64. */
#include "match/kernel/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define INSIDE RACES_WITH_DEAD_ROWS __attribute__((always_inline)) static inline

#define AVX2 __attribute__((target("avx2")))
#define AVXVNNI __attribute__((target("avx2,avxvnni")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

/* Four registers of a quad each, with four partial sums in each lane -> lane r holds the sums of the quads' rows r. */
INSIDE AVX2 __m256i add_up_256(const __m256i s[VT__QUAD])
{
    __m256i low = _mm256_add_epi32(_mm256_unpacklo_epi32(s[0], s[1]), _mm256_unpackhi_epi32(s[0], s[1]));
    __m256i high = _mm256_add_epi32(_mm256_unpacklo_epi32(s[2], s[3]), _mm256_unpackhi_epi32(s[2], s[3]));
    return _mm256_add_epi32(_mm256_unpacklo_epi64(low, high), _mm256_unpackhi_epi64(low, high));
}

INSIDE AVX2 unsigned judge_256(const vt__scan_probe *probe, const uint8_t *marks, __m256i dots)
{
    __m256i mark = _mm256_load_si256((const __m256i *)(const void *)marks);
    __m256 scale = _mm256_castsi256_ps(_mm256_and_si256(mark, _mm256_set1_epi32((int)0xFFFF0000u)));
    __m256 coarse = _mm256_castsi256_ps(_mm256_slli_epi32(mark, 16));
    __m256 whole = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_slli_epi32(dots, 5), _mm256_set1_epi32(probe->offset)));
    __m256 score = _mm256_mul_ps(_mm256_mul_ps(_mm256_set1_ps(probe->scale), scale), whole);
    __m256 bound = _mm256_add_ps(_mm256_mul_ps(_mm256_set1_ps(probe->length), coarse), _mm256_set1_ps(probe->slack));
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_add_ps(score, bound), _mm256_set1_ps(probe->cut), _CMP_GE_OQ));
}

INSIDE AVX2 __m256i dot_avx2(__m256i sums, __m256i low, __m256i high, __m256i codes_low, __m256i codes_high)
{
    __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(low, codes_low), _mm256_maddubs_epi16(high, codes_high));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INSIDE AVXVNNI __m256i dot_avxvnni(__m256i sums, __m256i low, __m256i high, __m256i codes_low, __m256i codes_high)
{
    return _mm256_dpbusd_avx_epi32(_mm256_dpbusd_avx_epi32(sums, low, codes_low), high, codes_high);
}

/* One text for both: half of a strip (two rows of each quad) at a time. */
#define SCAN_256(name, target_of, dot)                                                                                                       \
    RACES_WITH_DEAD_ROWS target_of void name(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips,         \
                                             size_t strip_count, size_t width)                                                               \
    {                                                                                                                                        \
        const __m256i four_bits = _mm256_set1_epi8(15);                                                                                      \
        size_t pieces = vt__pieces(width);                                                                                                   \
        for (size_t b = 0; b < strip_count; b++)                                                                                             \
            for (size_t p = 0; p < probe_count; p++) {                                                                                       \
                const uint8_t *strip = strips + b * vt__strip_bytes(width);                                                                  \
                unsigned mask = 0;                                                                                                           \
                for (size_t half = 0; half < 2; half++) {                                                                                    \
                    __m256i sums[VT__QUAD] = { _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256() }; \
                    for (size_t piece = 0; piece < pieces; piece++) {                                                                        \
                        const __m128i *codes = (const __m128i *)(const void *)(probes[p].codes + piece * VT__PIECE_CODES);                   \
                        __m256i codes_low = _mm256_broadcastsi128_si256(_mm_load_si128(codes));                                              \
                        __m256i codes_high = _mm256_broadcastsi128_si256(_mm_load_si128(codes + 1));                                         \
                        const uint8_t *at = strip + VT__MARKS_BYTES + piece * 64 + half * 32;                                                \
                        for (size_t q = 0; q < VT__QUAD; q++) {                                                                             \
                            __m256i rows = _mm256_load_si256((const __m256i *)(const void *)(at + q * pieces * 64));                         \
                            __m256i high = _mm256_and_si256(_mm256_srli_epi16(rows, 4), four_bits);                                          \
                            sums[q] = dot(sums[q], _mm256_and_si256(rows, four_bits), high, codes_low, codes_high);                          \
                        }                                                                                                                    \
                    }                                                                                                                        \
                    mask |= judge_256(&probes[p], strip + half * 32, add_up_256(sums)) << half * 8;                                          \
                }                                                                                                                            \
                may[p * strip_count + b] = (uint16_t)mask;                                                                                   \
            }                                                                                                                                \
    }

SCAN_256(vt__scan_avx2, AVX2, dot_avx2)
SCAN_256(vt__scan_avxvnni, AVXVNNI, dot_avxvnni)

RACES_WITH_DEAD_ROWS AVX2
int32_t vt__row_dot_avx2(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width)
{
    const __m128i four_bits = _mm_set1_epi8(15), ones = _mm_set1_epi16(1);
    __m128i high = _mm_setzero_si128(), low = _mm_setzero_si128();
    for (size_t piece = 0; piece < vt__pieces(width); piece++, upper += 64, lower += VT__PIECE, codes += VT__PIECE_CODES) {
        __m128i first = _mm_load_si128((const __m128i *)(const void *)codes), second = _mm_load_si128((const __m128i *)(const void *)(codes + 16));
        __m128i u = _mm_loadu_si128((const __m128i *)(const void *)upper), l = _mm_loadu_si128((const __m128i *)(const void *)lower);
        __m128i pairs = _mm_add_epi16(_mm_maddubs_epi16(_mm_and_si128(u, four_bits), first), _mm_maddubs_epi16(_mm_and_si128(_mm_srli_epi16(u, 4), four_bits), second));
        high = _mm_add_epi32(high, _mm_madd_epi16(pairs, ones));
        pairs = _mm_add_epi16(_mm_maddubs_epi16(_mm_and_si128(l, four_bits), first), _mm_maddubs_epi16(_mm_and_si128(_mm_srli_epi16(l, 4), four_bits), second));
        low = _mm_add_epi32(low, _mm_madd_epi16(pairs, ones));
    }
    __m128i sum = _mm_add_epi32(_mm_slli_epi32(high, 4), low);
    sum = _mm_add_epi32(sum, _mm_unpackhi_epi64(sum, sum));
    return _mm_cvtsi128_si32(sum) + _mm_extract_epi32(sum, 1);
}

INSIDE AVX512 __m512i add_up_512(const __m512i s[VT__QUAD])
{
    __m512i low = _mm512_add_epi32(_mm512_unpacklo_epi32(s[0], s[1]), _mm512_unpackhi_epi32(s[0], s[1]));
    __m512i high = _mm512_add_epi32(_mm512_unpacklo_epi32(s[2], s[3]), _mm512_unpackhi_epi32(s[2], s[3]));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
}

INSIDE AVX512 uint16_t judge_512(const vt__scan_probe *probe, const uint8_t *marks, __m512i dots)
{
    __m512i mark = _mm512_load_si512(marks);
    __m512 scale = _mm512_castsi512_ps(_mm512_and_si512(mark, _mm512_set1_epi32((int)0xFFFF0000u)));
    __m512 coarse = _mm512_castsi512_ps(_mm512_slli_epi32(mark, 16));
    __m512 whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_slli_epi32(dots, 5), _mm512_set1_epi32(probe->offset)));
    __m512 score = _mm512_mul_ps(_mm512_mul_ps(_mm512_set1_ps(probe->scale), scale), whole);
    __m512 bound = _mm512_add_ps(_mm512_mul_ps(_mm512_set1_ps(probe->length), coarse), _mm512_set1_ps(probe->slack));
    return _mm512_cmp_ps_mask(_mm512_add_ps(score, bound), _mm512_set1_ps(probe->cut), _CMP_GE_OQ);
}

/* Two quads at a time, so that each piece of a probe is loaded once for both and all sums stay in registers. `probe_count`
 * and `pieces` are known where this is laid in. */
INSIDE AVX512 void scan_512(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t pieces)
{
    const __m512i four_bits = _mm512_set1_epi8(15);
    const size_t strip_bytes = VT__MARKS_BYTES + pieces * VT__PIECE * VT__STRIP;
    for (size_t b = 0; b < strip_count; b++) {
        const uint8_t *strip = strips + b * strip_bytes;
        __m512i sums[VT__SCAN_MAX_PROBES][VT__QUAD];
#pragma GCC unroll 2
        for (size_t q = 0; q < VT__QUAD; q += 2) {
#pragma GCC unroll 4
            for (size_t p = 0; p < probe_count; p++) sums[p][q] = sums[p][q + 1] = _mm512_setzero_si512();
            const uint8_t *at = strip + VT__MARKS_BYTES + q * pieces * 64;
#pragma GCC unroll 8
            for (size_t piece = 0; piece < pieces; piece++) {
                __m512i first = _mm512_load_si512(at + piece * 64), second = _mm512_load_si512(at + (pieces + piece) * 64);
                __m512i first_low = _mm512_and_si512(first, four_bits), first_high = _mm512_and_si512(_mm512_srli_epi16(first, 4), four_bits);
                __m512i second_low = _mm512_and_si512(second, four_bits), second_high = _mm512_and_si512(_mm512_srli_epi16(second, 4), four_bits);
#pragma GCC unroll 4
                for (size_t p = 0; p < probe_count; p++) {
                    const __m128i *codes = (const __m128i *)(const void *)(probes[p].codes + piece * VT__PIECE_CODES);
                    __m512i codes_low = _mm512_broadcast_i32x4(_mm_load_si128(codes)), codes_high = _mm512_broadcast_i32x4(_mm_load_si128(codes + 1));
                    sums[p][q] = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sums[p][q], first_low, codes_low), first_high, codes_high);
                    sums[p][q + 1] = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sums[p][q + 1], second_low, codes_low), second_high, codes_high);
                }
            }
        }
#pragma GCC unroll 4
        for (size_t p = 0; p < probe_count; p++) may[p * strip_count + b] = judge_512(&probes[p], strip, add_up_512(sums[p]));
    }
}

/* The usual width of 160 has loops of known length. */
RACES_WITH_DEAD_ROWS AVX512
void vt__scan_avx512vnni(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t width)
{
    size_t pieces = vt__pieces(width);
    if (probe_count == 1 && pieces == 5) scan_512(may, probes, 1, strips, strip_count, 5);
    else if (probe_count == 4 && pieces == 5) scan_512(may, probes, 4, strips, strip_count, 5);
    else
        for (size_t p = 0; p < probe_count; p++) scan_512(may + p * strip_count, probes + p, 1, strips, strip_count, pieces);
}

RACES_WITH_DEAD_ROWS AVX512
int32_t vt__row_dot_avx512vnni(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width)
{
    const __m128i four_bits = _mm_set1_epi8(15);
    __m128i high = _mm_setzero_si128(), low = _mm_setzero_si128(), high16 = _mm_setzero_si128(), low16 = _mm_setzero_si128();
    for (size_t piece = 0; piece < vt__pieces(width); piece++, upper += 64, lower += VT__PIECE, codes += VT__PIECE_CODES) {
        __m128i first = _mm_load_si128((const __m128i *)(const void *)codes), second = _mm_load_si128((const __m128i *)(const void *)(codes + 16));
        __m128i u = _mm_loadu_si128((const __m128i *)(const void *)upper), l = _mm_loadu_si128((const __m128i *)(const void *)lower);
        high = _mm_dpbusd_epi32(high, _mm_and_si128(u, four_bits), first);
        high16 = _mm_dpbusd_epi32(high16, _mm_andnot_si128(four_bits, u), second);
        low = _mm_dpbusd_epi32(low, _mm_and_si128(l, four_bits), first);
        low16 = _mm_dpbusd_epi32(low16, _mm_andnot_si128(four_bits, l), second);
    }
    __m128i sum = _mm_add_epi32(_mm_add_epi32(_mm_slli_epi32(high, 4), high16), _mm_add_epi32(low, _mm_srai_epi32(low16, 4)));
    sum = _mm_add_epi32(sum, _mm_unpackhi_epi64(sum, sum));
    return _mm_cvtsi128_si32(sum) + _mm_extract_epi32(sum, 1);
}
#else
typedef int nothing_here; /* a translation unit is not empty */
#endif
