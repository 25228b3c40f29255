#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/json_out.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "threshold", "CONFIDENCE", "0.5", "confidence from which a person is a candidate" },
    { "top", "N", "1", "candidates a face" },
    { "exact", NULL, NULL, "compare with every template in float, for checking: the same answers, slower" },
    { NULL, NULL, NULL, NULL },
};

static vt__json *candidates_json(vt__gallery_work *work, const vt__candidates *found)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < found->count; i++) {
        vt__json *one = vt__json_object();
        vt__item person;
        vt_error err;
        vt__json_set_string(one, "personId", found->items[i].id);
        if (!vt__person_get(&person, work->service, &work->caller, work->group, found->items[i].id, &err)) {
            vt__json_set_string(one, "name", person.name);
            vt__item_free(&person);
        }
        vt__json_set(one, "confidence", vt__json_rounded((double)found->items[i].confidence, 5));
        vt__json_append(list, one);
    }
    return list;
}

static void print(const vt__args *args, const vt__json *answer)
{
    if (vt__args_on(args, "json")) {
        vt__json_print(answer, false);
        return;
    }
    const vt__json *faces = vt__json_get(answer, "faces");
    for (size_t i = 0; i < vt__json_count(faces); i++) {
        const vt__json *list = vt__json_get(vt__json_at(faces, i), "candidates");
        printf("%s #%zu:", vt__json_string_or(answer, "image", ""), i + 1);
        for (size_t k = 0; k < vt__json_count(list); k++)
            printf(" %s %.3f", vt__json_string_or(vt__json_at(list, k), "name", "?"),
                   vt__json_number_or(vt__json_at(list, k), "confidence", 0));
        printf("%s\n", vt__json_count(list) ? "" : " unknown");
    }
}

static vt__code identify(const vt__args *args, vt__gallery_work *work, const char *path, float threshold, size_t top,
                         vt_error *err)
{
    vt__detected found = { 0 };
    vt__candidates *results = NULL;
    const char *ids[VT__IDENTIFY_FACES_MAX];
    vt__code code = vt__faces_of_file(&found, work, path, false, err);
    size_t count = found.faces.count;
    if (!code) {
        for (size_t i = 0; i < count; i++) ids[i] = found.face_ids[i];
        const vt__identify_request request = { .face_ids = ids, .face_count = count, .scope = work->group,
                                               .max_candidates = top, .threshold = threshold };
        code = vt__service_identify(&results, work->service, &work->caller, &request, err);
    }
    if (!code) {
        vt__json *answer = vt__json_object(), *faces = vt__json_array();
        for (size_t i = 0; i < count; i++) {
            vt__json *face = vt__json_object();
            vt__json_set(face, "candidates", candidates_json(work, &results[i]));
            vt__json_append(faces, face);
        }
        vt__json_set_string(answer, "image", path);
        vt__json_set(answer, "faces", faces);
        print(args, answer);
        vt__json_free(answer);
    }
    vt__identified_free(results, count);
    vt__detected_free(&found);
    return code;
}

static int run(const vt__args *args)
{
    double threshold = 0.5, top = 1;
    if (!vt__args_number(&threshold, args, "threshold", 0, 1) ||
        !vt__args_number(&top, args, "top", 1, VT__IDENTIFY_CANDIDATES_MAX))
        return EXIT_WRONG_USE;
    if (!args->count) {
        fprintf(stderr, "vultus identify: name pictures to look at\n");
        return EXIT_WRONG_USE;
    }
    vt__gallery_work work;
    int exit_code = vt__gallery_work_open(&work, args, true);
    if (exit_code) return exit_code;
    for (int i = 0; i < args->count; i++) {
        vt_error err;
        vt__code code = identify(args, &work, args->operands[i], (float)threshold, (size_t)top, &err);
        if (code) exit_code = vt__complain_code(args, code, &err);
    }
    vt__gallery_work_close(&work);
    return exit_code;
}

const vt__command vt__command_identify = {
    "identify", "PICTURE...", "say who of a person group is in a picture",
    "Up to ten faces a picture, largest first; a face that nobody reaches the threshold for is unknown.", options, run,
};
