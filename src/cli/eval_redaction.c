/* vultus eval redaction: videos redacted and held against faces that people marked: what was missed, what can be got back. */
#ifdef VULTUS_HAVE_VIDEO
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/inputs.h"
#include "cli/redact_video.h"
#include "cli/redaction_check.h"
#include "cli/report.h"
#include "video/bytes_io.h"
#include "video/quiet.h"

static const vt__option options[] = {
    { "annotations", "FILE", NULL, "the marked faces, as tests/data/README.md tells" },
    { "method", "NAME", "blur", "blur, pixelate or block" },
    { "min-score", "SCORE", "0.4", "as of `redact`" },
    { "min-face", "PX", "20", "as of `redact`" },
    { NULL, NULL, NULL, NULL },
};

enum { most_faces_of_person = 12, folder_bytes = 512 };

typedef struct evaluation {
    const vt__args *args;
    vt__work work;
    vt__marked marked;
    vt_redact_video_options how;
    char folder[folder_bytes]; /* for what is rendered; gone at the end */
    vt__redaction_tally tally;
    size_t videos;
    vt__progress bar;
} evaluation;

static bool read_how(evaluation *e)
{
    static const char *const methods[] = { "blur", "pixelate", "block", NULL };
    int method = 0;
    double min_score = 0.4, min_face = 20;
    if (!vt__args_choice(&method, e->args, "method", methods) || !vt__args_number(&min_score, e->args, "min-score", 0.01, 0.99) ||
        !vt__args_number(&min_face, e->args, "min-face", 4, 10000))
        return false;
    e->how = (vt_redact_video_options)VT_REDACT_VIDEO_OPTIONS_INIT;
    e->how.masks.method = (vt_redact_method)method;
    e->how.min_score = (float)min_score;
    e->how.min_face_px = (float)min_face;
    e->how.no_hardware = true;
    e->how.drop_audio = true;
    return true;
}

static vt_status make_folder(evaluation *e, vt_error *err)
{
    const char *base = getenv("TMPDIR");
    snprintf(e->folder, sizeof e->folder, "%s/vultus-eval-XXXXXX", base && *base ? base : "/tmp");
    return mkdtemp(e->folder) ? VT_OK : vt__fail(err, VT_EIO, "%s: no temporary folder can be made", e->folder);
}

static vt_status same_file(const char *path, const vt__marked_video *marked, vt_error *err)
{
    uint8_t digest[VT__SHA256_BYTES];
    char text[2 * VT__SHA256_BYTES + 1];
    vt_status status = vt__bytes_digest(digest, path, NULL, err);
    if (status) return status;
    vt__hex_encode(text, digest, sizeof digest);
    return strcmp(text, marked->digest) ? vt__fail(err, VT_EINTEGRITY, "the faces were marked on another file of this name") : VT_OK;
}

/* Renders both outputs of one plan, and checks them. */
static vt_status check_video(evaluation *e, const char *path, const vt__marked_video *marked, vt_error *err)
{
    char hidden[folder_bytes + 16], exact[folder_bytes + 16], manifest[folder_bytes + 16];
    vt_redact_video_options how = e->how;
    vt__plan plan;
    snprintf(hidden, sizeof hidden, "%s/hidden.mp4", e->folder);
    snprintf(exact, sizeof exact, "%s/exact.mkv", e->folder);
    snprintf(manifest, sizeof manifest, "%s/manifest.json", e->folder);
    how.manifest_path = manifest;
    vt_status status = same_file(path, marked, err);
    if (!status) status = vt_redact_video(NULL, hidden, path, e->work.engine, e->work.session, &how, err);
    how.manifest_path = NULL;
    how.lossless = true;
    if (!status) status = vt_redact_video_apply(NULL, exact, path, manifest, &how, err);
    if (!status) status = vt__manifest_read(&plan, manifest, err);
    if (!status) {
        const vt__redaction_paths paths = { path, hidden, exact };
        status = vt__redaction_check(&e->tally, &e->work, &paths, &plan, marked, err);
        vt__plan_free(&plan);
    }
    unlink(hidden);
    unlink(exact);
    unlink(manifest);
    return status;
}

static vt_status check_path(evaluation *e, const char *path, vt_error *err)
{
    const vt__marked_video *marked = vt__marked_of(&e->marked, path);
    if (!marked) return VT_OK;
    vt_status status = check_video(e, path, marked, err);
    if (status) vt__error_prefix(err, status, "%s", path);
    e->videos++;
    vt__progress_step(&e->bar, e->videos);
    return status;
}

static vt_status check_operand(evaluation *e, const char *operand, vt_error *err)
{
    vt__names names;
    if (!vt__folder_exists(operand)) return check_path(e, operand, err);
    vt_status status = vt__folder_list(&names, operand, err);
    for (size_t i = 0; i < names.count && !status; i++) {
        char *path = vt__path_join(operand, names.items[i]);
        status = path ? check_path(e, path, err) : vt__fail_memory(err, 64);
        vt__free(path);
    }
    vt__names_free(&names);
    return status;
}

/* ---- what templates of hidden faces are like ---- */

typedef struct scores {
    double *values;
    size_t count, reaching;
} scores;

static void add_score(scores *s, const vt_template *a, const vt_template *b, double threshold)
{
    double cosine = (double)vt_cosine(a->values, b->values, a->dimension);
    s->values[s->count++] = cosine;
    s->reaching += cosine >= threshold;
}

/* At most so many faces a person, evenly over their time, so that the longest clip does not decide alone. */
static size_t thin_out(vt__hidden_face *faces, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t all = 0, before = 0;
        for (size_t k = 0; k < count; k++) {
            all += faces[k].person == faces[i].person && k >= i;
            before += k < kept && faces[k].person == faces[i].person;
        }
        size_t left = most_faces_of_person - before;
        if (before < most_faces_of_person && (all <= left || i % ((all + left - 1) / left) == 0)) faces[kept++] = faces[i];
    }
    return kept;
}

static void print_scores(vt__report *report, const char *name, const scores *s)
{
    char text[64];
    snprintf(text, sizeof text, "%s_mean", name);
    vt__report_add(report, text, vt__mean(s->values, s->count, 1), false);
    snprintf(text, sizeof text, "%s_matched", name);
    vt__report_add(report, text, vt__share(s->reaching, s->count), true);
}

static vt_status print_templates(vt__report *report, evaluation *e, vt_error *err)
{
    vt__hidden_face *faces = e->tally.faces;
    size_t n = thin_out(faces, e->tally.faces_count);
    double threshold = (double)vt_engine_cosine(e->work.engine, VT_IDENTICAL_CONFIDENCE);
    scores lists[3] = { { 0 } }; /* bare faces against their person, hidden ones against theirs, and against strangers */
    vt_status status = VT_OK;
    for (int i = 0; i < 3; i++)
        if (!(lists[i].values = vt__malloc(n * n + 1, sizeof(double)))) status = vt__fail_memory(err, n * n * sizeof(double));
    for (size_t a = 0; a < n && !status; a++)
        for (size_t b = 0; b < n; b++) {
            if (a == b) continue;
            bool own = faces[a].person == faces[b].person;
            if (own) add_score(&lists[0], &faces[a].before, &faces[b].before, threshold);
            add_score(&lists[own ? 1 : 2], &faces[a].after, &faces[b].before, threshold);
        }
    if (!status) {
        vt__report_add(report, "templates", vt__plain((double)n), false);
        print_scores(report, "bare_own", &lists[0]);
        print_scores(report, "hidden_own", &lists[1]);
        print_scores(report, "hidden_strangers", &lists[2]);
    }
    for (int i = 0; i < 3; i++) vt__free(lists[i].values);
    return status;
}

static void print_noted(vt__report *report, const vt__redaction_tally *t)
{
    static const char *const kinds[] = { "missed", "uncertain, missed", "taken for a face" };
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < t->noted_count; i++) {
        const vt__noted *n = &t->noted[i];
        vt__json *one = vt__json_object();
        vt__json_set_string(one, "what", kinds[n->kind]);
        vt__json_set_string(one, "video", n->video);
        vt__json_set_integer(one, "frame", n->frame);
        vt__json_set_real(one, "value", (double)n->value);
        vt__json_append(list, one);
        if (!report->json)
            printf("  %s: %s, frame %lld, box %.0f %.0f %.0f %.0f, %s %.2f\n", kinds[n->kind], n->video, (long long)n->frame, (double)n->box.left,
                   (double)n->box.top, (double)n->box.width, (double)n->box.height, n->kind == VT__NOTED_FOUND ? "score" : "covered", (double)n->value);
    }
    vt__json_set(report->root, "noted", list);
}

static int print(evaluation *e)
{
    const vt__redaction_tally *t = &e->tally;
    vt__report report;
    vt_error err;
    vt__report_begin(&report, e->args, "redaction", e->work.engine, 1, t->certain);
    vt__report_add(&report, "recall_20px", vt__share(t->certain_covered, t->certain), true);
    vt__report_add(&report, "recall_uncertain", vt__share(t->unsure_covered, t->unsure), true);
    vt__report_add(&report, "frames_looked_again", vt__plain((double)t->frames_looked), false);
    vt__report_add(&report, "masks_taken_for_faces", vt__plain((double)t->found), false);
    vt_status status = print_templates(&report, e, &err);
    double mean = t->samples > 0 ? t->squared_error / t->samples : NAN;
    vt__report_add(&report, "psnr_outside_db", vt__plain(mean > 0 ? 10 * log10(255 * 255 / mean) : INFINITY), false);
    vt__report_add(&report, "lossless_changed", vt__plain((double)t->changed), false);
    vt__report_add(&report, "videos", vt__plain((double)e->videos), false);
    vt__report_add(&report, "frames", vt__plain((double)t->frames), false);
    print_noted(&report, t);
    int code = vt__report_end(&report);
    return status ? vt__complain(e->args, &err) : code;
}

static int evaluate(evaluation *e)
{
    vt_error err;
    vt_status status = make_folder(e, &err);
    vt__progress_begin(&e->bar, e->args, "checking", e->marked.count);
    for (int i = 0; i < e->args->count && !status; i++) status = check_operand(e, e->args->operands[i], &err);
    vt__progress_clear(&e->bar);
    rmdir(e->folder);
    if (!status && !e->videos) status = vt__fail(&err, VT_ENOTFOUND, "none of these files has marked faces");
    return status ? vt__complain(e->args, &err) : print(e);
}

static int run(const vt__args *args)
{
    evaluation e = { .args = args };
    vt_error err;
    const char *annotations = vt__args_get(args, "annotations");
    if (!annotations || !args->count) {
        fprintf(stderr, "vultus eval redaction: name videos or folders of them, and --annotations\n");
        return EXIT_WRONG_USE;
    }
    if (!read_how(&e)) return EXIT_WRONG_USE;
    vt__video_quiet();
    int code = vt__marked_read(&e.marked, annotations, &err) ? vt__complain(args, &err) : EXIT_FINE;
    if (!code) code = vt__work_open(&e.work, args);
    if (!code) {
        code = evaluate(&e);
        vt__work_close(&e.work);
    }
    vt__marked_free(&e.marked);
    vt__redaction_tally_free(&e.tally);
    return code;
}

const vt__command vt__command_eval_redaction = {
    "eval redaction", "VIDEO|FOLDER...", "measure redaction against faces that people marked",
    "Every video that has marked faces is redacted twice, with the default encoder and without loss, into a temporary folder.\n"
    "Covered: 90 % of a marked box under masks. Every miss, and every mask that the detector takes for a face, is listed.",
    options, run,
};
#endif
