#include "cli/liveness_head.h"

#include "liveness/relief.h"

const float vt__stage_focal_px = 420;

static const float seen_from = 10;  /* where the clip's camera stood, eye distances */
static const float rim_depth = -1.5f, half_width = 1.8f;

vt__head vt__head_find(const vt_point p[VT_POINTS68])
{
    vt_point eyes[2] = { { 0, 0 }, { 0, 0 } };
    for (int i = 0; i < 12; i++) {
        eyes[i / 6].x += p[36 + i].x / 6;
        eyes[i / 6].y += p[36 + i].y / 6;
    }
    return (vt__head){ { (eyes[0].x + eyes[1].x) / 2, (eyes[0].y + eyes[1].y) / 2 }, fmaxf(hypotf(eyes[1].x - eyes[0].x, eyes[1].y - eyes[0].y), 1) };
}

/* Turned about a point within the head. */
vt_point vt__head_see(float *distance, const sim_pose *at, float x, float y, float z)
{
    const float neck = -0.9f;
    z -= neck;
    float x1 = x * cosf(at->yaw) + z * sinf(at->yaw), z1 = z * cosf(at->yaw) - x * sinf(at->yaw);
    float y2 = y * cosf(at->pitch) - z1 * sinf(at->pitch), z2 = z1 * cosf(at->pitch) + y * sinf(at->pitch);
    float x3 = x1 * cosf(at->roll) - y2 * sinf(at->roll), y3 = x1 * sinf(at->roll) + y2 * cosf(at->roll);
    *distance = at->distance - z2 - neck;
    float scale = vt__stage_focal_px / *distance;
    return (vt_point){ STAGE_WIDTH / 2.0f + at->x + x3 * scale, STAGE_HEIGHT * 0.44f + at->y + y3 * scale };
}

/* Mouth and lids as the act moves them, eye distances. */
static vt_point moved_feature(int i, const sim_pose *at, const vt_point shape[VT_POINTS68])
{
    static const int lid_below[12] = { -1, 41, 40, -1, -1, -1, -1, 47, 46, -1, -1, -1 };
    vt_point p = shape[i];
    if (i >= 48) {
        float middle = (shape[48].x + shape[54].x) / 2;
        p.x = middle + (p.x - middle) * at->mouth;
        if (i == 48 || i == 54 || i == 60 || i == 64) p.y -= 0.1f * (at->mouth - 1);
    }
    if (i >= 36 && i < 48 && lid_below[i - 36] >= 0) p.y = shape[lid_below[i - 36]].y + (p.y - shape[lid_below[i - 36]].y) * at->eyes;
    return p;
}

static vt_point rim_point(int i, const vt_point shape[VT_POINTS68])
{
    float angle = (float)M_PI * (float)(i - HEAD_OUTLINE + 1) / (HEAD_CROWN + 1);
    if (i >= HEAD_OUTLINE) return (vt_point){ -1.65f * cosf(angle), -0.3f - 1.7f * sinf(angle) };
    return (vt_point){ shape[i].x * 1.35f, shape[i].y < 0.4f ? shape[i].y : 0.4f + (shape[i].y - 0.4f) * 1.3f };
}

/* One point: `still` as the picture shows it, `moved` by the act, both eye distances. */
static void place(vt__mesh_point *out, const vt__head *head, const sim_pose *at, vt_point still, vt_point moved, float z, float inside)
{
    out->inside = inside;
    float flat = (seen_from - z) / seen_from; /* the picture shows what is farther smaller */
    out->from = (vt_point){ head->middle.x + still.x * head->eyes_px, head->middle.y + still.y * head->eyes_px };
    out->to = vt__head_see(&out->distance, at, moved.x * flat, moved.y * flat, z);
}

void vt__head_place(vt__mesh_point out[HEAD_POINTS], const vt_point points[VT_POINTS68], float relief, const sim_pose *at)
{
    static const float forehead[HEAD_FOREHEAD][3] = { { -0.9f, -1, -0.35f }, { -0.45f, -1.05f, 0 }, { 0, -1.05f, 0.08f }, { 0.45f, -1.05f, 0 }, { 0.9f, -1, -0.35f } };
    vt__head head = vt__head_find(points);
    vt_point shape[VT_POINTS68];
    for (int i = 0; i < VT_POINTS68; i++) shape[i] = (vt_point){ (points[i].x - head.middle.x) / head.eyes_px, (points[i].y - head.middle.y) / head.eyes_px };
    for (int i = 0; i < VT_POINTS68; i++) place(&out[i], &head, at, shape[i], moved_feature(i, at, shape), vt__head_depth[i] * relief, 1);
    for (int i = 0; i < HEAD_FOREHEAD; i++) {
        vt_point p = { forehead[i][0], forehead[i][1] };
        place(&out[VT_POINTS68 + i], &head, at, p, p, forehead[i][2] * relief, 1);
    }
    for (int i = 0; i < HEAD_RIM; i++) {
        vt_point p = rim_point(i, shape);
        place(&out[VT_POINTS68 + HEAD_FOREHEAD + i], &head, at, p, p, rim_depth, 0);
    }
}

bool vt__head_is_body(const vt__head *head, vt_point from)
{
    return from.y - head->middle.y > 1.3f * head->eyes_px;
}

vt_point vt__head_behind(const vt__head *head, vt_point from)
{
    float x = (from.x - head->middle.x) / head->eyes_px, y = (from.y - head->middle.y) / head->eyes_px;
    if (vt__head_is_body(head, from) || y < -2.8f || fabsf(x) >= half_width) return from;
    return (vt_point){ head->middle.x + copysignf(2 * half_width - fabsf(x), x) * head->eyes_px, from.y };
}
