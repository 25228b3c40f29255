#ifdef VULTUS_HAVE_VIDEO
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"
#include "cli/inputs.h"
#include "cli/redact_video.h"
#include "video/quiet.h"

enum { deepest_folder = 16 };

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "archive", "NAME", NULL, "the archive to fill; made when it is not there" },
    { "min-face", "PX", "30", "smallest face to look for" },
    { "thumbnails", NULL, NULL, "keep a small picture of every face, sealed, for \"video people --sheet\"" },
    { "every-frame", NULL, NULL, "look at every frame, instead of skipping while nothing changes" },
    { NULL, NULL, NULL, NULL },
};

typedef struct indexing {
    const vt__args *args;
    vt__archive_work work;
    vt_archive_index_options how;
    vt__progress bar;
    size_t added, unchanged, failed, vanished;
    int code;
} indexing;

static void on_progress(void *payload, double time_s, double duration_s)
{
    indexing *x = payload;
    if (duration_s > 0) vt__progress_step(&x->bar, (size_t)(time_s < duration_s ? time_s / duration_s * 999 : 999));
}

/* One bad file among many is reported and skipped. */
static void index_file(indexing *x, const char *path)
{
    vt_error err;
    bool unchanged = false;
    vt__progress_begin(&x->bar, x->args, path, 1000);
    vt_status status = vt_archive_index(&unchanged, x->work.archive, path, x->work.gallery.work.engine, x->work.gallery.work.session, &x->how, &err);
    vt__progress_clear(&x->bar);
    if (status) {
        vt__error_prefix(&err, status, "%s", path);
        x->code = vt__complain(x->args, &err);
        x->failed++;
    } else if (unchanged) x->unchanged++;
    else x->added++;
}

static void index_path(indexing *x, const char *path, int depth)
{
    vt__names names;
    vt_error err;
    if (!vt__folder_exists(path)) {
        if (depth == 0 || vt__video_ending(path)) index_file(x, path);
        return;
    }
    if (depth >= deepest_folder) return;
    if (vt__folder_list(&names, path, &err)) {
        x->code = vt__complain(x->args, &err);
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        char *inner = vt__path_join(path, names.items[i]);
        if (inner) index_path(x, inner, depth + 1);
        vt__free(inner);
    }
    vt__names_free(&names);
}

static vt_status count_vanished(indexing *x, vt_error *err)
{
    size_t count = 0;
    vt_status status = vt_archive_count(&count, x->work.archive, err);
    for (size_t i = 0; i < count && !status; i++) {
        vt_archive_video video;
        status = vt_archive_video_read(&video, x->work.archive, i, err);
        if (status) break;
        x->vanished += vt__archive_vanished(video.path);
        vt_archive_video_free(&video);
    }
    return status;
}

static void print_counts(const indexing *x)
{
    if (vt__args_on(x->args, "json")) {
        printf("{\"indexed\":%zu,\"unchanged\":%zu,\"failed\":%zu,\"vanished\":%zu}\n", x->added, x->unchanged, x->failed, x->vanished);
        return;
    }
    printf("%zu indexed, %zu unchanged, %zu failed\n", x->added, x->unchanged, x->failed);
    if (x->vanished) printf("%zu in the archive whose file is not there any more: vultus video remove --vanished takes them out\n", x->vanished);
}

static int run(const vt__args *args)
{
    double min_face = 30;
    indexing x = { .args = args, .how = VT_ARCHIVE_INDEX_OPTIONS_INIT };
    if (!vt__args_number(&min_face, args, "min-face", 10, 10000)) return EXIT_WRONG_USE;
    if (!args->count) {
        fprintf(stderr, "vultus video index: name the videos or folders\n");
        return EXIT_WRONG_USE;
    }
    x.how.min_face_px = (float)min_face;
    x.how.rest_s = vt__args_on(args, "every-frame") ? -1 : 0;
    x.how.thumbnails = vt__args_on(args, "thumbnails");
    x.how.on_progress = on_progress;
    x.how.payload = &x;
    vt__video_quiet();
    int code = vt__archive_work_open(&x.work, args, true, "ARCHIVE_ADD");
    if (code) return code;
    for (int i = 0; i < args->count; i++) index_path(&x, args->operands[i], 0);
    vt_error err;
    if (count_vanished(&x, &err)) x.code = vt__complain(args, &err);
    print_counts(&x);
    vt__archive_work_close(&x.work);
    return x.code;
}

const vt__command vt__command_video_index = {
    "video index", "FILE|FOLDER...", "put the faces of videos into an archive, to be searched",
    "Templates are stored sealed under the archive's key, in the data folder; no picture is, unless --thumbnails\n"
    "asks for it. It is the archive that a server on the same data folder searches. A run that was stopped goes on where it was.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
