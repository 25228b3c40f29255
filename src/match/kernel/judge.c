#include "match/kernel/judge.h"

#include "match/code.h"

/* One text for all levels; the compiler makes vectors of each level's width of it. Products and sums are not contracted
 * (-ffp-contract=off), so that all give the same numbers. A row that dies meanwhile may be overwritten: its score is thrown
 * away, see kernel/scan.c. */
__attribute__((always_inline)) static inline void judge_rows(float *restrict score, float *restrict bound, float *restrict highest,
                                                             const vt__probe_bound *probe, const vt__row_bounds *rows,
                                                             const int32_t *restrict dots, size_t count)
{
    const float rounding = 4e-6f; /* of the float arithmetic on both sides */
    const float *restrict scale = rows->scale, *restrict length = rows->length, *restrict error = rows->error, *restrict rest = rows->rest;
    const int32_t *restrict sum = rows->sum;
    const float t = probe->scale, lost = probe->error, reach = probe->length, left_out = probe->rest;
    for (size_t b = 0; b < count; b += VT__JUDGE_BLOCK) {
        float most = -4;
        for (size_t i = b; i < b + VT__JUDGE_BLOCK; i++) {
            score[i] = t * scale[i] * (float)(dots[i] - VT__PROBE_OFFSET * sum[i]);
            bound[i] = lost * length[i] + error[i] * reach + rest[i] * left_out + rounding;
        }
        for (size_t i = b; i < b + VT__JUDGE_BLOCK; i++) most = score[i] + bound[i] > most ? score[i] + bound[i] : most;
        highest[b / VT__JUDGE_BLOCK] = most;
    }
}

#define JUDGE_OF(name, attributes)                                                                                     \
    __attribute__((no_sanitize("thread"), optimize("O3", "no-trapping-math", "finite-math-only"))) attributes static void name(                  \
        float *score, float *bound, float *highest, const vt__probe_bound *probe, const vt__row_bounds *rows,          \
        const int32_t *dots, size_t count)                                                                             \
    {                                                                                                                  \
        judge_rows(score, bound, highest, probe, rows, dots, count);                                                   \
    }

JUDGE_OF(judge_portable, )
#if defined(__x86_64__)
JUDGE_OF(judge_avx2, __attribute__((target("avx2"))))
JUDGE_OF(judge_avx512, __attribute__((target("avx512f,avx512bw,avx512vl,prefer-vector-width=512"))))
#endif

vt__judge vt__judge_choose(vt__cpu_level level)
{
#if defined(__x86_64__)
    if (level == VT__CPU_AVX512VNNI) return judge_avx512;
    if (level == VT__CPU_AVX2 || level == VT__CPU_AVXVNNI) return judge_avx2;
#endif
    (void)level;
    return judge_portable;
}
