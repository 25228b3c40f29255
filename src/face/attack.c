#include <math.h>

#include "face/extras.h"
#include "model/square.h"

static const float attack_view_px = 150;

vt_status vt_session_attack_score(float *live, bool *valid, vt_session *session, vt_picture *picture, const vt_face *face,
                                  vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_ATTACK, err);
    if (status) return status;
    vt_box square = vt__square_inside(face->box, model->crop, vt_picture_get_info(picture).size);
    float least = (float)vt__json_number_or(model->entry, "least_surround", 1.5);
    *valid = square.width >= least * fmaxf(face->box.width, face->box.height);
    vt__view view;
    status = vt__view_open(&view, picture, square, square.width, attack_view_px, err);
    if (status) return status;
    vt__outputs outputs;
    status = vt__square_run(&outputs, 1, network, model, &view.pixels, vt__view_box(&view, square), &session->scratch, err);
    vt__view_close(&view);
    if (status) return status;
    status = vt__attack_read(live, &outputs, model, err);
    vt__outputs_free(&outputs);
    return status;
}
