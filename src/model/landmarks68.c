#include "model/landmarks68.h"

#include <math.h>

#include "base/error.h"

vt_status vt__landmarks68_run(vt_point out[68], const vt__network *network, const vt__model *model, const vt_pixels *pixels,
                              const vt__turned_box *box, vt__scratch *scratch, vt_error *err)
{
    vt_size size = model->size;
    size_t count = (size_t)size.width * (size_t)size.height, planes = (size_t)vt__order_planes(model->planar.order);
    if (!count) return vt__fail(err, VT_EMODEL, "%s: the landmark network needs a fixed input size", model->file);
    vt_status status = vt__scratch_need(scratch, count * planes, err);
    if (status) return status;
    float step_x = box->width / (float)size.width, step_y = box->height / (float)size.height;
    if (box->sine == 0 && box->cosine > 0) {
        vt_box upright = { box->centre.x - box->width / 2, box->centre.y - box->height / 2, box->width, box->height };
        status = vt__resize_planar(scratch->floats, (size_t)size.width, count, size, pixels, upright, &model->planar, 0, err);
    } else {
        float ax = step_x * box->cosine, ay = step_x * box->sine, bx = -step_y * box->sine, by = step_y * box->cosine;
        float cx = (float)size.width / 2 - 0.5f, cy = (float)size.height / 2 - 0.5f;
        vt__affine map = { { ax, bx, box->centre.x - 0.5f - ax * cx - bx * cy, ay, by, box->centre.y - 0.5f - ay * cx - by * cy } };
        vt__warp_planar(scratch->floats, (size_t)size.width, count, size, pixels, &map, &model->planar, 0);
    }
    if (status) return status;
    vt__tensor input = { .name = model->input_name, .data = scratch->floats, .rank = 4, .count = count * planes,
                         .shape = { 1, (int64_t)planes, size.height, size.width } };
    vt__outputs outputs;
    status = vt__network_run(&outputs, network, &input, NULL, 1, err);
    if (status) return status;
    if (outputs.items[0].count != 136) status = vt__fail(err, VT_EMODEL, "%s: not 68 points", model->file);
    for (int p = 0; !status && p < 68; p++) {
        float u = (outputs.items[0].data[2 * p] - 0.5f) * box->width, v = (outputs.items[0].data[2 * p + 1] - 0.5f) * box->height;
        out[p] = (vt_point){ box->centre.x + u * box->cosine - v * box->sine, box->centre.y + u * box->sine + v * box->cosine };
    }
    vt__outputs_free(&outputs);
    return status;
}

static vt_point mean_point(const vt_point *points, int first, int last)
{
    vt_point mean = { 0, 0 };
    for (int i = first; i <= last; i++) mean.x += points[i].x, mean.y += points[i].y;
    mean.x /= (float)(last - first + 1);
    mean.y /= (float)(last - first + 1);
    return mean;
}

bool vt__landmarks68_second_box(vt__turned_box *out, const vt__model *model, const vt_point points[68])
{
    const vt__json *factors = vt__json_get(model->entry, "second_pass");
    if (!factors) return false;
    vt_point left = mean_point(points, 36, 41), right = mean_point(points, 42, 47);
    float dx = right.x - left.x, dy = right.y - left.y, length = hypotf(dx, dy);
    if (!(length > 1)) return false;
    float cosine = dx / length, sine = dy / length;
    float low_u = INFINITY, high_u = -INFINITY, low_v = INFINITY, high_v = -INFINITY;
    for (int p = 0; p < 68; p++) {
        float u = points[p].x * cosine + points[p].y * sine, v = -points[p].x * sine + points[p].y * cosine;
        low_u = fminf(low_u, u), high_u = fmaxf(high_u, u);
        low_v = fminf(low_v, v), high_v = fmaxf(high_v, v);
    }
    float width = (high_u - low_u) * (float)vt__json_number_or(factors, "width", 1);
    float height = (high_v - low_v) * (float)vt__json_number_or(factors, "height", 1);
    float u = (low_u + high_u) / 2, v = (low_v + high_v) / 2 - (float)vt__json_number_or(factors, "up", 0) * (high_v - low_v);
    *out = (vt__turned_box){ { u * cosine - v * sine, u * sine + v * cosine }, width, height, cosine, sine };
    return isfinite(width) && isfinite(height) && width > 1 && height > 1;
}
