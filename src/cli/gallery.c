#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_pages.h"
#include "cli/json_out.h"

static const vt__option list_options[] = { VT__GALLERY_OPTIONS, { "large", NULL, NULL, "list the large person groups" }, { NULL, NULL, NULL, NULL } };
static const vt__option backup_options[] = { VT__GALLERY_OPTIONS, { NULL, NULL, NULL, NULL } };
static const vt__option delete_options[] = { VT__GALLERY_OPTIONS, VT__GROUP_OPTION, { "everybody", NULL, NULL, "delete the whole person group" },
                                             { NULL, NULL, NULL, NULL } };
static const vt__option group_options[] = { VT__GALLERY_OPTIONS, VT__GROUP_OPTION, { NULL, NULL, NULL, NULL } };

static void print_item(const vt__args *args, const vt__item *item, bool faces)
{
    if (vt__args_on(args, "json")) {
        vt__json *json = vt__json_object();
        vt__json_set_string(json, "id", item->id);
        vt__json_set_string(json, "name", item->name);
        vt__json_set_string(json, "userData", item->user_data);
        if (faces) vt__json_set_integer(json, "faces", (int64_t)item->face_count);
        vt__json_print(json, false);
        vt__json_free(json);
    } else if (faces) {
        printf("%s  %zu faces  %s\n", item->id, item->face_count, item->name ? item->name : "");
    } else {
        printf("%s  %s\n", item->id, item->name ? item->name : "");
    }
}

typedef struct printing {
    const vt__args *args;
    bool persons;
} printing;

static vt__code print_next(void *payload, const vt__item *item, vt_error *err)
{
    const printing *how = payload;
    (void)err;
    print_item(how->args, item, how->persons);
    return VT__CODE_OK;
}

/* The `persons` of the group, or the person groups. */
static vt__code print_all(const vt__args *args, vt__gallery_work *work, bool persons, vt_error *err)
{
    printing how = { args, persons };
    return vt__each_item(work, persons, print_next, &how, err);
}

static int with_service(const vt__args *args, bool with_engine, vt__code (*act)(const vt__args *, vt__gallery_work *, vt_error *))
{
    vt__gallery_work work;
    vt_error err;
    int exit_code = vt__gallery_work_open(&work, args, with_engine);
    if (exit_code && with_engine) exit_code = vt__gallery_work_open(&work, args, false);
    if (exit_code) return exit_code;
    vt__code code = act(args, &work, &err);
    if (code) exit_code = vt__complain_code(args, code, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

static vt__code list(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return print_all(args, work, false, err);
}

static vt__code show(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return print_all(args, work, true, err);
}

/* The group, or the persons named by id. */
static vt__code remove_from(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    vt__code code = VT__CODE_OK;
    if (!args->count) return vt__collection_delete(work->service, &work->caller, work->group, err);
    for (int i = 0; i < args->count && !code; i++)
        code = vt__person_delete(work->service, &work->caller, work->group, args->operands[i], err);
    return code;
}

static int run_list(const vt__args *args)
{
    return with_service(args, false, list);
}

static int run_show(const vt__args *args)
{
    return with_service(args, false, show);
}

static int run_delete(const vt__args *args)
{
    if ((args->count > 0) == vt__args_on(args, "everybody")) {
        fprintf(stderr, "vultus gallery delete: name persons by id (vultus gallery show prints them), or give --everybody for the whole group\n");
        return EXIT_WRONG_USE;
    }
    /* with the pack's axes the index can stay; without, it is built anew when next searched */
    return with_service(args, true, remove_from);
}

static int run_backup(const vt__args *args)
{
    if (args->count != 1) {
        fprintf(stderr, "vultus backup: name one file to write\n");
        return EXIT_WRONG_USE;
    }
    vt_error err;
    char *folder = vt__data_folder(args);
    vt_status status = folder ? vt__service_backup(folder, args->operands[0], &err) : vt__fail_memory(&err, 1);
    vt__free(folder);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_gallery_list = { "gallery list", "", "list the person groups", NULL, list_options, run_list };
const vt__command vt__command_gallery_show = { "gallery show", "", "list the persons of a person group", NULL, group_options, run_show };
const vt__command vt__command_gallery_delete = {
    "gallery delete", "[PERSON-ID...]", "delete persons, or a whole person group", "Their keys are destroyed: nothing of them can be brought back.",
    delete_options, run_delete,
};
const vt__command vt__command_backup = {
    "backup", "FILE", "copy the database to a file, and its data keys to FILE.keys",
    "Both stay sealed under the master key, which is in neither: keep that elsewhere. Leave FILE.keys where it can be written: whoever is\n"
    "erased later is taken out of it, and so out of FILE, which may be copied anywhere. Face ids and sessions are left out.\n"
    "A server may be at work on the data.", backup_options, run_backup,
};
