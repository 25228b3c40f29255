#include "match/calibration.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"

enum { least_pairs = 10000, support = 20 };

vt_status vt__calibration_make(vt__calibration *out, const float *cosine, const float *confidence, size_t count, vt_error *err)
{
    if (!count || count >= VT__CALIBRATION_MAX_POINTS) return vt__fail(err, VT_EFORMAT, "a calibration of %zu points", count);
    *out = (vt__calibration){ 0 };
    for (size_t i = 0; i < count; i++) {
        bool rises = !i || (cosine[i] > cosine[i - 1] && confidence[i] > confidence[i - 1]);
        if (!rises || !(cosine[i] > -1 && cosine[i] <= 1) || !(confidence[i] > 0 && confidence[i] <= 1))
            return vt__fail(err, VT_EFORMAT, "calibration point %zu does not rise", i);
        out->cosine[i] = cosine[i];
        out->confidence[i] = confidence[i];
    }
    out->count = count;
    if (cosine[count - 1] < 1) {
        if (confidence[count - 1] >= 1) return vt__fail(err, VT_EFORMAT, "confidence 1 below cosine 1");
        out->cosine[count] = out->confidence[count] = 1;
        out->count++;
    }
    return VT_OK;
}

/* The line through the points of `from` that enclose x, starting at (low, to_low). */
static float interpolate(const float *from, const float *to, size_t count, float low, float to_low, float x)
{
    if (!(x > low)) return to_low;
    float x0 = low, y0 = to_low;
    for (size_t i = 0; i < count; i++) {
        if (x <= from[i]) return y0 + (to[i] - y0) * ((x - x0) / (from[i] - x0));
        x0 = from[i];
        y0 = to[i];
    }
    return 1;
}

float vt__calibration_confidence(const vt__calibration *calibration, float cosine)
{
    return interpolate(calibration->cosine, calibration->confidence, calibration->count, -1, 0, cosine);
}

float vt__calibration_cosine(const vt__calibration *calibration, float confidence)
{
    return interpolate(calibration->confidence, calibration->cosine, calibration->count, 0, -1, confidence);
}

static int compare_falling(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static void add_point(vt__calibration *out, float cosine, float confidence)
{
    bool rises = !out->count || (cosine > out->cosine[out->count - 1] + 1e-5f && confidence > out->confidence[out->count - 1]);
    if (!rises || cosine >= 1 || out->count + 1 >= VT__CALIBRATION_MAX_POINTS) return;
    out->cosine[out->count] = cosine;
    out->confidence[out->count++] = confidence;
}

vt_status vt__calibration_learn(vt__calibration *out, float *impostor_cosines, size_t count, vt_error *err)
{
    if (count < least_pairs)
        return vt__fail(err, VT_EINVAL, "%zu pairs of different persons; at least %d are needed", count, least_pairs);
    qsort(impostor_cosines, count, sizeof *impostor_cosines, compare_falling);
    *out = (vt__calibration){ 0 };
    double last = -log10((double)support / (double)count);
    for (double digits = 0.25; digits <= last; digits += 0.25) {
        size_t rank = (size_t)(pow(10, -digits) * (double)count);
        add_point(out, impostor_cosines[rank], (float)(digits / 10));
    }
    size_t peaks = count / 1000;
    double threshold = impostor_cosines[peaks], mean = 0;
    for (size_t i = 0; i < peaks; i++) mean += (impostor_cosines[i] - threshold) / (double)peaks;
    for (double digits = ceil(last * 4) / 4; digits < 10; digits += 0.5)
        add_point(out, (float)(threshold + mean * log(10) * (digits - 3)), (float)(digits / 10));
    if (!out->count) return vt__fail(err, VT_EINVAL, "the scores are all the same");
    out->cosine[out->count] = out->confidence[out->count] = 1;
    out->count++;
    return VT_OK;
}
