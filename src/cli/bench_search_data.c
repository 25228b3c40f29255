#include "cli/bench_search_data.h"

#include <math.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"

enum { family = 5 };

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Sum of four uniforms: near enough to normal, and cheap for 160 million of them. */
static float near_normal(uint64_t *state)
{
    uint64_t bits = next_random(state);
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += (float)(bits >> 16 * i & 0xFFFF);
    return (sum / 65535 - 2) * 1.7320508f;
}

static void unit(float *values, uint32_t dimension)
{
    double sum = 1e-12;
    for (uint32_t i = 0; i < dimension; i++) sum += (double)values[i] * values[i];
    float by = (float)(1 / sqrt(sum));
    for (uint32_t i = 0; i < dimension; i++) values[i] *= by;
}

/* What independent normal numbers are multiplied by: `width` rows of `dimension`. */
typedef struct shape {
    float *rows;
    uint32_t width, dimension;
} shape;

static bool is_template(const float *values, uint32_t dimension)
{
    return vt_cosine(values, values, dimension) > 0.5f;
}

/* Second moments along the axes, then their lower triangular root (Cholesky) in place; width x width. */
static void moments_root(double *root, const vt__axes *axes, const vt__eval_set *set)
{
    uint32_t w = axes->width;
    size_t count = 0;
    for (size_t i = 0; i < set->paths.count; i++) {
        const float *values = vt__eval_set_template(set, i);
        float turned[VT__CODE_MAX_DIMENSION];
        if (!is_template(values, axes->dimension)) continue;
        for (uint32_t k = 0; k < w; k++) turned[k] = axes->axes ? vt_cosine(axes->axes + (size_t)k * axes->dimension, values, axes->dimension) : values[k];
        for (uint32_t a = 0; a < w; a++)
            for (uint32_t b = 0; b <= a; b++) root[(size_t)a * w + b] += (double)turned[a] * turned[b];
        count++;
    }
    for (size_t i = 0; count && i < (size_t)w * w; i++) root[i] /= (double)count;
    for (uint32_t k = 0; k < w; k++) {
        double *own = root + (size_t)k * w;
        for (uint32_t j = 0; j < k; j++) own[k] -= own[j] * own[j];
        own[k] = sqrt(fmax(own[k], 1e-9));
        for (uint32_t a = k + 1; a < w; a++) {
            double *row = root + (size_t)a * w;
            for (uint32_t j = 0; j < k; j++) row[k] -= row[j] * own[j];
            row[k] /= own[k];
        }
    }
}

static void add_axis(float *out, const vt__axes *axes, uint32_t axis, float by)
{
    if (!axes->axes) out[axis] += by;
    for (uint32_t i = 0; axes->axes && i < axes->dimension; i++) out[i] += by * axes->axes[(size_t)axis * axes->dimension + i];
}

static vt_status make_shape(shape *out, const vt__axes *axes, const vt__eval_set *set, vt_error *err)
{
    uint32_t w = axes->width;
    *out = (shape){ vt__calloc((size_t)w * axes->dimension, sizeof(float)), w, axes->dimension };
    double *root = vt__calloc((size_t)w * w, sizeof *root);
    vt_status status = out->rows && root ? VT_OK : vt__fail_memory(err, (size_t)w * w * sizeof *root);
    if (!status && set) moments_root(root, axes, set);
    for (uint32_t k = 0; k < w && !status && !set; k++) root[(size_t)k * w + k] = exp(-(double)k / 60);
    for (uint32_t k = 0; k < w && !status; k++)
        for (uint32_t a = k; a < w; a++)
            if (root[(size_t)a * w + k] != 0) add_axis(out->rows + (size_t)k * axes->dimension, axes, a, (float)root[(size_t)a * w + k]);
    vt__free(root);
    return status;
}

static void make_template(float *out, const shape *s, const float *person, uint64_t *state)
{
    memset(out, 0, s->dimension * sizeof *out);
    for (uint32_t k = 0; k < s->width; k++) {
        float along = near_normal(state);
        const float *row = s->rows + (size_t)k * s->dimension;
        for (uint32_t i = 0; i < s->dimension; i++) out[i] += along * row[i];
    }
    unit(out, s->dimension);
    for (uint32_t i = 0; person && i < s->dimension; i++) out[i] = 0.81f * person[i] + 0.59f * out[i];
    if (person) unit(out, s->dimension);
}

/* The first template of the person of a made row. */
static const float *first_of(const vt__search_data *data, size_t row, uint32_t dimension)
{
    return data->rows + (data->real + (row - data->real) / family * family) * dimension;
}

static void put_real(vt__search_data *data, const vt__eval_set *set, uint32_t dimension)
{
    for (size_t i = 0; i < set->paths.count && data->real < data->n; i++)
        if (is_template(vt__eval_set_template(set, i), dimension))
            memcpy(data->rows + data->real++ * dimension, vt__eval_set_template(set, i), dimension * sizeof(float));
}

vt_status vt__search_data_make(vt__search_data *data, const vt__axes *axes, const vt__eval_set *set, vt_error *err)
{
    uint32_t dimension = axes->dimension;
    uint64_t state = data->seed;
    shape s;
    vt_status status = make_shape(&s, axes, set, err);
    data->rows = vt__malloc(data->n * dimension, sizeof(float));
    data->probe_rows = vt__malloc(data->probes * dimension, sizeof(float));
    if (!status && (!data->rows || !data->probe_rows)) status = vt__fail_memory(err, data->n * dimension * sizeof(float));
    if (!status && set) put_real(data, set, dimension);
    for (size_t i = data->real; i < data->n && !status; i++)
        make_template(data->rows + i * dimension, &s, (i - data->real) % family ? first_of(data, i, dimension) : NULL, &state);
    size_t made = data->n - data->real;
    for (size_t p = 0; p < data->probes && !status; p++)
        make_template(data->probe_rows + p * dimension, &s, p % 2 && made ? first_of(data, data->real + p * 7919 % made, dimension) : NULL, &state);
    vt__free(s.rows);
    return status;
}

size_t vt__search_data_person(const vt__search_data *data, size_t row)
{
    return row < data->real ? row : data->real + (row - data->real) / family;
}

void vt__search_data_free(vt__search_data *data)
{
    vt__free(data->rows);
    vt__free(data->probe_rows);
}
