#ifdef VULTUS_HAVE_VIDEO
/* Unknown faces of an archive grouped, so that somebody who knows them can name them. */
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"
#include "cli/json_out.h"
#include "cli/people_sheet.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "archive", "NAME", NULL, "the archive to read" },
    { "sheet", "FILE", NULL, "write a page to look at, in which people can be named" },
    { "names", "FILE", NULL, "take the names that the page saved: each becomes a person of --group" },
    { NULL, NULL, NULL, NULL },
};

static void print_track(const vt__person_track *t)
{
    printf("  %9.2f s - %9.2f s  best %9.2f s  %s\n", t->track->from_s, t->track->to_s, t->track->best_s, t->video->path);
}

static void print_lines(const vt__archive_people *people)
{
    uint32_t last = VT_GROUP_MESSY;
    bool messy = false;
    for (size_t i = 0; i < people->count; i++) {
        const vt__person_track *t = &people->tracks[i];
        if (t->group == VT_GROUP_MESSY && !messy) printf("seen once\n");
        else if (t->group != last) printf("person %u\n", t->group + 1);
        messy = t->group == VT_GROUP_MESSY;
        last = t->group;
        print_track(t);
    }
}

static vt__json *track_json(const vt__person_track *t)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "video", t->video->id);
    vt__json_set_string(json, "file", t->video->path);
    vt__json_set(json, "from", vt__json_rounded(t->track->from_s, 3));
    vt__json_set(json, "to", vt__json_rounded(t->track->to_s, 3));
    vt__json_set(json, "best", vt__json_rounded(t->track->best_s, 3));
    return json;
}

/* {"people": [{"tracks": [...]}], "seenOnce": [...]}: with names written in, a file for --names. */
static bool print_json(const vt__archive_people *people)
{
    vt__json *root = vt__json_object(), *list = vt__json_array(), *once = vt__json_array(), *tracks = NULL;
    for (size_t i = 0; i < people->count; i++) {
        const vt__person_track *t = &people->tracks[i];
        if (t->group == VT_GROUP_MESSY) {
            vt__json_append(once, track_json(t));
            continue;
        }
        if (!tracks || t->group != people->tracks[i - 1].group) {
            vt__json *person = vt__json_object();
            tracks = vt__json_array();
            for (size_t k = i; k < people->count && people->tracks[k].group == t->group; k++) vt__json_append(tracks, track_json(&people->tracks[k]));
            vt__json_set(person, "tracks", tracks);
            vt__json_append(list, person);
        }
    }
    vt__json_set(root, "people", list);
    vt__json_set(root, "seenOnce", once);
    bool printed = vt__json_print(root, false);
    vt__json_free(root);
    return printed;
}

static int name_people(const vt__args *args, vt__gallery_work *work, const vt__archive_people *people, const char *file)
{
    vt__moved_person *persons;
    size_t count;
    vt_error err;
    vt_status status = vt__people_names_read(&persons, &count, file, people, &err);
    if (status) return vt__complain(args, &err);
    vt__code code = vt__collection_create(work->service, &work->caller, work->group, work->group.id, NULL, "recognition_04", &err);
    if (!code || code == VT__CODE_COLLECTION_EXISTS) code = vt__persons_import(work->service, &work->caller, work->group, persons, count, &err);
    if (!code && !vt__args_on(args, "quiet")) printf("%zu people are in %s now; \"video metadata\" names them\n", count, work->group.id);
    vt__moved_persons_free(persons, count);
    return code ? vt__complain_code(args, code, &err) : EXIT_FINE;
}

static int answer(const vt__args *args, vt__archive_work *work, const vt__archive_people *people)
{
    const char *sheet = vt__args_get(args, "sheet"), *names = vt__args_get(args, "names");
    vt_error err;
    if (names) return name_people(args, &work->gallery, people, names);
    if (sheet && vt__people_sheet_write(sheet, people, vt__args_get(args, "archive"), &err)) return vt__complain(args, &err);
    if (sheet) return EXIT_FINE;
    if (!vt__args_on(args, "json")) print_lines(people);
    else if (!print_json(people)) return EXIT_BROKEN_SETUP;
    return EXIT_FINE;
}

static int run(const vt__args *args)
{
    vt__archive_work work;
    vt__archive_people people;
    vt_error err;
    int code = vt__archive_work_open(&work, args, false, "ARCHIVE_READ");
    if (code) return code;
    if (vt__archive_people_find(&people, work.archive, work.gallery.work.engine, &err)) code = vt__complain(args, &err);
    else code = answer(args, &work, &people);
    vt__archive_people_free(&people);
    vt__archive_work_close(&work);
    return code;
}

const vt__command vt__command_video_people = {
    "video people", "", "group the unknown faces of an archive, and name them",
    "People are told apart by their templates; who is seen at the same time in one video is never one person. To name them:\n"
    "--sheet people.html, open it, write names, save names.json, then --names names.json --group GROUP.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
