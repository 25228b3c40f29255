/* vultus bench group: what it takes to keep groups while faces come. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <vultus/match.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/bench_search_data.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "face/axes.h"
#include "match/grouping.h"

static const vt__option options[] = {
    { "n", "N", "100000", "templates" },
    { "real", "FOLDER", NULL, "pictures whose templates stand first and give the second moments of the rest" },
    { "seed", "N", "1", "of the templates" },
    { NULL, NULL, NULL, NULL },
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Shuffled, so that the faces of a person do not come one after the other. */
static size_t *order_of(size_t n, uint64_t seed)
{
    size_t *order = vt__calloc(n, sizeof *order);
    uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
    for (size_t i = 0; order && i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)((state >> 33) % (i + 1));
        order[i] = order[at];
        order[at] = i;
    }
    return order;
}

static vt_status add_all(double *times_ms, vt_grouping *grouping, const vt__search_data *data, size_t dimension, const size_t *order,
                         const vt__args *args, vt_error *err)
{
    vt_status status = VT_OK;
    uint32_t number;
    vt__progress progress;
    vt__progress_begin(&progress, args, "grouping", data->n);
    for (size_t i = 0; i < data->n && !status; i++) {
        int64_t begin = vt__monotonic_ns();
        status = vt_grouping_add(&number, grouping, data->rows + order[i] * dimension, err);
        times_ms[i] = (double)(vt__monotonic_ns() - begin) / 1e6;
        if (i % 1024 == 0) vt__progress_step(&progress, i);
    }
    vt__progress_clear(&progress);
    return status;
}

static vt_status report(const vt__args *args, double *times_ms, const vt_grouping *grouping, const vt__search_data *data,
                        const vt_engine *engine, vt_error *err)
{
    uint32_t groups = 0, *group_of = vt__calloc(data->n, sizeof *group_of);
    vt_status status = group_of ? vt_grouping_read(group_of, &groups, grouping, data->n, err) : vt__fail_memory(err, data->n);
    vt__free(group_of);
    if (status) return status;
    double all_ms = 0;
    size_t last = data->n < 10 ? data->n : data->n / 10;
    double *end_ms = times_ms + data->n - last;
    for (size_t i = 0; i < data->n; i++) all_ms += times_ms[i];
    qsort(end_ms, last, sizeof *end_ms, compare);
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    vt__report r;
    vt__report_begin(&r, args, "bench group", engine, data->seed, data->n);
    vt__report_add(&r, "groups", vt__plain(groups), false);
    vt__report_add(&r, "whole_s", vt__plain(all_ms / 1e3), false);
    vt__report_add(&r, "ms_per_face", vt__plain(all_ms / (double)data->n), false);
    vt__report_add(&r, "last_tenth_median_ms", vt__plain(end_ms[last / 2]), false);
    vt__report_add(&r, "last_tenth_p99_ms", vt__plain(end_ms[last * 99 / 100]), false);
    vt__report_add(&r, "last_tenth_worst_ms", vt__plain(end_ms[last - 1]), false);
    vt__report_add(&r, "peak_resident_mib", vt__plain((double)use.ru_maxrss / 1024), false);
    vt__report_end(&r);
    return VT_OK;
}

static vt_status measure(const vt__args *args, vt__search_data *data, const vt__work *work, vt_error *err)
{
    vt__axes axes = { 0 };
    float *own = NULL;
    vt__eval_set set = { 0 };
    vt_grouping *grouping = NULL;
    const char *folder = vt__args_get(args, "real");
    vt_status status = vt__engine_axes(&axes, &own, work->engine, err);
    if (!status && folder) status = vt__eval_set_folder(&set, folder, err);
    if (!status && folder) status = vt__eval_set_templates(&set, args, work, err);
    if (!status) status = vt__search_data_make(data, &axes, folder ? &set : NULL, err);
    double *times_ms = vt__calloc(data->n, sizeof *times_ms);
    size_t *order = order_of(data->n, data->seed);
    if (!status && (!times_ms || !order)) status = vt__fail_memory(err, data->n * sizeof *times_ms);
    float cosine = vt_engine_cosine(work->engine, VT_IDENTICAL_CONFIDENCE);
    if (!status) status = vt__grouping_open_along(&grouping, &axes, cosine, err);
    if (!status) status = add_all(times_ms, grouping, data, axes.dimension, order, args, err);
    if (!status) status = report(args, times_ms, grouping, data, work->engine, err);
    vt_grouping_close(grouping);
    vt__free(order);
    vt__free(times_ms);
    vt__eval_set_free(&set);
    vt__free(own);
    return status;
}

static int run(const vt__args *args)
{
    double n = 100000, seed = 1;
    if (!vt__args_number(&n, args, "n", 2, VT_GROUPING_MAX) || !vt__args_number(&seed, args, "seed", 0, 1e9)) return EXIT_WRONG_USE;
    vt__work work;
    vt_error err;
    int code = vt__work_open(&work, args);
    if (code) return code;
    vt__search_data data = { .n = (size_t)n, .probes = 1, .seed = (uint64_t)seed };
    if (measure(args, &data, &work, &err)) code = vt__complain(args, &err);
    vt__search_data_free(&data);
    vt__work_close(&work);
    return code;
}

const vt__command vt__command_bench_group = {
    "bench group", "", "what it takes to keep groups while faces come",
    "Adds templates one by one, as a gallery grows, and times each; five made templates are a person.", options, run,
};
