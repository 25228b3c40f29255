/* vultus eval fairness: the same error rates for each group that the user names, in the terms of ISO/IEC 19795-10. */
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_set.h"
#include "cli/report.h"

static const vt__option options[] = {
    { "images", "FOLDER", NULL, "pictures, one folder a person" },
    { "groups", "FILE", NULL, "your labels: a line \"PICTURE or FOLDER, tab, GROUP\" each" },
    { "confidence", "C", "0.5", "pairs from this confidence on count as the same person" },
    { NULL, NULL, NULL, NULL },
};

enum { groups_max = 32, name_max = 48, no_group = groups_max, file_max_bytes = 64 << 20 };

typedef struct group {
    char name[name_max];
    size_t pictures, mated, missed, non_mated, accepted;
} group;

typedef struct groups {
    group items[groups_max];
    size_t count;
    uint8_t *of; /* a picture's group, or no_group */
} groups;

static vt_status find_group(size_t *out, groups *g, const char *name, size_t line, vt_error *err)
{
    for (*out = 0; *out < g->count; ++*out)
        if (!strcmp(g->items[*out].name, name)) return VT_OK;
    if (strlen(name) >= name_max) return vt__fail(err, VT_EFORMAT, "groups, line %zu: a group's name is longer than %d bytes", line, name_max - 1);
    if (g->count == groups_max) return vt__fail(err, VT_EFORMAT, "groups, line %zu: more than %d groups", line, groups_max);
    memcpy(g->items[g->count++].name, name, strlen(name) + 1);
    return VT_OK;
}

/* Whether the label's place is this picture, or a folder that it lies in. */
static bool covers(const char *place, const char *path)
{
    size_t length = strlen(place);
    if (length && place[length - 1] == '/') length--;
    return !strncmp(place, path, length) && (!path[length] || path[length] == '/');
}

/* A later line wins over an earlier one. */
static vt_status read_line(groups *g, const vt__eval_set *set, char *text, size_t line, vt_error *err)
{
    text[strcspn(text, "\r")] = 0;
    if (!*text || *text == '#') return VT_OK;
    char *tab = strchr(text, '\t');
    if (!tab || tab == text || !tab[1] || strchr(tab + 1, '\t'))
        return vt__fail(err, VT_EFORMAT, "groups, line %zu: expected a picture or folder, a tab and a group", line);
    *tab = 0;
    size_t place, found = 0;
    vt_status status = find_group(&place, g, tab + 1, line, err);
    if (status) return status;
    for (size_t i = 0; i < set->paths.count; i++)
        if (covers(text, set->paths.items[i])) g->of[i] = (uint8_t)place, found++;
    if (!found) return vt__fail(err, VT_ENOTFOUND, "groups, line %zu: no picture of the set is or lies in '%s'", line, text);
    return VT_OK;
}

static vt_status read_groups(groups *g, const vt__eval_set *set, const char *path, vt_error *err)
{
    uint8_t *file = NULL;
    size_t size = 0;
    vt_status status = vt__file_read(&file, &size, path, file_max_bytes, err);
    g->of = vt__malloc(set->paths.count, 1);
    if (!status && !g->of) status = vt__fail_memory(err, set->paths.count);
    if (g->of) memset(g->of, no_group, set->paths.count);
    char *at = status ? NULL : (char *)file;
    for (size_t line = 1; at && !status; line++) {
        char *end = strchr(at, '\n');
        if (end) *end = 0;
        status = read_line(g, set, at, line, err);
        at = end ? end + 1 : NULL;
    }
    if (!status && !g->count) status = vt__fail(err, VT_EFORMAT, "%s names no group", path);
    vt__free(file);
    return status;
}

static bool has_face(const vt__eval_set *set, size_t picture)
{
    const float *values = vt__eval_set_template(set, picture);
    for (size_t i = 0; i < set->dimension; i++)
        if (values[i] != 0) return true;
    return false;
}

/* Pairs within a group only: across groups strangers are told apart more easily, which would flatter. */
static void compare_all(groups *g, const vt__eval_set *set, float threshold)
{
    for (size_t i = 0; i < set->paths.count; i++) {
        if (g->of[i] != no_group && !has_face(set, i)) g->of[i] = no_group;
        if (g->of[i] != no_group) g->items[g->of[i]].pictures++;
    }
    for (size_t a = 0; a < set->paths.count; a++)
        for (size_t b = a + 1; g->of[a] != no_group && b < set->paths.count; b++) {
            if (g->of[a] != g->of[b]) continue;
            group *one = &g->items[g->of[a]];
            bool same = vt__eval_set_same(set, a, b);
            bool reached = vt_cosine(vt__eval_set_template(set, a), vt__eval_set_template(set, b), set->dimension) >= threshold;
            *(same ? &one->mated : &one->non_mated) += 1;
            one->missed += same && !reached;
            one->accepted += !same && reached;
        }
}

/* Worst rate over best; not stated where a group has no error: more pairs are needed then. */
static void add_ratio(vt__report *report, const char *name, const double *rates, size_t count)
{
    double low = 1, high = 0;
    for (size_t i = 0; i < count; i++) low = fmin(low, rates[i]), high = fmax(high, rates[i]);
    if (count > 1 && low > 0) vt__report_add(report, name, vt__plain(high / low), false);
    else if (!report->json) printf("  %-24s not stated: it needs two groups with at least one error each\n", name);
}

static void print(const vt__args *args, const vt__work *work, const groups *g, const vt__eval_set *set)
{
    vt__report report;
    double fmr[groups_max], fnmr[groups_max];
    size_t fmr_count = 0, fnmr_count = 0;
    vt__report_begin(&report, args, "fairness", work->engine, 0, set->paths.count);
    for (size_t i = 0; i < g->count; i++) {
        const group *one = &g->items[i];
        char name[name_max + 16];
        vt__estimate share;
        snprintf(name, sizeof name, "fmr_%s", one->name);
        if (one->non_mated) vt__report_add(&report, name, share = vt__share(one->accepted, one->non_mated), true), fmr[fmr_count++] = share.value;
        snprintf(name, sizeof name, "fnmr_%s", one->name);
        if (one->mated) vt__report_add(&report, name, share = vt__share(one->missed, one->mated), true), fnmr[fnmr_count++] = share.value;
        snprintf(name, sizeof name, "mated_%s", one->name);
        vt__json_set_integer(report.root, name, (int64_t)one->mated);
        snprintf(name, sizeof name, "non_mated_%s", one->name);
        vt__json_set_integer(report.root, name, (int64_t)one->non_mated);
        if (!report.json) printf("  %-24s %zu pictures, %zu mated, %zu non-mated pairs\n", one->name, one->pictures, one->mated, one->non_mated);
    }
    add_ratio(&report, "fmr_worst_to_best", fmr, fmr_count);
    add_ratio(&report, "fnmr_worst_to_best", fnmr, fnmr_count);
    vt__report_add(&report, "without_face", vt__plain((double)set->without_face), false);
    vt__report_end(&report);
}

static int evaluate(const vt__args *args, vt__eval_set *set, const char *path, double confidence)
{
    vt_error err;
    groups g = { 0 };
    vt__work work;
    vt_status status = read_groups(&g, set, path, &err);
    int code = status ? vt__complain(args, &err) : vt__work_open(&work, args);
    if (!code) {
        status = vt__eval_set_templates(set, args, &work, &err);
        if (!status) compare_all(&g, set, vt_engine_cosine(work.engine, (float)confidence));
        if (!status) print(args, &work, &g, set);
        else code = vt__complain(args, &err);
        vt__work_close(&work);
    }
    vt__free(g.of);
    return code;
}

static int run(const vt__args *args)
{
    const char *images = vt__args_get(args, "images"), *path = vt__args_get(args, "groups");
    double confidence = 0.5;
    vt_error err;
    if (!vt__args_number(&confidence, args, "confidence", 0, 1)) return EXIT_WRONG_USE;
    if (!images || !path) {
        fprintf(stderr, "vultus eval fairness: --images FOLDER and --groups FILE are needed\n");
        return EXIT_WRONG_USE;
    }
    vt__eval_set set;
    if (vt__eval_set_folder(&set, images, &err)) return vt__complain(args, &err);
    int code = evaluate(args, &set, path, confidence);
    vt__eval_set_free(&set);
    return code;
}

const vt__command vt__command_eval_fairness = {
    "eval fairness", "", "measure false match and non-match rates for each group that you name",
    "Groups come from your FILE alone; none is inferred from a face. A line \"PICTURE or FOLDER, tab, GROUP\" each, paths\n"
    "relative to --images, # begins a remark, a later line wins. Pairs within one group count; ratios are worst over best.",
    options, run,
};
