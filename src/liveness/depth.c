/* What a flat picture cannot show: relief when it comes near, parallax when it turns. */
#include <math.h>

#include "liveness/inside.h"
#include "liveness/relief.h"
#include "liveness/thresholds.h"

/* Mean landmarks, in box widths, of frames from `from_ms` to `to_ms` that are turned by no more than `within_deg` (none: any). */
static size_t mean_points(vt_point out[VT_POINTS68], const vt_liveness *l, const float *turns_deg, int64_t from_ms, int64_t to_ms, float within_deg)
{
    size_t n = 0;
    for (int p = 0; p < VT_POINTS68; p++) out[p] = (vt_point){ 0, 0 };
    for (size_t i = 0; i < l->count; i++) {
        const vt_liveness_frame *f = &l->frames[i];
        int64_t t = vt__elapsed_ms(l, i);
        if (!f->faces || t < from_ms || t > to_ms || (turns_deg && !(fabsf(turns_deg[i]) <= within_deg))) continue;
        float width = f->face.box.width > 1 ? f->face.box.width : 1;
        for (int p = 0; p < VT_POINTS68; p++) {
            out[p].x += (f->face.points68[p].x - f->face.box.left) / width;
            out[p].y += (f->face.points68[p].y - f->face.box.top) / width;
        }
        n++;
    }
    for (int p = 0; p < VT_POINTS68 && n; p++) out[p] = (vt_point){ out[p].x / (float)n, out[p].y / (float)n };
    return n;
}

/* Twice: frames that turned out to look aside do not count as rest. */
void vt__read_turns(float out[VT_LIVENESS_MAX_FRAMES], const vt_liveness *l)
{
    const vt_liveness_step *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    vt_point rest[VT_POINTS68];
    int64_t from = closer ? closer->start_ms : 0, to = closer ? closer->end_ms : INT64_MAX;
    for (size_t i = 0; i < l->count; i++) out[i] = NAN;
    for (int pass = 0; pass < 2; pass++) {
        if (!mean_points(rest, l, pass ? out : NULL, from, to, vt__act_size.ahead_deg)) return;
        for (size_t i = 0; i < l->count; i++) {
            if (!l->frames[i].faces) continue;
            float sine = vt__relief_between(rest, l->frames[i].face.points68).turn_x;
            out[i] = asinf(fminf(fmaxf(sine, -1), 1)) * 180 / (float)M_PI;
        }
    }
}

float vt__check_nearness(const vt_liveness *l)
{
    const vt_liveness_step *hold = vt__find_step(l, VT_LIVENESS_HOLD), *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    vt_point far[VT_POINTS68], near[VT_POINTS68];
    if (!hold || !closer) return 0;
    int64_t settled = closer->end_ms - (closer->end_ms - closer->start_ms) / 4, end = l->script.steps[l->script.count - 1].end_ms;
    if (!mean_points(far, l, l->turns_deg, hold->start_ms, hold->end_ms, vt__act_size.ahead_deg)) return NAN;
    if (!mean_points(near, l, l->turns_deg, settled, end, vt__act_size.ahead_deg)) return NAN;
    return vt__relief_between(far, near).nearness;
}

/* The second farthest turn that the landmarks show during a step, as a sine; NaN when the pose network saw none: nobody
 * turned, which is no proof of an attack. */
static float turned(const vt_liveness *l, const vt_liveness_step *step, float rest_yaw)
{
    float sign = step->act == VT_LIVENESS_LEFT ? 1.0f : -1.0f, first = -90, second = -90;
    size_t seen = 0;
    for (size_t i = 0; i < l->count; i++) {
        int64_t t = vt__elapsed_ms(l, i);
        if (!l->frames[i].faces || t < step->start_ms || t > step->end_ms + vt__act_size.late_ms) continue;
        float turn = sign * l->turns_deg[i];
        seen += sign * (vt__yaw_deg(l, i) - rest_yaw) >= vt__act_size.pose_deg;
        if (turn > first) second = first, first = turn;
        else if (turn > second) second = turn;
    }
    return seen >= 2 ? sinf(second * (float)M_PI / 180) : NAN;
}

static float median_yaw(const vt_liveness *l, int64_t from_ms, int64_t to_ms)
{
    float values[VT_LIVENESS_MAX_FRAMES];
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        int64_t t = vt__elapsed_ms(l, i);
        if (l->frames[i].faces && t >= from_ms && t <= to_ms) values[n++] = vt__yaw_deg(l, i);
    }
    return vt__median(values, n);
}

/* The least over the turns that were made. */
float vt__check_relief(const vt_liveness *l)
{
    const vt_liveness_step *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    float least = NAN, rest_yaw = closer ? median_yaw(l, closer->start_ms, closer->end_ms) : 0;
    for (size_t i = 0; i < l->script.count; i++) {
        const vt_liveness_step *s = &l->script.steps[i];
        if (s->act == VT_LIVENESS_LEFT || s->act == VT_LIVENESS_RIGHT) least = fminf(least, turned(l, s, rest_yaw)); /* fminf passes NaN over */
    }
    return least;
}
