#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/face_json.h"
#include "cli/inputs.h"
#include "cli/json_out.h"
#include "cli/picture_out.h"
#include "image/draw.h"

static const vt__option options[] = {
    { "draw", "OUT.png", NULL, "draw boxes, points and numbers into a copy (one picture only)" },
    { "landmarks", NULL, NULL, "27 named landmarks" },
    { "attributes", "LIST", NULL, "headPose, mask, glasses, occlusion, accessories, quality; or all" },
    { "min-face", "PX", NULL, "smallest face to look for (default: 36 px; smaller takes longer)" },
    { "min-score", "SCORE", NULL, "0 to 1 (default: the pack's)" },
    { NULL, NULL, NULL, NULL },
};

static bool read_attributes(uint32_t *want, const vt__args *args)
{
    static const struct {
        const char *name;
        uint32_t bits;
    } known[] = {
        { "headPose", VT_WANT_POSE },
        { "mask", VT_WANT_MASK },
        { "glasses", VT_WANT_GLASSES },
        { "occlusion", VT_WANT_OCCLUSION },
        { "accessories", VT_WANT_HEADWEAR | VT_WANT_GLASSES | VT_WANT_MASK },
        { "quality", VT_WANT_QUALITY },
        { "all", VT_WANT_ALL & ~(uint32_t)VT_WANT_LANDMARKS },
    };
    for (const char *text = vt__args_get(args, "attributes"); text && *text;) {
        size_t length = strcspn(text, ","), i = 0;
        while (i < sizeof known / sizeof known[0] && (strlen(known[i].name) != length || strncmp(known[i].name, text, length) != 0)) i++;
        if (i == sizeof known / sizeof known[0]) {
            fprintf(stderr, "vultus detect: attribute \"%.*s\" is not known; one of:", (int)length, text);
            for (i = 0; i < sizeof known / sizeof known[0]; i++) fprintf(stderr, " %s", known[i].name);
            fprintf(stderr, "\n");
            return false;
        }
        *want |= known[i].bits;
        text += length + (text[length] == ',');
    }
    return true;
}

static bool read_options(vt_detect_options *out, const vt__args *args)
{
    double min_face = 0, min_score = 0;
    if (!vt__args_number(&min_face, args, "min-face", 4, 10000)) return false;
    if (!vt__args_number(&min_score, args, "min-score", 0.01, 0.99)) return false;
    out->min_face_px = (float)min_face;
    out->min_score = (float)min_score;
    if (vt__args_on(args, "landmarks")) out->want |= VT_WANT_LANDMARKS;
    return read_attributes(&out->want, args);
}

static vt_status draw(const char *path, vt_picture *picture, const vt_faces *faces, vt_error *err)
{
    static const vt__colour green = { 60, 220, 90 }, yellow = { 255, 220, 60 };
    vt_pixels pixels = { 0 };
    vt_status status = vt__picture_copy(&pixels, picture, err);
    for (size_t i = 0; !status && i < faces->count; i++) {
        const vt_face *face = &faces->items[i];
        int line = 1 + (int)fmaxf(face->box.width, face->box.height) / 80;
        char number[24];
        snprintf(number, sizeof number, "#%zu", i + 1);
        vt__draw_box(&pixels, face->box, line, green);
        int points = face->have & VT_WANT_LANDMARKS ? VT_POINTS68 : VT_POINTS5;
        const vt_point *at = face->have & VT_WANT_LANDMARKS ? face->points68 : face->points5;
        for (int p = 0; p < points; p++) vt__draw_disc(&pixels, at[p], 0.6f + 0.5f * (float)line, yellow);
        vt__draw_digits(&pixels, (vt_point){ face->box.left, face->box.top }, line, number, green);
    }
    if (!status) status = vt__picture_out(path, &pixels, err);
    vt_pixels_free(&pixels);
    return status;
}

static void print_table(const char *path, vt_size size, const vt_faces *faces)
{
    printf("%s: %d x %d, %zu face%s\n", path, size.width, size.height, faces->count, faces->count == 1 ? "" : "s");
    for (size_t i = 0; i < faces->count; i++) {
        const vt_face *f = &faces->items[i];
        printf("  #%-3zu left %5.0f  top %5.0f  width %5.0f  height %5.0f  score %.2f", i + 1, (double)f->box.left,
               (double)f->box.top, (double)f->box.width, (double)f->box.height, (double)f->score);
        if (f->have & VT_WANT_POSE)
            printf("  yaw %+.0f pitch %+.0f roll %+.0f", (double)f->pose.yaw_deg, (double)f->pose.pitch_deg, (double)f->pose.roll_deg);
        printf("\n");
        if (f->have & ~(uint32_t)(VT_WANT_LANDMARKS | VT_WANT_POSE)) {
            vt__json *json = vt__face_json(f);
            char *text = vt__json_text(vt__json_get(json, "faceAttributes"), false);
            if (text) printf("       %s\n", text);
            vt__free(text);
            vt__json_free(json);
        }
    }
}

static vt_status print_json(const char *path, vt_size size, const vt_faces *faces, vt_error *err)
{
    vt__json *json = vt__faces_json(path, size, faces);
    bool printed = vt__json_print(json, false);
    vt__json_free(json);
    if (!printed) return vt__fail_memory(err, 1024);
    return VT_OK;
}

static vt_status detect_one(const vt__args *args, const vt__work *work, const vt_detect_options *wanted, const char *path, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    vt_faces faces = { 0 };
    status = vt_session_detect(&faces, work->session, loaded.picture, wanted, err);
    vt_size size = vt_picture_get_info(loaded.picture).size;
    if (status) vt__error_prefix(err, status, "%s", path);
    else if (vt__args_on(args, "json")) status = print_json(path, size, &faces, err);
    else print_table(path, size, &faces);
    const char *out = vt__args_get(args, "draw");
    if (!status && out) status = draw(out, loaded.picture, &faces, err);
    vt_faces_free(&faces);
    vt__unload_picture(&loaded);
    return status;
}

static int detect_all(const vt__args *args, const vt__work *work, const vt_detect_options *wanted, const vt__names *paths)
{
    vt__progress progress;
    int code = EXIT_FINE;
    vt__progress_begin(&progress, args, "detecting", paths->count);
    for (size_t i = 0; i < paths->count; i++) {
        vt_error err;
        vt__progress_clear(&progress);
        if (detect_one(args, work, wanted, paths->items[i], &err)) code = vt__complain(args, &err);
        vt__progress_step(&progress, i + 1);
    }
    return code;
}

static int run(const vt__args *args)
{
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    vt__names paths;
    vt_error err;
    if (!args->count) {
        fprintf(stderr, "vultus detect: name a picture, a folder or a pattern\n");
        return EXIT_WRONG_USE;
    }
    if (!read_options(&wanted, args)) return EXIT_WRONG_USE;
    if (vt__inputs_find(&paths, args, 0, &err)) return vt__complain(args, &err);
    if (vt__args_get(args, "draw") && paths.count != 1) {
        fprintf(stderr, "vultus detect: --draw takes one picture, %zu were named\n", paths.count);
        vt__names_free(&paths);
        return EXIT_WRONG_USE;
    }
    vt__work work;
    int code = vt__work_open(&work, args);
    if (!code) {
        code = detect_all(args, &work, &wanted, &paths);
        vt__work_close(&work);
    }
    vt__names_free(&paths);
    return code;
}

const vt__command vt__command_detect = {
    "detect", "PICTURE|FOLDER|PATTERN...", "find faces, with landmarks, pose and attributes",
    "Largest face first. Attributes are only worked out when asked for; none makes a template.", options, run,
};
