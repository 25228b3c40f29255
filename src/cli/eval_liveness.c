/* vultus eval liveness: presentation attack detection in the terms of ISO/IEC 30107-3, one report a set. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "liveness/thresholds.h"

static const vt__option options[] = {
    { "threshold", "SCORE", NULL, "a presentation is real from this score up (default: the product's)" },
    { "bpcer", "SHARE", "0.05", "also state APCER where this share of real faces is refused" },
    { NULL, NULL, NULL, NULL },
};

enum { max_kinds = 16, kind_bytes = 24 };

typedef struct presentation {
    float live; /* NaN: no answer */
    int kind;   /* -1: a real face */
} presentation;

typedef struct liveness_set {
    presentation *items;
    size_t count, silent_real, silent_attack, lacking;
    char kinds[max_kinds][kind_bytes];
    int kind_count;
} liveness_set;

/* CASIA-FASD names its instruments by the video's number ("7_HR_2.avi_25_fake.jpg"); elsewhere the folder below spoof/. */
static void kind_of(char out[kind_bytes], const char *path)
{
    static const struct {
        const char *video, *kind;
    } casia[] = { { "_3.avi", "print" },    { "_4.avi", "print" },  { "_5.avi", "cut" },     { "_6.avi", "cut" },
                  { "_7.avi", "replay" },   { "_8.avi", "replay" }, { "_HR_2.avi", "print" }, { "_HR_3.avi", "cut" },
                  { "_HR_4.avi", "replay" } };
    snprintf(out, kind_bytes, "attack");
    bool high = strstr(path, "_HR_") != NULL;
    for (size_t i = 0; i < sizeof casia / sizeof casia[0]; i++)
        if (strstr(path, casia[i].video) && high == (casia[i].video[1] == 'H')) snprintf(out, kind_bytes, "%s", casia[i].kind);
    const char *below = strstr(path, "/spoof/"), *end = below ? strchr(below + 7, '/') : NULL;
    if (end && end - below - 7 < kind_bytes) snprintf(out, kind_bytes, "%.*s", (int)(end - below - 7), below + 7);
}

static int find_kind(liveness_set *set, const char *path)
{
    char name[kind_bytes];
    int i = 0;
    kind_of(name, path);
    while (i < set->kind_count && strcmp(set->kinds[i], name) != 0) i++;
    if (i == max_kinds) return max_kinds - 1;
    if (i == set->kind_count) snprintf(set->kinds[set->kind_count++], kind_bytes, "%s", name);
    return i;
}

/* The attack network's score whatever the surround, so that sets of crops can be measured; *lacking says that the product
 * would have answered "uncertain". */
static vt_status present(float *live, bool *lacking, const vt__work *work, const char *path, vt_error *err)
{
    vt__loaded loaded;
    vt_faces faces = { 0 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    bool valid = false;
    *live = NAN;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    status = vt_session_detect(&faces, work->session, loaded.picture, &wanted, err);
    if (!status && faces.count) status = vt_session_attack_score(live, &valid, work->session, loaded.picture, &faces.items[0], err);
    *lacking = !valid;
    vt_faces_free(&faces);
    vt__unload_picture(&loaded);
    return status;
}

static vt_status judge_folder(liveness_set *set, const vt__args *args, const vt__work *work, const char *folder, bool real, vt_error *err)
{
    vt__names paths;
    vt__progress progress;
    vt_status status = vt__inputs_in_folder(&paths, folder, err);
    if (status) return status;
    presentation *items = vt__realloc(set->items, set->count + paths.count, sizeof *items);
    if (items) set->items = items;
    else status = VT_ENOMEM;
    vt__progress_begin(&progress, args, real ? "real" : "attacks", paths.count);
    for (size_t i = 0; i < paths.count && !status; i++) {
        presentation *p = &set->items[set->count];
        bool lacking = false;
        status = present(&p->live, &lacking, work, paths.items[i], err);
        set->lacking += lacking;
        p->kind = real ? -1 : find_kind(set, paths.items[i]);
        if (isnan(p->live)) *(real ? &set->silent_real : &set->silent_attack) += 1;
        else set->count++;
        vt__progress_step(&progress, i + 1);
    }
    vt__names_free(&paths);
    return status;
}

static int by_score(const void *a, const void *b)
{
    float x = ((const presentation *)a)->live, y = ((const presentation *)b)->live;
    return (x > y) - (x < y);
}

static size_t of_kind(const liveness_set *set, int kind, float from, float to)
{
    size_t n = 0;
    for (size_t i = 0; i < set->count; i++) {
        const presentation *p = &set->items[i];
        n += (kind == max_kinds ? p->kind >= 0 : p->kind == kind) && p->live >= from && p->live < to;
    }
    return n;
}

/* Share of attacks (all kinds: max_kinds) taken for real at a threshold. */
static vt__estimate apcer(const liveness_set *set, int kind, float threshold)
{
    return vt__share(of_kind(set, kind, threshold, INFINITY), of_kind(set, kind, -INFINITY, INFINITY));
}

static vt__estimate bpcer(const liveness_set *set, float threshold)
{
    return vt__share(of_kind(set, -1, -INFINITY, threshold), of_kind(set, -1, -INFINITY, INFINITY));
}

/* Probability that a real face scores above an attack, ties half; items are sorted. */
static double area(const liveness_set *set)
{
    double below = 0, sum = 0, real = 0;
    for (size_t i = 0; i < set->count;) {
        size_t end = i;
        double ties = 0, reals = 0;
        for (; end < set->count && set->items[end].live <= set->items[i].live; end++) *(set->items[end].kind < 0 ? &reals : &ties) += 1;
        sum += reals * (below + ties / 2);
        below += ties;
        real += reals;
        i = end;
    }
    return real > 0 && below > 0 ? sum / (real * below) : NAN;
}

static vt__estimate equal_errors(const liveness_set *set)
{
    double best = 2, rate = NAN;
    for (size_t i = 0; i < set->count; i++) {
        double a = apcer(set, max_kinds, set->items[i].live).value, b = bpcer(set, set->items[i].live).value;
        if (fabs(a - b) >= best) continue;
        best = fabs(a - b);
        rate = (a + b) / 2;
    }
    return vt__plain(rate);
}

/* The highest threshold that refuses no more than a share of the real faces. */
static float threshold_at(const liveness_set *set, double share)
{
    size_t real = of_kind(set, -1, -INFINITY, INFINITY), allowed = (size_t)(share * (double)real), seen = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].kind < 0 && seen++ == allowed) return set->items[i].live;
    return 0;
}

static void report_kinds(vt__report *report, const liveness_set *set, const char *format, float threshold)
{
    for (int k = 0; k < set->kind_count; k++) {
        char name[64];
        snprintf(name, sizeof name, "%s_%s", format, set->kinds[k]);
        vt__report_add(report, name, apcer(set, k, threshold), true);
    }
}

static void print(const vt__args *args, const vt_engine *engine, liveness_set *set, const char *folder, float threshold, double share)
{
    vt__report report;
    qsort(set->items, set->count, sizeof *set->items, by_score);
    vt__report_begin(&report, args, "liveness", engine, 1, set->count + set->silent_real + set->silent_attack);
    vt__json_set_string(report.root, "set", folder);
    if (!vt__args_on(args, "json")) printf("set %s\n", folder);
    float at = threshold_at(set, share);
    vt__estimate a = apcer(set, max_kinds, threshold), b = bpcer(set, threshold);
    vt__report_add(&report, "auc", vt__plain(area(set)), false);
    vt__report_add(&report, "eer", equal_errors(set), true);
    vt__report_add(&report, "threshold", vt__plain((double)threshold), false);
    vt__report_add(&report, "apcer", a, true);
    report_kinds(&report, set, "apcer", threshold);
    vt__report_add(&report, "bpcer", b, true);
    vt__report_add(&report, "acer", vt__plain((a.value + b.value) / 2), true);
    vt__report_add(&report, "threshold_at_bpcer", vt__plain((double)at), false);
    vt__report_add(&report, "apcer_at_bpcer", apcer(set, max_kinds, at), true);
    report_kinds(&report, set, "apcer_at_bpcer", at);
    size_t real = of_kind(set, -1, -INFINITY, INFINITY), attacks = set->count - real;
    vt__report_add(&report, "bpnrr", vt__share(set->silent_real, set->silent_real + real), true);
    vt__report_add(&report, "apnrr", vt__share(set->silent_attack, set->silent_attack + attacks), true);
    vt__report_add(&report, "surround_lacking", vt__share(set->lacking, set->count + set->silent_real + set->silent_attack), true);
    vt__report_end(&report);
}

/* A folder with real/ and spoof/ is judged; of another, each such folder in it. */
static int eval_folder(const vt__args *args, const vt__work *work, const char *folder, float threshold, double share, int depth)
{
    char *real = vt__path_join(folder, "real"), *spoof = vt__path_join(folder, "spoof");
    liveness_set set = { 0 };
    vt__names names = { 0 };
    vt_error err;
    vt_status status = VT_OK;
    int sets = 0;
    if (vt__folder_exists(real) && vt__folder_exists(spoof)) {
        status = judge_folder(&set, args, work, real, true, &err);
        if (!status) status = judge_folder(&set, args, work, spoof, false, &err);
        if (!status) print(args, work->engine, &set, folder, threshold, share);
        sets = 1;
    } else if (depth < 2 && !(status = vt__folder_list(&names, folder, &err))) {
        for (size_t i = 0; i < names.count && sets >= 0; i++) {
            char *below = vt__path_join(folder, names.items[i]);
            int more = vt__folder_exists(below) ? eval_folder(args, work, below, threshold, share, depth + 1) : 0;
            sets = more < 0 ? -1 : sets + more;
            vt__free(below);
        }
    }
    if (status) sets = -vt__complain(args, &err);
    vt__names_free(&names);
    vt__free(set.items);
    vt__free(real);
    vt__free(spoof);
    return sets;
}

static int run(const vt__args *args)
{
    double threshold = (double)vt__thresholds[VT_LIVENESS_CHECK_ATTACK].value, share = 0.05;
    if (args->count != 1) {
        fprintf(stderr, "vultus eval liveness: name one folder with real/ and spoof/, or with such folders in it\n");
        return EXIT_WRONG_USE;
    }
    if (!vt__args_number(&threshold, args, "threshold", 0, 1) || !vt__args_number(&share, args, "bpcer", 0, 1)) return EXIT_WRONG_USE;
    vt__work work;
    int code = vt__work_open(&work, args);
    if (code) return code;
    int sets = eval_folder(args, &work, args->operands[0], (float)threshold, share, 0);
    vt__work_close(&work);
    if (sets == 0) fprintf(stderr, "vultus eval liveness: no folder with real/ and spoof/ in %s\n", args->operands[0]);
    return sets > 0 ? EXIT_FINE : EXIT_BAD_INPUT;
}

const vt__command vt__command_eval_liveness = {
    "eval liveness", "FOLDER", "measure presentation attack detection: APCER by kind, BPCER, ACER, AUC",
    "FOLDER holds real/ and spoof/. Folders in which such folders stand give one report each; nothing is pooled.", options, run,
};
