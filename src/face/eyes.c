#include <math.h>

#include "base/error.h"
#include "face/extras.h"
#include "model/square.h"

static const float eye_factor = 1.6f, eye_view_px = 48; /* square by the eye's width; its side in the view */

typedef struct eye {
    vt_point middle; /* between the lids */
    float width_px;
} eye;

/* Of the eye whose outline begins at landmark `first`. */
static eye find_eye(const vt_point points[VT_POINTS68], int first)
{
    static const int lids[4] = { 1, 2, 4, 5 };
    const vt_point *p = points + first;
    eye e = { { 0, 0 }, hypotf(p[3].x - p[0].x, p[3].y - p[0].y) };
    for (int i = 0; i < 4; i++) e.middle.x += p[lids[i]].x / 4, e.middle.y += p[lids[i]].y / 4;
    return e;
}

static vt_box square_of(const eye *e)
{
    float side = fmaxf(e->width_px * eye_factor, 2);
    return (vt_box){ e->middle.x - side / 2, e->middle.y - side / 2, side, side };
}

static vt_box around_both(vt_box a, vt_box b)
{
    float left = fminf(a.left, b.left), top = fminf(a.top, b.top);
    float right = fmaxf(a.left + a.width, b.left + b.width), bottom = fmaxf(a.top + a.height, b.top + b.height);
    return (vt_box){ left, top, right - left, bottom - top };
}

vt_status vt_session_eyes_open(float *open, vt_session *session, vt_picture *picture, const vt_face *face, vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    *open = NAN;
    if (!(face->have & VT_WANT_LANDMARKS)) return vt__fail(err, VT_EINVAL, "the face has no landmarks yet");
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_EYES, err);
    if (status) return status;
    const eye eyes[2] = { find_eye(face->points68, 36), find_eye(face->points68, 42) };
    const vt_box squares[2] = { square_of(&eyes[0]), square_of(&eyes[1]) };
    vt__view view;
    status = vt__view_open(&view, picture, around_both(squares[0], squares[1]), fmaxf(squares[0].width, squares[1].width), eye_view_px, err);
    if (status) return status;
    float sum = 0;
    for (int i = 0; i < 2 && !status; i++) {
        vt__outputs outputs;
        float logit = 0;
        status = vt__square_run(&outputs, 1, network, model, &view.pixels, vt__view_box(&view, squares[i]), &session->scratch, err);
        if (status) break;
        status = vt__class_read(&logit, &outputs, model, "open_index", 1, err);
        vt__outputs_free(&outputs);
        sum += logit / 2;
    }
    vt__view_close(&view);
    if (!status) *open = 1 / (1 + expf(-sum));
    return status;
}
