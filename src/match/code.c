#include "match/code.h"

#include <math.h>
#include <string.h>

#include <vultus/match.h>

/* y = A x; *whole = |x| squared, *rest = that of what the axes leave out. */
static void turn(float *out, double *whole, double *rest, const vt__axes *axes, const float *values)
{
    double kept = 0;
    *whole = 0;
    for (uint32_t i = 0; i < axes->dimension; i++) *whole += (double)values[i] * values[i];
    for (uint32_t k = 0; k < axes->width; k++) {
        out[k] = axes->axes ? vt_cosine(axes->axes + (size_t)k * axes->dimension, values, axes->dimension) : values[k];
        kept += (double)out[k] * out[k];
    }
    *rest = axes->axes ? fmax(0, *whole - kept) + 1e-9 : 0; /* the axes are orthonormal to about 1e-7 */
}

static float largest_of(const float *values, uint32_t count)
{
    float largest = 0;
    for (uint32_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(values[i]));
    return largest;
}

/* The next float up whose lower 16 bits are zero; for values of 0 and more. */
static float round_up(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0xFFFF) & 0xFFFF0000u;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

/* The middle of the codes that share the upper four bits of `code`. */
static double middle(int code)
{
    return ((code + 128) & ~15) + 7.5 - 128;
}

void vt__code_row(int8_t *codes, vt__row_bound *bound, const vt__axes *axes, const float *values)
{
    float turned[VT__CODE_MAX_DIMENSION];
    double whole, rest, fine = 0, coarse = 0;
    turn(turned, &whole, &rest, axes, values);
    float largest = largest_of(turned, axes->width);
    bound->scale = largest > 0 ? round_up(largest / 127) : 1;
    for (uint32_t i = 0; i < axes->width; i++) {
        codes[i] = (int8_t)lrintf(turned[i] / bound->scale);
        double off = turned[i] - (double)codes[i] * bound->scale, far = turned[i] - middle(codes[i]) * bound->scale;
        fine += off * off;
        coarse += far * far;
    }
    double beyond = fmax(0, sqrt(whole) - 1); /* the bound supposes a length of 1 */
    bound->error = (float)((sqrt(fine + rest) + beyond) * 1.000001);
    bound->coarse = round_up((float)((sqrt(coarse + rest) + beyond) * 1.000001));
}

void vt__code_probe(vt__probe_code *out, const vt__axes *axes, const float *values)
{
    float turned[VT__CODE_MAX_DIMENSION];
    double whole, rest, lost = 0;
    memset(out, 0, sizeof *out);
    turn(turned, &whole, &rest, axes, values);
    float largest = largest_of(turned, axes->width);
    out->scale = largest > 0 ? largest / 127 : 1;
    for (uint32_t i = 0; i < axes->width; i++) {
        out->codes[i] = (int8_t)lrintf(turned[i] / out->scale);
        out->sum += out->codes[i];
        double off = turned[i] - (double)out->codes[i] * out->scale;
        lost += off * off;
    }
    out->length = (float)(sqrt(whole) * 1.000001);
    out->error = (float)(sqrt(lost) * 1.000001);
}
