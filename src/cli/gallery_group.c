/* vultus gallery group: the faces of a person group by likeness, beside whom they are enrolled for. */
#include <stdio.h>
#include <string.h>

#include <vultus/match.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/json_out.h"
#include "service/face_groups.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "threshold", "CONFIDENCE", "0.5", "mean confidence from which faces count as one person" },
    { "all", NULL, NULL, "print every group, not only those that call for a look" },
    { NULL, NULL, NULL, NULL },
};

/* A person of a group, and how many of its faces are theirs. */
typedef struct share {
    const char *person_id;
    size_t faces;
} share;

static size_t shares_of(share *out, const vt__grouped_face *faces, size_t count)
{
    size_t persons = 0;
    for (size_t i = 0; i < count; i++) {
        size_t p = 0;
        while (p < persons && strcmp(out[p].person_id, faces[i].person_id)) p++;
        if (p == persons) out[persons++] = (share){ faces[i].person_id, 0 };
        out[p].faces++;
    }
    return persons;
}

static void print_group(const vt__args *args, vt__gallery_work *work, const vt__grouped_face *faces, size_t count, const share *shares, size_t persons)
{
    if (vt__args_on(args, "json")) {
        vt__json *json = vt__json_object(), *list = vt__json_array();
        for (size_t i = 0; i < count; i++) {
            vt__json *face = vt__json_object();
            vt__json_set_string(face, "persistedFaceId", faces[i].id);
            vt__json_set_string(face, "personId", faces[i].person_id);
            vt__json_append(list, face);
        }
        vt__json_set_integer(json, "persons", (int64_t)persons);
        vt__json_set(json, "faces", list);
        vt__json_print(json, false);
        vt__json_free(json);
        return;
    }
    printf("%zu faces%s:", count, persons > 1 ? " enrolled for several persons" : "");
    for (size_t p = 0; p < persons; p++) {
        vt__item person = { 0 };
        bool known = vt__person_get(&person, work->service, &work->caller, work->group, shares[p].person_id, NULL) == VT__CODE_OK;
        printf("%s %s (%s, %zu)", p ? "," : "", known && person.name ? person.name : "?", shares[p].person_id, shares[p].faces);
        if (known) vt__item_free(&person);
    }
    printf("\n");
}

/* Groups with faces of several persons; with --all the others, too. */
static vt__code print_groups(const vt__args *args, vt__gallery_work *work, const vt__face_groups *groups, vt_error *err)
{
    share *shares = vt__calloc(groups->face_count + 1, sizeof *shares);
    if (!shares) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    size_t mixed = 0, alone = 0;
    for (size_t from = 0, end; from < groups->face_count; from = end) {
        const vt__grouped_face *first = &groups->faces[from];
        for (end = from + 1; end < groups->face_count && groups->faces[end].group == first->group;) end++;
        if (first->group == VT_GROUP_MESSY) {
            alone = end - from;
            continue;
        }
        size_t persons = shares_of(shares, first, end - from);
        mixed += persons > 1;
        if (persons > 1 || vt__args_on(args, "all")) print_group(args, work, first, end - from, shares, persons);
    }
    if (!vt__args_on(args, "json"))
        printf("%zu faces in %u groups, %zu like no other; %zu groups hold several persons\n", groups->face_count - alone, groups->group_count, alone, mixed);
    vt__free(shares);
    return VT__CODE_OK;
}

static int run(const vt__args *args)
{
    double threshold = 0.5;
    vt__gallery_work work;
    vt__face_groups groups;
    vt_error err;
    if (!vt__args_number(&threshold, args, "threshold", 0, 1)) return EXIT_WRONG_USE;
    int exit_code = vt__gallery_work_open(&work, args, true);
    if (exit_code) return exit_code;
    vt__code code = vt__collection_group(&groups, work.service, &work.caller, work.group, (float)threshold, &err);
    if (!code) code = print_groups(args, &work, &groups, &err);
    vt__free(groups.faces);
    if (code) exit_code = vt__complain_code(args, code, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

const vt__command vt__command_gallery_group = {
    "gallery group", "", "find persons of a person group who look like one",
    "Sorts the faces by likeness, whomever they are enrolled for, and prints the groups with faces of several persons: somebody may be\n"
    "enrolled twice, or a face under the wrong name.", options, run,
};
