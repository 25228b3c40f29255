/* vultus eval quality: does the quality for recognition foretell who will not be recognised? */
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_set.h"
#include "cli/inputs.h"
#include "cli/plot.h"
#include "cli/templates.h"

static const vt__option options[] = {
    VT__OPTION_PLOT("false non-match rate by level"),
    { NULL, NULL, NULL, NULL },
};

enum { levels_count = VT_LEVEL_HIGH + 1, no_level = levels_count };
static const char *const level_names[levels_count] = { "low", "medium", "high" };

/* Template and level of one picture's central face; leaves `no_level` where there is none. */
static vt_status measure_one(float *values, uint8_t *level, const vt__work *work, const char *path, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    vt_faces faces = { 0 };
    vt_template made;
    status = vt_session_detect(&faces, work->session, loaded.picture, NULL, err);
    vt_face *face = NULL;
    const vt_face *picked = vt__pick_face(&faces, vt_picture_get_info(loaded.picture).size, VT__WHICH_CENTRAL);
    if (!status && picked) {
        face = faces.items + (picked - faces.items);
        status = vt_session_complete(face, work->session, loaded.picture, VT_WANT_QUALITY, err);
    }
    if (!status && face) status = vt_session_template(&made, work->session, loaded.picture, face, err);
    if (!status && face) {
        memcpy(values, made.values, made.dimension * sizeof(float));
        *level = (uint8_t)face->attributes.quality;
    }
    vt_faces_free(&faces);
    vt__unload_picture(&loaded);
    return status;
}

static vt_status measure(vt__eval_set *set, uint8_t *levels, const vt__args *args, const vt__work *work, vt_error *err)
{
    vt__progress progress;
    vt_status status = VT_OK;
    set->dimension = vt_engine_dimension(work->engine);
    set->templates = vt__calloc(set->paths.count * set->dimension, sizeof *set->templates);
    if (!set->templates) return vt__fail_memory(err, set->paths.count * set->dimension * sizeof(float));
    vt__progress_begin(&progress, args, "judging", set->paths.count);
    for (size_t i = 0; i < set->paths.count && !status; i++) {
        levels[i] = no_level;
        char *path = vt__path_join(set->folder, set->paths.items[i]);
        status = path ? measure_one(set->templates + i * set->dimension, levels + i, work, path, err) : vt__fail_memory(err, 64);
        vt__free(path);
        vt__progress_step(&progress, i + 1);
    }
    return status;
}

typedef struct counts {
    size_t pictures[levels_count + 1], pairs[levels_count], missed[levels_count];
} counts;

/* Every pair of one person's pictures counts for the lower level of the two. */
static counts compare_all(const vt__eval_set *set, const uint8_t *levels, float threshold)
{
    counts c = { 0 };
    for (size_t i = 0; i < set->paths.count; i++) {
        c.pictures[levels[i]]++;
        for (size_t k = i + 1; k < set->paths.count && vt__eval_set_same(set, i, k); k++) {
            if (levels[i] == no_level || levels[k] == no_level) continue;
            size_t level = levels[i] < levels[k] ? levels[i] : levels[k];
            c.pairs[level]++;
            c.missed[level] += vt_cosine(vt__eval_set_template(set, i), vt__eval_set_template(set, k), set->dimension) < threshold;
        }
    }
    return c;
}

static void print(const vt__args *args, const vt__work *work, const counts *c, size_t n)
{
    vt__report report;
    vt__report_begin(&report, args, "quality", work->engine, 0, n);
    for (size_t level = 0; level < levels_count; level++) {
        char name[48];
        snprintf(name, sizeof name, "share_%s", level_names[level]);
        vt__report_add(&report, name, vt__share(c->pictures[level], n - c->pictures[no_level]), true);
        snprintf(name, sizeof name, "fnmr_%s", level_names[level]);
        if (c->pairs[level]) vt__report_add(&report, name, vt__share(c->missed[level], c->pairs[level]), true);
        vt__json_set_integer(report.root, level_names[level], (int64_t)c->pairs[level]);
        if (!report.json) printf("  %-24s %5zu\n", "  mated pairs", c->pairs[level]);
    }
    vt__report_add(&report, "without_face", vt__plain((double)c->pictures[no_level]), false);
    vt__report_end(&report);
}

static vt_status plot_levels(const vt__args *args, const counts *c, vt_error *err)
{
    vt__plot plot = { .title = "Mated pairs below confidence 0.5, 95 % intervals", .x_label = "quality of the worse picture",
                      .y_label = "false non-match rate" };
    for (size_t level = 0; level < levels_count; level++)
        if (c->pairs[level]) plot.bars[plot.bars_count++] = (vt__bar){ level_names[level], vt__share(c->missed[level], c->pairs[level]) };
    return vt__plot_write(args, &plot, err);
}

static int evaluate(vt__eval_set *set, const vt__args *args, const vt__work *work)
{
    vt_error err;
    uint8_t *levels = vt__calloc(set->paths.count, 1);
    vt_status status = levels ? measure(set, levels, args, work, &err) : vt__fail_memory(&err, set->paths.count);
    if (!status) {
        counts c = compare_all(set, levels, vt_engine_cosine(work->engine, VT_IDENTICAL_CONFIDENCE));
        print(args, work, &c, set->paths.count);
        status = plot_levels(args, &c, &err);
    }
    vt__free(levels);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

static int run(const vt__args *args)
{
    vt__eval_set set;
    vt_error err;
    if (args->count != 1) {
        fprintf(stderr, "vultus eval quality: name one folder, with a folder a person in it\n");
        return EXIT_WRONG_USE;
    }
    if (vt__eval_set_folder(&set, args->operands[0], &err)) return vt__complain(args, &err);
    vt__work work;
    int code = vt__work_open(&work, args);
    if (!code) {
        code = evaluate(&set, args, &work);
        vt__work_close(&work);
    }
    vt__eval_set_free(&set);
    return code;
}

const vt__command vt__command_eval_quality = {
    "eval quality", "FOLDER", "measure how the quality for recognition foretells false non-matches",
    "FOLDER holds a folder a person. fnmr_LEVEL: share of mated pairs below confidence 0.5 among those whose worse picture\n"
    "has that level.", options, run,
};
