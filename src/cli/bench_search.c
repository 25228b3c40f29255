/* vultus bench search: latency and exactness of the 1:N index on seeded templates. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <vultus/match.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/bench_search_data.h"
#include "cli/commands_list.h"
#include "cli/python.h"
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
    { "baseline", "NAME", NULL, "faiss: its indexes on the same vectors, by bench/peers/faiss/run.py of the source folder" },
    { "save", "FOLDER", NULL, "write rows.f32 and probes.f32 there, for other programs on the same vectors" },
    { NULL, NULL, NULL, NULL },
};

enum { hits_wanted = 10 };
static const char float_scan[] = "float scan";

typedef struct search_bench {
    size_t batch, threads, adds, filter_every;
    float recall;
    vt__index_hit *hits, *truth; /* probes x hits_wanted: the last way's, the float scan's */
    size_t *found, *found_truth;
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

/* How to search. */
typedef struct way {
    const char *name;
    size_t batch; /* probes a call */
    bool by_float;
    float recall;
    bool unfiltered;
} way;

/* Milliseconds a probe. */
static vt_status time_search(timing *out, vt__index_hit *hits, size_t *found, const search_bench *b, const way *w, vt_error *err)
{
    size_t batch = w->batch;
    double *times = vt__calloc(b->data.probes / batch + 1, sizeof *times);
    vt_status status = times ? VT_OK : vt__fail_memory(err, b->data.probes * sizeof *times);
    size_t calls = 0;
    for (size_t p = 0; p + batch <= b->data.probes && !status; p += batch, calls++) {
        uint32_t group = (uint32_t)(p % b->filter_every);
        vt__index_query query = { .probes = b->data.probe_rows + p * b->axes.dimension, .count = batch, .k = hits_wanted, .min_cosine = -1,
                                  .by_float = w->by_float, .recall = w->recall, .group = b->filter_every > 1 && !w->unfiltered ? &group : NULL };
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

/* Milliseconds to read so many bytes of each row, summing them: what memory gives. */
static double read_ms(const search_bench *b, size_t row_bytes)
{
    size_t bytes = b->data.n * row_bytes, words = bytes / sizeof(uint64_t);
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
    s->status = hits && found ? time_search(&s->took, hits, found, s->bench, &(way){ .batch = s->bench->batch }, NULL) : VT_ENOMEM;
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

static vt_status time_adding(timing *out, size_t *added, search_bench *b, vt_error *err)
{
    adder a = { .bench = b };
    pthread_t thread;
    if (pthread_create(&thread, NULL, add_all_the_while, &a)) return vt__fail(err, VT_ENOMEM, "no thread to add from");
    vt_status status = time_search(out, b->hits, b->found, b, &(way){ .batch = 1 }, err);
    atomic_store(&a.done, true);
    pthread_join(thread, NULL);
    *added = a.added;
    return status;
}

/* Shares of the float scan's hits, and of its first hits, among the last way's. */
static void compare_hits(double *recall, double *first, const search_bench *b, size_t probes)
{
    size_t same = 0, all = 0, firsts = 0;
    for (size_t p = 0; p < probes; p++) {
        const vt__index_hit *x = b->hits + p * hits_wanted, *y = b->truth + p * hits_wanted;
        for (size_t t = 0; t < b->found_truth[p]; t++)
            for (size_t h = 0; h < b->found[p]; h++) same += !memcmp(&x[h].id, &y[t].id, sizeof x[h].id);
        firsts += b->found[p] == 0 || !memcmp(&x[0].id, &y[0].id, sizeof x[0].id);
        all += b->found_truth[p];
    }
    *recall = all ? (double)same / (double)all : 1;
    *first = (double)firsts / (double)probes;
}

static void add_row(vt__json *rows, bool json, const search_bench *b, const char *method, timing t, double recall, double first)
{
    size_t bytes = strcmp(method, float_scan) ? vt__index_scan_bytes(b->index) : b->axes.dimension * sizeof(float);
    vt__json *row = vt__json_object();
    vt__json_set_string(row, "method", method);
    vt__json_set_integer(row, "n", (int64_t)b->data.n);
    vt__json_set(row, "p50_ms", vt__json_rounded(t.p50_ms, 4));
    vt__json_set(row, "p99_ms", vt__json_rounded(t.p99_ms, 4));
    if (recall >= 0) {
        vt__json_set_real(row, "recall_at_10", recall);
        vt__json_set_real(row, "top1_agreement", first);
    }
    vt__json_set_real(row, "bytes_per_template", (double)bytes);
    vt__json_append(rows, row);
    if (json) return;
    printf("  %-22s %10.3f ms   p99 %10.3f ms   %5zu B", method, t.p50_ms, t.p99_ms, bytes);
    if (recall >= 0) printf("   recall@10 %.4f   first %.4f", recall, first);
    printf("\n");
}

/* All ways in turn; the first is the float scan. `exact`: what a search by codes takes. */
static vt_status measure_ways(timing *exact, vt__json *rows, bool json, search_bench *b, vt_error *err)
{
    char recall_name[32];
    snprintf(recall_name, sizeof recall_name, "recall %g", (double)b->recall);
    const way ways[] = { { float_scan, 1, true, 1, false },
                         { vt__index_kernel(b->index), 1, false, 1, false },
                         { recall_name, 1, false, b->recall, false },
                         { "batched", b->batch, false, 1, false } };
    vt_status status = VT_OK;
    for (size_t w = 0; w < sizeof ways / sizeof ways[0] && !status; w++) {
        if ((w == 2 && b->recall == 1) || (w == 3 && b->batch == 1)) continue;
        timing took = { 0 };
        double recall = 1, first = 1;
        status = time_search(&took, w ? b->hits : b->truth, w ? b->found : b->found_truth, b, &ways[w], err);
        if (w) compare_hits(&recall, &first, b, b->data.probes / ways[w].batch * ways[w].batch);
        if (w == 1) *exact = took;
        add_row(rows, json, b, ways[w].name, took, recall, first);
    }
    return status;
}

/* The exact search with the filter against the same without, in turns; the median of the ratios. */
static vt_status measure_filter(vt__json *rows, vt__report *report, search_bench *b, vt_error *err)
{
    enum { turns = 5 };
    double shares[turns];
    timing kept = { 0 }, whole = { 0 };
    vt_status status = VT_OK;
    for (int t = 0; t < turns && !status; t++) {
        status = time_search(&whole, b->hits, b->found, b, &(way){ .batch = 1, .recall = 1, .unfiltered = true }, err);
        if (!status) status = time_search(&kept, b->hits, b->found, b, &(way){ .batch = 1, .recall = 1 }, err);
        if (!status) shares[t] = kept.p50_ms / whole.p50_ms;
    }
    if (status) return status;
    qsort(shares, turns, sizeof shares[0], compare);
    add_row(rows, report->json, b, "not filtered", whole, -1, -1);
    vt__report_add(report, "filtered_of_whole", vt__plain(shares[turns / 2]), true);
    return VT_OK;
}

static vt_status measure_adding(vt__json *rows, vt__report *report, search_bench *b, vt_error *err)
{
    timing took = { 0 };
    size_t added = 0;
    vt_status status = time_adding(&took, &added, b, err);
    add_row(rows, report->json, b, "while adding", took, -1, -1);
    vt__report_add(report, "added", vt__plain((double)added), false);
    return status;
}

static vt_status measure(const vt__args *args, search_bench *b, const vt_engine *engine, vt_error *err)
{
    double add_s = 0;
    timing exact = { 0 };
    vt__report report;
    vt_status status = fill(b, &add_s, err);
    if (status) return status;
    vt__report_begin(&report, args, "bench search", engine, b->data.seed, b->data.n);
    vt__json *rows = vt__json_array();
    status = measure_ways(&exact, rows, report.json, b, err);
    if (!status && b->threads > 1) vt__report_add(&report, "searches_per_s", vt__plain(together(b)), false);
    double read = read_ms(b, vt__index_scan_bytes(b->index)), read_all = read_ms(b, vt__index_row_bytes(b->index));
    if (!status && b->filter_every > 1) status = measure_filter(rows, &report, b, err);
    if (!status && b->adds) status = measure_adding(rows, &report, b, err);
    vt__json_set(report.root, "rows", rows);
    vt__report_add(&report, "import_s", vt__plain(add_s), false);
    vt__report_add(&report, "read_same_bytes_ms", vt__plain(read), false);
    vt__report_add(&report, "read_all_codes_ms", vt__plain(read_all), false);
    vt__report_add(&report, "bandwidth_reached", vt__plain(read / exact.p50_ms), true);
    vt__report_add(&report, "bytes_kept_per_template", vt__plain((double)vt__index_row_bytes(b->index)), false);
    vt__report_end(&report);
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

/* The vectors into a folder of their own, for another program to search. */
static vt_status measure_baseline(const search_bench *b, const char *name, vt_error *err)
{
    static const char script[] = "bench/peers/faiss/run.py";
    char folder[] = "/tmp/vultus-vectors-XXXXXX", rows[sizeof folder + 16], probes[sizeof folder + 16];
    if (strcmp(name, "faiss")) return vt__fail(err, VT_EINVAL, "--baseline \"%s\": the one there is is faiss", name);
    if (!vt__file_exists(script)) return vt__fail(err, VT_ENOTFOUND, "%s is not here; run this in the source folder", script);
    if (!mkdtemp(folder)) return vt__fail(err, VT_EIO, "no folder for the vectors in /tmp");
    snprintf(rows, sizeof rows, "%s/rows.f32", folder);
    snprintf(probes, sizeof probes, "%s/probes.f32", folder);
    vt_status status = save(b, folder, err);
    if (!status && vt__python_run(script, "--vectors", folder))
        status = vt__fail(err, VT_EIO, "%s failed; it needs the pip packages faiss-cpu and numpy", script);
    unlink(rows);
    unlink(probes);
    rmdir(folder);
    return status;
}

static vt_status open_hits(search_bench *b, vt_error *err)
{
    b->hits = vt__calloc(b->data.probes * hits_wanted, sizeof *b->hits);
    b->truth = vt__calloc(b->data.probes * hits_wanted, sizeof *b->truth);
    b->found = vt__calloc(b->data.probes, sizeof *b->found);
    b->found_truth = vt__calloc(b->data.probes, sizeof *b->found_truth);
    bool memory = b->hits && b->truth && b->found && b->found_truth;
    return memory ? VT_OK : vt__fail_memory(err, b->data.probes * hits_wanted * sizeof *b->hits);
}

static void close_bench(search_bench *b)
{
    if (b->index) vt__index_close(b->index);
    vt__free(b->hits);
    vt__free(b->truth);
    vt__free(b->found);
    vt__free(b->found_truth);
    vt__free(b->axes_own);
    vt__search_data_free(&b->data);
}

static int run(const vt__args *args)
{
    double n = 100000, probes = 64, batch = 1, keep = 1, recall = 1, seed = 1, threads = 1, adds = 0;
    if (!vt__args_number(&n, args, "n", 1, 5e6) || !vt__args_number(&probes, args, "probes", 1, 100000) ||
        !vt__args_number(&batch, args, "batch", 1, 1024) || !vt__args_number(&keep, args, "keep", 0.0001, 1) ||
        !vt__args_number(&recall, args, "recall", 0.5, 1) || !vt__args_number(&seed, args, "seed", 0, 1e9) ||
        !vt__args_number(&threads, args, "threads", 1, 256) || !vt__args_number(&adds, args, "adds", 0, 100000))
        return EXIT_WRONG_USE;
    vt__work work;
    vt_error err;
    int code = vt__work_open(&work, args);
    if (code) return code;
    search_bench b = { .batch = (size_t)batch, .threads = (size_t)threads, .adds = (size_t)adds, .recall = (float)recall,
                       .filter_every = (size_t)(1 / keep + 0.5), .data = { .n = (size_t)n, .probes = (size_t)probes, .seed = (uint64_t)seed } };
    vt_status status = open_hits(&b, &err);
    if (!status) status = make_data(&b, args, &work, &err);
    if (!status) status = measure(args, &b, work.engine, &err);
    const char *folder = vt__args_get(args, "save");
    if (!status && folder) status = save(&b, folder, &err);
    const char *baseline = vt__args_get(args, "baseline");
    if (!status && baseline) status = measure_baseline(&b, baseline, &err);
    if (status) code = vt__complain(args, &err);
    close_bench(&b);
    vt__work_close(&work);
    return code;
}

const vt__command vt__command_bench_search = {
    "bench search", "", "time of 1:N search, against the exhaustive float scan in the same run",
    "Templates are made from a seed, five a person: with the second moments of real ones, or with falling variance along the axes.", options, run,
};
