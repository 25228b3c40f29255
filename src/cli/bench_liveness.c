/* vultus bench liveness: how long a liveness decision takes after the last frame. */
#ifdef VULTUS_HAVE_VIDEO
#include "base/clock.h"
#include "base/memory.h"
#include "cli/bench_networks.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/liveness_payload.h"
#include "cli/report.h"
#include "service/liveness_evidence.h"

static const vt__option options[] = {
    { "rounds", "N", "5", "times the film is judged" },
    { "seconds", "S", "10", "how long it lasts" },
    { "every", "MS", "100", "time between frames" },
    { NULL, NULL, NULL, NULL },
};

enum { max_rounds = 1000, max_parts = 64, part_ms = 1000 };

/* A film in parts of a second, as the web client sends it. */
typedef struct film {
    stage_payload payload;
    struct {
        uint8_t *bytes;
        size_t size;
    } parts[max_parts];
    size_t count, frames, size_bytes;
} film;

static const char script_text[] = "1 passive-active hold:0-1500 closer:1500-4200 left:4200-6200 right:6200-8200 colour:8200-8800:ff0000 "
                                  "colour:8800-9400:0000ff colour:9400-10000:00ff00";

static vt_status take(void *context, const stage_still *still, vt_error *err)
{
    film *f = context;
    vt_status status = VT_OK;
    if (f->count < max_parts && f->payload.bytes.size && still->time_ms >= (f->count + 1) * part_ms) {
        status = stage_payload_take(&f->parts[f->count].bytes, &f->parts[f->count].size, &f->payload, err);
        f->size_bytes += f->parts[f->count++].size;
    }
    stage_payload_add(&f->payload, still);
    f->frames++;
    return status;
}

static vt_status shoot(film *out, vt_session *session, const char *path, const vt_liveness_script *script, double seconds, double every_ms, vt_error *err)
{
    stage_clip clip;
    vt_status status = stage_clip_open(&clip, session, path, err);
    if (status) return status;
    stage_scene scene = stage_draw(&clip, script, 1);
    stage_payload_begin(&out->payload, "token");
    status = stage_film(&scene, (int32_t)(seconds * 1000) - 200, (float)every_ms, take, out, err);
    if (!status && out->count < max_parts && out->payload.bytes.size) {
        status = stage_payload_take(&out->parts[out->count].bytes, &out->parts[out->count].size, &out->payload, err);
        out->size_bytes += out->parts[out->count++].size;
    }
    vt__buffer_free(&out->payload.bytes);
    stage_clip_close(&clip);
    return status;
}

/* Milliseconds from the last part's arrival to the decision, and of all parts together. */
static vt_status judge(double *last_ms, double *all_ms, const film *f, vt_session *session, vt_error *err)
{
    vt__liveness_evidence *e;
    vt_liveness_result result;
    int64_t begun = vt__monotonic_ns(), last = begun;
    vt_status status = vt__evidence_open(&e, script_text, "token", err);
    for (size_t i = 0; i < f->count && !status; i++) {
        last = vt__monotonic_ns();
        status = vt__evidence_take(e, session, f->parts[i].bytes, f->parts[i].size, err);
    }
    if (!status) status = vt_liveness_decide(&result, e->liveness, err);
    int64_t end = vt__monotonic_ns();
    vt__evidence_close(e);
    *last_ms = (double)(end - last) / 1e6;
    *all_ms = (double)(end - begun) / 1e6;
    return status;
}

static vt_status measure(const vt__args *args, const film *f, const vt__work *work, size_t rounds, vt_error *err)
{
    double last[max_rounds], all[max_rounds], worst_last = 0, worst_all = 0, unused;
    vt__report report;
    vt_status status = judge(&unused, &unused, f, work->session, err); /* loads the networks */
    for (size_t r = 0; r < rounds && !status; r++) {
        status = judge(&last[r], &all[r], f, work->session, err);
        worst_last = fmax(worst_last, last[r]);
        worst_all = fmax(worst_all, all[r]);
    }
    if (status) return status;
    vt__report_begin(&report, args, "bench liveness", work->engine, 1, rounds);
    vt__report_add(&report, "frames", vt__plain((double)f->frames), false);
    vt__report_add(&report, "film_kib", vt__plain((double)f->size_bytes / 1024), false);
    vt__report_add(&report, "streamed_decision_ms", vt__plain(vt__median_of(last, rounds)), false);
    vt__report_add(&report, "streamed_decision_worst_ms", vt__plain(worst_last), false);
    vt__report_add(&report, "whole_film_decision_ms", vt__plain(vt__median_of(all, rounds)), false);
    vt__report_add(&report, "whole_film_decision_worst_ms", vt__plain(worst_all), false);
    vt__report_end(&report);
    return VT_OK;
}

static int run(const vt__args *args)
{
    double rounds = 5, seconds = 10, every_ms = 100;
    film f = { .count = 0 };
    vt__work work;
    vt_error err;
    vt_liveness_script script;
    if (args->count != 1) {
        fprintf(stderr, "vultus bench liveness: name a clip of one person who mostly looks ahead\n");
        return EXIT_WRONG_USE;
    }
    if (!vt__args_number(&rounds, args, "rounds", 1, max_rounds) || !vt__args_number(&seconds, args, "seconds", 1, 60) ||
        !vt__args_number(&every_ms, args, "every", 30, 1000))
        return EXIT_WRONG_USE;
    int code = vt__work_open(&work, args);
    if (code) return code;
    vt_status status = vt_liveness_script_read(&script, script_text, &err);
    if (!status) status = shoot(&f, work.session, args->operands[0], &script, seconds, every_ms, &err);
    if (!status) status = measure(args, &f, &work, (size_t)rounds, &err);
    for (size_t i = 0; i < f.count; i++) vt__free(f.parts[i].bytes);
    vt__work_close(&work);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_bench_liveness = {
    "bench liveness", "CLIP", "time from the last filmed frame to the liveness decision, on one core",
    "A rendered film of a person (as for `eval challenge`) is judged in parts of a second, as the web client sends it. streamed:\n"
    "from the arrival of the last part to the decision; whole_film: all of it, as if nothing had been looked at before.", options, run,
};
#endif
