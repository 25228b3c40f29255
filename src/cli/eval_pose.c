/* vultus eval pose: head pose against names like personPPSNN+TT-PP.jpg (Pointing'04: tilt, then pan, in degrees). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_faces.h"
#include "cli/plot.h"

static const vt__option options[] = {
    { "pan", "DEG", "60", "largest pan that counts" },
    { "tilt", "DEG", "30", "largest tilt that counts" },
    VT__OPTION_PLOT("mean error by the true angle"),
    { NULL, NULL, NULL, NULL },
};

enum { max_pictures = 100000, largest_deg = 90, angles = 2 * largest_deg + 1 };

typedef struct pose_errors {
    double max_pan, max_tilt;
    double *yaw, *pitch; /* errors */
    double *pan, *tilt;  /* truths */
    size_t count, pictures;
} pose_errors;

/* "...+15-30.jpg": the last two signed numbers. Tilt + is up, pan + towards the left of the image. */
static bool read_name(double *tilt, double *pan, const char *path)
{
    const char *end = strrchr(path, '.'), *second = end, *first;
    while (second > path && *second != '+' && *second != '-') second--;
    first = second - 1;
    while (first > path && *first != '+' && *first != '-') first--;
    if (first <= path || second - first > 4 || end - second > 4) return false;
    *tilt = strtod(first, NULL);
    *pan = strtod(second, NULL);
    return true;
}

static vt_status judge(void *context, const char *path, vt_size size, const vt_faces *faces, vt_error *err)
{
    (void)size;
    (void)err;
    pose_errors *e = context;
    double tilt, pan;
    if (!read_name(&tilt, &pan, path)) return VT_ENOTFOUND;
    if (fabs(tilt) > e->max_tilt || fabs(pan) > e->max_pan || e->pictures == max_pictures) return VT_OK;
    e->pictures++;
    if (!faces->count) return VT_OK;
    const vt_pose *pose = &faces->items[0].pose;
    e->pan[e->count] = pan;
    e->tilt[e->count] = tilt;
    e->yaw[e->count] = fabs((double)pose->yaw_deg + pan); /* our yaw is positive towards the right of the image */
    e->pitch[e->count++] = fabs((double)pose->pitch_deg - tilt);
    return VT_OK;
}

/* Means of the errors at each whole true angle that occurs; returns how many there are. */
static size_t mean_by_angle(double x[angles], double y[angles], const double *errors, const double *truths, size_t count)
{
    double sums[angles] = { 0 };
    size_t n[angles] = { 0 }, filled = 0;
    for (size_t i = 0; i < count; i++) {
        int slot = (int)lround(truths[i]) + largest_deg;
        if (slot < 0 || slot >= angles) continue;
        sums[slot] += errors[i];
        n[slot]++;
    }
    for (int slot = 0; slot < angles; slot++) {
        if (!n[slot]) continue;
        x[filled] = slot - largest_deg;
        y[filled++] = sums[slot] / (double)n[slot];
    }
    return filled;
}

static vt_status plot_errors(const vt__args *args, const pose_errors *e, vt_error *err)
{
    double pans[angles], yaws[angles], tilts[angles], pitches[angles];
    size_t by_pan = mean_by_angle(pans, yaws, e->yaw, e->pan, e->count), by_tilt = mean_by_angle(tilts, pitches, e->pitch, e->tilt, e->count);
    vt__plot plot = { .title = "Head pose: mean error by angle", .x_label = "true angle, degrees", .y_label = "mean absolute error, degrees",
                      .curves = { { "yaw, by pan", pans, yaws, by_pan }, { "pitch, by tilt", tilts, pitches, by_tilt } }, .curves_count = 2 };
    return vt__plot_write(args, &plot, err);
}

static vt_status print(const vt__args *args, const vt_engine *engine, void *context, vt_error *err)
{
    const pose_errors *e = context;
    vt__report report;
    vt__report_begin(&report, args, "pose", engine, 1, e->pictures);
    vt__report_add(&report, "yaw_mae_deg", vt__mean(e->yaw, e->count, 1), false);
    vt__report_add(&report, "pitch_mae_deg", vt__mean(e->pitch, e->count, 1), false);
    vt__report_add(&report, "found", vt__share(e->count, e->pictures), true);
    vt__report_end(&report);
    return plot_errors(args, e, err);
}

static int run(const vt__args *args)
{
    double *all = vt__calloc(4 * max_pictures, sizeof *all);
    pose_errors e = { .max_pan = 60, .max_tilt = 30 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.want = VT_WANT_POSE;
    if (all) e.yaw = all, e.pitch = all + max_pictures, e.pan = all + 2 * max_pictures, e.tilt = all + 3 * max_pictures;
    int code = EXIT_BROKEN_SETUP;
    if (!vt__args_number(&e.max_pan, args, "pan", 0, 90) || !vt__args_number(&e.max_tilt, args, "tilt", 0, 90)) code = EXIT_WRONG_USE;
    else if (all) code = vt__eval_faces(args, &wanted, judge, &e, print);
    vt__free(all);
    return code;
}

const vt__command vt__command_eval_pose = { "eval pose", "FOLDER", "measure head pose against angles in file names", NULL, options, run };
