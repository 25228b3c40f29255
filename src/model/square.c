#include "model/square.h"

#include <math.h>

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

vt_status vt__square_run(vt__outputs *out, size_t count, const vt__network *network, const vt__model *model,
                         const vt_pixels *pixels, vt_box square, vt__scratch *scratch, vt_error *err)
{
    size_t plane = (size_t)model->size.width * (size_t)model->size.height, planes = (size_t)vt__order_planes(model->planar.order);
    if (!plane) return vt__fail(err, VT_EMODEL, "%s: the manifest states no input size", model->file);
    vt_status status = vt__scratch_need(scratch, plane * planes, err);
    if (!status)
        status = vt__resize_planar(scratch->floats, (size_t)model->size.width, plane, model->size, pixels, square, &model->planar, 0, err);
    if (status) return status;
    vt__tensor input = { .name = model->input_name, .data = scratch->floats, .rank = 4, .count = plane * planes,
                         .shape = { 1, (int64_t)planes, model->size.height, model->size.width } };
    return vt__network_run(out, network, &input, NULL, count, err);
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

vt_status vt__attack_read(float *live, const vt__outputs *outputs, const vt__model *model, vt_error *err)
{
    const vt__tensor *logits = &outputs->items[0];
    int64_t index = vt__json_integer_or(model->entry, "live_index", 0);
    if (logits->count < 2 || logits->count > 16 || index < 0 || (size_t)index >= logits->count)
        return vt__fail(err, VT_EMODEL, "%s: %zu classes, live is %lld", model->file, logits->count, (long long)index);
    float most = -INFINITY;
    double sum = 0;
    for (size_t i = 0; i < logits->count; i++) most = fmaxf(most, logits->data[i]);
    for (size_t i = 0; i < logits->count; i++) sum += exp((double)logits->data[i] - most);
    *live = (float)(exp((double)logits->data[index] - most) / sum);
    if (!isfinite(*live)) return vt__fail(err, VT_EMODEL, "%s: no finite score", model->file);
    return VT_OK;
}
