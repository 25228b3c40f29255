/* vultus bench files: how soon an index is ready to search out of its files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/report.h"
#include "face/axes.h"
#include "match/index_file.h"

static const vt__option options[] = {
    { "n", "N", "100000", "templates" },
    { "folder", "FOLDER", NULL, "where the files are made, and removed afterwards (2.3 KB a template)" },
    { "rounds", "N", "5", "times that they are opened" },
    { "seed", "N", "1", "of the templates" },
    { NULL, NULL, NULL, NULL },
};

enum { MOST_ROUNDS = 100 };

typedef struct file_bench {
    size_t n, rounds;
    uint64_t seed;
    vt__axes axes;
    vt__index_place place;
    double build_s, open_ms[MOST_ROUNDS], find_ms[MOST_ROUNDS];
    size_t scan_bytes, row_bytes;
} file_bench;

/* A template that depends on its number only: along the axes, with falling variance (deviation e^(-k/60)). */
static void template_of(float *out, const file_bench *b, size_t number)
{
    uint64_t state = b->seed * 0x9E3779B97F4A7C15u + number * 0xBF58476D1CE4E5B9u + 1;
    double sum = 0;
    memset(out, 0, b->axes.dimension * sizeof *out);
    for (uint32_t k = 0; k < b->axes.width; k++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        float along = (float)(int32_t)(state >> 32) * expf(-(float)k / 60);
        const float *axis = b->axes.axes ? b->axes.axes + (size_t)k * b->axes.dimension : NULL;
        for (uint32_t i = 0; axis && i < b->axes.dimension; i++) out[i] += along * axis[i];
        if (!axis) out[k] = along;
    }
    for (uint32_t i = 0; i < b->axes.dimension; i++) sum += (double)out[i] * out[i];
    for (uint32_t i = 0; i < b->axes.dimension; i++) out[i] /= (float)sqrt(sum);
}

static vt__index_id id_of(size_t number)
{
    vt__index_id id = { { 1 } };
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static vt_status build(file_bench *b, vt_error *err)
{
    float values[VT__CODE_MAX_DIMENSION];
    vt__index *index = NULL;
    vt_status status = vt__index_file_make(&index, &b->axes, &b->place, err);
    int64_t spent = 0;
    for (size_t i = 0; i < b->n && !status; i++) {
        vt__index_id id = id_of(i), person = id_of(i / 5);
        template_of(values, b, i);
        int64_t begin = vt__monotonic_ns();
        status = vt__index_add(index, &id, &person, 0, values, err);
        spent += vt__monotonic_ns() - begin;
    }
    const vt__index_stamp stamp = { 1, 1, 1, "bench" };
    int64_t added = vt__monotonic_ns();
    if (!status) status = vt__index_file_stamp(index, &stamp, err);
    b->build_s = (double)(spent + vt__monotonic_ns() - added) / 1e9;
    b->scan_bytes = index ? vt__index_scan_bytes(index) : 0;
    b->row_bytes = index ? vt__index_row_bytes(index) : 0;
    if (index) vt__index_close(index);
    return status;
}

/* Opens the files and finds a template that is in them. */
static vt_status open_once(file_bench *b, size_t round, vt_error *err)
{
    float probe[VT__CODE_MAX_DIMENSION];
    vt__index *index = NULL;
    vt__index_stamp stamp;
    vt__index_hit hit;
    uint32_t dimension;
    size_t found = 0, wanted = round * 7919 % b->n;
    template_of(probe, b, wanted);
    int64_t begin = vt__monotonic_ns();
    vt_status status = vt__index_file_open(&index, &stamp, &dimension, &b->axes, &b->place, err);
    if (status) return status;
    int64_t opened = vt__monotonic_ns();
    const vt__index_query query = { .probes = probe, .count = 1, .k = 1, .min_cosine = 0.9f };
    status = vt__index_search(&hit, &found, index, &query, err);
    b->open_ms[round] = (double)(opened - begin) / 1e6;
    b->find_ms[round] = (double)(vt__monotonic_ns() - opened) / 1e6;
    vt__index_id id = id_of(wanted);
    if (!status && (found != 1 || memcmp(&hit.id, &id, sizeof id))) status = vt__fail(err, VT_EINTERNAL, "template %zu was not found", wanted);
    vt__index_close(index);
    return status;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static vt_status measure(const vt__args *args, file_bench *b, const vt_engine *engine, vt_error *err)
{
    vt_status status = build(b, err);
    for (size_t r = 0; r < b->rounds && !status; r++) status = open_once(b, r, err);
    unlink(b->place.codes);
    unlink(b->place.vectors);
    if (status) return status;
    vt__report report;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    qsort(b->open_ms, b->rounds, sizeof b->open_ms[0], compare);
    qsort(b->find_ms, b->rounds, sizeof b->find_ms[0], compare);
    vt__report_begin(&report, args, "bench files", engine, b->seed, b->n);
    vt__report_add(&report, "build_s", vt__plain(b->build_s), false);
    vt__report_add(&report, "open_ms", vt__plain(b->open_ms[b->rounds / 2]), false);
    vt__report_add(&report, "open_worst_ms", vt__plain(b->open_ms[b->rounds - 1]), false);
    vt__report_add(&report, "first_search_ms", vt__plain(b->find_ms[b->rounds / 2]), false);
    vt__report_add(&report, "scan_bytes_per_template", vt__plain((double)b->scan_bytes), false);
    vt__report_add(&report, "memory_bytes_per_template", vt__plain((double)b->row_bytes), false);
    vt__report_add(&report, "peak_resident_mib", vt__plain((double)use.ru_maxrss / 1024), false);
    vt__report_end(&report);
    return VT_OK;
}

static int run(const vt__args *args)
{
    double n = 100000, rounds = 5, seed = 1;
    if (!vt__args_number(&n, args, "n", 1, 2e7) || !vt__args_number(&rounds, args, "rounds", 1, MOST_ROUNDS) ||
        !vt__args_number(&seed, args, "seed", 0, 1e9))
        return EXIT_WRONG_USE;
    const char *folder = vt__args_get(args, "folder");
    char *codes = vt__path_join(folder ? folder : ".", "bench.codes"), *vectors = vt__path_join(folder ? folder : ".", "bench.vectors");
    vt__work work;
    vt_error err;
    uint8_t key[VT__KEY_BYTES];
    float *own = NULL;
    int code = vt__work_open(&work, args);
    if (!code) {
        file_bench b = { .n = (size_t)n, .rounds = (size_t)rounds, .seed = (uint64_t)seed, .place = { codes, vectors, key } };
        vt__random_bytes(key, sizeof key);
        vt_status status = codes && vectors ? vt__engine_axes(&b.axes, &own, work.engine, &err) : vt__fail_memory(&err, 64);
        if (!status) status = measure(args, &b, work.engine, &err);
        if (status) code = vt__complain(args, &err);
        vt__work_close(&work);
    }
    vt__free(own);
    vt__free(codes);
    vt__free(vectors);
    return code;
}

const vt__command vt__command_bench_files = {
    "bench files", "", "how soon an index is ready to search out of its files",
    "Makes the two files of an index from seeded templates, opens them some times and searches once each time.", options, run,
};
