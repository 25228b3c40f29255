#include "face/extras.h"

#include <math.h>
#include <string.h>

#include "model/landmarks68.h"

static const float landmark_view_px = 128; /* twice the network's input: fine enough for bilinear sampling */

static vt_point mean_of(const vt_point *points, const int *indices, int count)
{
    vt_point mean = { 0, 0 };
    for (int i = 0; i < count; i++) mean.x += points[indices[i]].x, mean.y += points[indices[i]].y;
    return (vt_point){ mean.x / (float)count, mean.y / (float)count };
}

void vt__align_points(vt_point out[5], const vt_point points68[68])
{
    static const int indices[5][4] = { { 37, 38, 40, 41 }, { 43, 44, 46, 47 }, { 30 }, { 48, 60 }, { 54, 64 } };
    static const int counts[5] = { 4, 4, 1, 2, 2 };
    for (int i = 0; i < 5; i++) out[i] = mean_of(points68, indices[i], counts[i]);
}

vt_status vt__face_landmarks(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_LANDMARKS, err);
    if (status) return status;
    float side = fmaxf(face->box.width, face->box.height);
    vt_box seen = { face->box.left - side / 2, face->box.top - side / 2, face->box.width + side, face->box.height + side };
    vt__view view;
    status = vt__view_open(&view, picture, seen, side, landmark_view_px, err);
    if (status) return status;
    vt_box box = vt__view_box(&view, face->box);
    vt__turned_box turned = { { box.left + box.width / 2, box.top + box.height / 2 }, box.width, box.height, 1, 0 };
    vt_point points[VT_POINTS68], again[VT_POINTS68];
    status = vt__landmarks68_run(points, network, model, &view.pixels, &turned, &session->scratch, err);
    if (!status && vt__landmarks68_second_box(&turned, model, points)) {
        status = vt__landmarks68_run(again, network, model, &view.pixels, &turned, &session->scratch, err);
        if (!status) memcpy(points, again, sizeof points);
    }
    for (int p = 0; !status && p < VT_POINTS68; p++) face->points68[p] = vt__view_back(&view, points[p]);
    if (!status) face->have |= VT_WANT_LANDMARKS;
    vt__view_close(&view);
    return status;
}
