#include "support/vectors.h"

#include <math.h>
#include <stdlib.h>

#include <vultus/match.h>

enum { dimension = VECTORS_DIMENSION, axes_count = VECTORS_WIDTH + 1 };

static double uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static float normal(uint64_t *seed)
{
    double radius = sqrt(-2 * log(uniform(seed) + 1e-300));
    return (float)(radius * cos(6.283185307179586 * uniform(seed)));
}

static void unit(float *v)
{
    double sum = 0;
    for (int i = 0; i < dimension; i++) sum += (double)v[i] * v[i];
    for (int i = 0; i < dimension; i++) v[i] /= (float)sqrt(sum);
}

/* Gram and Schmidt. */
static void make_axes(vectors *out, uint64_t *seed)
{
    for (int k = 0; k < axes_count; k++) {
        for (int i = 0; i < dimension; i++) out->axes[k][i] = normal(seed);
        for (int j = 0; j < k; j++) {
            float along = vt_cosine(out->axes[k], out->axes[j], dimension);
            for (int i = 0; i < dimension; i++) out->axes[k][i] -= along * out->axes[j][i];
        }
        unit(out->axes[k]);
    }
}

void vectors_make(vectors *out, uint32_t rows, uint64_t seed)
{
    make_axes(out, &seed);
    out->rows = calloc(rows, sizeof *out->rows);
    for (uint32_t r = 0; r < rows; r++) {
        for (int k = 0; k < VECTORS_WIDTH; k++) {
            float along = normal(&seed) / (1 + (float)k * 0.1f);
            for (int i = 0; i < dimension; i++) out->rows[r][i] += along * out->axes[k][i];
        }
        for (int i = 0; i < dimension; i++) out->rows[r][i] += 0.01f * normal(&seed);
        if (r % 5) /* near the one before */
            for (int i = 0; i < dimension; i++) out->rows[r][i] = out->rows[r - 1][i] + 0.05f * out->rows[r][i];
        unit(out->rows[r]);
    }
}

void vectors_free(vectors *v)
{
    free(v->rows);
    v->rows = NULL;
}

vt__index_id vector_id(uint32_t number)
{
    vt__index_id id = { { 1 } };
    for (int i = 0; i < 4; i++) id.bytes[i + 4] = (uint8_t)(number >> (24 - 8 * i));
    return id;
}

uint32_t vector_number(const vt__index_id *id)
{
    return (uint32_t)id->bytes[4] << 24 | (uint32_t)id->bytes[5] << 16 | (uint32_t)id->bytes[6] << 8 | id->bytes[7];
}
