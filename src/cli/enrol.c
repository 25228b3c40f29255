#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/inputs.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "name", "NAME", NULL, "enrol all pictures as one person of this name" },
    { NULL, NULL, NULL, NULL },
};

enum { MAX_PICTURE_BYTES = 64 << 20 };

typedef struct tally {
    size_t persons, faces, rejected;
} tally;

static vt__code make_group(vt__gallery_work *work, vt_error *err)
{
    vt__code code = vt__collection_create(work->service, &work->caller, work->group, work->group.id, NULL,
                                          "recognition_04", err);
    return code == VT__CODE_COLLECTION_EXISTS ? VT__CODE_OK : code;
}

static vt__code add_picture(vt__gallery_work *work, const char *person, const char *path, vt_error *err)
{
    char id[VT__UUID_TEXT_BYTES];
    uint8_t *bytes = NULL;
    size_t size;
    vt_status status = vt__file_read(&bytes, &size, path, MAX_PICTURE_BYTES, err);
    if (status) return vt__code_of(status);
    const vt__face_place place = { work->group, person, NULL };
    vt__code code = vt__face_add(id, work->service, &work->caller, work->work.session, place, bytes, size, NULL, err);
    vt__free(bytes);
    return code;
}

/* A person of these pictures; one without any good picture is not kept. */
static vt__code enrol_person(tally *t, vt__gallery_work *work, const char *name, const vt__names *paths, vt_error *err)
{
    char person[VT__UUID_TEXT_BYTES];
    vt__code code = vt__person_create(person, work->service, &work->caller, work->group, name, NULL, err);
    if (code) return code;
    size_t good = 0;
    for (size_t i = 0; i < paths->count; i++) {
        vt_error why;
        if (add_picture(work, person, paths->items[i], &why) == VT__CODE_OK) {
            good++;
        } else {
            fprintf(stderr, "rejected %s: %s\n", paths->items[i], why.text);
            t->rejected++;
        }
    }
    t->faces += good;
    t->persons += good > 0;
    return good ? VT__CODE_OK : vt__person_delete(work->service, &work->caller, work->group, person, err);
}

/* One folder a person, named after it. */
static vt__code enrol_folders(tally *t, vt__gallery_work *work, const vt__args *args, const char *root, vt_error *err)
{
    vt__names names;
    if (vt__folder_list(&names, root, err)) return VT__CODE_BAD_ARGUMENT;
    vt__progress bar;
    vt__progress_begin(&bar, args, "enrolling", names.count);
    vt__code code = VT__CODE_OK;
    for (size_t i = 0; i < names.count && !code; i++) {
        char *folder = vt__path_join(root, names.items[i]);
        vt__names paths;
        if (!folder) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
        else if (vt__folder_exists(folder) && vt__inputs_in_folder(&paths, folder, err) == VT_OK) {
            code = enrol_person(t, work, names.items[i], &paths, err);
            vt__names_free(&paths);
        }
        vt__free(folder);
        vt__progress_step(&bar, i + 1);
    }
    vt__names_free(&names);
    return code;
}

static vt__code enrol(tally *t, vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    const char *name = vt__args_get(args, "name");
    vt__code code = make_group(work, err);
    if (code) return code;
    if (name) {
        vt__names paths;
        if (vt__inputs_find(&paths, args, 0, err)) return VT__CODE_BAD_ARGUMENT;
        code = enrol_person(t, work, name, &paths, err);
        vt__names_free(&paths);
    } else {
        for (int i = 0; i < args->count && !code; i++) code = enrol_folders(t, work, args, args->operands[i], err);
    }
    return code ? code : vt__collection_train(work->service, &work->caller, work->group, err);
}

static int run(const vt__args *args)
{
    if (!args->count) {
        fprintf(stderr, "vultus enrol: name a folder of people, or pictures with --name\n");
        return EXIT_WRONG_USE;
    }
    vt__gallery_work work;
    int exit_code = vt__gallery_work_open(&work, args, true);
    if (exit_code) return exit_code;
    tally t = { 0, 0, 0 };
    vt_error err;
    vt__code code = enrol(&t, &work, args, &err);
    if (code) exit_code = vt__complain_code(args, code, &err);
    else {
        const char *form = vt__args_on(args, "json") ? "{\"persons\":%zu,\"faces\":%zu,\"rejected\":%zu}\n"
                                                     : "%zu persons, %zu faces, %zu pictures rejected\n";
        printf(form, t.persons, t.faces, t.rejected);
        if (t.persons && vt__policy_requires_consent(work.service, &work.caller, VT__ACTION_IDENTIFY))
            fprintf(stderr, "the registered use asks for consent: who has none on record is found by nobody (vultus consent set --help)\n");
    }
    vt__gallery_work_close(&work);
    return exit_code;
}

const vt__command vt__command_enrol = {
    "enrol", "FOLDER|PICTURE...", "put people into a person group and train it",
    "A folder holds one folder a person, named after the person. With --name the pictures are one person's.\n"
    "A picture must hold exactly one face; it is not kept.",
    options, run,
};
