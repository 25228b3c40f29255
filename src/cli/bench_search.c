/* vultus bench search: latency and exactness of the 1:N index on seeded templates. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vultus/match.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/bench_search_data.h"
#include "cli/commands_list.h"
#include "cli/report.h"
#include "face/axes.h"
#include "match/index.h"

static const vt__option options[] = {
    { "n", "N", "100000", "templates" },
    { "probes", "N", "64", "searches measured" },
    { "batch", "N", "1", "probes searched in one call" },
    { "keep", "SHARE", "1", "share of the templates that a group filter lets through" },
    { "recall", "SHARE", "1", "share of the best templates that the first look must let through; 1 = exact" },
    { "threads", "N", "1", "threads that search at the same time, each all probes" },
    { "adds", "N", "0", "templates added a second while searching, against none" },
    { "real", "FOLDER", NULL, "pictures whose templates stand first and give the second moments of the rest" },
    { "seed", "N", "1", "of the templates" },
    { "save", "FOLDER", NULL, "write rows.f32 and probes.f32 there, for other programs on the same vectors" },
    { NULL, NULL, NULL, NULL },
};

enum { hits_wanted = 10 };

typedef struct search_bench {
    size_t batch, threads, adds, filter_every;
    float recall;
    vt__search_data data;
    float *axes_own;
    vt__axes axes;
    vt__index *index;
} search_bench;

/* Row i under an id that holds i; its person likewise. */
static vt_status add(search_bench *b, size_t i, const float *values, vt_error *err)
{
    vt__index_id id = { { 0 } }, person = { { 1 } };
    memcpy(id.bytes + 8, &i, sizeof i);
    size_t whose = vt__search_data_person(&b->data, i);
    memcpy(person.bytes + 8, &whose, sizeof whose);
    return vt__index_add(b->index, &id, &person, (uint32_t)(i % b->filter_every), values, err);
}

static vt_status fill(search_bench *b, double *add_s, vt_error *err)
{
    vt_status status = vt__index_open(&b->index, &b->axes, err);
    int64_t begin = vt__monotonic_ns();
    for (size_t i = 0; i < b->data.n && !status; i++) status = add(b, i, b->data.rows + i * b->axes.dimension, err);
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
    double *times = vt__calloc(b->data.probes / batch + 1, sizeof *times);
    vt_status status = times ? VT_OK : vt__fail_memory(err, b->data.probes * sizeof *times);
    size_t calls = 0;
    for (size_t p = 0; p + batch <= b->data.probes && !status; p += batch, calls++) {
        vt__index_query query = { .probes = b->data.probe_rows + p * b->axes.dimension, .count = batch, .k = hits_wanted, .min_cosine = -1,
                                  .by_float = by_float, .by_person = by_person, .recall = b->recall, .group = b->filter_every > 1 ? &first_group : NULL };
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
    size_t bytes = b->data.n * vt__index_scan_bytes(b->index), words = bytes / sizeof(uint64_t);
    uint64_t *memory = vt__locked_alloc(bytes, NULL), sum = 0;
    if (!memory) return NAN;
    memset(memory, 1, bytes);
    double times[9];
    for (int r = 0; r < 9; r++) {
        uint64_t sums[16] = { 0 };
        int64_t begin = vt__monotonic_ns();
        for (size_t i = 0; i + 16 <= words; i += 16)
            for (size_t k = 0; k < 16; k++) sums[k] ^= memory[i + k];
        for (int k = 0; k < 16; k++) sum += sums[k];
        times[r] = (double)(vt__monotonic_ns() - begin) / 1e6;
    }
    qsort(times, 9, sizeof times[0], compare);
    memory[0] = sum; /* so that the sums are not left out */
    vt__locked_free(memory, bytes);
    return times[4];
}

typedef struct searcher {
    const search_bench *bench;
    timing took;
    vt_status status;
} searcher;

static void *search_all(void *argument)
{
    searcher *s = argument;
    size_t probes = s->bench->data.probes;
    vt__index_hit *hits = vt__calloc(probes * hits_wanted, sizeof *hits);
    size_t *found = vt__calloc(probes, sizeof *found);
    s->status = hits && found ? time_search(&s->took, hits, found, s->bench, false, false, s->bench->batch, NULL) : VT_ENOMEM;
    vt__free(hits);
    vt__free(found);
    return NULL;
}

/* Searches a second with all threads at it. */
static double together(const search_bench *b)
{
    enum { most = 256 };
    searcher searchers[most];
    pthread_t threads[most];
    size_t started = 0, calls = b->data.probes / b->batch * b->batch;
    int64_t begin = vt__monotonic_ns();
    for (; started < b->threads && started < most; started++) {
        searchers[started] = (searcher){ .bench = b };
        if (pthread_create(&threads[started], NULL, search_all, &searchers[started])) break;
    }
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < started; i++)
        if (searchers[i].status) return NAN;
    return (double)(started * calls) / ((double)(vt__monotonic_ns() - begin) / 1e9);
}

typedef struct adder {
    search_bench *bench;
    atomic_bool done;
    size_t added;
} adder;

/* One a millisecond or what is asked, until done. */
static void *add_all_the_while(void *argument)
{
    adder *a = argument;
    search_bench *b = a->bench;
    int64_t begin = vt__monotonic_ns(), each_ns = 1000000000 / (int64_t)b->adds;
    while (!atomic_load(&a->done)) {
        int64_t due = begin + (int64_t)a->added * each_ns, now = vt__monotonic_ns();
        struct timespec rest = { 0, due - now < 100000000 ? (long)(due - now) : 100000000 };
        if (due > now) nanosleep(&rest, NULL);
        while (begin + (int64_t)a->added * each_ns <= vt__monotonic_ns() && !atomic_load(&a->done)) {
            if (add(b, b->data.n + a->added, b->data.rows + a->added % b->data.n * b->axes.dimension, NULL)) return NULL;
            a->added++;
        }
    }
    return NULL;
}

static vt_status time_adding(timing *out, size_t *added, vt__index_hit *hits, size_t *found, search_bench *b, vt_error *err)
{
    adder a = { .bench = b };
    pthread_t thread;
    if (pthread_create(&thread, NULL, add_all_the_while, &a)) return vt__fail(err, VT_ENOMEM, "no thread to add from");
    vt_status status = time_search(out, hits, found, b, false, false, 1, err);
    atomic_store(&a.done, true);
    pthread_join(thread, NULL);
    *added = a.added;
    return status;
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
    vt__json_set_integer(row, "n", (int64_t)b->data.n);
    vt__json_set(row, "p50_ms", vt__json_rounded(t.p50_ms, 4));
    vt__json_set(row, "p99_ms", vt__json_rounded(t.p99_ms, 4));
    if (recall >= 0) {
        vt__json_set_real(row, "recall_at_10", recall);
        vt__json_set_real(row, "top1_agreement", first);
    }
    vt__json_set_real(row, "bytes_per_template", bytes);
    vt__json_append(rows, row);
    if (json) return;
    printf("  %-22s %10.3f ms   p99 %10.3f ms   %5.0f B", method, t.p50_ms, t.p99_ms, bytes);
    if (recall >= 0) printf("   recall@10 %.4f   first %.4f", recall, first);
    printf("\n");
}

static vt_status measure(const vt__args *args, search_bench *b, const vt_engine *engine, vt_error *err)
{
    double add_s = 0;
    timing coded = { 0 }, exact = { 0 }, batched = { 0 }, adding = { 0 };
    vt_status status = fill(b, &add_s, err);
    vt__index_hit *hits = vt__calloc(b->data.probes * hits_wanted, sizeof *hits), *truth = vt__calloc(b->data.probes * hits_wanted, sizeof *truth);
    size_t *found = vt__calloc(b->data.probes, sizeof *found), *found_truth = vt__calloc(b->data.probes, sizeof *found_truth), same, first, total = 0;
    if (!status && (!hits || !truth || !found || !found_truth)) status = vt__fail_memory(err, b->data.probes * hits_wanted * sizeof *hits);
    if (!status) status = time_search(&exact, truth, found_truth, b, true, false, 1, err);
    if (!status) status = time_search(&coded, hits, found, b, false, false, 1, err);
    if (!status) {
        vt__report report;
        vt__report_begin(&report, args, "bench search", engine, b->data.seed, b->data.n);
        vt__json *rows = vt__json_array();
        compare_hits(&same, &first, hits, found, truth, found_truth, b->data.probes);
        for (size_t p = 0; p < b->data.probes; p++) total += found_truth[p];
        add_row(rows, report.json, b, "float scan", exact, 1, 1, b->axes.dimension * 4.0);
        add_row(rows, report.json, b, vt__cpu_level_name(vt__cpu_get_level()), coded, (double)same / (double)total, (double)first / (double)b->data.probes, (double)vt__index_scan_bytes(b->index));
        if (b->batch > 1 && !(status = time_search(&batched, hits, found, b, false, false, b->batch, err))) {
            compare_hits(&same, &first, hits, found, truth, found_truth, b->data.probes / b->batch * b->batch);
            add_row(rows, report.json, b, "batched", batched, (double)same / (double)total, (double)first / (double)b->data.probes, (double)vt__index_scan_bytes(b->index));
        }
        if (b->threads > 1) vt__report_add(&report, "searches_per_s", vt__plain(together(b)), false);
        size_t added = 0;
        double read = read_ms(b);
        if (b->adds && !status && !(status = time_adding(&adding, &added, hits, found, b, err))) {
            add_row(rows, report.json, b, "while adding", adding, -1, -1, (double)vt__index_scan_bytes(b->index));
            vt__report_add(&report, "added", vt__plain((double)added), false);
        }
        vt__json_set(report.root, "rows", rows);
        vt__report_add(&report, "import_s", vt__plain(add_s), false);
        vt__report_add(&report, "read_same_bytes_ms", vt__plain(read), false);
        vt__report_add(&report, "bandwidth_reached", vt__plain(read / coded.p50_ms), true);
        vt__report_add(&report, "bytes_kept_per_template", vt__plain((double)vt__index_row_bytes(b->index)), false);
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
    if (!status) status = vt__file_write(rows, b->data.rows, b->data.n * b->axes.dimension * sizeof(float), 0644, err);
    if (!status) status = vt__file_write(probes, b->data.probe_rows, b->data.probes * b->axes.dimension * sizeof(float), 0644, err);
    vt__free(rows);
    vt__free(probes);
    return status;
}

/* The data, from a folder's templates where there is one. */
static vt_status make_data(search_bench *b, const vt__args *args, const vt__work *work, vt_error *err)
{
    const char *folder = vt__args_get(args, "real");
    vt__eval_set set = { 0 };
    vt_status status = vt__engine_axes(&b->axes, &b->axes_own, work->engine, err);
    if (!status && folder) status = vt__eval_set_folder(&set, folder, err);
    if (!status && folder) status = vt__eval_set_templates(&set, args, work, err);
    if (!status) status = vt__search_data_make(&b->data, &b->axes, folder ? &set : NULL, err);
    vt__eval_set_free(&set);
    return status;
}

static int run(const vt__args *args)
{
    double n = 100000, probes = 64, batch = 1, keep = 1, recall = 1, seed = 1, threads = 1, adds = 0;
    if (!vt__args_number(&n, args, "n", 1, 5e6) || !vt__args_number(&probes, args, "probes", 1, 100000) ||
        !vt__args_number(&batch, args, "batch", 1, 1024) || !vt__args_number(&keep, args, "keep", 0.0001, 1) || !vt__args_number(&recall, args, "recall", 0.5, 1) || !vt__args_number(&seed, args, "seed", 0, 1e9) ||
        !vt__args_number(&threads, args, "threads", 1, 256) || !vt__args_number(&adds, args, "adds", 0, 100000))
        return EXIT_WRONG_USE;
    vt__work work;
    vt_error err;
    int code = vt__work_open(&work, args);
    if (code) return code;
    search_bench b = { .batch = (size_t)batch, .threads = (size_t)threads, .adds = (size_t)adds, .filter_every = (size_t)(1 / keep + 0.5), .recall = (float)recall,
                       .data = { .n = (size_t)n, .probes = (size_t)probes, .seed = (uint64_t)seed } };
    vt_status status = make_data(&b, args, &work, &err);
    if (!status) status = measure(args, &b, work.engine, &err);
    const char *folder = vt__args_get(args, "save");
    if (!status && folder) status = save(&b, folder, &err);
    if (status) code = vt__complain(args, &err);
    if (b.index) vt__index_close(b.index);
    vt__free(b.axes_own);
    vt__search_data_free(&b.data);
    vt__work_close(&work);
    return code;
}

const vt__command vt__command_bench_search = {
    "bench search", "", "time of 1:N search, against the exhaustive float scan in the same run",
    "Templates are made from a seed, five a person: with the second moments of real ones, or with falling variance along the axes.", options, run,
};
