/* vultus eval pose: head pose against names like personPPSNN+TT-PP.jpg (Pointing'04: tilt, then pan, in degrees). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_faces.h"
#include "cli/report.h"

static const vt__option options[] = {
    { "pan", "DEG", "60", "largest pan that counts" },
    { "tilt", "DEG", "30", "largest tilt that counts" },
    { NULL, NULL, NULL, NULL },
};

enum { max_pictures = 100000 };

typedef struct pose_errors {
    double max_pan, max_tilt;
    double *yaw, *pitch;
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
    e->yaw[e->count] = fabs((double)pose->yaw_deg + pan); /* our yaw is positive towards the right of the image */
    e->pitch[e->count++] = fabs((double)pose->pitch_deg - tilt);
    return VT_OK;
}

static void print(const vt__args *args, const vt_engine *engine, void *context)
{
    const pose_errors *e = context;
    vt__report report;
    vt__report_begin(&report, args, "pose", engine, 1, e->pictures);
    vt__report_add(&report, "yaw_mae_deg", vt__mean(e->yaw, e->count, 1), false);
    vt__report_add(&report, "pitch_mae_deg", vt__mean(e->pitch, e->count, 1), false);
    vt__report_add(&report, "found", vt__share(e->count, e->pictures), true);
    vt__report_end(&report);
}

static int run(const vt__args *args)
{
    pose_errors e = { 60, 30, vt__calloc(max_pictures, sizeof(double)), vt__calloc(max_pictures, sizeof(double)), 0, 0 };
    int code = EXIT_BROKEN_SETUP;
    if (!vt__args_number(&e.max_pan, args, "pan", 0, 90) || !vt__args_number(&e.max_tilt, args, "tilt", 0, 90)) code = EXIT_WRONG_USE;
    else if (e.yaw && e.pitch) code = vt__eval_faces(args, VT_WANT_POSE, judge, &e, print);
    vt__free(e.yaw);
    vt__free(e.pitch);
    return code;
}

const vt__command vt__command_eval_pose = { "eval pose", "FOLDER", "measure head pose against angles in file names", NULL, options, run };
