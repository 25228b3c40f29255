/* How alike clusters of templates are, exactly.
 *
 * Templates are rounded to whole numbers, so that the sum of a cluster, and with it the mean cosine between the members of
 * two clusters, S . T / (|S| |T|), is the same in whatever order they were put together. Pairs of clusters stand in a strict
 * order: the more alike first, of the equally alike the one with the lower marks. A cluster's mark is the lowest of its
 * members', and these come from the rounded templates, so that the order does not depend on that of the templates. */
#ifndef VT_MATCH_LINKAGE_H
#define VT_MATCH_LINKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VT__LINKAGE_UNIT = 1 << 14,       /* a length of 1 */
    VT__LINKAGE_MOST = (1 << 17) - 1, /* templates; sums of as many fit 32 bits */
};

typedef struct vt__pair {
    int64_t total;      /* S . T, at most 2^28 for each pair of members */
    int64_t members;    /* |S| |T| */
    uint64_t low, high; /* the clusters' marks */
} vt__pair;

/* Whether a stands before b. */
bool vt__pair_before(const vt__pair *a, const vt__pair *b);

/* Whether the mean cosine reaches a threshold of vt__linkage_threshold. */
bool vt__pair_reaches(const vt__pair *pair, int64_t threshold);
int64_t vt__linkage_threshold(float cosine);

vt__pair vt__pair_of(int64_t total, size_t size_a, uint64_t mark_a, size_t size_b, uint64_t mark_b);

/* False when a number is none, or the vector longer than 1. */
bool vt__linkage_round(int16_t *out, const float *values, size_t dimension);
uint64_t vt__linkage_mark(const int16_t *rounded, size_t dimension, uint32_t number);

/* Dot products: two templates, a template and a sum, two sums. */
int64_t vt__linkage_dot(const int16_t *a, const int16_t *b, size_t dimension);
int64_t vt__linkage_dot_sum(const int16_t *a, const int32_t *b, size_t dimension);
int64_t vt__linkage_dot_sums(const int32_t *a, const int32_t *b, size_t dimension);

#endif
