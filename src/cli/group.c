#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/inputs.h"
#include "cli/json_out.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "threshold", "CONFIDENCE", "0.4", "mean confidence from which faces count as one person" },
    { NULL, NULL, NULL, NULL },
};

typedef struct found_face {
    const char *path; /* borrowed from the list of inputs */
    size_t number;    /* in its picture, from 1 */
} found_face;

typedef struct collection {
    found_face *faces;
    float *templates; /* dimension floats each */
    size_t count, capacity, dimension;
} collection;

static vt_status add(collection *c, const char *path, size_t number, const vt_template *made, vt_error *err)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 64;
        found_face *faces = vt__realloc(c->faces, capacity, sizeof *faces);
        if (faces) c->faces = faces;
        float *templates = vt__realloc(c->templates, capacity * c->dimension, sizeof *templates);
        if (templates) c->templates = templates;
        if (!faces || !templates) return vt__fail_memory(err, capacity * c->dimension * sizeof *templates);
        c->capacity = capacity;
    }
    c->faces[c->count] = (found_face){ path, number };
    memcpy(c->templates + c->count * c->dimension, made->values, c->dimension * sizeof(float));
    c->count++;
    return VT_OK;
}

static vt_status collect(collection *c, const vt__work *work, const char *path, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    vt_faces faces = { 0 };
    vt_template made;
    status = vt_session_detect(&faces, work->session, loaded.picture, NULL, err);
    for (size_t i = 0; !status && i < faces.count; i++) {
        status = vt_session_template(&made, work->session, loaded.picture, &faces.items[i], err);
        if (!status) status = add(c, path, i + 1, &made, err);
    }
    if (status) vt__error_prefix(err, status, "%s", path);
    vt_faces_free(&faces);
    vt__unload_picture(&loaded);
    return status;
}

static void print_members(const collection *c, const uint32_t *groups, uint32_t group)
{
    for (size_t i = 0; i < c->count; i++)
        if (groups[i] == group) printf("  %s #%zu\n", c->faces[i].path, c->faces[i].number);
}

static vt__json *members_json(const collection *c, const uint32_t *groups, uint32_t group)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < c->count; i++) {
        if (groups[i] != group) continue;
        vt__json *face = vt__json_object();
        vt__json_set_string(face, "image", c->faces[i].path);
        vt__json_set_integer(face, "face", (int64_t)c->faces[i].number);
        vt__json_append(list, face);
    }
    return list;
}

static void print(const vt__args *args, const collection *c, const uint32_t *groups, uint32_t count)
{
    if (vt__args_on(args, "json")) {
        vt__json *json = vt__json_object(), *list = vt__json_array();
        for (uint32_t g = 0; g < count; g++) vt__json_append(list, members_json(c, groups, g));
        vt__json_set(json, "groups", list);
        vt__json_set(json, "messyGroup", members_json(c, groups, VT_GROUP_MESSY));
        vt__json_print(json, false);
        vt__json_free(json);
        return;
    }
    for (uint32_t g = 0; g < count; g++) {
        printf("person %u\n", g + 1);
        print_members(c, groups, g);
    }
    printf("seen once\n");
    print_members(c, groups, VT_GROUP_MESSY);
}

static int group_all(const vt__args *args, vt__gallery_work *work, const vt__names *paths, double threshold)
{
    collection c = { .dimension = vt_engine_dimension(work->work.engine) };
    vt__progress progress;
    vt_error err;
    int code = EXIT_FINE;
    vt__progress_begin(&progress, args, "reading faces", paths->count);
    for (size_t i = 0; i < paths->count; i++) {
        if (collect(&c, &work->work, paths->items[i], &err)) {
            vt__progress_clear(&progress);
            code = vt__complain(args, &err);
        }
        vt__progress_step(&progress, i + 1);
    }
    uint32_t count = 0, *groups = vt__calloc(c.count, sizeof *groups);
    vt_status status = groups ? vt_group(groups, &count, c.templates, c.count, c.dimension, c.dimension,
                                         vt_engine_cosine(work->work.engine, (float)threshold), &err)
                              : vt__fail_memory(&err, c.count * sizeof *groups);
    const vt__audit_entry entry = { .action = VT__ACTION_GROUP, .faces = c.count, .threshold = (float)threshold, .code = vt__code_of(status) };
    vt__audit_record(work->service, &work->caller, &entry);
    if (status) code = vt__complain(args, &err);
    else print(args, &c, groups, count);
    vt__free(groups);
    vt__free(c.faces);
    vt__free(c.templates);
    return code;
}

static int run(const vt__args *args)
{
    double threshold = 0.4;
    vt__names paths;
    vt_error err;
    if (!vt__args_number(&threshold, args, "threshold", 0, 1)) return EXIT_WRONG_USE;
    if (!args->count) {
        fprintf(stderr, "vultus group: name pictures or folders\n");
        return EXIT_WRONG_USE;
    }
    if (vt__inputs_find(&paths, args, 0, &err)) return vt__complain(args, &err);
    vt__gallery_work work;
    int code = vt__permitted_work_open(&work, args, VT__ACTION_GROUP);
    if (!code) {
        code = group_all(args, &work, &paths, threshold);
        vt__gallery_work_close(&work);
    }
    vt__names_free(&paths);
    return code;
}

const vt__command vt__command_group = {
    "group", "PICTURE|FOLDER|PATTERN...", "sort the faces of many pictures by person", "Every face of every picture counts. Faces that look like no other stand under \"seen once\".",
    options, run,
};
