/* vultus bench search: latency and exactness of the 1:N index on seeded templates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/report.h"
#include "face/axes.h"
#include "match/index.h"

static const vt__option options[] = {
    { "n", "N", "100000", "templates" },
    { "probes", "N", "64", "searches measured" },
    { "batch", "N", "1", "probes searched in one call" },
    { "keep", "SHARE", "1", "share of the templates that a group filter lets through" },
    { "seed", "N", "1", "of the templates" },
    { "save", "FOLDER", NULL, "write rows.f32 and probes.f32 there, for other programs on the same vectors" },
    { NULL, NULL, NULL, NULL },
};

enum { hits_wanted = 10, family = 5 };

typedef struct search_bench {
    size_t n, probes, batch, filter_every;
    uint64_t seed;
    uint32_t dimension, width;
    const float *axes;
    float *axes_own, *rows, *probe_rows;
    vt__index *index;
} search_bench;

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Sum of four uniforms: near enough to normal, and cheap for 160 million of them. */
static float near_normal(uint64_t *state)
{
    uint64_t bits = next_random(state);
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += (float)(bits >> 16 * i & 0xFFFF);
    return (sum / 65535 - 2) * 1.7320508f;
}

/* A template along the axes with falling variance (deviation e^(-k/60)); each fifth begins a person, and the others of
 * the person stand at a cosine of about 0.65 to it, as real mated pairs do. */
static void make_template(float *out, const search_bench *b, const float *person, uint64_t *state)
{
    memset(out, 0, b->dimension * sizeof *out);
    for (uint32_t k = 0; k < b->width; k++) {
        float along = near_normal(state) * expf(-(float)k / 60);
        const float *axis = b->axes ? b->axes + (size_t)k * b->dimension : NULL;
        for (uint32_t i = 0; axis && i < b->dimension; i++) out[i] += along * axis[i];
        if (!axis) out[k] += along;
    }
    double sum = 1e-12;
    for (uint32_t i = 0; i < b->dimension; i++) sum += (double)out[i] * out[i];
    for (uint32_t i = 0; i < b->dimension; i++) out[i] /= (float)sqrt(sum);
    if (!person) return;
    sum = 1e-12;
    for (uint32_t i = 0; i < b->dimension; i++) {
        out[i] = 0.81f * person[i] + 0.59f * out[i];
        sum += (double)out[i] * out[i];
    }
    for (uint32_t i = 0; i < b->dimension; i++) out[i] /= (float)sqrt(sum);
}

static vt_status fill(search_bench *b, double *add_s, vt_error *err)
{
    uint64_t state = b->seed;
    b->rows = vt__malloc(b->n * b->dimension, sizeof(float));
    b->probe_rows = vt__malloc(b->probes * b->dimension, sizeof(float));
    if (!b->rows || !b->probe_rows) return vt__fail_memory(err, b->n * b->dimension * sizeof(float));
    for (size_t i = 0; i < b->n; i++)
        make_template(b->rows + i * b->dimension, b, i % family ? b->rows + i / family * family * b->dimension : NULL, &state);
    for (size_t p = 0; p < b->probes; p++)
        make_template(b->probe_rows + p * b->dimension, b, p % 2 && b->n ? b->rows + p * 7919 % b->n / family * family * b->dimension : NULL, &state);
    vt__axes axes = { b->dimension, b->width, b->axes };
    vt_status status = vt__index_open(&b->index, &axes, err);
    int64_t begin = vt__monotonic_ns();
    for (size_t i = 0; i < b->n && !status; i++) {
        vt__index_id id = { { 0 } }, person = { { 1 } };
        memcpy(id.bytes + 8, &i, sizeof i);
        size_t whose = i / family;
        memcpy(person.bytes + 8, &whose, sizeof whose);
        status = vt__index_add(b->index, &id, &person, (uint32_t)(i % b->filter_every), b->rows + i * b->dimension, err);
    }
    *add_s = (double)(vt__monotonic_ns() - begin) / 1e9;
    return status;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct timing {
    double p50_ms, p99_ms;
} timing;

/* Milliseconds a probe, over calls of `batch` probes. */
static vt_status time_search(timing *out, vt__index_hit *hits, size_t *found, const search_bench *b, bool by_float, bool by_person, size_t batch, vt_error *err)
{
    static const uint32_t first_group = 0;
    double *times = vt__calloc(b->probes / batch + 1, sizeof *times);
    vt_status status = times ? VT_OK : vt__fail_memory(err, b->probes * sizeof *times);
    size_t calls = 0;
    for (size_t p = 0; p + batch <= b->probes && !status; p += batch, calls++) {
        vt__index_query query = { .probes = b->probe_rows + p * b->dimension, .count = batch, .k = hits_wanted, .min_cosine = -1,
                                  .by_float = by_float, .by_person = by_person, .group = b->filter_every > 1 ? &first_group : NULL };
        int64_t begin = vt__monotonic_ns();
        status = vt__index_search(hits + p * hits_wanted, found + p, b->index, &query, err);
        times[calls] = (double)(vt__monotonic_ns() - begin) / 1e6 / (double)batch;
    }
    if (!status && calls) {
        qsort(times, calls, sizeof *times, compare);
        *out = (timing){ times[calls / 2], times[calls * 99 / 100] };
    }
    vt__free(times);
    return status;
}

/* Milliseconds to read as many bytes as a scan reads, summing them: what memory gives. */
static double read_ms(const search_bench *b)
{
    size_t words = b->n * vt__index_scan_bytes(b->index) / sizeof(uint64_t);
    uint64_t *memory = vt__calloc_aligned(words, sizeof *memory), sum = 0;
    if (!memory) return NAN;
    double times[5];
    for (int r = 0; r < 5; r++) {
        uint64_t sums[8] = { 0 };
        int64_t begin = vt__monotonic_ns();
        for (size_t i = 0; i + 8 <= words; i += 8)
            for (int k = 0; k < 8; k++) sums[k] += memory[i + (size_t)k];
        for (int k = 0; k < 8; k++) sum += sums[k];
        times[r] = (double)(vt__monotonic_ns() - begin) / 1e6;
    }
    qsort(times, 5, sizeof times[0], compare);
    memory[0] = sum; /* so that the sums are not left out */
    vt__free(memory);
    return times[2];
}

static void compare_hits(size_t *same, size_t *first, const vt__index_hit *a, const size_t *found_a, const vt__index_hit *b, const size_t *found_b, size_t probes)
{
    *same = *first = 0;
    for (size_t p = 0; p < probes; p++) {
        const vt__index_hit *x = a + p * hits_wanted, *y = b + p * hits_wanted;
        for (size_t h = 0; h < found_b[p] && h < found_a[p]; h++) *same += !memcmp(&x[h].id, &y[h].id, sizeof x[h].id);
        *first += found_a[p] && found_b[p] && !memcmp(&x[0].id, &y[0].id, sizeof x[0].id);
    }
}

static void add_row(vt__json *rows, bool json, const search_bench *b, const char *method, timing t, double recall, double first, double bytes)
{
    vt__json *row = vt__json_object();
    vt__json_set_string(row, "method", method);
    vt__json_set_integer(row, "n", (int64_t)b->n);
    vt__json_set(row, "p50_ms", vt__json_rounded(t.p50_ms, 4));
    vt__json_set(row, "p99_ms", vt__json_rounded(t.p99_ms, 4));
    vt__json_set_real(row, "recall_at_10", recall);
    vt__json_set_real(row, "top1_agreement", first);
    vt__json_set_real(row, "bytes_per_template", bytes);
    vt__json_append(rows, row);
    if (!json) printf("  %-22s %10.3f ms   p99 %10.3f ms   recall@10 %.4f   first %.4f   %5.0f B\n", method, t.p50_ms, t.p99_ms, recall, first, bytes);
}

static vt_status measure(const vt__args *args, search_bench *b, const vt_engine *engine, vt_error *err)
{
    double add_s = 0;
    timing coded = { 0 }, exact = { 0 }, batched = { 0 };
    vt_status status = fill(b, &add_s, err);
    vt__index_hit *hits = vt__calloc(b->probes * hits_wanted, sizeof *hits), *truth = vt__calloc(b->probes * hits_wanted, sizeof *truth);
    size_t *found = vt__calloc(b->probes, sizeof *found), *found_truth = vt__calloc(b->probes, sizeof *found_truth), same, first, total = 0;
    if (!status && (!hits || !truth || !found || !found_truth)) status = vt__fail_memory(err, b->probes * hits_wanted * sizeof *hits);
    if (!status) status = time_search(&exact, truth, found_truth, b, true, false, 1, err);
    if (!status) status = time_search(&coded, hits, found, b, false, false, 1, err);
    if (!status) {
        vt__report report;
        vt__report_begin(&report, args, "bench search", engine, b->seed, b->n);
        vt__json *rows = vt__json_array();
        compare_hits(&same, &first, hits, found, truth, found_truth, b->probes);
        for (size_t p = 0; p < b->probes; p++) total += found_truth[p];
        add_row(rows, report.json, b, "float scan", exact, 1, 1, b->dimension * 4.0);
        add_row(rows, report.json, b, vt__cpu_level_name(vt__cpu_get_level()), coded, (double)same / (double)total, (double)first / (double)b->probes, (double)vt__index_scan_bytes(b->index));
        if (b->batch > 1 && !(status = time_search(&batched, hits, found, b, false, false, b->batch, err)))
            add_row(rows, report.json, b, "batched", batched, 1, 1, (double)vt__index_scan_bytes(b->index));
        vt__json_set(report.root, "rows", rows);
        vt__report_add(&report, "import_s", vt__plain(add_s), false);
        vt__report_add(&report, "read_same_bytes_ms", vt__plain(read_ms(b)), false);
        vt__report_end(&report);
    }
    vt__free(hits);
    vt__free(truth);
    vt__free(found);
    vt__free(found_truth);
    return status;
}

static vt_status save(const search_bench *b, const char *folder, vt_error *err)
{
    char *rows = vt__path_join(folder, "rows.f32"), *probes = vt__path_join(folder, "probes.f32");
    vt_status status = rows && probes ? vt__folder_make(folder, 0755, err) : vt__fail_memory(err, 64);
    if (!status) status = vt__file_write(rows, b->rows, b->n * b->dimension * sizeof(float), 0644, err);
    if (!status) status = vt__file_write(probes, b->probe_rows, b->probes * b->dimension * sizeof(float), 0644, err);
    vt__free(rows);
    vt__free(probes);
    return status;
}

static vt_status read_axes(search_bench *b, const vt_engine *engine, vt_error *err)
{
    vt__axes axes;
    vt_status status = vt__engine_axes(&axes, &b->axes_own, engine, err);
    b->dimension = axes.dimension;
    b->width = axes.width;
    b->axes = axes.axes;
    return status;
}

static int run(const vt__args *args)
{
    double n = 100000, probes = 64, batch = 1, keep = 1, seed = 1;
    if (!vt__args_number(&n, args, "n", 1, 5e6) || !vt__args_number(&probes, args, "probes", 1, 100000) ||
        !vt__args_number(&batch, args, "batch", 1, 1024) || !vt__args_number(&keep, args, "keep", 0.0001, 1) || !vt__args_number(&seed, args, "seed", 0, 1e9))
        return EXIT_WRONG_USE;
    vt__work work;
    vt_error err;
    int code = vt__work_open(&work, args);
    if (code) return code;
    search_bench b = { .n = (size_t)n, .probes = (size_t)probes, .batch = (size_t)batch, .filter_every = (size_t)(1 / keep + 0.5), .seed = (uint64_t)seed };
    vt_status status = read_axes(&b, work.engine, &err);
    if (!status) status = measure(args, &b, work.engine, &err);
    const char *folder = vt__args_get(args, "save");
    if (!status && folder) status = save(&b, folder, &err);
    if (status) code = vt__complain(args, &err);
    if (b.index) vt__index_close(b.index);
    vt__free(b.axes_own);
    vt__free(b.rows);
    vt__free(b.probe_rows);
    vt__work_close(&work);
    return code;
}

const vt__command vt__command_bench_search = {
    "bench search", "", "time of 1:N search, against the exhaustive float scan in the same run",
    "Templates are made from a seed: along the pack's principal axes with falling variance, five a person.", options, run,
};
