/* YuNet (Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023): one anchor a cell, exponential sizes. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "model/detector_family.h"

typedef struct level {
    const float *cls, *obj, *bbox, *kps;
    int stride, columns, rows;
} level;

static bool find_level(level *out, const vt__outputs *outputs, vt_size input, int stride, vt_error *err)
{
    *out = (level){ .stride = stride, .columns = input.width / stride, .rows = input.height / stride };
    size_t cells = (size_t)out->columns * (size_t)out->rows;
    const struct {
        const char *name;
        size_t width;
        const float **place;
    } parts[] = { { "cls", 1, &out->cls }, { "obj", 1, &out->obj }, { "bbox", 4, &out->bbox }, { "kps", 10, &out->kps } };
    for (size_t i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s_%d", parts[i].name, stride);
        *parts[i].place = vt__detector_output(outputs, name, cells * parts[i].width, err);
        if (!*parts[i].place) return false;
    }
    return true;
}

static vt__candidate read_cell(const level *l, size_t cell, float score)
{
    float stride = (float)l->stride, column = (float)(cell % (size_t)l->columns), row = (float)(cell / (size_t)l->columns);
    const float *b = l->bbox + 4 * cell, *k = l->kps + 10 * cell;
    float width = expf(b[2]) * stride, height = expf(b[3]) * stride;
    vt__candidate c = { .score = score };
    c.box = (vt_box){ (column + b[0]) * stride - width / 2, (row + b[1]) * stride - height / 2, width, height };
    for (int p = 0; p < 5; p++) c.points[p] = (vt_point){ (column + k[2 * p]) * stride, (row + k[2 * p + 1]) * stride };
    return c;
}

static vt_status decode(vt__candidates *out, const vt__outputs *outputs, vt_size input, float threshold, vt_error *err)
{
    static const int strides[] = { 8, 16, 32 };
    vt_status status = VT_OK;
    for (size_t s = 0; s < 3 && !status; s++) {
        level l;
        if (!find_level(&l, outputs, input, strides[s], err)) return VT_EMODEL;
        size_t cells = (size_t)l.columns * (size_t)l.rows;
        float least = threshold * threshold;
        for (size_t cell = 0; cell < cells && !status; cell++) {
            float product = l.cls[cell] * l.obj[cell];
            if (!(product >= least)) continue;
            vt__candidate c = read_cell(&l, cell, sqrtf(product));
            status = vt__candidates_add(out, &c, err);
        }
    }
    return status;
}

const vt__detector_family vt__detector_yunet = { "yunet", decode, false };
