/* vultus eval attributes: what faces wear and what hides them, against labels. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_faces.h"
#include "cli/plot.h"
#include "cli/templates.h"

static const vt__option options[] = {
    { "labels", "FILE", NULL, "TSV lines \"picture ATTRIBUTE 0|1\", the picture relative to the folder" },
    { "face", "WHICH", "largest", "the face that the label means: largest or central" },
    VT__OPTION_PLOT("error rates with their intervals"),
    { NULL, NULL, NULL, NULL },
};

enum { max_label_bytes = 16 << 20, max_labels = 1000000 };

typedef enum attribute { MASK, GLASSES, SUNGLASSES, HEADWEAR, FOREHEAD, EYES, MOUTH, ATTRIBUTES } attribute;
static const char *const names[ATTRIBUTES] = { "mask", "glasses", "sunglasses", "headwear", "forehead", "eyes", "mouth" };

/* Labels that a path carries by itself. */
static const struct {
    const char *part;
    attribute attribute;
    bool worn;
} path_rules[] = {
    { "/with_mask/", MASK, true },
    { "/without_mask/", MASK, false },
    { "_sunglasses", SUNGLASSES, true },
    { "_open", SUNGLASSES, false },
};

typedef struct label {
    const char *picture; /* within `text` */
    attribute attribute;
    bool worn;
} label;

typedef struct tally {
    const char *folder;
    vt__which which;
    uint8_t *text;
    label *labels; /* sorted by picture */
    size_t labels_count;
    size_t worn[ATTRIBUTES], missed[ATTRIBUTES], bare[ATTRIBUTES], wrong[ATTRIBUTES];
    size_t labelled, without_face;
} tally;

static bool answer(const vt_attributes *a, attribute which)
{
    const bool answers[ATTRIBUTES] = {
        [MASK] = a->mask == VT_MASK_FACE,
        [GLASSES] = a->glasses != VT_GLASSES_NONE,
        [SUNGLASSES] = a->glasses == VT_GLASSES_SUN,
        [HEADWEAR] = a->headwear_confidence >= 0.5f,
        [FOREHEAD] = a->forehead_occluded,
        [EYES] = a->eye_occluded,
        [MOUTH] = a->mouth_occluded,
    };
    return answers[which];
}

static int by_picture(const void *a, const void *b)
{
    return strcmp(((const label *)a)->picture, ((const label *)b)->picture);
}

static vt_status read_label(tally *t, char *line, size_t number, vt_error *err)
{
    char *rest = line, *picture = strsep(&rest, "\t"), *name = strsep(&rest, "\t"), *worn = strsep(&rest, "\t");
    attribute which = MASK;
    while (name && which < ATTRIBUTES && strcmp(names[which], name) != 0) which++;
    if (!worn || which == ATTRIBUTES || (strcmp(worn, "0") != 0 && strcmp(worn, "1") != 0))
        return vt__fail(err, VT_EFORMAT, "line %zu: not \"picture TAB ATTRIBUTE TAB 0|1\"; attributes are mask, glasses, sunglasses, headwear, forehead, eyes, mouth", number);
    if (t->labels_count == max_labels) return vt__fail(err, VT_ELIMIT, "more than %d labels", max_labels);
    t->labels[t->labels_count++] = (label){ picture, which, *worn == '1' };
    return VT_OK;
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n')) lines++;
    return lines;
}

static vt_status read_labels(tally *t, const char *path, vt_error *err)
{
    vt_status status = vt__file_read(&t->text, NULL, path, max_label_bytes, err);
    if (status) return status;
    char *rest = (char *)t->text;
    t->labels = vt__calloc(count_lines(rest), sizeof *t->labels);
    if (!t->labels) return vt__fail_memory(err, count_lines(rest) * sizeof *t->labels);
    size_t number = 0;
    for (char *line = strsep(&rest, "\n"); line && !status; line = strsep(&rest, "\n")) {
        number++;
        if (*line && *line != '#') status = read_label(t, line, number, err);
    }
    qsort(t->labels, t->labels_count, sizeof *t->labels, by_picture);
    return status ? vt__error_prefix(err, status, "%s", path) : VT_OK;
}

static void count(tally *t, const vt_face *face, attribute which, bool worn)
{
    bool said = answer(&face->attributes, which);
    t->worn[which] += worn;
    t->bare[which] += !worn;
    t->missed[which] += worn && !said;
    t->wrong[which] += !worn && said;
}

/* Counts, for each label of the picture, what was said of `face`; returns how many labels there are. */
static size_t count_labels(tally *t, const char *path, const vt_face *face)
{
    size_t found = 0;
    for (size_t i = 0; i < sizeof path_rules / sizeof path_rules[0]; i++) {
        if (!strstr(path, path_rules[i].part)) continue;
        if (face) count(t, face, path_rules[i].attribute, path_rules[i].worn);
        found++;
    }
    const char *inside = path + strlen(t->folder);
    while (*inside == '/') inside++;
    const label wanted = { inside, MASK, false };
    const label *at = t->labels_count ? bsearch(&wanted, t->labels, t->labels_count, sizeof *t->labels, by_picture) : NULL;
    while (at && at > t->labels && !by_picture(at - 1, &wanted)) at--;
    for (; at && at < t->labels + t->labels_count && !by_picture(at, &wanted); at++, found++)
        if (face) count(t, face, at->attribute, at->worn);
    return found;
}

static vt_status judge(void *context, const char *path, vt_size size, const vt_faces *faces, vt_error *err)
{
    (void)err;
    tally *t = context;
    const vt_face *face = vt__pick_face(faces, size, t->which);
    if (!count_labels(t, path, face)) return VT_OK;
    t->labelled++;
    t->without_face += !face;
    return VT_OK;
}

enum { name_bytes = 48 };

static void add(vt__report *report, attribute which, const char *what, vt__estimate estimate)
{
    char name[name_bytes];
    snprintf(name, sizeof name, "%s_%s", names[which], what);
    vt__report_add(report, name, estimate, true);
}

static vt_status plot_errors(const vt__args *args, const tally *t, vt_error *err)
{
    char labels[2 * ATTRIBUTES][name_bytes];
    vt__plot plot = { .title = "Attributes: error rates, 95 % intervals", .x_label = "", .y_label = "share in error" };
    for (attribute which = MASK; which < ATTRIBUTES; which++) {
        const struct {
            const char *what;
            size_t errors, n;
        } kinds[] = { { "missed", t->missed[which], t->worn[which] }, { "false", t->wrong[which], t->bare[which] } };
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            if (!kinds[k].n) continue;
            snprintf(labels[plot.bars_count], name_bytes, "%s %s", names[which], kinds[k].what);
            plot.bars[plot.bars_count] = (vt__bar){ labels[plot.bars_count], vt__share(kinds[k].errors, kinds[k].n) };
            plot.bars_count++;
        }
    }
    return vt__plot_write(args, &plot, err);
}

static vt_status print(const vt__args *args, const vt_engine *engine, void *context, vt_error *err)
{
    const tally *t = context;
    vt__report report;
    vt__report_begin(&report, args, "attributes", engine, 0, t->labelled);
    for (attribute which = MASK; which < ATTRIBUTES; which++) {
        size_t worn = t->worn[which], bare = t->bare[which], errors = t->missed[which] + t->wrong[which];
        if (!(worn + bare)) continue;
        add(&report, which, "accuracy", vt__share(worn + bare - errors, worn + bare));
        if (worn) add(&report, which, "missed", vt__share(t->missed[which], worn));
        if (bare) add(&report, which, "false", vt__share(t->wrong[which], bare));
    }
    vt__report_add(&report, "without_face", vt__plain((double)t->without_face), false);
    vt__report_end(&report);
    return plot_errors(args, t, err);
}

static int run(const vt__args *args)
{
    static const char *const choices[] = { "largest", "central", NULL };
    tally t = { .folder = args->count ? args->operands[0] : "" };
    const char *labels = vt__args_get(args, "labels");
    vt_error err;
    int which = 0;
    if (!vt__args_choice(&which, args, "face", choices)) return EXIT_WRONG_USE;
    t.which = which ? VT__WHICH_CENTRAL : VT__WHICH_LARGEST;
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.want = VT_WANT_MASK | VT_WANT_GLASSES | VT_WANT_HEADWEAR | VT_WANT_OCCLUSION;
    int code = labels && read_labels(&t, labels, &err) ? vt__complain(args, &err) : vt__eval_faces(args, &wanted, judge, &t, print);
    vt__free(t.labels);
    vt__free(t.text);
    return code;
}

const vt__command vt__command_eval_attributes = {
    "eval attributes", "FOLDER", "measure mask, glasses, headwear and occlusion against labels",
    "Labels come from --labels, and from paths: folders with_mask and without_mask, names with _sunglasses and _open.\n"
    "missed: share of the worn that was not seen; false: share of the bare that was said to be worn.", options, run,
};
