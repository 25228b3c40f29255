/* Templates as 8-bit codes in their principal axes, with what bounds the error of a score made from codes.
 *
 * A template x is turned into its first `width` principal coordinates and kept as codes c with a scale s; seen from the
 * whole space x = s c + e, where |e| = E holds the rounding and what the axes leave out. A probe q likewise: in the axes it
 * is t d + f, |f| = F. Then
 *   x . q = t s (c . d) + [ s c . f + e . q ]
 * and by Cauchy and Schwarz the bracket is at most  F (1 + E) + E |q|.  A candidate is dropped only when its score plus
 * this bound is below what k others surely reach, so that the best k are those of the float scan.
 *
 * The same holds for any coarser C in place of c with its own E. The scan's first look takes the upper four bits of each
 * code (C = their middle), half the bytes; only rows that may still be among the best are looked at with all eight. */
#ifndef VT_MATCH_CODE_H
#define VT_MATCH_CODE_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

enum { VT__CODE_MAX_DIMENSION = 1024 };

/* The turn into principal axes: `width` rows of `dimension` floats, orthonormal. axes NULL: width = dimension, no turn. */
typedef struct vt__axes {
    uint32_t dimension, width; /* width a multiple of 16 */
    const float *axes;
} vt__axes;

/* What is known of a row beside its codes. */
typedef struct vt__row_bound {
    float scale;  /* s; its lower 16 bits are zero */
    float coarse; /* E of the upper four bits, rounded up so that its lower 16 bits are zero */
    float error;  /* E of all eight bits */
} vt__row_bound;

typedef struct vt__probe_code {
    int8_t codes[VT__CODE_MAX_DIMENSION] __attribute__((aligned(64))); /* d, -127..127; zeros behind the width */
    float scale;                          /* t */
    float length;                         /* |q| */
    float error;                          /* F */
    int32_t sum;                          /* of d, to take the offset of the rows' codes out again */
} vt__probe_code;

/* Codes are -127..127. */
void vt__code_row(int8_t *codes, vt__row_bound *bound, const vt__axes *axes, const float *values);
void vt__code_probe(vt__probe_code *out, const vt__axes *axes, const float *values);

#endif
