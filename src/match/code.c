#include "match/code.h"

#include <math.h>
#include <string.h>

#include <vultus/match.h>

/* y = A x; returns the length of what the axes leave out. */
static float turn(float *out, const vt__axes *axes, const float *values)
{
    if (!axes->axes) {
        memcpy(out, values, axes->dimension * sizeof *out);
        return 0;
    }
    double whole = 0, kept = 0;
    for (uint32_t i = 0; i < axes->dimension; i++) whole += (double)values[i] * values[i];
    for (uint32_t k = 0; k < axes->width; k++) {
        out[k] = vt_cosine(axes->axes + (size_t)k * axes->dimension, values, axes->dimension);
        kept += (double)out[k] * out[k];
    }
    return (float)sqrt(fmax(0, whole - kept) + 1e-9);
}

/* Codes of -most..most; *scale, *length and *error as vt__row_bound means them (length without the error). */
static void quantise(int *codes, float *scale, float *length, float *error, const float *values, uint32_t count, int most)
{
    float largest = 0;
    for (uint32_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(values[i]));
    *scale = largest > 0 ? largest / (float)most : 1;
    double squares = 0, lost = 0;
    for (uint32_t i = 0; i < count; i++) {
        codes[i] = (int)lrintf(values[i] / *scale);
        double meant = (double)codes[i] * *scale, off = values[i] - meant;
        squares += meant * meant;
        lost += off * off;
    }
    *length = (float)sqrt(squares);
    *error = (float)sqrt(lost);
}

void vt__code_row(int8_t *codes, vt__row_bound *bound, const vt__axes *axes, const float *values)
{
    float turned[VT__CODE_MAX_DIMENSION];
    int wide[VT__CODE_MAX_DIMENSION];
    bound->rest = turn(turned, axes, values);
    quantise(wide, &bound->scale, &bound->length, &bound->error, turned, axes->width, 127);
    bound->length += bound->error;
    bound->sum = 0;
    for (uint32_t i = 0; i < axes->width; i++) {
        codes[i] = (int8_t)wide[i];
        bound->sum += wide[i];
    }
}

void vt__code_probe(vt__probe_code *out, const vt__axes *axes, const float *values)
{
    float turned[VT__CODE_MAX_DIMENSION];
    int wide[VT__CODE_MAX_DIMENSION];
    memset(out, 0, sizeof *out);
    out->rest = turn(turned, axes, values);
    quantise(wide, &out->scale, &out->length, &out->error, turned, axes->width, 63);
    for (uint32_t i = 0; i < axes->width; i++) out->codes[i] = (uint8_t)(wide[i] + VT__PROBE_OFFSET);
}
