#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/inputs.h"
#include "cli/json_out.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "all", NULL, NULL, "rank all pictures, not only those of the same person" },
    { "top", "N", "20", "how many at most" },
    { NULL, NULL, NULL, NULL },
};

typedef char face_id[VT__UUID_TEXT_BYTES];

/* Face id of the largest face. */
static vt__code id_of(face_id out, vt__gallery_work *work, const char *path, vt_error *err)
{
    vt__detected found = { 0 };
    vt__code code = vt__faces_of_file(&found, work, path, true, err);
    if (!code) memcpy(out, found.face_ids[0], sizeof(face_id));
    vt__detected_free(&found);
    return code;
}

static void print_one(bool json, const char *path, double confidence)
{
    if (!json) {
        printf("%s  %.3f\n", path, confidence);
        return;
    }
    vt__json *one = vt__json_object();
    vt__json_set_string(one, "image", path);
    vt__json_set(one, "confidence", vt__json_rounded(confidence, 5));
    vt__json_print(one, false);
    vt__json_free(one);
}

static void print(const vt__args *args, const vt__candidates *found, const face_id *ids, const vt__names *paths)
{
    bool json = vt__args_on(args, "json");
    for (size_t i = 0; i < found->count; i++)
        for (size_t k = 0; k < paths->count; k++)
            if (!strcmp(ids[k], found->items[i].id)) print_one(json, paths->items[k], (double)found->items[i].confidence);
}

static vt__code search(const vt__args *args, vt__gallery_work *work, const vt__names *paths, size_t top, vt_error *err)
{
    face_id probe, *ids = vt__calloc(paths->count, sizeof *ids);
    const char **known = vt__calloc(paths->count, sizeof *known);
    vt__candidates found = { .items = NULL };
    size_t count = 0;
    vt__code code = ids && known ? id_of(probe, work, args->operands[0], err) : vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t i = 0; i < paths->count && !code; i++) {
        vt_error why;
        vt__code one = id_of(ids[i], work, paths->items[i], &why);
        if (!one) known[count++] = ids[i];
        else fprintf(stderr, "left out %s\n", why.text);
    }
    const vt__similar_request request = { .face_id = probe, .face_ids = known, .face_count = count,
                                          .max_candidates = top, .match_face = vt__args_on(args, "all") };
    if (!code && count) code = vt__service_similar(&found, work->service, &work->caller, &request, err);
    if (!code) print(args, &found, ids, paths);
    vt__free(found.items);
    vt__free(known);
    vt__free(ids);
    return code;
}

static int run(const vt__args *args)
{
    double top = 20;
    vt__names paths;
    vt_error err;
    if (!vt__args_number(&top, args, "top", 1, VT__SIMILAR_MAX)) return EXIT_WRONG_USE;
    if (args->count < 2) {
        fprintf(stderr, "vultus similar: name the picture to look for, then pictures or folders to search\n");
        return EXIT_WRONG_USE;
    }
    if (vt__inputs_find(&paths, args, 1, &err)) return vt__complain(args, &err);
    vt__gallery_work work;
    int exit_code = vt__gallery_work_open(&work, args, true);
    if (!exit_code) {
        vt__code code = search(args, &work, &paths, (size_t)top, &err);
        if (code) exit_code = vt__complain_code(args, code, &err);
        vt__gallery_work_close(&work);
    }
    vt__names_free(&paths);
    return exit_code;
}

const vt__command vt__command_similar = {
    "similar", "PROBE PICTURE|FOLDER...", "find pictures of the same face",
    "Takes the largest face of each picture, at most 1,000 pictures.", options, run,
};
