#include <math.h>

#include "base/json.h"
#include "face/extras.h"
#include "model/square.h"

static const float pose_view_px = 300;

enum { pose_columns = 5 };

/* How far down between eyes and mouth the nose tip stands, the face held level: it rises when the head is lowered. */
static float nose_drop(const vt_point points68[VT_POINTS68])
{
    vt_point five[5];
    vt__align_points(five, points68);
    vt_point mouth = { 0, 0 };
    for (int i = 48; i < 60; i++) mouth.x += points68[i].x / 12, mouth.y += points68[i].y / 12;
    vt_point eyes = { (five[0].x + five[1].x) / 2, (five[0].y + five[1].y) / 2 };
    float dx = five[1].x - five[0].x, dy = five[1].y - five[0].y, length = hypotf(dx, dy);
    if (!(length > 0)) return 0.5f;
    float down_nose = (-(five[2].x - eyes.x) * dy + (five[2].y - eyes.y) * dx) / length;
    float down_mouth = (-(mouth.x - eyes.x) * dy + (mouth.y - eyes.y) * dx) / length;
    return down_nose / fmaxf(down_mouth, 1);
}

/* Rows of the manifest's "pose" correction: each angle is a linear function of the network's yaw, pitch and roll, of
 * the nose drop and of 1. Without one the network's word is taken, with the signs of the REST contract. */
static void correct(vt_pose *out, const vt_engine *engine, const float seen[pose_columns])
{
    static const float plain[3][pose_columns] = { { 0, 1, 0, 0, 0 }, { 0, 0, -1, 0, 0 }, { -1, 0, 0, 0, 0 } };
    static const char *const names[3] = { "pitch", "roll", "yaw" };
    const vt__json *table = vt__json_get(vt__networks_pack(engine->networks)->root, "pose");
    float angles[3];
    for (int a = 0; a < 3; a++) {
        const vt__json *row = vt__json_get(table, names[a]);
        angles[a] = 0;
        for (size_t k = 0; k < pose_columns; k++) {
            double factor = plain[a][k];
            vt__json_as_number(&factor, vt__json_at(row, k));
            angles[a] += (float)factor * seen[k];
        }
        angles[a] = fminf(fmaxf(angles[a], -180), 180);
    }
    *out = (vt_pose){ angles[0], angles[1], angles[2] };
}

vt_status vt__face_pose(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_POSE, err);
    if (status) return status;
    vt_box square = vt__square_around(face->box, model->crop);
    vt__view view;
    status = vt__view_open(&view, picture, square, square.width, pose_view_px, err);
    if (status) return status;
    vt__outputs outputs;
    status = vt__square_run(&outputs, 3, network, model, &view.pixels, vt__view_box(&view, square), &session->scratch, err);
    vt__view_close(&view);
    if (status) return status;
    float seen[pose_columns] = { 0, 0, 0, nose_drop(face->points68), 1 };
    status = vt__pose66_read(seen, &outputs, err);
    vt__outputs_free(&outputs);
    if (status) return status;
    correct(&face->pose, session->engine, seen);
    face->have |= VT_WANT_POSE;
    return VT_OK;
}
