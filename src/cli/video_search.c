#ifdef VULTUS_HAVE_VIDEO
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"
#include "cli/json_out.h"
#include "cli/people.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "archive", "NAME", NULL, "the archive to search" },
    { "person", "ID", NULL, "a person of --group, instead of pictures" },
    { "min-confidence", "C", "0.5", "least confidence of a hit" },
    { NULL, NULL, NULL, NULL },
};

static void print_json(const vt_archive_hits *hits)
{
    vt__json *root = vt__json_object(), *list = vt__json_array();
    for (size_t i = 0; i < hits->count; i++) {
        const vt_archive_hit *hit = &hits->items[i];
        vt__json *one = vt__json_object();
        vt__json_set_string(one, "file", hit->path);
        vt__json_set(one, "from", vt__json_rounded(hit->from_s, 3));
        vt__json_set(one, "to", vt__json_rounded(hit->to_s, 3));
        vt__json_set(one, "best", vt__json_rounded(hit->best_s, 3));
        vt__json_set(one, "confidence", vt__json_rounded(hit->confidence, 5));
        if (vt__archive_vanished(hit->path)) vt__json_set_bool(one, "vanished", true);
        vt__json_append(list, one);
    }
    vt__json_set(root, "hits", list);
    vt__json_print(root, true);
    vt__json_free(root);
}

static void print_table(const vt_archive_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        const vt_archive_hit *hit = &hits->items[i];
        printf("%.3f  %9.2f s - %9.2f s  best %9.2f s  %s%s\n", (double)hit->confidence, hit->from_s, hit->to_s, hit->best_s, hit->path,
               vt__archive_vanished(hit->path) ? "  (not there any more)" : "");
    }
    if (!hits->count) printf("no hit\n");
}

static int run(const vt__args *args)
{
    double least = VT_IDENTICAL_CONFIDENCE;
    vt__archive_work work;
    vt__people people = { 0 };
    vt_archive_hits hits = { 0 };
    vt_error err;
    if (!vt__args_number(&least, args, "min-confidence", 0, 1)) return EXIT_WRONG_USE;
    const char *whom = vt__args_get(args, "person");
    if ((args->count == 1) == (whom != NULL) || args->count > 1) {
        fprintf(stderr, "vultus video search: give one person: pictures (files or a folder, with commas between), or --person ID\n");
        return EXIT_WRONG_USE;
    }
    int code = vt__archive_work_open(&work, args, false, "ARCHIVE_SEARCH");
    if (code) return code;
    vt__code found = vt__people_read(&people, &work.gallery, VT__ACTION_ARCHIVE, whom ? whom : args->operands[0], &err);
    if (!found) found = vt__code_of(vt_archive_search(&hits, work.archive, work.gallery.work.engine, people.items, people.count, (float)least, &err));
    if (found) code = vt__complain_code(args, found, &err);
    if (!code && vt__args_on(args, "json")) print_json(&hits);
    else if (!code) print_table(&hits);
    if (!code && !hits.count) code = EXIT_ANSWER_NO;
    vt_archive_hits_free(&hits);
    vt__people_free(&people);
    vt__archive_work_close(&work);
    return code;
}

const vt__command vt__command_video_search = {
    "video search", "[PICTURE]", "find a person in an archive of videos", "Exit code 1: no hit.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
