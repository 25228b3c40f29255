#include <math.h>

#include "face/extras.h"
#include "model/square.h"

static const float attack_view_px = 200;

/* The network was trained on squares of 2.7 x the face. A crop that holds less is continued by its mirror image up to this
 * many times the face (docs/decisions/0006): a face larger than any it was trained on says nothing. */
static const double least_square = 1.4;

static vt_box widened(vt_box square, float side)
{
    if (square.width >= side) return square;
    float more = side - square.width;
    return (vt_box){ square.left - more / 2, square.top - more / 2, side, side };
}

vt_status vt_session_attack_score(float *live, bool *valid, vt_session *session, vt_picture *picture, const vt_face *face,
                                  vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_ATTACK, err);
    if (status) return status;
    vt_box inside = vt__square_inside(face->box, model->crop, vt_picture_get_info(picture).size);
    float side = fmaxf(face->box.width, face->box.height), sum = 0;
    *valid = inside.width >= (float)vt__json_number_or(model->entry, "least_surround", 1.5) * side;
    vt_box square = widened(inside, (float)vt__json_number_or(model->entry, "least_square", least_square) * side);
    vt__view view;
    status = vt__view_open(&view, picture, square, square.width, attack_view_px, err);
    if (status) return status;
    int looks = *valid ? 1 : 2; /* a crop is worth a second look, at its mirror image */
    for (int flipped = 0; flipped < looks && !status; flipped++) {
        vt__outputs outputs;
        float logit = 0;
        status = vt__square_run_mirrored(&outputs, 1, network, model, &view.pixels, vt__view_box(&view, square), flipped, &session->scratch, err);
        if (status) break;
        status = vt__class_read(&logit, &outputs, model, "live_index", 0, err);
        vt__outputs_free(&outputs);
        sum += logit;
    }
    vt__view_close(&view);
    *live = 1 / (1 + expf(-sum / (float)looks));
    return status;
}
