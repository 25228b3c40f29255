#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "liveness/inside.h"
#include "liveness/thresholds.h"

static float (*const checks[VT_LIVENESS_CHECKS])(const vt_liveness *) = {
    [VT_LIVENESS_CHECK_ATTACK] = vt__check_attack,         [VT_LIVENESS_CHECK_SURROUND] = vt__check_surround,
    [VT_LIVENESS_CHECK_ONE_FACE] = vt__check_one_face,     [VT_LIVENESS_CHECK_TIMES] = vt__check_times,
    [VT_LIVENESS_CHECK_DUPLICATES] = vt__check_duplicates, [VT_LIVENESS_CHECK_SAME_FACE] = vt__check_same_face,
    [VT_LIVENESS_CHECK_MOTION] = vt__check_motion,         [VT_LIVENESS_CHECK_EARLY] = vt__check_early,
    [VT_LIVENESS_CHECK_NEARNESS] = vt__check_nearness,     [VT_LIVENESS_CHECK_GROUND] = vt__check_ground,
    [VT_LIVENESS_CHECK_RELIEF] = vt__check_relief,         [VT_LIVENESS_CHECK_LIGHT] = vt__check_light,
};

const char *vt_liveness_decision_name(vt_liveness_decision decision)
{
    static const char *const names[] = { "uncertain", "realface", "spoofface" };
    return names[(unsigned)decision < 3 ? decision : 0];
}

int64_t vt__elapsed_ms(const vt_liveness *l, size_t frame)
{
    return l->frames[frame].time_ms - l->frames[0].time_ms;
}

const vt_liveness_step *vt__find_step(const vt_liveness *l, vt_liveness_act act)
{
    for (size_t i = 0; i < l->script.count; i++)
        if (l->script.steps[i].act == act) return &l->script.steps[i];
    return NULL;
}

vt_status vt_liveness_open(vt_liveness **out, const vt_liveness_script *script, vt_error *err)
{
    *out = NULL;
    if (!script->count || script->count > VT_LIVENESS_MAX_STEPS) return vt__fail(err, VT_EINVAL, "a liveness script has 1 to 16 steps");
    vt_liveness *l = vt__calloc(1, sizeof *l);
    if (!l) return vt__fail_memory(err, sizeof *l);
    l->script = *script;
    *out = l;
    return VT_OK;
}

void vt_liveness_close(vt_liveness *liveness)
{
    if (!liveness) return;
    vt__free_secret(liveness->frames, liveness->room * sizeof *liveness->frames);
    vt__free(liveness);
}

/* Not realloc, which would leave templates behind in freed memory. */
static vt_status make_room(vt_liveness *l, vt_error *err)
{
    size_t room = l->room ? l->room * 2 : 64;
    vt_liveness_frame *frames = vt__calloc(room, sizeof *frames);
    if (!frames) return vt__fail_memory(err, room * sizeof *frames);
    if (l->count) memcpy(frames, l->frames, l->count * sizeof *frames);
    vt__free_secret(l->frames, l->room * sizeof *l->frames);
    l->frames = frames;
    l->room = room;
    return VT_OK;
}

vt_status vt_liveness_add(vt_liveness *liveness, const vt_liveness_frame *frame, vt_error *err)
{
    if (liveness->count == VT_LIVENESS_MAX_FRAMES) return vt__fail(err, VT_ELIMIT, "more than %d frames", VT_LIVENESS_MAX_FRAMES);
    vt_status status = liveness->count == liveness->room ? make_room(liveness, err) : VT_OK;
    if (!status) liveness->frames[liveness->count++] = *frame;
    return status;
}

static bool asks_for_motion(const vt_liveness *l)
{
    for (size_t i = 0; i < l->script.count; i++)
        if (vt__is_motion(l->script.steps[i].act)) return true;
    return false;
}

static bool asked(const vt_liveness *l, vt_liveness_check_id id)
{
    switch (id) {
    case VT_LIVENESS_CHECK_MOTION:
    case VT_LIVENESS_CHECK_EARLY: return asks_for_motion(l);
    case VT_LIVENESS_CHECK_NEARNESS:
    case VT_LIVENESS_CHECK_GROUND: return vt__find_step(l, VT_LIVENESS_CLOSER) != NULL;
    case VT_LIVENESS_CHECK_RELIEF: return vt__find_step(l, VT_LIVENESS_LEFT) || vt__find_step(l, VT_LIVENESS_RIGHT);
    case VT_LIVENESS_CHECK_LIGHT: return vt__find_step(l, VT_LIVENESS_COLOUR) != NULL;
    default: return true;
    }
}

static vt_liveness_check run_check(const vt_liveness *l, vt_liveness_check_id id)
{
    const vt__threshold *t = &vt__thresholds[id];
    vt_liveness_check check = { t->name, asked(l, id), true, 0, t->value };
    if (!check.asked) return check;
    check.value = checks[id](l);
    check.passed = t->at_least ? check.value >= t->value : check.value <= t->value; /* NaN passes neither */
    return check;
}

/* The share of looked-at frames in which something covers the face, by the wire's names. */
static const char *covered(const vt_liveness *l)
{
    size_t looked = 0, mask = 0, eyes = 0, mouth = 0, faces = 0;
    for (size_t i = 0; i < l->count; i++) {
        const vt_face *f = &l->frames[i].face;
        faces += l->frames[i].faces > 0;
        if (!l->frames[i].faces || !(f->have & (VT_WANT_MASK | VT_WANT_OCCLUSION))) continue;
        looked++;
        mask += (f->have & VT_WANT_MASK) && f->attributes.mask == VT_MASK_FACE;
        eyes += (f->have & VT_WANT_OCCLUSION) && f->attributes.eye_occluded;
        mouth += (f->have & VT_WANT_OCCLUSION) && f->attributes.mouth_occluded;
    }
    if (!faces) return "NoFaceDetected";
    if (mask * 2 > looked) return "FaceWithMaskDetected";
    if (eyes * 2 > looked) return "FaceEyeRegionNotVisible";
    return mouth * 2 > looked ? "FaceMouthRegionNotVisible" : NULL;
}

/* Why nobody can say, where the checks leave doubt. */
static const char *doubtful(const vt_liveness_result *r)
{
    if (!r->checks[VT_LIVENESS_CHECK_TIMES].passed) return "EnvironmentNotSupported";
    if (!r->checks[VT_LIVENESS_CHECK_ONE_FACE].passed) return "FaceTrackingFailed";
    if (!r->checks[VT_LIVENESS_CHECK_MOTION].passed) return "TimedOut";
    return NULL;
}

size_t vt_liveness_best(const vt_liveness *l)
{
    size_t best = 0;
    float most = -1;
    for (size_t i = 0; i < l->count; i++) {
        const vt_liveness_frame *f = &l->frames[i];
        float side = f->face.box.width, turned = fabsf(f->face.pose.yaw_deg) + fabsf(f->face.pose.pitch_deg);
        float worth = f->faces == 1 ? side / (10 + turned) + (f->has_template ? 1000.0f : 0) : 0;
        if (worth <= most) continue;
        most = worth;
        best = i;
    }
    return best;
}

vt_status vt_liveness_decide(vt_liveness_result *out, const vt_liveness *liveness, vt_error *err)
{
    if (!liveness->count) return vt__fail(err, VT_ENOFACE, "no frame was added");
    bool attack = false, doubt = false;
    float turns_deg[VT_LIVENESS_MAX_FRAMES];
    vt_liveness read = *liveness; /* frames are shared, nothing is written */
    vt__read_turns(turns_deg, liveness);
    read.turns_deg = turns_deg;
    *out = (vt_liveness_result){ .frames = liveness->count, .best_frame = vt_liveness_best(liveness) };
    for (int id = 0; id < VT_LIVENESS_CHECKS; id++) {
        out->checks[id] = run_check(&read, (vt_liveness_check_id)id);
        if (out->checks[id].passed) continue;
        bool silent = isnan(out->checks[id].value); /* nothing was measured: no proof of an attack */
        attack = attack || (vt__thresholds[id].means == VT__MEANS_ATTACK && !silent);
        doubt = true;
    }
    out->failure = covered(liveness);
    if (!out->failure && doubt && !attack) out->failure = doubtful(out);
    if (attack) out->decision = VT_LIVENESS_SPOOFFACE;
    else out->decision = doubt || out->failure ? VT_LIVENESS_UNCERTAIN : VT_LIVENESS_REALFACE;
    return VT_OK;
}

vt_liveness_decision vt_liveness_judge_scores(float *score, const float *live, size_t count)
{
    float valid[VT_LIVENESS_MAX_FRAMES];
    size_t n = 0;
    for (size_t i = 0; i < count && n < VT_LIVENESS_MAX_FRAMES; i++)
        if (!isnan(live[i])) valid[n++] = live[i];
    *score = vt__median(valid, n);
    if (!n) return VT_LIVENESS_UNCERTAIN;
    return *score >= vt__thresholds[VT_LIVENESS_CHECK_ATTACK].value ? VT_LIVENESS_REALFACE : VT_LIVENESS_SPOOFFACE;
}
