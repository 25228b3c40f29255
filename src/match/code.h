/* Templates as 8-bit codes in their principal axes, with what bounds the error of a score made from codes.
 *
 * A template x is turned into y = A x, its first `width` principal coordinates; what is left out has the length r. Codes
 * c and a scale s approximate y = s c + e with |e| = E. A probe likewise: q = t d + f, |f| = F, left-out length R. Then
 *   x . probe = t s (c . d) + [ s c . f + e . t d + e . f + (left-out parts) ]
 * and by Cauchy and Schwarz the bracket is at most  F (|s c| + E) + E |t d| + r R.  A candidate is dropped only when
 * its score plus this bound is below what k others surely reach, so that the best k are those of the float scan. */
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
    float scale;  /* s */
    float length; /* |s c| + E */
    float error;  /* E */
    float rest;   /* r */
    int32_t sum;  /* of the codes, to take the probe's offset out again */
} vt__row_bound;

typedef struct vt__probe_code {
    uint8_t codes[VT__CODE_MAX_DIMENSION] __attribute__((aligned(64))); /* d + 64, 1..127 */
    float scale;                           /* t */
    float length;                          /* |t d| */
    float error;                           /* F */
    float rest;                            /* R */
} vt__probe_code;

enum { VT__PROBE_OFFSET = 64 };

void vt__code_row(int8_t *codes, vt__row_bound *bound, const vt__axes *axes, const float *values);
void vt__code_probe(vt__probe_code *out, const vt__axes *axes, const float *values);

#endif
