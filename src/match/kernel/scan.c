#include "match/kernel/scan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* A row that dies while it is read may be overwritten: its score is thrown away by the live mask that was read before.
 * The thread sanitizer cannot know that. */
#define RACES_WITH_DEAD_ROWS __attribute__((no_sanitize("thread")))

static size_t probe_stride(size_t width)
{
    return (width + 63) & ~(size_t)63;
}

RACES_WITH_DEAD_ROWS
static void scan_portable(int32_t *out, size_t out_stride, const uint8_t *probes, size_t probe_count, const int8_t *quads,
                          size_t quad_count, size_t width)
{
    for (size_t p = 0; p < probe_count; p++) {
        const uint8_t *probe = probes + p * probe_stride(width);
        for (size_t q = 0; q < quad_count; q++) {
            const int8_t *quad = quads + q * vt__quad_bytes(width);
            int32_t sums[VT__QUAD] = { 0 };
            for (size_t piece = 0; piece < width; piece += VT__PIECE)
                for (size_t r = 0; r < VT__QUAD; r++)
                    for (size_t i = 0; i < VT__PIECE; i++) sums[r] += probe[piece + i] * quad[piece * VT__QUAD + r * VT__PIECE + i];
            memcpy(out + p * out_stride + q * VT__QUAD, sums, sizeof sums);
        }
    }
}

#if defined(__x86_64__)

/* [a0..a3 of row 0 | row 1] and the same of rows 2 and 3 -> the four sums. */
__attribute__((target("avx2"))) static inline __m128i reduce_quad(__m256i rows01, __m256i rows23)
{
    __m256i pairs = _mm256_hadd_epi32(rows01, rows23); /* r0 r0 r2 r2 | r1 r1 r3 r3 */
    __m256i sums = _mm256_hadd_epi32(pairs, pairs);    /* r0 r2 .. | r1 r3 .. */
    return _mm_unpacklo_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

RACES_WITH_DEAD_ROWS __attribute__((target("avx2")))
static void scan_avx2(int32_t *out, size_t out_stride, const uint8_t *probes, size_t probe_count, const int8_t *quads,
                      size_t quad_count, size_t width)
{
    const __m256i ones = _mm256_set1_epi16(1);
    for (size_t q = 0; q < quad_count; q++) {
        const int8_t *quad = quads + q * vt__quad_bytes(width);
        for (size_t p = 0; p < probe_count; p++) {
            const uint8_t *probe = probes + p * probe_stride(width);
            __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
            for (size_t piece = 0; piece < width; piece += VT__PIECE) {
                __m256i code = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)(probe + piece)));
                const __m256i *rows = (const __m256i *)(const void *)(quad + piece * VT__QUAD);
                low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(code, _mm256_load_si256(rows)), ones));
                high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(code, _mm256_load_si256(rows + 1)), ones));
            }
            _mm_storeu_si128((__m128i *)(void *)(out + p * out_stride + q * VT__QUAD), reduce_quad(low, high));
        }
    }
}

RACES_WITH_DEAD_ROWS __attribute__((target("avx2,avxvnni")))
static void scan_avxvnni(int32_t *out, size_t out_stride, const uint8_t *probes, size_t probe_count, const int8_t *quads,
                         size_t quad_count, size_t width)
{
    for (size_t q = 0; q < quad_count; q++) {
        const int8_t *quad = quads + q * vt__quad_bytes(width);
        for (size_t p = 0; p < probe_count; p++) {
            const uint8_t *probe = probes + p * probe_stride(width);
            __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
            for (size_t piece = 0; piece < width; piece += VT__PIECE) {
                __m256i code = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)(probe + piece)));
                const __m256i *rows = (const __m256i *)(const void *)(quad + piece * VT__QUAD);
                low = _mm256_dpbusd_avx_epi32(low, code, _mm256_load_si256(rows));
                high = _mm256_dpbusd_avx_epi32(high, code, _mm256_load_si256(rows + 1));
            }
            _mm_storeu_si128((__m128i *)(void *)(out + p * out_stride + q * VT__QUAD), reduce_quad(low, high));
        }
    }
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

AVX512 static inline void store_quad(int32_t *out, __m512i sums)
{
    _mm_storeu_si128((__m128i *)(void *)out, reduce_quad(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1)));
}

/* The usual width of 160 with its probe in ten registers: nothing is loaded but the rows. */
RACES_WITH_DEAD_ROWS AVX512
static void scan_160(int32_t *out, const uint8_t *probe, const int8_t *quads, size_t quad_count)
{
    __m512i codes[10];
    for (size_t i = 0; i < 10; i++) codes[i] = _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)(const void *)(probe + 16 * i)));
    for (size_t q = 0; q < quad_count; q++) {
        const __m512i *rows = (const __m512i *)(const void *)(quads + q * 640);
        _mm_prefetch((const char *)rows + 6400, _MM_HINT_T0);
        _mm_prefetch((const char *)rows + 6400 + 320, _MM_HINT_T0);
        __m512i even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
        for (size_t i = 0; i < 10; i += 2) {
            even = _mm512_dpbusd_epi32(even, codes[i], _mm512_load_si512(rows + i));
            odd = _mm512_dpbusd_epi32(odd, codes[i + 1], _mm512_load_si512(rows + i + 1));
        }
        store_quad(out + q * VT__QUAD, _mm512_add_epi32(even, odd));
    }
}

RACES_WITH_DEAD_ROWS AVX512
static void scan_avx512vnni(int32_t *out, size_t out_stride, const uint8_t *probes, size_t probe_count, const int8_t *quads,
                            size_t quad_count, size_t width)
{
    if (probe_count == 1 && width == 160) {
        scan_160(out, probes, quads, quad_count);
        return;
    }
    for (size_t q = 0; q < quad_count; q++) {
        const int8_t *quad = quads + q * vt__quad_bytes(width);
        __m512i sums[VT__SCAN_MAX_PROBES] = { _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512() };
        for (size_t piece = 0; piece < width; piece += VT__PIECE) {
            __m512i rows = _mm512_load_si512((const void *)(quad + piece * VT__QUAD));
            for (size_t p = 0; p < VT__SCAN_MAX_PROBES && p < probe_count; p++) {
                const void *at = probes + p * probe_stride(width) + piece;
                sums[p] = _mm512_dpbusd_epi32(sums[p], _mm512_broadcast_i32x4(_mm_load_si128(at)), rows);
            }
        }
        for (size_t p = 0; p < VT__SCAN_MAX_PROBES && p < probe_count; p++) store_quad(out + p * out_stride + q * VT__QUAD, sums[p]);
    }
}
#elif defined(__aarch64__)

/* Widening products of 8-bit halves, summed in pairs: runs on every 64-bit Arm. The probe's 7-bit codes fit signed bytes. */
RACES_WITH_DEAD_ROWS
static void scan_neon(int32_t *out, size_t out_stride, const uint8_t *probes, size_t probe_count, const int8_t *quads,
                      size_t quad_count, size_t width)
{
    for (size_t q = 0; q < quad_count; q++) {
        const int8_t *quad = quads + q * vt__quad_bytes(width);
        for (size_t p = 0; p < probe_count; p++) {
            const uint8_t *probe = probes + p * probe_stride(width);
            int32x4_t sums[VT__QUAD] = { vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0) };
            for (size_t piece = 0; piece < width; piece += VT__PIECE) {
                int8x16_t code = vreinterpretq_s8_u8(vld1q_u8(probe + piece));
                for (size_t r = 0; r < VT__QUAD; r++) {
                    int8x16_t row = vld1q_s8(quad + piece * VT__QUAD + r * VT__PIECE);
                    int16x8_t products = vmull_s8(vget_low_s8(code), vget_low_s8(row));
                    products = vmlal_high_s8(products, code, row);
                    sums[r] = vpadalq_s16(sums[r], products);
                }
            }
            for (size_t r = 0; r < VT__QUAD; r++) out[p * out_stride + q * VT__QUAD + r] = vaddvq_s32(sums[r]);
        }
    }
}
#endif

static const vt__scan_kernel kernels[] = {
    { VT__CPU_PORTABLE, scan_portable },
#if defined(__x86_64__)
    { VT__CPU_AVX2, scan_avx2 },
    { VT__CPU_AVXVNNI, scan_avxvnni },
    { VT__CPU_AVX512VNNI, scan_avx512vnni },
#elif defined(__aarch64__)
    { VT__CPU_NEON, scan_neon },
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
