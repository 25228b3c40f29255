#include "cli/liveness_video.h"

#ifdef VULTUS_HAVE_VIDEO

#include <math.h>
#include <string.h>
#include <strings.h>

#include <vultus/liveness.h>
#include <vultus/video.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/inputs.h"
#include "cli/json_out.h"
#include "cli/redact_video.h"

/* As a session's client films, up to a minute. */
static const double frame_every_s = 0.1, heavy_every_s = 0.5, longest_s = 60;
enum { longest_side_px = 1280 };

bool vt__is_clip(const char *path)
{
    const char *dot = strrchr(path, '.');
    return vt__video_ending(path) && strcasecmp(dot, ".gif") != 0;
}

typedef struct clip {
    const vt__args *args;
    vt_session *session;
    vt_video *video;
    vt_liveness *liveness;
    size_t count;
    double first_s, next_s, heavy_s;
} clip;

static vt_status look_at(clip *c, double time_s, vt_error *err)
{
    bool heavy = !c->count || time_s >= c->heavy_s;
    vt_pixels pixels;
    vt_picture *picture;
    vt_liveness_frame frame;
    vt_status status = vt_video_pixels(&pixels, c->video, longest_side_px, err);
    if (status) return status;
    status = vt_picture_from_pixels(&picture, &pixels, err);
    if (!status)
        status = vt_liveness_look(&frame, c->session, picture, llround(time_s * 1000), heavy ? VT_LIVENESS_WANT_ATTACK | VT_LIVENESS_WANT_TEMPLATE : 0, err);
    if (!status) status = vt_liveness_add(c->liveness, &frame, err);
    if (heavy) c->heavy_s = time_s + heavy_every_s;
    c->count += !status;
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
    return status;
}

static vt_status look_through(clip *c, vt_error *err)
{
    vt__progress bar;
    bool more = true;
    vt_status status = VT_OK;
    double lasts_s = fmin(vt_video_get_info(c->video).duration_s, longest_s);
    vt__progress_begin(&bar, c->args, "looking", (size_t)(lasts_s * 10));
    while (!status && c->count < VT_LIVENESS_MAX_FRAMES) {
        status = vt_video_next(&more, c->video, err);
        if (status || !more) break;
        double time_s = vt_video_time_s(c->video);
        if (!c->count) c->first_s = time_s;
        if (time_s - c->first_s > longest_s) break;
        if (c->count && time_s < c->next_s) continue;
        c->next_s = time_s + frame_every_s - 0.005;
        status = look_at(c, time_s, err);
        vt__progress_step(&bar, c->count);
    }
    vt__progress_clear(&bar);
    return status;
}

/* Nothing is asked of the subject but to be there. */
static vt_status judge(vt_liveness_result *out, const vt__args *args, vt_session *session, const char *path, vt_error *err)
{
    const vt_liveness_script script = { .mode = VT_LIVENESS_PASSIVE, .count = 1, .steps = { { .act = VT_LIVENESS_HOLD, .end_ms = 1 } } };
    clip c = { .args = args, .session = session };
    vt_status status = vt_liveness_open(&c.liveness, &script, err);
    if (!status) status = vt_video_open(&c.video, path, NULL, err);
    if (!status) status = look_through(&c, err);
    if (!status) status = vt_liveness_decide(out, c.liveness, err);
    vt_video_close(c.video);
    vt_liveness_close(c.liveness);
    return status;
}

static const char *text_of_failure(const char *failure)
{
    static const char *const rows[][2] = {
        { "NoFaceDetected", "no face" },
        { "FaceWithMaskDetected", "a mask covers the face" },
        { "FaceEyeRegionNotVisible", "the eyes are covered" },
        { "FaceMouthRegionNotVisible", "the mouth is covered" },
        { "EnvironmentNotSupported", "fewer than four frames a second, or times that fall" },
        { "FaceTrackingFailed", "not one face throughout" },
    };
    for (size_t i = 0; failure && i < sizeof rows / sizeof rows[0]; i++)
        if (!strcmp(rows[i][0], failure)) return rows[i][1];
    return NULL;
}

/* Why it is not real, as far as one line can say. */
static const char *reason(const vt_liveness_result *r)
{
    const vt_liveness_check *c = r->checks;
    if (r->decision == VT_LIVENESS_REALFACE) return NULL;
    if (r->decision == VT_LIVENESS_UNCERTAIN && r->failure) return text_of_failure(r->failure);
    if (!c[VT_LIVENESS_CHECK_SURROUND].passed) return "too little surround: show at least 1.5 times the face";
    if (!c[VT_LIVENESS_CHECK_ATTACK].passed) return "it looks like a print or a screen";
    if (!c[VT_LIVENESS_CHECK_DUPLICATES].passed) return "frames repeat";
    return "another face takes its place";
}

static void print_lines(const vt_liveness_result *r, const char *path)
{
    const char *why = reason(r);
    printf("%s  %s  frames %zu%s%s\n", vt_liveness_decision_name(r->decision), path, r->frames, why ? "  " : "", why ? why : "");
    for (int id = 0; id < VT_LIVENESS_CHECKS; id++) {
        const vt_liveness_check *c = &r->checks[id];
        if (!c->asked) continue;
        const char *side = id == VT_LIVENESS_CHECK_DUPLICATES ? "at most" : "at least";
        printf("  %-12s", c->name);
        if (isnan(c->value)) printf("%7s", "none");
        else printf("%7.2f", (double)c->value);
        printf("  %s %.2f%s\n", side, (double)c->threshold, c->passed ? "" : "  FAILED");
    }
}

static bool print_json(const vt_liveness_result *r, const char *path)
{
    vt__json *root = vt__json_object(), *checks = vt__json_array();
    const char *why = reason(r);
    vt__json_set_string(root, "file", path);
    vt__json_set_string(root, "livenessDecision", vt_liveness_decision_name(r->decision));
    vt__json_set_integer(root, "frames", (int64_t)r->frames);
    if (why) vt__json_set_string(root, "reason", why);
    for (int id = 0; id < VT_LIVENESS_CHECKS; id++) {
        if (!r->checks[id].asked) continue;
        vt__json *check = vt__json_object();
        vt__json_set_string(check, "check", r->checks[id].name);
        vt__json_set(check, "value", vt__json_real((double)r->checks[id].value));
        vt__json_set(check, "threshold", vt__json_real((double)r->checks[id].threshold));
        vt__json_set_bool(check, "passed", r->checks[id].passed);
        vt__json_append(checks, check);
    }
    vt__json_set(root, "checks", checks);
    bool printed = vt__json_print(root, false);
    vt__json_free(root);
    return printed;
}

int vt__judge_clip(const vt__args *args, const vt__work *work, const char *path)
{
    vt_liveness_result result;
    vt_error err;
    vt_status status = judge(&result, args, work->session, path, &err);
    if (status == VT_ENOFACE) vt__fail(&err, VT_EFORMAT, "%s: no frame in it", path);
    if (status) return vt__complain(args, &err);
    if (!vt__args_on(args, "json")) print_lines(&result, path);
    else if (!print_json(&result, path)) return EXIT_BROKEN_SETUP;
    return result.decision == VT_LIVENESS_REALFACE ? EXIT_FINE : EXIT_ANSWER_NO;
}

#else

bool vt__is_clip(const char *path)
{
    (void)path;
    return false;
}

int vt__judge_clip(const vt__args *args, const vt__work *work, const char *path)
{
    (void)args, (void)work, (void)path;
    return EXIT_BROKEN_SETUP;
}

#endif
