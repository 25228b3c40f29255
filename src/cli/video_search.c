#ifdef VULTUS_HAVE_VIDEO
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"
#include "cli/json_out.h"
#include "cli/people.h"

static const vt__option options[] = {
    { "archive", "NAME", NULL, "the archive to search" },
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
        printf("%.3f  %9.2f s - %9.2f s  best %9.2f s  %s\n", (double)hit->confidence, hit->from_s, hit->to_s, hit->best_s, hit->path);
    }
    if (!hits->count) printf("no hit\n");
}

static int run(const vt__args *args)
{
    double least = VT_IDENTICAL_CONFIDENCE;
    vt__work work;
    vt_archive *archive = NULL;
    vt__people people = { 0 };
    vt_archive_hits hits = { 0 };
    vt_error err;
    if (!vt__args_number(&least, args, "min-confidence", 0, 1)) return EXIT_WRONG_USE;
    if (args->count != 1) {
        fprintf(stderr, "vultus video search: give pictures of one person (files or a folder, with commas between)\n");
        return EXIT_WRONG_USE;
    }
    int code = vt__work_open(&work, args);
    if (code) return code;
    code = vt__archive_open(&archive, args, false);
    vt_status status = code ? VT_OK : vt__people_read(&people, &work, args->operands[0], &err);
    if (!code && !status) status = vt_archive_search(&hits, archive, work.engine, people.items, people.count, (float)least, &err);
    if (status) code = vt__complain(args, &err);
    if (!code && vt__args_on(args, "json")) print_json(&hits);
    else if (!code) print_table(&hits);
    if (!code && !hits.count) code = EXIT_ANSWER_NO;
    vt_archive_hits_free(&hits);
    vt__people_free(&people);
    vt_archive_close(archive);
    vt__work_close(&work);
    return code;
}

const vt__command vt__command_video_search = {
    "video search", "PICTURE", "find a person in an archive of videos", "Exit code 1: no hit.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
