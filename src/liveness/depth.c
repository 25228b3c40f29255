/* What a flat picture cannot show: relief when it comes near, parallax when it turns. */
#include <math.h>

#include "liveness/inside.h"
#include "liveness/relief.h"
#include "liveness/thresholds.h"

/* Mean landmarks, in eye distances about their middle, of frames taken from `from_ms` to `to_ms` that look ahead. */
static size_t mean_points(vt_point out[VT_POINTS68], const vt_liveness *l, int64_t from_ms, int64_t to_ms, float yaw, float within)
{
    size_t n = 0;
    for (int p = 0; p < VT_POINTS68; p++) out[p] = (vt_point){ 0, 0 };
    for (size_t i = 0; i < l->count; i++) {
        const vt_liveness_frame *f = &l->frames[i];
        int64_t t = vt__elapsed_ms(l, i);
        if (!f->faces || t < from_ms || t > to_ms || !(fabsf(vt__yaw_deg(l, i) - yaw) <= within)) continue;
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

float vt__check_nearness(const vt_liveness *l)
{
    const vt_liveness_step *hold = vt__find_step(l, VT_LIVENESS_HOLD), *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    vt_point far[VT_POINTS68], near[VT_POINTS68];
    if (!hold || !closer) return 0;
    float yaw = median_yaw(l, hold->start_ms, closer->end_ms);
    int64_t settled = closer->end_ms - (closer->end_ms - closer->start_ms) / 4;
    if (!mean_points(far, l, hold->start_ms, hold->end_ms, yaw, 8)) return NAN;
    if (!mean_points(near, l, settled, l->script.steps[l->script.count - 1].end_ms, yaw, 8)) return NAN;
    return vt__relief_between(far, near).nearness;
}

/* The frame turned farthest while the act runs, and its neighbours. */
static float turned(const vt_liveness *l, const vt_liveness_step *step, const vt_point rest[VT_POINTS68])
{
    float sign = step->act == VT_LIVENESS_LEFT ? 1.0f : -1.0f, farthest = -180;
    vt_point there[VT_POINTS68];
    int64_t to = step->end_ms + vt__act_size.late_ms;
    for (size_t i = 0; i < l->count; i++) {
        int64_t t = vt__elapsed_ms(l, i);
        if (l->frames[i].faces && t >= step->start_ms && t <= to) farthest = fmaxf(farthest, sign * vt__yaw_deg(l, i));
    }
    if (!mean_points(there, l, step->start_ms, to, sign * farthest, 6)) return 0;
    return sign * vt__relief_between(rest, there).turn_x;
}

/* The least over the turns asked for. */
float vt__check_relief(const vt_liveness *l)
{
    const vt_liveness_step *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    vt_point rest[VT_POINTS68];
    float least = NAN;
    int64_t from = closer ? closer->start_ms : 0, to = closer ? closer->end_ms : 0;
    if (!mean_points(rest, l, from, to, median_yaw(l, from, to), 8)) return NAN;
    for (size_t i = 0; i < l->script.count; i++) {
        const vt_liveness_step *s = &l->script.steps[i];
        if (s->act != VT_LIVENESS_LEFT && s->act != VT_LIVENESS_RIGHT) continue;
        float value = turned(l, s, rest);
        least = isnan(least) ? value : fminf(least, value);
    }
    return isnan(least) ? 0 : least;
}
