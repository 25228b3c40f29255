#include "model/recognizer.h"

#include <math.h>
#include <string.h>

#include <vultus/status.h>

#include "base/error.h"

enum { max_dimension = 1024 };

static const vt_point arcface112[5] = {
    { 38.2946f, 51.6963f }, { 73.5318f, 51.5014f }, { 56.0252f, 71.7366f }, { 41.5493f, 92.3655f }, { 70.7299f, 92.2041f },
};

uint32_t vt__recognizer_dimension(const vt__model *model)
{
    int64_t dimension = model ? vt__json_integer_or(model->entry, "dimension", 0) : 0;
    return dimension > 0 && dimension <= max_dimension ? (uint32_t)dimension : 0;
}

bool vt__recognizer_wants_points5(const vt__model *model)
{
    return !strcmp(vt__json_string_or(model->entry, "align", "landmarks68"), "points5");
}

bool vt__arcface_map(vt__affine *out, const vt_point points[5])
{
    double mean_tx = 0, mean_ty = 0, mean_px = 0, mean_py = 0;
    for (int i = 0; i < 5; i++) {
        mean_tx += arcface112[i].x / 5.0, mean_ty += arcface112[i].y / 5.0;
        mean_px += points[i].x / 5.0, mean_py += points[i].y / 5.0;
    }
    double spread = 0, dot = 0, cross = 0;
    for (int i = 0; i < 5; i++) {
        double tx = arcface112[i].x - mean_tx, ty = arcface112[i].y - mean_ty;
        double px = points[i].x - mean_px, py = points[i].y - mean_py;
        spread += tx * tx + ty * ty;
        dot += tx * px + ty * py;
        cross += tx * py - ty * px;
    }
    double a = dot / spread, b = cross / spread;
    if (!(a * a + b * b > 1e-12) || !isfinite(a + b)) return false;
    /* template pixel centres are whole numbers, as picture pixel centres are */
    *out = (vt__affine){ { (float)a, (float)-b, (float)(mean_px - a * mean_tx + b * mean_ty), (float)b, (float)a,
                           (float)(mean_py - b * mean_tx - a * mean_ty) } };
    return true;
}

static vt_status normalise(float *out, const vt__tensor *tensor, uint32_t dimension, const vt__model *model, vt_error *err)
{
    if (!tensor || tensor->count != dimension) return vt__fail(err, VT_EMODEL, "%s: not %u numbers", model->file, dimension);
    double sum = 0;
    for (uint32_t i = 0; i < dimension; i++) sum += (double)tensor->data[i] * tensor->data[i];
    if (!(sum > 1e-20) || !isfinite(sum)) return vt__fail(err, VT_EMODEL, "%s: no direction", model->file);
    float scale = (float)(1 / sqrt(sum));
    for (uint32_t i = 0; i < dimension; i++) out[i] = tensor->data[i] * scale;
    return VT_OK;
}

static vt_status run_aligned(vt__outputs *out, const char *name, const vt__network *network, const vt__model *model,
                             const vt_pixels *pixels, const vt__affine *map, vt__scratch *scratch, vt_error *err)
{
    const size_t side = 112, plane = side * side;
    vt_status status = vt__scratch_need(scratch, plane * 3, err);
    if (status) return status;
    vt__warp_planar(scratch->floats, side, plane, (vt_size){ (int)side, (int)side }, pixels, map, &model->planar, 0);
    vt__tensor input = { .name = model->input_name, .data = scratch->floats, .rank = 4, .count = plane * 3, .shape = { 1, 3, 112, 112 } };
    return vt__network_run(out, network, &input, name ? &name : NULL, 1, err);
}

vt_status vt__recognizer_run(float *out, uint32_t dimension, const vt__network *network, const vt__model *model,
                             const vt_pixels *pixels, const vt__affine *map, vt__scratch *scratch, vt_error *err)
{
    vt__outputs outputs;
    const char *name = vt__json_string_or(model->entry, "output", NULL);
    vt_status status = run_aligned(&outputs, name, network, model, pixels, map, scratch, err);
    if (status) return status;
    status = normalise(out, &outputs.items[0], dimension, model, err);
    vt__outputs_free(&outputs);
    return status;
}

vt_status vt__features_run(vt__outputs *out, const vt__network *network, const vt__model *model, const vt_pixels *pixels,
                           const vt__affine *map, vt__scratch *scratch, vt_error *err)
{
    vt_status status = run_aligned(out, NULL, network, model, pixels, map, scratch, err);
    if (status) return status;
    if (out->items[0].rank == 4) return VT_OK;
    vt__outputs_free(out);
    return vt__fail(err, VT_EMODEL, "%s: features of rank 4 were expected", model->file);
}
