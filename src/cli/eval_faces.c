#include "cli/eval_faces.h"

#include <math.h>

#include "base/error.h"
#include "cli/inputs.h"

float vt__box_overlap(vt_box a, vt_box b)
{
    float width = fminf(a.left + a.width, b.left + b.width) - fmaxf(a.left, b.left);
    float height = fminf(a.top + a.height, b.top + b.height) - fmaxf(a.top, b.top);
    if (width <= 0 || height <= 0) return 0;
    return width * height / (a.width * a.height + b.width * b.height - width * height);
}

static vt_status judge_one(const vt__work *work, const char *path, const vt_detect_options *wanted, vt__judge judge, void *context, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    vt_faces faces = { 0 };
    status = vt_session_detect(&faces, work->session, loaded.picture, wanted, err);
    if (!status) status = judge(context, path, vt_picture_get_info(loaded.picture).size, &faces, err);
    vt_faces_free(&faces);
    vt__unload_picture(&loaded);
    return status;
}

int vt__eval_faces(const vt__args *args, const vt_detect_options *wanted, vt__judge judge, void *context, vt__print print)
{
    vt__names paths;
    vt_error err;
    if (args->count != 1) {
        fprintf(stderr, "vultus %s: name one folder\n", args->command->name);
        return EXIT_WRONG_USE;
    }
    if (vt__inputs_in_folder(&paths, args->operands[0], &err)) return vt__complain(args, &err);
    vt__work work;
    vt__progress progress;
    int code = vt__work_open(&work, args);
    if (code) {
        vt__names_free(&paths);
        return code;
    }
    size_t judged = 0;
    vt__progress_begin(&progress, args, "judging", paths.count);
    for (size_t i = 0; i < paths.count && !code; i++) {
        vt_status status = judge_one(&work, paths.items[i], wanted, judge, context, &err);
        if (status && status != VT_ENOTFOUND) code = vt__complain(args, &err);
        judged += !status;
        vt__progress_step(&progress, i + 1);
    }
    if (!code && !judged) {
        vt__fail(&err, VT_ENOTFOUND, "none of the %zu pictures in %s has a truth to be judged by", paths.count, args->operands[0]);
        code = vt__complain(args, &err);
    }
    if (!code && print(args, work.engine, context, &err)) code = vt__complain(args, &err);
    vt__work_close(&work);
    vt__names_free(&paths);
    return code;
}
