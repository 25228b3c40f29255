/* Ultra-light RFB detectors: "scores" [n, 2] and "boxes" [n, 4] as corners in 0..1 of a stretched input. They give no
 * points; those stated are where a frontal face has them. */
#include "base/error.h"
#include "model/detector_family.h"

static vt_status decode(vt__candidates *out, const vt__outputs *outputs, vt_size input, float threshold, vt_error *err)
{
    static const vt_point usual[5] = { { .31f, .41f }, { .69f, .41f }, { .5f, .61f }, { .35f, .79f }, { .65f, .79f } };
    const vt__tensor *scores = vt__outputs_get(outputs, "scores");
    if (!scores) return vt__fail(err, VT_EMODEL, "an RFB detector without \"scores\"");
    size_t count = scores->count / 2;
    const float *boxes = vt__detector_output(outputs, "boxes", count * 4, err);
    if (!boxes) return VT_EMODEL;
    vt_status status = VT_OK;
    float width = (float)input.width, height = (float)input.height;
    for (size_t i = 0; i < count && !status; i++) {
        float score = scores->data[2 * i + 1];
        if (!(score >= threshold)) continue;
        const float *b = boxes + 4 * i;
        vt__candidate c = { .score = score,
                            .box = { b[0] * width, b[1] * height, (b[2] - b[0]) * width, (b[3] - b[1]) * height } };
        for (int p = 0; p < 5; p++)
            c.points[p] = (vt_point){ c.box.left + usual[p].x * c.box.width, c.box.top + usual[p].y * c.box.height };
        status = vt__candidates_add(out, &c, err);
    }
    return status;
}

const vt__detector_family vt__detector_rfb = { "rfb", decode, true };
