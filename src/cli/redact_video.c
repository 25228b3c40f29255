#include "cli/redact_video.h"

#include <string.h>
#include <strings.h>

#ifdef VULTUS_HAVE_VIDEO

#include <signal.h>
#include <vultus/redact_video.h>

#include "cli/inputs.h"
#include "cli/gallery_open.h"
#include "cli/people.h"
#include "video/quiet.h"

bool vt__video_ending(const char *path)
{
    static const char *const endings[] = { ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif" };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot, endings[i])) return true;
    return false;
}

/* Set by SIGINT and SIGTERM: a program has one such flag, the library none. */
static volatile sig_atomic_t interrupted;
static void on_signal(int number) { interrupted = number; }
static bool is_cancelled(void *payload)
{
    (void)payload;
    return interrupted != 0;
}

typedef struct bars {
    vt__progress bar;
    const vt__args *args;
    int pass;
} bars;

static void on_progress(void *payload, int pass, double share)
{
    bars *b = payload;
    if (pass != b->pass) vt__progress_begin(&b->bar, b->args, pass == 1 ? "looking" : "rendering", 1000);
    b->pass = pass;
    if (share >= 0) vt__progress_step(&b->bar, (size_t)(share * 1000));
}

static void clear(const vt_redact_video_options *options)
{
    bars *b = options->payload;
    vt__progress_clear(&b->bar);
}

static bool read_options(vt_redact_video_options *out, const vt__args *args, const vt_redact_options *masks, double min_face_px, double min_score)
{
    static const char *const sounds[] = { "keep", "drop", "beep", NULL };
    int sound = 0;
    if (!vt__args_choice(&sound, args, "audio", sounds)) return false;
    *out = (vt_redact_video_options)VT_REDACT_VIDEO_OPTIONS_INIT;
    out->masks = *masks;
    out->min_face_px = (float)min_face_px;
    out->min_score = (float)min_score;
    out->lossless = vt__args_on(args, "lossless");
    out->no_hardware = vt__args_on(args, "no-hardware");
    out->drop_audio = sound == 1;
    out->beep_audio = sound == 2;
    out->manifest_path = vt__args_get(args, "manifest");
    out->review_path = vt__args_get(args, "review");
    out->video.cancelled = is_cancelled;
    return true;
}

/* Chosen people, and the registered use that this needs: without any, the service is not opened at all. */
static int open_for(vt__gallery_work *out, const vt__args *args, bool chosen)
{
    *out = (vt__gallery_work){ 0 };
    return chosen ? vt__permitted_work_open(out, args, VT__ACTION_HIDE_PERSON) : vt__work_open(&out->work, args);
}

static vt__code redact(vt_redact_video_report *report, const vt__args *args, vt__gallery_work *work, vt_redact_video_options *options, vt_error *err)
{
    const char *keep = vt__args_get(args, "keep"), *whom = keep ? keep : vt__args_get(args, "only");
    vt__people known = { 0 };
    vt__code code = whom ? vt__people_read(&known, work, VT__ACTION_HIDE_PERSON, whom, err) : VT__CODE_OK;
    options->whom = keep ? VT_REDACT_ALL_BUT : whom ? VT_REDACT_ONLY : VT_REDACT_EVERYONE;
    options->people = known.items;
    options->people_count = known.count;
    if (!code) code = vt__code_of(vt_redact_video(report, args->operands[1], args->operands[0], work->work.engine, work->work.session, options, err));
    const vt__audit_entry entry = { .action = VT__ACTION_HIDE_PERSON, .faces = known.count, .threshold = -1, .code = code };
    if (whom) vt__audit_record(work->service, &work->caller, &entry);
    vt__people_free(&known);
    return code;
}

static int look_and_hide(vt_redact_video_report *report, const vt__args *args, vt_redact_video_options *options)
{
    vt__gallery_work work;
    vt_error err;
    int exit_code = open_for(&work, args, vt__args_get(args, "keep") || vt__args_get(args, "only"));
    if (exit_code) return exit_code;
    vt__code code = redact(report, args, &work, options, &err);
    clear(options);
    if (code) exit_code = vt__complain_code(args, code, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

static int apply(vt_redact_video_report *report, const vt__args *args, const char *manifest, vt_redact_video_options *options)
{
    vt_error err;
    vt_status status = vt_redact_video_apply(report, args->operands[1], args->operands[0], manifest, options, &err);
    clear(options);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

static void tell(const vt__args *args, const vt_redact_video_report *report)
{
    if (vt__args_on(args, "json"))
        printf("{\"frames\":%lld,\"tracks\":%zu,\"hidden\":%zu,\"encoder\":\"%s\"}\n", (long long)report->frames, report->tracks, report->hidden_tracks, report->encoder);
    else
        printf("%s: %zu of %zu tracks hidden in %lld frames -> %s (%s)\n", args->operands[0], report->hidden_tracks, report->tracks, (long long)report->frames,
               args->operands[1], report->encoder);
}

int vt__redact_video_command(const vt__args *args, const vt_redact_options *masks, double min_face_px, double min_score)
{
    vt_redact_video_options options;
    vt_redact_video_report report;
    const char *manifest = vt__args_get(args, "apply");
    bars progress = { .args = args };
    if (args->count != 2) {
        fprintf(stderr, "vultus redact: name one video, and the video to write\n");
        return EXIT_WRONG_USE;
    }
    if (vt__args_get(args, "keep") && vt__args_get(args, "only")) {
        fprintf(stderr, "vultus redact: --keep and --only exclude each other\n");
        return EXIT_WRONG_USE;
    }
    if (!read_options(&options, args, masks, min_face_px, min_score)) return EXIT_WRONG_USE;
    options.on_progress = on_progress;
    options.payload = &progress;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    vt__video_quiet();
    int exit_code = manifest ? apply(&report, args, manifest, &options) : look_and_hide(&report, args, &options);
    if (exit_code == EXIT_FINE) tell(args, &report);
    return exit_code;
}

#else

bool vt__video_ending(const char *path)
{
    (void)path;
    return false;
}

int vt__redact_video_command(const vt__args *args, const vt_redact_options *masks, double min_face_px, double min_score)
{
    (void)args, (void)masks, (void)min_face_px, (void)min_score;
    return EXIT_WRONG_USE;
}

#endif
