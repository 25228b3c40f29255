#include <math.h>
#include <string.h>

#include "base/error.h"
#include "face/aligned.h"
#include "face/extras.h"
#include "model/recognizer.h"

static const float template_view_px = 128; /* a face box is about 80 pixels wide in the 112 template */

/* The box that the aligned crop covers, for fetching pixels: its corners under the map. */
static vt_box cover(const vt__affine *map)
{
    vt_box box = { INFINITY, INFINITY, 0, 0 };
    float right = -INFINITY, bottom = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        float u = corner & 1 ? 111 : 0, v = corner & 2 ? 111 : 0;
        float x = map->m[0] * u + map->m[1] * v + map->m[2], y = map->m[3] * u + map->m[4] * v + map->m[5];
        box.left = fminf(box.left, x), right = fmaxf(right, x);
        box.top = fminf(box.top, y), bottom = fmaxf(bottom, y);
    }
    box.width = right - box.left;
    box.height = bottom - box.top;
    return box;
}

vt_status vt__aligned_open(vt__view *view, vt__affine *map, vt_picture *picture, const vt_point points[5], vt_error *err)
{
    if (!vt__arcface_map(map, points)) return vt__fail(err, VT_EINVAL, "the face's points coincide");
    vt_box box = cover(map);
    vt_status status = vt__view_open(view, picture, box, fmaxf(box.width, box.height), template_view_px, err);
    if (status) return status;
    vt_point inside[5];
    for (int p = 0; p < 5; p++) {
        inside[p] = vt__view_point(view, points[p]);
        inside[p].x -= 0.5f; /* to pixel centres */
        inside[p].y -= 0.5f;
    }
    if (vt__arcface_map(map, inside)) return VT_OK;
    vt__view_close(view);
    return vt__fail(err, VT_EINVAL, "the face's points coincide");
}

static vt_status points_to_align(vt_point out[5], vt_session *session, vt_picture *picture, const vt_face *face,
                                 const vt__model *model, vt_error *err)
{
    if (vt__recognizer_wants_points5(model)) {
        memcpy(out, face->points5, sizeof face->points5);
        return VT_OK;
    }
    vt_face own = *face;
    vt_status status = own.have & VT_WANT_LANDMARKS ? VT_OK : vt__face_landmarks(&own, session, picture, err);
    if (!status) vt__align_points(out, own.points68);
    return status;
}

vt_status vt_session_template(vt_template *out, vt_session *session, vt_picture *picture, const vt_face *face, vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt_point points[5];
    vt__view view;
    vt__affine map;
    memset(out, 0, sizeof *out);
    vt_status status = vt__networks_get(&network, &model, session->engine->networks, VT__TASK_RECOGNIZER, err);
    if (!status) status = points_to_align(points, session, picture, face, model, err);
    if (!status) status = vt__aligned_open(&view, &map, picture, points, err);
    if (status) return status;
    out->dimension = session->engine->dimension;
    status = vt__recognizer_run(out->values, out->dimension, network, model, &view.pixels, &map, &session->scratch, err);
    vt__view_close(&view);
    return status;
}
