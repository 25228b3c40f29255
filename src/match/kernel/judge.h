/* From the integer dots of many rows to the most that their cosines can be: score and bound of code.h, added up. */
#ifndef VT_MATCH_KERNEL_JUDGE_H
#define VT_MATCH_KERNEL_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

enum { VT__JUDGE_BLOCK = 16 };

/* Members of vt__row_bound, each in an array of its own, so that a register is filled with one load. */
typedef struct vt__row_bounds {
    const float *scale, *length, *error, *rest;
    const int32_t *sum;
} vt__row_bounds;

/* Members of vt__probe_code. */
typedef struct vt__probe_bound {
    float scale, length, error, rest;
} vt__probe_bound;

/* score[i] and bound[i] for `count` rows, a multiple of VT__JUDGE_BLOCK, and in highest[b] the largest score + bound of each
 * block of VT__JUDGE_BLOCK rows. The same numbers on every CPU. */
typedef void (*vt__judge)(float *score, float *bound, float *highest, const vt__probe_bound *probe, const vt__row_bounds *rows,
                          const int32_t *dots, size_t count);

/* For the level in use. */
vt__judge vt__judge_choose(vt__cpu_level level);

#endif
