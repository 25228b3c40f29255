/* vultus eval landmarks: normalised mean error of 68 points (Sagonas et al., 300-W, 2013: by the outer eye corners). */
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
    VT__OPTION_PLOT("share of the faces by error"),
    { NULL, NULL, NULL, NULL },
};

enum { max_pictures = 100000, outer_left = 36, outer_right = 45 };

typedef struct errors {
    double *values; /* of pictures with their face found */
    size_t count, pictures;
} errors;

/* The .pts beside a picture: 68 pairs of numbers, with or without the lines around them. */
static vt_status read_points(vt_point out[VT_POINTS68], const char *picture, vt_error *err)
{
    const char *dot = strrchr(picture, '.');
    char *path = vt__format("%.*s.pts", (int)(dot - picture), picture);
    uint8_t *text = NULL;
    vt_status status = path ? vt__file_read(&text, NULL, path, 1 << 20, err) : vt__fail_memory(err, 64);
    if (!status) {
        char *at = strchr((char *)text, '{');
        at = at ? at + 1 : (char *)text;
        for (int p = 0; p < VT_POINTS68 && !status; p++) {
            char *end;
            out[p].x = strtof(at, &end) - 0.5f; /* theirs are pixel centres counted from 1, ours begin at the corner */
            out[p].y = strtof(end, &at) - 0.5f;
            if (at == end) status = vt__fail(err, VT_EFORMAT, "%s: %d points, 68 were expected", path, p);
        }
    }
    vt__free(text);
    vt__free(path);
    return status;
}

static double error_of(const vt_face *face, const vt_point truth[VT_POINTS68])
{
    double sum = 0, eyes = hypot(truth[outer_left].x - truth[outer_right].x, truth[outer_left].y - truth[outer_right].y);
    for (int p = 0; p < VT_POINTS68; p++)
        sum += hypot(face->points68[p].x - truth[p].x, face->points68[p].y - truth[p].y);
    return sum / VT_POINTS68 / eyes;
}

static vt_status judge(void *context, const char *path, vt_size size, const vt_faces *faces, vt_error *err)
{
    (void)size;
    errors *e = context;
    vt_point truth[VT_POINTS68];
    vt_status status = read_points(truth, path, err);
    if (status) return status;
    if (e->pictures == max_pictures) return vt__fail(err, VT_ELIMIT, "more than %d pictures", max_pictures);
    e->pictures++;
    double least = INFINITY;
    for (size_t i = 0; i < faces->count; i++) least = fmin(least, error_of(&faces->items[i], truth));
    if (least < 0.5) e->values[e->count++] = least; /* farther off, it is another face */
    return VT_OK;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The cumulative error distribution; a face that was not found never comes in. */
static vt_status plot_errors(const vt__args *args, const errors *e, vt_error *err)
{
    double *shares = vt__malloc(e->count, sizeof *shares);
    if (!shares) return vt__fail_memory(err, e->count * sizeof *shares);
    if (e->count) qsort(e->values, e->count, sizeof *e->values, rising);
    for (size_t i = 0; i < e->count; i++) shares[i] = (double)(i + 1) / (double)e->pictures;
    vt__plot plot = { .title = "68 landmarks: cumulative error", .x_label = "mean error by the distance of the outer eye corners",
                      .y_label = "share of the faces", .curves = { { "faces", e->values, shares, e->count } }, .curves_count = 1 };
    vt_status status = vt__plot_write(args, &plot, err);
    vt__free(shares);
    return status;
}

static vt_status print(const vt__args *args, const vt_engine *engine, void *context, vt_error *err)
{
    const errors *e = context;
    vt__report report;
    size_t failed = e->pictures - e->count;
    for (size_t i = 0; i < e->count; i++) failed += e->values[i] > 0.1;
    vt__report_begin(&report, args, "landmarks", engine, 1, e->pictures);
    vt__report_add(&report, "nme", vt__mean(e->values, e->count, 1), true);
    vt__report_add(&report, "failure_rate", vt__share(failed, e->pictures), true);
    vt__report_add(&report, "found", vt__share(e->count, e->pictures), true);
    vt__report_end(&report);
    return plot_errors(args, e, err);
}

static int run(const vt__args *args)
{
    errors e = { vt__calloc(max_pictures, sizeof(double)), 0, 0 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.want = VT_WANT_LANDMARKS;
    int code = e.values ? vt__eval_faces(args, &wanted, judge, &e, print) : EXIT_BROKEN_SETUP;
    vt__free(e.values);
    return code;
}

const vt__command vt__command_eval_landmarks = {
    "eval landmarks", "FOLDER", "measure the 68 landmarks against .pts files",
    "nme: mean distance by the distance of the outer eye corners. failure_rate: above 10 %, or not found.", options, run,
};
