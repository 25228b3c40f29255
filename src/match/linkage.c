#include "match/linkage.h"

#include <math.h>

__extension__ typedef __int128 wide;

bool vt__pair_before(const vt__pair *a, const vt__pair *b)
{
    wide x = (wide)a->total * b->members, y = (wide)b->total * a->members;
    if (x != y) return x > y;
    return a->low != b->low ? a->low < b->low : a->high < b->high;
}

bool vt__pair_reaches(const vt__pair *pair, int64_t threshold)
{
    return pair->total >= threshold * pair->members;
}

int64_t vt__linkage_threshold(float cosine)
{
    return (int64_t)ceil((double)cosine * VT__LINKAGE_UNIT * VT__LINKAGE_UNIT);
}

vt__pair vt__pair_of(int64_t total, size_t size_a, uint64_t mark_a, size_t size_b, uint64_t mark_b)
{
    return (vt__pair){ total, (int64_t)(size_a * size_b), mark_a < mark_b ? mark_a : mark_b, mark_a < mark_b ? mark_b : mark_a };
}

bool vt__linkage_round(int16_t *out, const float *values, size_t dimension)
{
    double length = 0;
    for (size_t i = 0; i < dimension; i++) {
        length += (double)values[i] * (double)values[i];
        if (!(fabsf(values[i]) <= 1.01f)) return false;
        out[i] = (int16_t)lrintf(values[i] * VT__LINKAGE_UNIT);
    }
    return length <= 1.01;
}

/* 46 bits of what it looks like, then its number, which tells twins apart. */
uint64_t vt__linkage_mark(const int16_t *rounded, size_t dimension, uint32_t number)
{
    uint64_t mixed = 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < dimension; i++) {
        mixed = (mixed ^ (uint16_t)rounded[i]) * 0xBF58476D1CE4E5B9u;
        mixed ^= mixed >> 29;
    }
    return mixed << 18 | number;
}

int64_t vt__linkage_dot(const int16_t *a, const int16_t *b, size_t dimension)
{
    int32_t sum = 0; /* whole and in part at most 1.01 * 2^28, by Cauchy and Schwarz */
    for (size_t i = 0; i < dimension; i++) sum += a[i] * b[i];
    return sum;
}

int64_t vt__linkage_dot_sum(const int16_t *a, const int32_t *b, size_t dimension)
{
    int64_t sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (int64_t)a[i] * b[i];
    return sum;
}

int64_t vt__linkage_dot_sums(const int32_t *a, const int32_t *b, size_t dimension)
{
    int64_t sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (int64_t)a[i] * b[i];
    return sum;
}
