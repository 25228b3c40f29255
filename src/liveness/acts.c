/* Whether the subject did what the script asked, when it asked. */
#include <math.h>

#include "liveness/inside.h"
#include "liveness/thresholds.h"

/* What an act moves, so that its largest reading shows the act. */
static float reading(const vt_liveness *l, size_t frame, vt_liveness_act act)
{
    const vt_liveness_frame *f = &l->frames[frame];
    switch (act) {
    case VT_LIVENESS_CLOSER: return f->face.box.width / (float)f->size.width;
    case VT_LIVENESS_LEFT: return l->turns_deg[frame];
    case VT_LIVENESS_RIGHT: return -l->turns_deg[frame];
    case VT_LIVENESS_SMILE: return f->mouth_width;
    case VT_LIVENESS_BLINK: return isnan(f->eyes_open) ? -f->eye_opening : -f->eyes_open;
    default: return 0;
    }
}

/* The median reading while an act runs. */
static float typical(const vt_liveness *l, vt_liveness_act of, int64_t from_ms, int64_t to_ms)
{
    float values[VT_LIVENESS_MAX_FRAMES];
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        int64_t t = vt__elapsed_ms(l, i);
        if (l->frames[i].faces && t >= from_ms && t <= to_ms) values[n++] = reading(l, i, of);
    }
    return vt__median(values, n);
}

/* Smiles, blinks and turns are measured against what this face shows at rest: while coming closer it neither turns
 * nor smiles, and is as near as later. */
static float resting(const vt_liveness *l, vt_liveness_act act)
{
    const vt_liveness_step *hold = vt__find_step(l, VT_LIVENESS_HOLD), *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    if (!hold) return NAN;
    return typical(l, act, hold->start_ms, act == VT_LIVENESS_CLOSER || !closer ? hold->end_ms : closer->end_ms);
}

static bool large_enough(vt_liveness_act act, float now, float rest)
{
    switch (act) {
    case VT_LIVENESS_CLOSER: return now >= rest * vt__act_size.closer_growth;
    case VT_LIVENESS_LEFT:
    case VT_LIVENESS_RIGHT: return now - rest >= vt__act_size.turn_deg;
    case VT_LIVENESS_SMILE: return now >= rest * vt__act_size.smile_growth;
    case VT_LIVENESS_BLINK: return now >= rest * vt__act_size.blink_share; /* both below 0 */
    default: return true;
    }
}

/* How many frames between two times show the act. */
static size_t shown(const vt_liveness *l, vt_liveness_act act, float rest, int64_t from_ms, int64_t to_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        int64_t t = vt__elapsed_ms(l, i);
        if (l->frames[i].faces && t >= from_ms && t <= to_ms) n += large_enough(act, reading(l, i, act), rest);
    }
    return n;
}

bool vt__is_motion(vt_liveness_act act)
{
    return act != VT_LIVENESS_HOLD && act != VT_LIVENESS_COLOUR;
}

float vt__check_motion(const vt_liveness *l)
{
    size_t asked = 0, seen = 0;
    for (size_t i = 0; i < l->script.count; i++) {
        const vt_liveness_step *s = &l->script.steps[i];
        if (!vt__is_motion(s->act)) continue;
        size_t frames = shown(l, s->act, resting(l, s->act), s->start_ms + vt__act_size.least_ms, s->end_ms + vt__act_size.late_ms);
        asked++;
        seen += frames >= (s->act == VT_LIVENESS_BLINK ? 1u : 2u);
    }
    return asked ? (float)seen / (float)asked : 1;
}

/* Whether the script leaves room for an act at a time. */
static bool in_time(const vt_liveness *l, vt_liveness_act act, int64_t ms)
{
    for (size_t i = 0; i < l->script.count; i++) {
        const vt_liveness_step *s = &l->script.steps[i];
        if (s->act == act && ms >= s->start_ms + vt__act_size.least_ms && ms <= s->end_ms + vt__act_size.late_ms) return true;
    }
    return false;
}

/* Frames with a turn, asked for or not, outside of its time: a recording of another session shows them. One may be the
 * network's slip. */
float vt__check_early(const vt_liveness *l)
{
    static const vt_liveness_act turns[] = { VT_LIVENESS_LEFT, VT_LIVENESS_RIGHT };
    const vt_liveness_step *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    size_t wrong = 0, near = 0;
    for (size_t turn = 0; turn < sizeof turns / sizeof turns[0]; turn++) {
        float rest = resting(l, turns[turn]);
        for (size_t i = 0; i < l->count; i++)
            wrong += l->frames[i].faces && !in_time(l, turns[turn], vt__elapsed_ms(l, i)) &&
                     large_enough(turns[turn], reading(l, i, turns[turn]), rest);
    }
    if (closer) near = shown(l, VT_LIVENESS_CLOSER, resting(l, VT_LIVENESS_CLOSER), 0, closer->start_ms);
    return (float)(wrong + near);
}
