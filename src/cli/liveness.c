/* vultus liveness: one decision for pictures that are frames of one presentation, or for each clip. */
#include <math.h>

#include <vultus/liveness.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/inputs.h"
#include "cli/json_out.h"
#include "cli/liveness_video.h"

static const vt__option options[] = { VT__GALLERY_OPTIONS, { NULL, NULL, NULL, NULL } };

static vt_status look_at(vt_liveness_frame *out, const vt__work *work, const char *path, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    status = vt_liveness_look(out, work->session, loaded.picture, 0, VT_LIVENESS_WANT_ATTACK, err);
    vt__unload_picture(&loaded);
    return status;
}

static int print(const vt__args *args, vt_liveness_decision decision, float score, size_t frames, const char *why)
{
    if (!vt__args_on(args, "json")) {
        printf("%s", vt_liveness_decision_name(decision));
        if (!isnan(score)) printf("  score %.4f", (double)score);
        printf("  frames %zu%s%s\n", frames, why ? "  " : "", why ? why : "");
        return decision == VT_LIVENESS_REALFACE ? EXIT_FINE : EXIT_ANSWER_NO;
    }
    vt__json *root = vt__json_object();
    vt__json_set(root, "livenessDecision", vt__json_string(vt_liveness_decision_name(decision)));
    vt__json_set(root, "score", vt__json_real((double)score));
    vt__json_set(root, "frames", vt__json_integer((int64_t)frames));
    if (why) vt__json_set(root, "reason", vt__json_string(why));
    bool printed = vt__json_print(root, false);
    vt__json_free(root);
    if (!printed) return EXIT_BROKEN_SETUP;
    return decision == VT_LIVENESS_REALFACE ? EXIT_FINE : EXIT_ANSWER_NO;
}

static int judge(const vt__args *args, const vt__work *work, const vt__names *paths)
{
    float live[VT_LIVENESS_MAX_FRAMES] = { 0 }, score;
    size_t n = 0, faces = 0, lacking = 0;
    bool several = false;
    for (size_t i = 0; i < paths->count && n < VT_LIVENESS_MAX_FRAMES; i++) {
        vt_liveness_frame frame;
        vt_error err;
        if (look_at(&frame, work, paths->items[i], &err)) return vt__complain(args, &err);
        live[n++] = frame.live;
        faces += frame.faces > 0;
        lacking += frame.surround_lacking;
        several = several || frame.faces > 1;
    }
    vt_liveness_decision decision = vt_liveness_judge_scores(&score, live, n);
    const char *why = !faces ? "no face" : lacking == faces ? "too little surround: show at least 1.5 times the face" : NULL;
    if (several) {
        why = "more than one face";
        decision = VT_LIVENESS_UNCERTAIN;
    }
    return print(args, decision, score, n, why);
}

/* The worst answer of all. */
static int judge_clips(const vt__args *args, const vt__work *work)
{
    int worst = EXIT_FINE;
    for (int i = 0; i < args->count; i++) {
        int code = vt__judge_clip(args, work, args->operands[i]);
        if (code > worst) worst = code;
    }
    return worst;
}

static int run(const vt__args *args)
{
    vt__names paths = { 0 };
    vt_error err;
    int clips = 0;
    for (int i = 0; i < args->count; i++) clips += vt__is_clip(args->operands[i]);
    if (!args->count || (clips && clips != args->count)) {
        fprintf(stderr, "vultus liveness: name a picture, the pictures of one presentation, or clips; not pictures and clips together\n");
        return EXIT_WRONG_USE;
    }
    if (!clips && vt__inputs_find(&paths, args, 0, &err)) return vt__complain(args, &err);
    vt__gallery_work work;
    int code = vt__permitted_work_open(&work, args, VT__ACTION_LIVENESS);
    if (!code) {
        code = clips ? judge_clips(args, &work.work) : judge(args, &work.work, &paths);
        vt__audit_record(work.service, &work.caller,
                         &(vt__audit_entry){ .action = VT__ACTION_LIVENESS, .faces = clips ? (size_t)clips : 1, .matches = code == EXIT_FINE, .threshold = -1 });
        vt__gallery_work_close(&work);
    }
    vt__names_free(&paths);
    return code;
}

const vt__command vt__command_liveness = {
    "liveness", "PICTURE...|FOLDER...|CLIP...", "judge whether a face is real or a presentation attack",
    "Several pictures are frames of one presentation and give one decision, by the median of their scores. A clip (.mp4,\n"
    ".mov, .mkv, .webm, .avi; its first minute) is also asked whether one and the same face is there throughout, whether\n"
    "frames repeat, and whether mouth and eyes can be seen. This sees prints and screens, not masks or injected video: a\n"
    "file proves nobody's presence. Where that matters use a session, which asks the person to do something.\n"
    "Exit code: 0 real, 1 an attack or uncertain.",
    options, run,
};
