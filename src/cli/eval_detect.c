/* vultus eval detect: found faces against boxes in XML files of the imglab form, or TSV "picture left top width height". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_faces.h"
#include "cli/plot.h"

static const vt__option options[] = {
    { "min-score", "SCORE", "0", "detector threshold, 0 for the pack's" },
    VT__OPTION_PLOT("found and false faces by threshold"),
    { NULL, NULL, NULL, NULL },
};

enum { max_boxes = 200000, plot_points = 200, max_truth_bytes = 64 << 20, small_px = 20, known_name = 256 };
static const float least_overlap = 0.3f; /* annotators draw tighter and looser boxes than detectors */

typedef struct truth {
    char picture[known_name];
    vt_box box;
} truth;

typedef struct found {
    truth *truths;
    size_t truths_count;
    size_t boxes, hits, large_boxes, large_hits, extras, pictures;
    float *scores; /* of found faces: hits up to max_boxes, false ones behind */
} found;

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static vt_status add_truth(found *f, const char *picture, vt_box box, vt_error *err)
{
    if (f->truths_count == max_boxes) return vt__fail(err, VT_ELIMIT, "more than %d boxes", max_boxes);
    truth *t = &f->truths[f->truths_count++];
    snprintf(t->picture, sizeof t->picture, "%s", last_part(picture));
    t->box = box;
    return VT_OK;
}

static float attribute(const char *element, const char *name)
{
    const char *at = strstr(element, name);
    return at ? strtof(at + strlen(name) + 2, NULL) : 0;
}

/* <image file='...'> and the <box top='' left='' width='' height=''> in it; a small fixed dialect, read by its words. */
static vt_status read_xml(found *f, char *text, vt_error *err)
{
    char picture[known_name] = "";
    vt_status status = VT_OK;
    for (char *at = strchr(text, '<'); at && !status; at = strchr(at + 1, '<')) {
        char *end = strchr(at, '>');
        if (!end) break;
        *end = 0;
        char *file = strstr(at, "file='");
        if (!strncmp(at, "<image", 6) && file) snprintf(picture, sizeof picture, "%.*s", (int)strcspn(file + 6, "'"), file + 6);
        if (!strncmp(at, "<box", 4) && *picture)
            status = add_truth(f, picture, (vt_box){ attribute(at, "left"), attribute(at, "top"), attribute(at, "width"), attribute(at, "height") }, err);
        at = end;
    }
    return status;
}

static vt_status read_tsv(found *f, char *text, vt_error *err)
{
    vt_status status = VT_OK;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line && !status; line = strsep(&rest, "\n")) {
        char name[known_name];
        vt_box box;
        if (sscanf(line, "%255[^\t]\t%f\t%f\t%f\t%f", name, &box.left, &box.top, &box.width, &box.height) == 5)
            status = add_truth(f, name, box, err);
    }
    return status;
}

/* The XML form names a picture in several files; the same box counts once. */
static bool known_before(const found *f, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (!strcmp(f->truths[i].picture, f->truths[place].picture) && vt__box_overlap(f->truths[i].box, f->truths[place].box) > 0.5f) return true;
    return false;
}

static vt_status read_truths(found *f, const char *folder, vt_error *err)
{
    vt__names names;
    vt_status status = vt__folder_list(&names, folder, err);
    for (size_t i = 0; !status && i < names.count; i++) {
        const char *dot = strrchr(names.items[i], '.');
        bool xml = dot && !strcmp(dot, ".xml"), tsv = dot && !strcmp(dot, ".tsv");
        if (!xml && !tsv) continue;
        char *path = vt__path_join(folder, names.items[i]);
        uint8_t *text = NULL;
        status = path ? vt__file_read(&text, NULL, path, max_truth_bytes, err) : vt__fail_memory(err, 64);
        if (!status) status = xml ? read_xml(f, (char *)text, err) : read_tsv(f, (char *)text, err);
        vt__free(text);
        vt__free(path);
    }
    vt__names_free(&names);
    size_t kept = 0;
    for (size_t i = 0; i < f->truths_count; i++)
        if (!known_before(f, i)) f->truths[kept++] = f->truths[i];
    f->truths_count = kept;
    if (!status && !kept) status = vt__fail(err, VT_ENOTFOUND, "%s: no boxes in .xml or .tsv files", folder);
    return status;
}

static vt_status judge(void *context, const char *path, vt_size size, const vt_faces *faces, vt_error *err)
{
    (void)size;
    found *f = context;
    bool *used = vt__calloc(faces->count, sizeof *used);
    if (!used) return vt__fail_memory(err, faces->count);
    size_t before = f->boxes;
    for (size_t t = 0; t < f->truths_count; t++) {
        if (strcmp(f->truths[t].picture, last_part(path)) != 0) continue;
        bool large = fmaxf(f->truths[t].box.width, f->truths[t].box.height) >= small_px;
        size_t best = SIZE_MAX;
        float most = least_overlap;
        for (size_t i = 0; i < faces->count; i++) {
            float overlap = vt__box_overlap(f->truths[t].box, faces->items[i].box);
            if (!used[i] && overlap >= most) most = overlap, best = i;
        }
        f->boxes++;
        f->large_boxes += large;
        if (best == SIZE_MAX) continue;
        used[best] = true;
        f->scores[f->hits++] = faces->items[best].score;
        f->large_hits += large;
    }
    if (f->boxes > before) f->pictures++; /* a picture nobody annotated says nothing of extras */
    for (size_t i = 0; f->boxes > before && i < faces->count; i++)
        if (!used[i] && f->extras < max_boxes) f->scores[max_boxes + f->extras++] = faces->items[i].score;
    vt__free(used);
    return f->boxes > before ? VT_OK : VT_ENOTFOUND;
}

static size_t reaching(const float *scores, size_t count, double threshold)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += (double)scores[i] >= threshold;
    return n;
}

static vt_status plot_scores(const vt__args *args, const found *f, vt_error *err)
{
    double threshold[plot_points], recall[plot_points], extras[plot_points], low = 1;
    for (size_t i = 0; i < f->hits; i++) low = fmin(low, (double)f->scores[i]);
    for (size_t i = 0; i < f->extras; i++) low = fmin(low, (double)f->scores[max_boxes + i]);
    for (size_t i = 0; i < plot_points; i++) {
        threshold[i] = low + (1 - low) * (double)i / (plot_points - 1);
        recall[i] = (double)reaching(f->scores, f->hits, threshold[i]) / (double)f->boxes;
        extras[i] = (double)reaching(f->scores + max_boxes, f->extras, threshold[i]) / (double)f->boxes;
    }
    vt__plot plot = { .title = "Detection by threshold", .x_label = "threshold on the detector's score", .y_label = "by annotated faces",
                      .curves = { { "found", threshold, recall, plot_points }, { "false", threshold, extras, plot_points } }, .curves_count = 2 };
    return vt__plot_write(args, &plot, err);
}

static vt_status print(const vt__args *args, const vt_engine *engine, void *context, vt_error *err)
{
    const found *f = context;
    vt__report report;
    vt__report_begin(&report, args, "detect", engine, 0, f->boxes);
    vt__report_add(&report, "recall", vt__share(f->hits, f->boxes), true);
    vt__report_add(&report, "recall_20px", vt__share(f->large_hits, f->large_boxes), true);
    vt__report_add(&report, "extras", vt__plain((double)f->extras), false);
    vt__report_add(&report, "pictures", vt__plain((double)f->pictures), false);
    vt__report_end(&report);
    return plot_scores(args, f, err);
}

static int run(const vt__args *args)
{
    found f = { .truths = vt__calloc(max_boxes, sizeof(truth)), .scores = vt__calloc(2 * max_boxes, sizeof(float)) };
    double min_score = 0;
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    vt_error err;
    int code = EXIT_BROKEN_SETUP;
    if (!vt__args_number(&min_score, args, "min-score", 0, 1)) {
        code = EXIT_WRONG_USE;
    } else if (args->count != 1) {
        fprintf(stderr, "vultus eval detect: name one folder\n");
        code = EXIT_WRONG_USE;
    } else if (f.truths && f.scores) {
        wanted.min_score = (float)min_score;
        code = read_truths(&f, args->operands[0], &err) ? vt__complain(args, &err) : vt__eval_faces(args, &wanted, judge, &f, print);
    }
    vt__free(f.truths);
    vt__free(f.scores);
    return code;
}

const vt__command vt__command_eval_detect = {
    "eval detect", "FOLDER", "measure detection against annotated boxes",
    "Boxes are read from imglab XML files, or TSV lines \"picture left top width height\". Found: overlap of 0.3 and more.", options, run,
};
