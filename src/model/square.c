#include "model/square.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

enum { pose_bins = 66 };

vt_box vt__square_around(vt_box face, float factor)
{
    float side = fmaxf(face.width, face.height) * factor;
    return (vt_box){ face.left + (face.width - side) / 2, face.top + (face.height - side) / 2, side, side };
}

static float moved_inside(float start, float side, float limit)
{
    if (start + side > limit) start = limit - side;
    return start < 0 ? 0 : start;
}

vt_box vt__square_inside(vt_box face, float factor, vt_size size)
{
    float most = (float)(size.width < size.height ? size.width : size.height);
    float side = fminf(fmaxf(face.width, face.height) * factor, most);
    float left = face.left + (face.width - side) / 2, top = face.top + (face.height - side) / 2;
    return (vt_box){ moved_inside(left, side, (float)size.width), moved_inside(top, side, (float)size.height), side, side };
}

static vt_status feed(vt__outputs *out, size_t count, const vt__network *network, const vt__model *model, vt__scratch *scratch, vt_error *err)
{
    int64_t planes = vt__order_planes(model->planar.order);
    vt__tensor input = { .name = model->input_name, .data = scratch->floats, .rank = 4, .shape = { 1, planes, model->size.height, model->size.width } };
    input.count = (size_t)planes * (size_t)model->size.width * (size_t)model->size.height;
    return vt__network_run(out, network, &input, NULL, count, err);
}

vt_status vt__square_run(vt__outputs *out, size_t count, const vt__network *network, const vt__model *model,
                         const vt_pixels *pixels, vt_box square, vt__scratch *scratch, vt_error *err)
{
    size_t plane = (size_t)model->size.width * (size_t)model->size.height, planes = (size_t)vt__order_planes(model->planar.order);
    if (!plane) return vt__fail(err, VT_EMODEL, "%s: the manifest states no input size", model->file);
    vt_status status = vt__scratch_need(scratch, plane * planes, err);
    if (!status)
        status = vt__resize_planar(scratch->floats, (size_t)model->size.width, plane, model->size, pixels, square, &model->planar, 0, err);
    if (status) return status;
    return feed(out, count, network, model, scratch, err);
}

static int mirrored(int i, int low, int high)
{
    while (i < low || i >= high) i = i < low ? 2 * low - i : 2 * (high - 1) - i;
    return i;
}

/* Fills a plane around its part [x0, x1) x [y0, y1) with that part's mirror images. */
static void mirror_around(float *plane, vt_size size, int x0, int y0, int x1, int y1)
{
    for (int y = y0; y < y1; y++) {
        float *row = plane + (size_t)y * (size_t)size.width;
        for (int x = 0; x < size.width; x++)
            if (x < x0 || x >= x1) row[x] = row[mirrored(x, x0, x1)];
    }
    for (int y = 0; y < size.height; y++)
        if (y < y0 || y >= y1)
            memcpy(plane + (size_t)y * (size_t)size.width, plane + (size_t)mirrored(y, y0, y1) * (size_t)size.width, sizeof(float) * (size_t)size.width);
}

static void swap_sides(float *rows, int width, size_t count)
{
    for (size_t r = 0; r < count; r++, rows += width)
        for (int x = 0; x < width / 2; x++) {
            float held = rows[x];
            rows[x] = rows[width - 1 - x];
            rows[width - 1 - x] = held;
        }
}

/* Where a part of a length of source pixels comes to lie among `size` input pixels: at least two of them. */
static void place(int *first, int *end, float *from, float *length, float start, float side, int limit, int size)
{
    float scale = (float)size / side;
    *first = start < 0 ? (int)lrintf(-start * scale) : 0;
    *end = start + side > (float)limit ? (int)lrintf(((float)limit - start) * scale) : size;
    if (*first > size - 2) *first = size - 2;
    if (*end < *first + 2) *end = *first + 2;
    *from = fmaxf(start, 0);
    *length = fminf(start + side, (float)limit) - *from;
}

vt_status vt__square_run_mirrored(vt__outputs *out, size_t count, const vt__network *network, const vt__model *model,
                                  const vt_pixels *pixels, vt_box square, bool flipped, vt__scratch *scratch, vt_error *err)
{
    vt_size size = model->size;
    size_t plane = (size_t)size.width * (size_t)size.height, planes = (size_t)vt__order_planes(model->planar.order);
    int x0, y0, x1, y1;
    vt_box seen;
    if (size.width < 2 || size.height < 2) return vt__fail(err, VT_EMODEL, "%s: the manifest states no input size", model->file);
    vt_status status = vt__scratch_need(scratch, plane * planes, err);
    if (status) return status;
    place(&x0, &x1, &seen.left, &seen.width, square.left, square.width, pixels->size.width, size.width);
    place(&y0, &y1, &seen.top, &seen.height, square.top, square.height, pixels->size.height, size.height);
    float step_x = seen.width / (float)(x1 - x0), step_y = seen.height / (float)(y1 - y0);
    const vt__affine map = { { step_x, 0, seen.left + step_x / 2 - 0.5f, 0, step_y, seen.top + step_y / 2 - 0.5f } };
    vt__warp_planar(scratch->floats + (size_t)y0 * (size_t)size.width + (size_t)x0, (size_t)size.width, plane,
                    (vt_size){ x1 - x0, y1 - y0 }, pixels, &map, &model->planar, 0);
    for (size_t p = 0; p < planes; p++) mirror_around(scratch->floats + p * plane, size, x0, y0, x1, y1);
    if (flipped) swap_sides(scratch->floats, size.width, planes * (size_t)size.height);
    return feed(out, count, network, model, scratch, err);
}

/* Softmax-weighted mean of the index. */
static double expected_index(const float *logits, int count)
{
    float most = -INFINITY;
    for (int i = 0; i < count; i++) most = fmaxf(most, logits[i]);
    double sum = 0, weighted = 0;
    for (int i = 0; i < count; i++) {
        double e = exp((double)logits[i] - most);
        sum += e;
        weighted += e * i;
    }
    return weighted / sum;
}

vt_status vt__pose66_read(float yaw_pitch_roll[3], const vt__outputs *outputs, vt_error *err)
{
    for (size_t i = 0; i < 3; i++) {
        if (outputs->count < 3 || outputs->items[i].count != pose_bins)
            return vt__fail(err, VT_EMODEL, "the pose network gives no three rows of %d", pose_bins);
        yaw_pitch_roll[i] = (float)(expected_index(outputs->items[i].data, pose_bins) * 3 - 99);
        if (!isfinite(yaw_pitch_roll[i])) return vt__fail(err, VT_EMODEL, "the pose network gives no finite angle");
    }
    return VT_OK;
}

vt_status vt__class_read(float *logit, const vt__outputs *outputs, const vt__model *model, const char *index_name, int64_t index, vt_error *err)
{
    const vt__tensor *logits = &outputs->items[0];
    index = vt__json_integer_or(model->entry, index_name, index);
    if (logits->count < 2 || logits->count > 16 || index < 0 || (size_t)index >= logits->count)
        return vt__fail(err, VT_EMODEL, "%s: %zu classes, %s is %lld", model->file, logits->count, index_name, (long long)index);
    float most = -INFINITY;
    double sum = 0;
    for (size_t i = 0; i < logits->count; i++) most = fmaxf(most, logits->data[i]);
    for (size_t i = 0; i < logits->count; i++) sum += exp((double)logits->data[i] - most);
    double share = exp((double)logits->data[index] - most) / sum;
    if (!isfinite(share)) return vt__fail(err, VT_EMODEL, "%s: no finite score", model->file);
    *logit = (float)(log(fmax(share, 1e-9)) - log(fmax(1 - share, 1e-9)));
    return VT_OK;
}
