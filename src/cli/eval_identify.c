/* vultus eval identify: 1:N search, open set, in the terms of ISO/IEC 19795-1. */
#include <stdlib.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_set.h"
#include "cli/plot.h"

static const vt__option options[] = {
    VT__OPTION_PLOT("the DET curve"),
    { NULL, NULL, NULL, NULL },
};

enum { det_points = 101 };
enum { enrolled = 1, mated_probe, non_mated_probe };

/* Every second identity with two and more pictures is enrolled by its first; its others are mated probes. The first
 * pictures of all other identities are non-mated probes. */
static void assign(char *roles, const vt__eval_set *set)
{
    bool enrol = true;
    for (size_t i = 0; i < set->paths.count;) {
        size_t end = i + 1;
        while (end < set->paths.count && vt__eval_set_same(set, i, end)) end++;
        bool takes = end - i > 1 && enrol;
        roles[i] = takes ? enrolled : non_mated_probe;
        for (size_t k = i + 1; k < end && takes; k++) roles[k] = mated_probe;
        if (end - i > 1) enrol = !enrol;
        i = end;
    }
}

typedef struct answers {
    float *non_mated; /* best score of each non-mated probe */
    float *mated;     /* score of the right person, or -2 when another came first */
    size_t non_mated_count, mated_count, first;
} answers;

static void search(answers *out, const vt__eval_set *set, const char *roles, size_t probe)
{
    float best = -2;
    size_t who = 0;
    for (size_t i = 0; i < set->paths.count; i++) {
        if (roles[i] != enrolled) continue;
        float score = vt_cosine(vt__eval_set_template(set, probe), vt__eval_set_template(set, i), set->dimension);
        if (score > best) best = score, who = i;
    }
    if (roles[probe] == non_mated_probe) {
        out->non_mated[out->non_mated_count++] = best;
        return;
    }
    bool right = vt__eval_set_same(set, probe, who);
    out->first += right;
    out->mated[out->mated_count++] = right ? best : -2;
}

static int falling(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

typedef struct det {
    double fpir[det_points], fnir[det_points];
} det;

/* Detection error trade-off; the non-mated scores are sorted, falling. */
static void trade_off(det *out, const answers *a)
{
    for (size_t i = 0; i < det_points; i++) {
        double n = (double)a->non_mated_count, rate = pow(n, -(double)i / (det_points - 1));
        float threshold = a->non_mated[(size_t)(rate * (n - 1))];
        size_t missed = 0;
        for (size_t k = 0; k < a->mated_count; k++) missed += a->mated[k] < threshold;
        out->fpir[i] = rate;
        out->fnir[i] = (double)missed / (double)a->mated_count;
    }
}

static vt_status plot_det(const vt__args *args, const det *d, vt_error *err)
{
    vt__plot plot = { .title = "Identification: detection error trade-off", .x_label = "false positive identification rate",
                      .y_label = "false negative identification rate", .curves = { { "probes", d->fpir, d->fnir, det_points } },
                      .curves_count = 1, .log_x = true, .log_y = true };
    return vt__plot_write(args, &plot, err);
}

static vt_status report_answers(const vt__args *args, const vt__work *work, const vt__eval_set *set, answers *a, vt_error *err)
{
    if (!a->mated_count || a->non_mated_count < 100)
        return vt__fail(err, VT_EINVAL, "the set needs mated probes and 100 non-mated ones; it has %zu and %zu", a->mated_count, a->non_mated_count);
    qsort(a->non_mated, a->non_mated_count, sizeof(float), falling);
    float threshold = a->non_mated[a->non_mated_count / 100];
    size_t missed = 0;
    for (size_t i = 0; i < a->mated_count; i++) missed += a->mated[i] < threshold;
    vt__report report;
    vt__report_begin(&report, args, "identify", work->engine, 0, a->mated_count + a->non_mated_count);
    vt__report_add(&report, "rank1", vt__share(a->first, a->mated_count), true);
    vt__report_add(&report, "fnir_at_fpir_1e-2", vt__share(missed, a->mated_count), true);
    vt__json_set_integer(report.root, "gallery", (int64_t)(set->paths.count - a->mated_count - a->non_mated_count));
    det d;
    trade_off(&d, a);
    vt__report_points(&report, "det", d.fpir, d.fnir, det_points);
    vt__report_end(&report);
    return plot_det(args, &d, err);
}

static vt_status evaluate(const vt__args *args, const vt__work *work, vt__eval_set *set, vt_error *err)
{
    size_t n = set->paths.count;
    char *roles = vt__calloc(n, 1);
    answers a = { vt__calloc(n, sizeof(float)), vt__calloc(n, sizeof(float)), 0, 0, 0 };
    vt_status status = roles && a.mated && a.non_mated ? VT_OK : vt__fail_memory(err, n * sizeof(float));
    if (!status) status = vt__eval_set_templates(set, args, work, err);
    if (!status) assign(roles, set);
    for (size_t i = 0; !status && i < n; i++)
        if (roles[i] == mated_probe || roles[i] == non_mated_probe) search(&a, set, roles, i);
    if (!status) status = report_answers(args, work, set, &a, err);
    vt__free(roles);
    vt__free(a.mated);
    vt__free(a.non_mated);
    return status;
}

static int run(const vt__args *args)
{
    vt__eval_set set;
    vt_error err;
    if (args->count != 1) {
        fprintf(stderr, "vultus eval identify: name one folder, with a folder a person in it\n");
        return EXIT_WRONG_USE;
    }
    if (vt__eval_set_folder(&set, args->operands[0], &err)) return vt__complain(args, &err);
    vt__work work;
    int code = vt__work_open(&work, args);
    if (!code) {
        if (evaluate(args, &work, &set, &err)) code = vt__complain(args, &err);
        vt__work_close(&work);
    }
    vt__eval_set_free(&set);
    return code;
}

const vt__command vt__command_eval_identify = {
    "eval identify", "FOLDER", "measure 1:N search on a set of your own",
    "Half of the persons with several pictures are enrolled by one; their others, and one of everybody else, are searched.", options, run,
};
