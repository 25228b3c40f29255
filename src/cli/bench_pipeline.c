/* vultus bench pipeline: where the time goes from bytes to template. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/bench_networks.h"
#include "cli/bench_workers.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "face/detect.h"

static const vt__option options[] = {
    { "rounds", "N", "30", "times every picture is processed" },
    { "workers", "N", NULL, "threads of the second measurement (default: all cores)" },
    { NULL, NULL, NULL, NULL },
};

enum { stage_decode = 0, stage_detect, stage_landmarks, stage_template, stages, max_rounds = 100000, turns = 3 };
enum { large_width_px = 4000, large_height_px = 3000, most_grain = 24, large_rounds = 10 };
static const char *const stage_names[stages] = { "decode", "detect", "landmarks", "template" };

typedef struct file_bytes {
    uint8_t *bytes;
    size_t size;
} file_bytes;

typedef struct bench {
    vt_engine *engine;
    file_bytes *files;
    size_t count, rounds;
} bench;

/* What is printed. */
typedef struct results {
    double stage_ms[stages], total_ms;
    vt__networks_alone alone;
    double large_to_faces_ms, large_full_decode_ms, large_bytes;
    double one_per_s, many_per_s, one_cpu_ms, many_cpu_ms;
    double first_mib, last_mib; /* resident, behind the workers' first and last turn */
    int workers;
} results;

/* One picture, its largest face; adds each stage's time. Decoding what the detector needs is inside its stage when the
 * picture is large, so the first stage opens and decodes at the detector's scale. */
static vt_status process(double times_ms[stages], vt_session *session, const file_bytes *file, vt_error *err)
{
    vt_picture *picture;
    vt_pixels pixels;
    vt_faces faces = { 0 };
    vt_template made;
    int64_t marks[stages + 1];
    marks[0] = vt__monotonic_ns();
    vt_status status = vt_picture_open(&picture, file->bytes, file->size, NULL, err);
    if (status) return status;
    vt_size size = vt_picture_get_info(picture).size, input = vt__detector_input(size, 0);
    status = vt_picture_decode(&pixels, picture, size.width > input.width ? (float)input.width / (float)size.width : 1, err);
    marks[1] = vt__monotonic_ns();
    if (!status) status = vt_session_detect(&faces, session, picture, NULL, err);
    marks[2] = vt__monotonic_ns();
    if (!status && faces.count) status = vt_session_complete(&faces.items[0], session, picture, VT_WANT_LANDMARKS, err);
    marks[3] = vt__monotonic_ns();
    if (!status && faces.count) status = vt_session_template(&made, session, picture, &faces.items[0], err);
    marks[4] = vt__monotonic_ns();
    for (int s = 0; s < stages; s++) times_ms[s] += (double)(marks[s + 1] - marks[s]) / 1e6;
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return status;
}

/* Medians over rounds of each stage and of the whole, per picture. */
static vt_status measure_stages(results *out, const bench *b, vt_error *err)
{
    double *rounds[stages + 1];
    vt_session *session = NULL;
    double *all = vt__calloc(b->rounds * (stages + 1), sizeof *all);
    vt_status status = all ? vt_session_open(&session, b->engine, err) : vt__fail_memory(err, b->rounds * 40);
    for (int s = 0; s <= stages; s++) rounds[s] = all + (size_t)s * b->rounds;
    for (size_t r = 0; !status && r <= b->rounds; r++) { /* the first round loads networks and is not counted */
        double times[stages] = { 0 };
        for (size_t i = 0; !status && i < b->count; i++) status = process(times, session, &b->files[i], err);
        for (int s = 0; r && s < stages; s++) {
            rounds[s][r - 1] = times[s] / (double)b->count;
            rounds[stages][r - 1] += times[s] / (double)b->count;
        }
    }
    for (int s = 0; !status && s < stages; s++) out->stage_ms[s] = vt__median_of(rounds[s], b->rounds);
    if (!status) out->total_ms = vt__median_of(rounds[stages], b->rounds);
    vt_session_close(session);
    vt__free(all);
    return status;
}

static vt_status size_of(vt_size *out, const file_bytes *file, vt_error *err)
{
    vt_picture *picture;
    vt_status status = vt_picture_open(&picture, file->bytes, file->size, NULL, err);
    if (status) return status;
    *out = vt_picture_get_info(picture).size;
    vt_picture_close(picture);
    return VT_OK;
}

/* Grain like a camera's, without which an enlarged picture would be far easier to decode than a photograph. */
static void add_grain(vt_pixels *pixels)
{
    uint32_t random = 1;
    for (int y = 0; y < pixels->size.height; y++) {
        uint8_t *row = pixels->data + (size_t)y * pixels->stride_bytes;
        for (int x = 0; x < 3 * pixels->size.width; x++) {
            random = random * 1664525u + 1013904223u;
            int value = row[x] + (int)((random >> 16) % most_grain) - most_grain / 2;
            row[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
}

/* The first picture at 12 megapixels, as JPEG. vt_bytes_free the bytes. */
static vt_status make_large(file_bytes *out, const file_bytes *file, vt_error *err)
{
    vt_picture *picture;
    vt_pixels pixels, large;
    vt_status status = vt_picture_open(&picture, file->bytes, file->size, NULL, err);
    if (status) return status;
    status = vt_picture_decode(&pixels, picture, 1, err);
    if (!status) status = vt__resize(&large, &pixels, (vt_size){ large_width_px, large_height_px }, err);
    vt_picture_close(picture);
    if (status) return status;
    add_grain(&large);
    status = vt_pixels_encode(&out->bytes, &out->size, &large, VT_FORMAT_JPEG, NULL, err);
    vt_pixels_free(&large);
    return status;
}

/* Bytes to pixels at full size (session NULL) or to faces. */
static vt_status time_large(double *out_ms, vt_session *session, const file_bytes *file, vt_error *err)
{
    vt_picture *picture;
    vt_pixels pixels;
    vt_faces faces = { 0 };
    int64_t begin = vt__monotonic_ns();
    vt_status status = vt_picture_open(&picture, file->bytes, file->size, NULL, err);
    if (status) return status;
    status = session ? vt_session_detect(&faces, session, picture, NULL, err) : vt_picture_decode(&pixels, picture, 1, err);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    *out_ms = (double)(vt__monotonic_ns() - begin) / 1e6;
    return status;
}

static vt_status measure_large(results *out, const bench *b, vt_error *err)
{
    file_bytes large = { 0 };
    vt_session *session = NULL;
    double faces[large_rounds], decode[large_rounds];
    vt_status status = make_large(&large, &b->files[0], err);
    if (!status) status = vt_session_open(&session, b->engine, err);
    for (int r = 0; !status && r < large_rounds; r++) { /* in turns, so that noise falls on both */
        status = time_large(&faces[r], session, &large, err);
        if (!status) status = time_large(&decode[r], NULL, &large, err);
    }
    if (!status) {
        out->large_bytes = (double)large.size;
        out->large_to_faces_ms = vt__median_of(faces, large_rounds);
        out->large_full_decode_ms = vt__median_of(decode, large_rounds);
    }
    vt_session_close(session);
    vt_bytes_free(large.bytes);
    return status;
}

static vt_status work(void *context, int number, vt_error *err)
{
    const bench *b = context;
    vt_session *session;
    double times[stages] = { 0 };
    vt_status status = vt_session_open(&session, b->engine, err);
    if (status) return status;
    for (size_t r = 0; !status && r < b->rounds; r++)
        for (size_t i = 0; !status && i < b->count; i++) status = process(times, session, &b->files[(i + (size_t)number) % b->count], err);
    vt_session_close(session);
    return status;
}

/* Every worker goes through all pictures; turns of one and of many alternate. */
static vt_status measure_workers(results *out, bench *b, vt_error *err)
{
    double one_s[turns], many_s[turns], one_cpu[turns], many_cpu[turns], pictures = (double)(b->rounds * b->count);
    vt_status status = VT_OK;
    for (int t = 0; !status && t < turns; t++) {
        vt__workers_cost cost;
        status = vt__workers_run(&cost, 1, work, b, err);
        one_s[t] = pictures / cost.wall_s, one_cpu[t] = cost.cpu_s * 1e3 / pictures;
        if (!status) status = vt__workers_run(&cost, out->workers, work, b, err);
        many_s[t] = pictures * out->workers / cost.wall_s, many_cpu[t] = cost.cpu_s * 1e3 / pictures / out->workers;
        *(t ? &out->last_mib : &out->first_mib) = vt__resident_mib();
    }
    if (status) return status;
    out->one_per_s = vt__median_of(one_s, turns), out->many_per_s = vt__median_of(many_s, turns);
    out->one_cpu_ms = vt__median_of(one_cpu, turns), out->many_cpu_ms = vt__median_of(many_cpu, turns);
    return VT_OK;
}

static void print(const vt__args *args, const bench *b, const results *r)
{
    vt__report report;
    vt__report_begin(&report, args, "bench pipeline", b->engine, 0, b->count * b->rounds);
    vt__json *by_stage = vt__json_object();
    for (int s = 0; s < stages; s++) {
        vt__json_set(by_stage, stage_names[s], vt__json_rounded(r->stage_ms[s], 4));
        if (!report.json) printf("  %-26s %9.3f ms\n", stage_names[s], r->stage_ms[s]);
    }
    vt__json_set(report.root, "stages", by_stage);
    vt__json_set(report.root, "total_ms", vt__json_rounded(r->total_ms, 4));
    vt__json_set(report.root, "images_per_s", vt__json_rounded(r->many_per_s, 2));
    vt__json_set(report.root, "rss_mib", vt__json_rounded(r->last_mib, 1));
    if (!report.json) printf("  %-26s %9.3f ms\n", "total", r->total_ms);
    const struct {
        const char *name;
        double value;
    } lines[] = {
        { "networks_alone_ms", r->alone.sum_ms },
        { "total_by_networks", r->total_ms / r->alone.sum_ms },
        { "denormals_flushed_ms", r->alone.flushed_ms },
        { "denormals_kept_ms", r->alone.unflushed_ms },
        { "denormals_ratio", r->alone.unflushed_ms / r->alone.flushed_ms },
        { "12mp_jpeg_mib", r->large_bytes / (1 << 20) },
        { "12mp_to_faces_ms", r->large_to_faces_ms },
        { "12mp_full_decode_ms", r->large_full_decode_ms },
        { "images_per_s_one_worker", r->one_per_s },
        { "images_per_s_workers", r->many_per_s },
        { "workers", r->workers },
        { "speed_up", r->many_per_s / r->one_per_s },
        { "cpu_ms_one_worker", r->one_cpu_ms },
        { "cpu_ms_workers", r->many_cpu_ms },
        { "resident_first_mib", r->first_mib },
        { "resident_last_mib", r->last_mib },
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) vt__report_add(&report, lines[i].name, vt__plain(lines[i].value), false);
    vt__report_end(&report);
}

static vt_status measure(const vt__args *args, bench *b, int workers, vt_error *err)
{
    results r = { .workers = workers };
    vt_size size;
    vt_status status = size_of(&size, &b->files[0], err);
    if (!status) status = measure_stages(&r, b, err);
    if (!status) status = vt__networks_alone_measure(&r.alone, b->engine, size, b->rounds, err);
    if (!status) status = measure_workers(&r, b, err);
    if (!status) status = measure_large(&r, b, err);
    if (!status) print(args, b, &r);
    return status;
}

static vt_status read_files(bench *b, const vt__names *paths, vt_error *err)
{
    b->files = vt__calloc(paths->count, sizeof *b->files);
    if (!b->files) return vt__fail_memory(err, paths->count * sizeof *b->files);
    vt_status status = VT_OK;
    for (; !status && b->count < paths->count; b->count++)
        status = vt__file_read(&b->files[b->count].bytes, &b->files[b->count].size, paths->items[b->count], 256 << 20, err);
    return status;
}

static int run(const vt__args *args)
{
    double rounds = 30, workers = vt__cpu_count();
    vt__names paths;
    vt_error err;
    if (!vt__args_number(&rounds, args, "rounds", 1, max_rounds) || !vt__args_number(&workers, args, "workers", 1, 64)) return EXIT_WRONG_USE;
    if (!args->count) {
        fprintf(stderr, "vultus bench pipeline: name pictures\n");
        return EXIT_WRONG_USE;
    }
    if (vt__inputs_find(&paths, args, 0, &err)) return vt__complain(args, &err);
    vt__work opened;
    int code = vt__work_open(&opened, args);
    if (!code) {
        bench b = { .engine = opened.engine, .rounds = (size_t)rounds };
        vt_status status = read_files(&b, &paths, &err);
        if (!status) status = measure(args, &b, (int)workers, &err);
        if (status) code = vt__complain(args, &err);
        for (size_t i = 0; i < b.count; i++) vt__free(b.files[i].bytes);
        vt__free(b.files);
        vt__work_close(&opened);
    }
    vt__names_free(&paths);
    return code;
}

const vt__command vt__command_bench_pipeline = {
    "bench pipeline", "PICTURE...", "time from bytes to template, by stage, one worker and all cores",
    "Medians over the rounds; the largest face of each picture counts. networks_alone: the same networks on noise, without\n"
    "anything round them. denormals: the recognizer on a nearly black input, with denormal floats flushed and kept. 12mp:\n"
    "the first picture enlarged, with grain, to 4000x3000. cpu_ms: processor time a picture. resident_first and _last: behind\n"
    "the first and the last of three turns of the workers, each of which goes through every picture in every round.", options, run,
};
