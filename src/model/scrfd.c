/* SCRFD (Guo et al., "Sample and Computation Redistribution for Efficient Face Detection", 2021) with five points: nine
 * outputs, scores then distances then points of strides 8, 16, 32, two anchors a cell, distances in strides. */
#include "base/error.h"
#include "model/detector_family.h"

enum { levels = 3, anchors = 2 };

static vt__candidate read_anchor(const float *distances, const float *points, size_t index, int columns, int stride, float score)
{
    size_t cell = index / anchors;
    float x = (float)(cell % (size_t)columns) * (float)stride, y = (float)(cell / (size_t)columns) * (float)stride;
    const float *d = distances + 4 * index, *k = points + 10 * index;
    float s = (float)stride;
    vt__candidate c = { .score = score, .box = { x - d[0] * s, y - d[1] * s, (d[0] + d[2]) * s, (d[1] + d[3]) * s } };
    for (int p = 0; p < 5; p++) c.points[p] = (vt_point){ x + k[2 * p] * s, y + k[2 * p + 1] * s };
    return c;
}

static vt_status decode(vt__candidates *out, const vt__outputs *outputs, vt_size input, float threshold, vt_error *err)
{
    if (outputs->count != 3 * levels)
        return vt__fail(err, VT_EMODEL, "SCRFD with %zu outputs; nine (with five points) are needed", outputs->count);
    vt_status status = VT_OK;
    for (int l = 0; l < levels && !status; l++) {
        int stride = 8 << l, columns = input.width / stride, rows = input.height / stride;
        size_t count = (size_t)columns * (size_t)rows * anchors;
        const vt__tensor *scores = &outputs->items[l], *distances = &outputs->items[levels + l], *points = &outputs->items[2 * levels + l];
        if (scores->count != count || distances->count != 4 * count || points->count != 10 * count)
            return vt__fail(err, VT_EMODEL, "SCRFD outputs of stride %d hold %zu scores, %zu were expected", stride, scores->count, count);
        for (size_t i = 0; i < count && !status; i++) {
            if (!(scores->data[i] >= threshold)) continue;
            vt__candidate c = read_anchor(distances->data, points->data, i, columns, stride, scores->data[i]);
            status = vt__candidates_add(out, &c, err);
        }
    }
    return status;
}

const vt__detector_family vt__detector_scrfd = { "scrfd", decode, false };
