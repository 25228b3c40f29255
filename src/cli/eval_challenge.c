/* vultus eval challenge: simulated presentations through the whole challenge, from rendered pictures to the decision. */
#ifdef VULTUS_HAVE_VIDEO
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/inputs.h"
#include "cli/liveness_payload.h"
#include "cli/report.h"
#include "service/liveness_evidence.h"

static const vt__option options[] = {
    { "attacks", "N", "500", "attack presentations, shared among the kinds" },
    { "live", "N", "60", "live presentations" },
    { "seed", "N", "1", "of everything that is drawn" },
    { "each", NULL, NULL, "tell every presentation's checks on standard error" },
    { "save", "FOLDER", NULL, "also write every tenth frame of each kind's first presentation there" },
    { NULL, NULL, NULL, NULL },
};

enum { max_clips = 8, frame_every_ms = 125, part_frames = 8 };

/* What is presented, and whose script it is judged by. */
static const struct {
    const char *name;
    stage_kind kind;
    bool other_script; /* it follows another script than the one it is judged by */
    bool other_light;  /* and is lit by that other script's colours */
} kinds[] = {
    { "live", STAGE_LIVE, false, false },        { "still_picture", STAGE_STILL, false, false },
    { "tilted_photo", STAGE_TILTED, false, false }, { "screen_replay", STAGE_SCREEN, true, false },
    { "recorded_clip", STAGE_LIVE, true, true },
};
enum { kind_count = sizeof kinds / sizeof kinds[0] };

typedef struct tally {
    size_t n, accepted, by_geometry; /* by_geometry: would have been accepted whatever the attack network says */
    size_t failed[VT_LIVENESS_CHECKS];
} tally;

typedef struct trials {
    stage_clip *clips;
    size_t clip_count;
    vt_session *session;
    const char *save;
    bool each;
    uint64_t random;
    tally tallies[kind_count];
    double frames, cpu_ms, last_ms; /* CPU time: all frames; from the last frame to the decision, summed */
} trials;

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void draw_script(vt_liveness_script *out, uint64_t *random, bool flashes)
{
    uint8_t bytes[VT_LIVENESS_RANDOM_BYTES];
    for (int i = 0; i < VT_LIVENESS_RANDOM_BYTES; i++) bytes[i] = (uint8_t)sim_random(random);
    (void)vt_liveness_script_draw(out, sim_random(random) % 2 ? VT_LIVENESS_PASSIVE_ACTIVE : VT_LIVENESS_PASSIVE, flashes, bytes, NULL);
}

static void save_frame(const char *folder, const char *kind, size_t i, const uint8_t *jpeg, size_t bytes)
{
    char name[64];
    snprintf(name, sizeof name, "%s-%03zu.jpg", kind, i);
    char *path = vt__path_join(folder, name);
    if (path) (void)vt__file_write(path, jpeg, bytes, 0644, NULL);
    vt__free(path);
}

/* Hands over what was filmed since the last part, as a device does while filming. */
static vt_status send(vt__liveness_evidence *e, trials *t, stage_payload *payload, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = stage_payload_take(&bytes, &size, payload, err);
    double begun = cpu_ms();
    if (!status) status = vt__evidence_take(e, t->session, bytes, size, err);
    t->last_ms = cpu_ms() - begun;
    t->cpu_ms += t->last_ms;
    vt__free(bytes);
    return status;
}

/* What filming hands its frames to. */
typedef struct device {
    trials *t;
    vt__liveness_evidence *evidence;
    stage_payload payload;
    size_t n;
    const char *save_as; /* the kind, or NULL */
} device;

static vt_status take(void *context, const stage_still *still, vt_error *err)
{
    device *d = context;
    stage_payload_add(&d->payload, still);
    if (d->save_as && d->n % 10 == 0) save_frame(d->t->save, d->save_as, d->n, still->jpeg, still->bytes);
    return d->n++ % part_frames == part_frames - 1 ? send(d->evidence, d->t, &d->payload, err) : VT_OK;
}

static vt_status film(vt__liveness_evidence *e, trials *t, stage_scene *scene, const vt_liveness_script *judged, const char *save_as, vt_error *err)
{
    device d = { .t = t, .evidence = e, .save_as = save_as };
    stage_payload_begin(&d.payload, "token");
    vt_status status = stage_film(scene, judged->steps[judged->count - 1].end_ms, frame_every_ms, take, &d, err);
    if (!status) status = send(e, t, &d.payload, err);
    t->frames += (double)d.n;
    vt__buffer_free(&d.payload.bytes);
    return status;
}

static void count(tally *to, const vt_liveness_result *r)
{
    bool geometry = !r->failure;
    to->n++;
    to->accepted += r->decision == VT_LIVENESS_REALFACE;
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++) {
        to->failed[i] += !r->checks[i].passed;
        geometry = geometry && (r->checks[i].passed || i == VT_LIVENESS_CHECK_ATTACK || i == VT_LIVENESS_CHECK_SURROUND);
    }
    to->by_geometry += geometry;
}

static void tell(int kind, size_t clip, const vt_liveness_result *r)
{
    fprintf(stderr, "%s clip %zu", kinds[kind].name, clip + 1);
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++)
        if (r->checks[i].asked) fprintf(stderr, " %s%s %.3f", r->checks[i].name, r->checks[i].passed ? "" : "!", (double)r->checks[i].value);
    fprintf(stderr, " -> %s\n", vt_liveness_decision_name(r->decision));
}

static vt_status present(trials *t, int kind, vt_error *err)
{
    vt_liveness_script judged, followed;
    vt__liveness_evidence *e = NULL;
    vt_liveness_result result;
    char text[VT_LIVENESS_SCRIPT_TEXT_BYTES];
    bool flashes = sim_random(&t->random) % 3 != 0;
    draw_script(&judged, &t->random, flashes);
    followed = judged;
    if (kinds[kind].other_script) draw_script(&followed, &t->random, flashes);
    stage_scene scene = stage_draw(&t->clips[sim_random(&t->random) % t->clip_count], &followed, sim_random(&t->random));
    scene.kind = kinds[kind].kind;
    if (!kinds[kind].other_light) scene.shown = &judged;
    vt_status status = vt_liveness_script_write(text, sizeof text, &judged, err);
    if (!status) status = vt__evidence_open(&e, text, "token", err);
    if (!status) status = film(e, t, &scene, &judged, t->save && !t->tallies[kind].n ? kinds[kind].name : NULL, err);
    if (!status) status = vt_liveness_decide(&result, e->liveness, err);
    if (!status) count(&t->tallies[kind], &result);
    if (!status && t->each) tell(kind, (size_t)(scene.clip - t->clips), &result);
    vt__evidence_close(e);
    return status;
}

static void report_kind(vt__report *report, const tally *t, const char *name)
{
    char key[96];
    snprintf(key, sizeof key, "accepted_%s", name);
    vt__report_add(report, key, vt__share(t->accepted, t->n), true);
    snprintf(key, sizeof key, "accepted_%s_without_attack_network", name);
    vt__report_add(report, key, vt__share(t->by_geometry, t->n), true);
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++) {
        static const char *const names[VT_LIVENESS_CHECKS] = { "attack", "surround", "one_face", "times", "duplicates", "same_face",
                                                               "motion", "early", "nearness", "ground", "relief", "light" };
        if (!t->failed[i]) continue;
        snprintf(key, sizeof key, "%s_failed_%s", name, names[i]);
        vt__report_add(report, key, vt__share(t->failed[i], t->n), true);
    }
}

static void print(const vt__args *args, const vt_engine *engine, const trials *t, double seed)
{
    vt__report report;
    size_t attacks = 0, accepted = 0;
    for (int k = 1; k < kind_count; k++) {
        attacks += t->tallies[k].n;
        accepted += t->tallies[k].accepted;
    }
    vt__report_begin(&report, args, "challenge", engine, (uint64_t)seed, attacks + t->tallies[0].n);
    vt__report_add(&report, "accepted_attacks", vt__share(accepted, attacks), true);
    for (int k = 0; k < kind_count; k++)
        if (t->tallies[k].n) report_kind(&report, &t->tallies[k], kinds[k].name);
    vt__report_add(&report, "cpu_ms_a_frame", vt__plain(t->frames > 0 ? t->cpu_ms / t->frames : 0), false);
    vt__report_end(&report);
}

static vt_status open_clips(trials *t, const vt__args *args, vt_error *err)
{
    vt_status status = VT_OK;
    t->clips = vt__calloc((size_t)args->count, sizeof *t->clips);
    if (!t->clips) return VT_ENOMEM;
    for (int i = 0; i < args->count && !status; i++) {
        status = stage_clip_open(&t->clips[i], t->session, args->operands[i], err);
        t->clip_count += !status;
    }
    return status;
}

static int run(const vt__args *args)
{
    double attacks = 500, live = 60, seed = 1;
    vt__work work;
    vt__progress progress;
    vt_error err;
    if (args->count < 1 || args->count > max_clips) {
        fprintf(stderr, "vultus eval challenge: name 1 to %d clips of one person who mostly looks ahead\n", max_clips);
        return EXIT_WRONG_USE;
    }
    if (!vt__args_number(&attacks, args, "attacks", 0, 100000) || !vt__args_number(&live, args, "live", 0, 100000) ||
        !vt__args_number(&seed, args, "seed", 0, 1e15))
        return EXIT_WRONG_USE;
    int code = vt__work_open(&work, args);
    if (code) return code;
    trials t = { .session = work.session, .random = (uint64_t)seed, .save = vt__args_get(args, "save"), .each = vt__args_on(args, "each") };
    vt_status status = open_clips(&t, args, &err);
    size_t total = (size_t)attacks + (size_t)live;
    vt__progress_begin(&progress, args, "presentations", total);
    for (size_t i = 0; i < total && !status; i++) {
        status = present(&t, i < (size_t)live ? 0 : 1 + (int)((i - (size_t)live) % (kind_count - 1)), &err);
        vt__progress_step(&progress, i + 1);
    }
    vt__progress_clear(&progress);
    if (!status) print(args, work.engine, &t, seed);
    for (size_t i = 0; t.clips && i < t.clip_count; i++) stage_clip_close(&t.clips[i]);
    vt__free(t.clips);
    vt__work_close(&work);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_eval_challenge = {
    "eval challenge", "CLIP...", "simulate live people and attacks through the whole liveness challenge",
    "Each presentation is rendered from a clip's frames, encoded, and judged as the service judges what a device films. Turns,\n"
    "smiles, blinks and coming closer are made by laying the frames over a mean head in space, as the clips do not follow scripts.",
    options, run,
};
#endif
