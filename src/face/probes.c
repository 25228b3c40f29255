#include "face/probes.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "face/aligned.h"
#include "face/extras.h"
#include "model/recognizer.h"

enum { rows_expected = 14 };
static const int band_ends[VT__PROBE_BANDS] = { 3, 6, 9, 12, 14 };

static vt_status pool(float *out, size_t *count, const vt__tensor *tensor, vt_error *err)
{
    size_t channels = (size_t)tensor->shape[1], columns = (size_t)tensor->shape[3];
    if (channels > VT__PROBE_MAX_CHANNELS || tensor->shape[2] != rows_expected)
        return vt__fail(err, VT_EMODEL, "a feature tensor of %lld channels and %lld rows", (long long)tensor->shape[1], (long long)tensor->shape[2]);
    for (size_t c = 0; c < channels; c++) {
        const float *plane = tensor->data + c * rows_expected * columns;
        for (int band = 0, row = 0; band < VT__PROBE_BANDS; band++) {
            double sum = 0;
            int first = row;
            for (; row < band_ends[band]; row++)
                for (size_t x = 0; x < columns; x++) sum += plane[(size_t)row * columns + x];
            out[(size_t)band * channels + c] = (float)(sum / ((double)(row - first) * (double)columns));
        }
    }
    *count = VT__PROBE_BANDS * channels;
    return VT_OK;
}

vt_status vt__probe_features(float out[VT__PROBE_MAX_FEATURES], size_t *count, vt_session *session, vt_picture *picture,
                             const vt_face *face, vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt__view view;
    vt__affine map;
    vt_point points[5];
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_FEATURES, err);
    if (status) return status;
    vt__align_points(points, face->points68);
    status = vt__aligned_open(&view, &map, picture, points, err);
    if (status) return status;
    vt__outputs outputs;
    status = vt__features_run(&outputs, network, model, &view.pixels, &map, &session->scratch, err);
    vt__view_close(&view);
    if (status) return status;
    status = pool(out, count, &outputs.items[0], err);
    vt__outputs_free(&outputs);
    return status;
}

vt_status vt__probe_run(float out[VT__PROBE_COUNT], vt_engine *engine, const float *features, size_t count, vt_error *err)
{
    if (!engine->probes) return vt__fail(err, VT_EUNSUPPORTED, "the pack has no attribute probes");
    if (engine->probes_count != VT__PROBE_COUNT * (count + 1))
        return vt__fail(err, VT_EMODEL, "probes.bin holds %zu numbers, %zu were expected", engine->probes_count, VT__PROBE_COUNT * (count + 1));
    for (size_t p = 0; p < VT__PROBE_COUNT; p++) {
        const float *weights = engine->probes + p * (count + 1);
        double sum = weights[count];
        for (size_t i = 0; i < count; i++) sum += (double)weights[i] * features[i];
        out[p] = (float)(1 / (1 + exp(-sum)));
    }
    return VT_OK;
}
