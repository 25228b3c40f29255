/* Templates and axes for tests of the 1:N index: drawn from a seed, mostly along the axes, in families of near neighbours. */
#ifndef VT_TESTS_VECTORS_H
#define VT_TESTS_VECTORS_H

#include "match/index.h"

enum { VECTORS_DIMENSION = 64, VECTORS_WIDTH = 32 };

typedef struct vectors {
    float axes[VECTORS_WIDTH + 1][VECTORS_DIMENSION]; /* orthonormal */
    float (*rows)[VECTORS_DIMENSION];                 /* unit length */
} vectors;

void vectors_make(vectors *out, uint32_t rows, uint64_t seed);
void vectors_free(vectors *v);

/* An id whose byte order is number order, and its number. */
vt__index_id vector_id(uint32_t number);
uint32_t vector_number(const vt__index_id *id);

#endif
