/* vultus bench pipeline: where the time goes from bytes to template. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "face/detect.h"
#include "face/engine.h"

static const vt__option options[] = {
    { "rounds", "N", "30", "times every picture is processed" },
    { "workers", "N", NULL, "threads of the second measurement (default: all cores)" },
    { NULL, NULL, NULL, NULL },
};

enum { stage_decode = 0, stage_detect, stage_landmarks, stage_template, stages, max_rounds = 100000 };
static const char *const stage_names[stages] = { "decode", "detect", "landmarks", "template" };

typedef struct file_bytes {
    uint8_t *bytes;
    size_t size;
} file_bytes;

/* What the three networks of the path take by themselves, and a full decode, for comparison in the same run. */
typedef struct alone {
    double networks_ms, full_decode_ms;
} alone;

typedef struct bench {
    vt_engine *engine;
    file_bytes *files;
    size_t count, rounds;
} bench;

/* One picture, its largest face; adds each stage's time. Decoding what the detector needs is inside its stage when the
 * picture is large, so the first stage opens and decodes at the detector's scale. */
static vt_status process(double times_ms[stages], vt_session *session, const file_bytes *file, vt_error *err)
{
    vt_picture *picture;
    vt_pixels pixels;
    vt_faces faces = { 0 };
    static _Thread_local vt_template made;
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

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* Medians over rounds of each stage and of the whole, per picture. */
static vt_status measure_stages(double out_ms[stages], double *total_ms, const bench *b, vt_error *err)
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
    for (int s = 0; !status && s < stages; s++) out_ms[s] = median(rounds[s], b->rounds);
    if (!status) *total_ms = median(rounds[stages], b->rounds);
    vt_session_close(session);
    vt__free(all);
    return status;
}

/* Median time of one network on an input of `size`. */
static vt_status time_network(double *out_ms, const bench *b, vt__task task, vt_size size, size_t planes, double *times, vt_error *err)
{
    const vt__network *network;
    const vt__model *model;
    vt__scratch scratch = { 0 };
    size_t count = (size_t)size.width * (size_t)size.height * planes;
    vt_status status = vt__networks_get(&network, &model, b->engine->networks, task, err);
    if (!status) status = vt__scratch_need(&scratch, count, err);
    for (size_t i = 0; !status && i < count; i++) scratch.floats[i] = (float)(i * 2654435761u % 255) / (task == VT__TASK_DETECTOR ? 1 : 255);
    size_t outputs_count = 0;
    while (!status && vt__network_output_name(network, outputs_count)) outputs_count++;
    for (size_t r = 0; !status && r < b->rounds; r++) {
        vt__tensor input = { .name = model->input_name, .data = scratch.floats, .rank = 4, .count = count,
                             .shape = { 1, (int64_t)planes, size.height, size.width } };
        vt__outputs outputs;
        int64_t begin = vt__monotonic_ns();
        status = vt__network_run(&outputs, network, &input, NULL, outputs_count, err);
        times[r] = (double)(vt__monotonic_ns() - begin) / 1e6;
        vt__outputs_free(&outputs);
    }
    vt__scratch_free(&scratch);
    if (!status) *out_ms += median(times, b->rounds);
    return status;
}

/* The detector at the size that the pipeline chooses for the first picture, the landmark network twice (two passes), the
 * recognizer once; and the first picture decoded in full. */
static vt_status measure_alone(alone *out, const bench *b, vt_error *err)
{
    vt_picture *picture;
    *out = (alone){ 0, 0 };
    double *times = vt__calloc(b->rounds, sizeof *times);
    vt_status status = times ? vt_picture_open(&picture, b->files[0].bytes, b->files[0].size, NULL, err) : vt__fail_memory(err, b->rounds * 8);
    vt_size size = status ? (vt_size){ 1, 1 } : vt_picture_get_info(picture).size;
    if (!status) vt_picture_close(picture);
    vt_size input = vt__detector_input(size, 0);
    if (!status) status = time_network(&out->networks_ms, b, VT__TASK_DETECTOR, input, 3, times, err);
    for (int pass = 0; pass < 2 && !status; pass++) status = time_network(&out->networks_ms, b, VT__TASK_LANDMARKS, (vt_size){ 64, 64 }, 1, times, err);
    if (!status) status = time_network(&out->networks_ms, b, VT__TASK_RECOGNIZER, (vt_size){ 112, 112 }, 3, times, err);
    for (size_t r = 0; !status && r < b->rounds; r++) {
        vt_pixels pixels;
        int64_t begin = vt__monotonic_ns();
        status = vt_picture_open(&picture, b->files[0].bytes, b->files[0].size, NULL, err);
        if (status) break;
        status = vt_picture_decode(&pixels, picture, 1, err);
        times[r] = (double)(vt__monotonic_ns() - begin) / 1e6;
        vt_picture_close(picture);
    }
    if (!status) out->full_decode_ms = median(times, b->rounds);
    vt__free(times);
    return status;
}

static void *work(void *argument)
{
    bench *b = argument;
    vt_session *session;
    double times[stages] = { 0 };
    if (vt_session_open(&session, b->engine, NULL)) return NULL;
    for (size_t r = 0; r < b->rounds; r++)
        for (size_t i = 0; i < b->count; i++) process(times, session, &b->files[i], NULL);
    vt_session_close(session);
    return NULL;
}

/* Pictures a second with `workers` threads, each over all pictures. */
static double throughput(bench *b, int workers)
{
    pthread_t threads[64];
    int started = 0;
    int64_t begin = vt__monotonic_ns();
    while (started < workers && !pthread_create(&threads[started], NULL, work, b)) started++;
    for (int t = 0; t < started; t++) pthread_join(threads[t], NULL);
    return (double)started * (double)(b->rounds * b->count) / ((double)(vt__monotonic_ns() - begin) / 1e9);
}

static double resident_mib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (!file) return NAN;
    int fields = fscanf(file, "%*s %ld", &pages);
    fclose(file);
    return fields == 1 ? (double)pages * 4096 / (1 << 20) : NAN;
}

static void print(const vt__args *args, const bench *b, const double stage_ms[stages], double total_ms, double one, double many, int workers, const alone *by_themselves)
{
    vt__report report;
    vt__report_begin(&report, args, "bench pipeline", b->engine, 0, b->count * b->rounds);
    vt__json *by_stage = vt__json_object();
    for (int s = 0; s < stages; s++) {
        vt__json_set(by_stage, stage_names[s], vt__json_rounded(stage_ms[s], 4));
        if (!report.json) printf("  %-24s %9.3f ms\n", stage_names[s], stage_ms[s]);
    }
    vt__json_set(report.root, "stages", by_stage);
    vt__json_set(report.root, "total_ms", vt__json_rounded(total_ms, 4));
    vt__json_set(report.root, "images_per_s", vt__json_rounded(many, 2));
    vt__json_set(report.root, "rss_mib", vt__json_rounded(resident_mib(), 1));
    if (!report.json) printf("  %-24s %9.3f ms\n", "total", total_ms);
    vt__report_add(&report, "networks_alone_ms", vt__plain(by_themselves->networks_ms), false);
    vt__report_add(&report, "total_by_networks", vt__plain(total_ms / by_themselves->networks_ms), false);
    vt__report_add(&report, "full_decode_ms", vt__plain(by_themselves->full_decode_ms), false);
    vt__report_add(&report, "to_faces_ms", vt__plain(stage_ms[stage_decode] + stage_ms[stage_detect]), false);
    vt__report_add(&report, "images_per_s_one_worker", vt__plain(one), false);
    vt__report_add(&report, "images_per_s_workers", vt__plain(many), false);
    vt__report_add(&report, "workers", vt__plain(workers), false);
    vt__report_add(&report, "speed_up", vt__plain(many / one), false);
    if (!report.json) printf("  %-24s %9.1f MiB\n", "resident memory", resident_mib());
    vt__report_end(&report);
}

static vt_status measure(const vt__args *args, bench *b, int workers, vt_error *err)
{
    double stage_ms[stages], total_ms, one[3], many[3];
    alone by_themselves;
    vt_status status = measure_stages(stage_ms, &total_ms, b, err);
    if (!status) status = measure_alone(&by_themselves, b, err);
    for (int i = 0; !status && i < 3; i++) { /* alternating, so that noise falls on both */
        one[i] = throughput(b, 1);
        many[i] = throughput(b, workers);
    }
    if (!status) print(args, b, stage_ms, total_ms, median(one, 3), median(many, 3), workers, &by_themselves);
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
    "bench pipeline", "PICTURE...", "time from bytes to template, by stage, one worker and all cores", "Medians over the rounds; the largest face of each picture counts.", options, run,
};
