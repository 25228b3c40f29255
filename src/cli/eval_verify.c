/* vultus eval verify: 1:1 comparison in the terms of ISO/IEC 19795-1. */
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_set.h"
#include "cli/plot.h"

static const vt__option options[] = {
    { "images", "FOLDER", NULL, "pictures, one folder a person" },
    { "pairs", "FILE", NULL, "pairs.tsv or LFW's pairs.txt; without it all pairs of the folder count" },
    { "seed", "N", "1", "of the folds" },
    VT__OPTION_PLOT("the DET curve"),
    { NULL, NULL, NULL, NULL },
};

enum { folds = 10, det_points = 101 };

typedef struct scores {
    float *mated, *non_mated; /* sorted, falling */
    size_t mated_count, non_mated_count;
} scores;

static int falling(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* Every pair of pictures of the set: identities are folders. */
static vt_status score_all_pairs(scores *out, const vt__eval_set *set, vt_error *err)
{
    size_t n = set->paths.count, pairs = n * (n - 1) / 2;
    out->mated = vt__malloc(pairs, sizeof(float));
    out->non_mated = vt__malloc(pairs, sizeof(float));
    if (!out->mated || !out->non_mated) return vt__fail_memory(err, pairs * sizeof(float));
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            float score = vt_cosine(vt__eval_set_template(set, a), vt__eval_set_template(set, b), set->dimension);
            if (vt__eval_set_same(set, a, b)) out->mated[out->mated_count++] = score;
            else out->non_mated[out->non_mated_count++] = score;
        }
    if (out->mated_count) qsort(out->mated, out->mated_count, sizeof(float), falling);
    if (out->non_mated_count) qsort(out->non_mated, out->non_mated_count, sizeof(float), falling);
    return VT_OK;
}

/* How many of `values` (falling) reach the threshold. */
static size_t reaching(const float *values, size_t count, float threshold)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (values[middle] >= threshold) low = middle + 1;
        else high = middle;
    }
    return low;
}

typedef struct judged {
    float score;
    bool same;
    uint64_t order; /* random */
} judged;

static int by_order(const void *a, const void *b)
{
    const judged *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_score(const void *a, const void *b)
{
    const judged *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

/* The threshold with most right answers among `count` pairs (sorted in place by score). */
static float best_threshold(judged *pairs, size_t count)
{
    qsort(pairs, count, sizeof *pairs, by_score);
    size_t right = 0, most;
    for (size_t i = 0; i < count; i++) right += pairs[i].same;
    float best = pairs[0].score;
    most = right;
    for (size_t i = 0; i < count; i++) { /* threshold just above pair i */
        if (pairs[i].same) right--;
        else right++;
        if (right > most && i + 1 < count) most = right, best = (pairs[i].score + pairs[i + 1].score) / 2;
    }
    return best;
}

/* Mean accuracy over ten folds, each judged by the threshold that is best on the other nine. */
static vt_status cross_validate(double accuracy[folds], judged *pairs, size_t count, vt_error *err)
{
    judged *rest = vt__malloc(count, sizeof *rest);
    if (!rest) return vt__fail_memory(err, count * sizeof *rest);
    qsort(pairs, count, sizeof *pairs, by_order);
    for (size_t f = 0; f < folds; f++) {
        size_t from = count * f / folds, to = count * (f + 1) / folds, right = 0;
        memcpy(rest, pairs, from * sizeof *rest);
        memcpy(rest + from, pairs + to, (count - to) * sizeof *rest);
        float threshold = best_threshold(rest, count - (to - from));
        for (size_t i = from; i < to; i++) right += (pairs[i].score >= threshold) == pairs[i].same;
        accuracy[f] = to > from ? (double)right / (double)(to - from) : 0;
    }
    vt__free(rest);
    return VT_OK;
}

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static vt_status report_folds(vt__report *report, const vt__eval_set *set, uint64_t seed, vt_error *err)
{
    judged *pairs = vt__malloc(set->pairs_count, sizeof *pairs);
    if (!pairs) return vt__fail_memory(err, set->pairs_count * sizeof *pairs);
    for (size_t i = 0; i < set->pairs_count; i++) {
        const vt__pair *p = &set->pairs[i];
        float score = vt_cosine(vt__eval_set_template(set, p->a), vt__eval_set_template(set, p->b), set->dimension);
        pairs[i] = (judged){ score, p->same, mixed(seed * 0x9E3779B97F4A7C15u + i + 1) };
    }
    double accuracy[folds];
    vt_status status = cross_validate(accuracy, pairs, set->pairs_count, err);
    if (!status) vt__report_add(report, "accuracy", vt__mean(accuracy, folds, seed), true);
    vt__free(pairs);
    return status;
}

static void report_rates(vt__report *report, const scores *s)
{
    static const struct {
        const char *name;
        double rate;
    } rates[] = { { "tmr_at_fmr_1e-3", 1e-3 }, { "tmr_at_fmr_1e-4", 1e-4 }, { "tmr_at_fmr_1e-5", 1e-5 } };
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        size_t rank = (size_t)(rates[i].rate * (double)s->non_mated_count);
        if (!rank) continue; /* too few pairs to state it */
        vt__report_add(report, rates[i].name, vt__share(reaching(s->mated, s->mated_count, s->non_mated[rank]), s->mated_count), true);
    }
}

typedef struct det {
    double fmr[det_points], fnmr[det_points];
} det;

/* Detection error trade-off, evenly spaced by the logarithm of the false match rate. */
static void trade_off(det *out, const scores *s)
{
    for (size_t i = 0; i < det_points; i++) {
        double rate = pow(10, -(double)i / (det_points - 1) * log10((double)s->non_mated_count));
        size_t rank = (size_t)(rate * (double)(s->non_mated_count - 1));
        out->fmr[i] = fmax(rate, 1 / (double)s->non_mated_count);
        out->fnmr[i] = 1 - (double)reaching(s->mated, s->mated_count, s->non_mated[rank]) / (double)s->mated_count;
    }
}

static vt_status plot_det(const vt__args *args, const det *d, vt_error *err)
{
    vt__plot plot = { .title = "Verification: detection error trade-off", .x_label = "false match rate", .y_label = "false non-match rate",
                      .curves = { { "pairs", d->fmr, d->fnmr, det_points } }, .curves_count = 1, .log_x = true, .log_y = true };
    return vt__plot_write(args, &plot, err);
}

static vt_status evaluate(const vt__args *args, const vt__work *work, vt__eval_set *set, uint64_t seed, vt_error *err)
{
    vt_status status = vt__eval_set_templates(set, args, work, err);
    scores s = { 0 };
    if (!status) status = score_all_pairs(&s, set, err);
    if (!status && (!s.mated_count || !s.non_mated_count)) status = vt__fail(err, VT_EINVAL, "the set needs pairs of the same and of different persons");
    vt__report report = { 0 };
    if (!status) {
        vt__report_begin(&report, args, "verify", work->engine, seed, set->pairs_count ? set->pairs_count : s.mated_count + s.non_mated_count);
        if (set->pairs_count) status = report_folds(&report, set, seed, err);
        report_rates(&report, &s);
        vt__report_add(&report, "failure_to_acquire", vt__share(set->without_face, set->paths.count), true);
        vt__json_set_integer(report.root, "mated", (int64_t)s.mated_count);
        vt__json_set_integer(report.root, "non_mated", (int64_t)s.non_mated_count);
        det d;
        trade_off(&d, &s);
        vt__report_points(&report, "det", d.fmr, d.fnmr, det_points);
        vt__report_end(&report);
        if (!status) status = plot_det(args, &d, err);
    }
    vt__free(s.mated);
    vt__free(s.non_mated);
    return status;
}

static int run(const vt__args *args)
{
    const char *images = vt__args_get(args, "images"), *pairs = vt__args_get(args, "pairs");
    double seed = 1;
    vt_error err;
    if (!vt__args_number(&seed, args, "seed", 0, 1e9)) return EXIT_WRONG_USE;
    if (!images) {
        fprintf(stderr, "vultus eval verify: --images FOLDER is needed\n");
        return EXIT_WRONG_USE;
    }
    vt__eval_set set;
    vt_status status = pairs ? vt__eval_set_pairs(&set, images, pairs, &err) : vt__eval_set_folder(&set, images, &err);
    if (status) return vt__complain(args, &err);
    vt__work work;
    int code = vt__work_open(&work, args);
    if (!code) {
        if (evaluate(args, &work, &set, (uint64_t)seed, &err)) code = vt__complain(args, &err);
        vt__work_close(&work);
    }
    vt__eval_set_free(&set);
    return code;
}

const vt__command vt__command_eval_verify = {
    "eval verify", "", "measure 1:1 comparison on a set of your own",
    "The face nearest to each picture's centre counts. True match rates are over all pairs of the pictures named,\n"
    "accuracy over the pairs given, ten-fold.",
    options, run,
};
