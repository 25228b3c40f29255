#ifdef VULTUS_HAVE_VIDEO
/* Unknown faces of an archive grouped, so that somebody who knows them can name them. */
#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "archive", "NAME", NULL, "the archive to read" },
    { NULL, NULL, NULL, NULL },
};

/* All tracks of all videos, side by side with their templates. */
typedef struct gathered {
    vt_archive_video *videos;
    size_t video_count;
    const vt_archive_track **tracks;
    size_t *video_of;
    float *templates;
    size_t count, dimension;
} gathered;

static void drop(gathered *g)
{
    for (size_t i = 0; i < g->video_count; i++) vt_archive_video_free(&g->videos[i]);
    vt__free(g->videos);
    vt__free(g->tracks);
    vt__free(g->video_of);
    vt__free_secret(g->templates, g->count * g->dimension * sizeof *g->templates);
}

static vt_status read_videos(gathered *g, vt_archive *archive, vt_error *err)
{
    size_t count = 0;
    vt_status status = vt_archive_count(&count, archive, err);
    if (!status && !(g->videos = vt__calloc(count + 1, sizeof *g->videos))) status = vt__fail_memory(err, count * sizeof *g->videos);
    for (; !status && g->video_count < count; g->video_count += !status) status = vt_archive_video_read(&g->videos[g->video_count], archive, g->video_count, err);
    return status;
}

static vt_status lay_side_by_side(gathered *g, vt_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < g->video_count; i++) total += g->videos[i].count;
    g->tracks = vt__calloc(total + 1, sizeof *g->tracks);
    g->video_of = vt__calloc(total + 1, sizeof *g->video_of);
    g->templates = vt__calloc(total * g->dimension + 1, sizeof *g->templates);
    if (!g->tracks || !g->video_of || !g->templates) return vt__fail_memory(err, total * g->dimension * sizeof *g->templates);
    for (size_t i = 0; i < g->video_count; i++)
        for (size_t t = 0; t < g->videos[i].count; t++) {
            const vt_archive_track *track = &g->videos[i].tracks[t];
            if (track->template_.dimension != g->dimension) return vt__fail(err, VT_ECONFLICT, "%s was indexed with another pack; index the archive again", g->videos[i].path);
            for (size_t d = 0; d < g->dimension; d++) g->templates[g->count * g->dimension + d] = track->template_.values[d];
            g->video_of[g->count] = i;
            g->tracks[g->count++] = track;
        }
    return VT_OK;
}

static void print_group(const gathered *g, const uint32_t *group, uint32_t wanted, bool json)
{
    bool first = true;
    for (size_t i = 0; i < g->count; i++) {
        if (group[i] != wanted) continue;
        const vt_archive_track *t = g->tracks[i];
        if (json) printf("%s{\"video\":%zu,\"from\":%.3f,\"to\":%.3f,\"best\":%.3f}", first ? "" : ",", g->video_of[i], t->from_s, t->to_s, t->best_s);
        else printf("  %9.2f s - %9.2f s  best %9.2f s  %s\n", t->from_s, t->to_s, t->best_s, g->videos[g->video_of[i]].path);
        first = false;
    }
}

static void print_groups(const gathered *g, const uint32_t *group, uint32_t groups, bool json)
{
    if (json) printf("{\"groups\":[");
    for (uint32_t i = 0; i < groups; i++) {
        if (json) printf("%s[", i ? "," : "");
        else printf("person %u\n", i + 1);
        print_group(g, group, i, json);
        if (json) printf("]");
    }
    if (json) printf("],\"messy\":[");
    else printf("seen once\n");
    print_group(g, group, VT_GROUP_MESSY, json);
    if (json) printf("]}\n");
}

static vt_status group_all(const vt__args *args, vt_archive *archive, const vt_engine *engine, vt_error *err)
{
    gathered g = { .dimension = vt_engine_dimension(engine) };
    uint32_t groups = 0, *group = NULL;
    vt_status status = read_videos(&g, archive, err);
    if (!status) status = lay_side_by_side(&g, err);
    if (!status && !(group = vt__calloc(g.count + 1, sizeof *group))) status = vt__fail_memory(err, g.count * sizeof *group);
    if (!status && g.count)
        status = vt_group(group, &groups, g.templates, g.count, g.dimension, g.dimension, vt_engine_cosine(engine, VT_IDENTICAL_CONFIDENCE), err);
    if (!status) print_groups(&g, group, groups, vt__args_on(args, "json"));
    vt__free(group);
    drop(&g);
    return status;
}

static int run(const vt__args *args)
{
    vt__archive_work work;
    vt_error err;
    int code = vt__archive_work_open(&work, args, false, "ARCHIVE_READ");
    if (code) return code;
    if (group_all(args, work.archive, work.gallery.work.engine, &err)) code = vt__complain(args, &err);
    vt__archive_work_close(&work);
    return code;
}

const vt__command vt__command_video_people = {
    "video people", "", "group the unknown faces of an archive", NULL, options, run,
};
#else
typedef int vt__no_video_here;
#endif
