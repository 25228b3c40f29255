#ifdef VULTUS_HAVE_VIDEO
/* vultus video remove: videos out of an archive. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"
#include "service/archive.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "archive", "NAME", NULL, "the archive that they are in" },
    { "vanished", NULL, NULL, "remove every video whose file is not there any more" },
    { NULL, NULL, NULL, NULL },
};

typedef struct removing {
    vt__archive_work work;
    char (*ids)[VT_ARCHIVE_ID_BYTES]; /* to be removed */
    size_t count;
} removing;

/* By id, or by file, whether or not that is there. */
static bool is_named(const vt__args *args, const vt_archive_video *video)
{
    for (int i = 0; i < args->count; i++) {
        char *real = realpath(args->operands[i], NULL);
        bool same = !strcmp(args->operands[i], video->id) || !strcmp(args->operands[i], video->path) || (real && !strcmp(real, video->path));
        free(real);
        if (same) return true;
    }
    return false;
}

static vt_status choose(removing *x, const vt__args *args, vt_error *err)
{
    size_t count = 0;
    vt_status status = vt_archive_count(&count, x->work.archive, err);
    x->ids = vt__calloc(count + 1, sizeof *x->ids);
    if (!status && !x->ids) status = vt__fail_memory(err, count * sizeof *x->ids);
    for (size_t i = 0; i < count && !status; i++) {
        vt_archive_video video;
        status = vt_archive_video_read(&video, x->work.archive, i, err);
        if (status) break;
        if (is_named(args, &video) || (vt__args_on(args, "vanished") && vt__archive_vanished(video.path))) {
            memcpy(x->ids[x->count++], video.id, sizeof video.id);
            if (!vt__args_on(args, "json") && !vt__args_on(args, "quiet")) printf("%s\n", video.path);
        }
        vt_archive_video_free(&video);
    }
    return status;
}

/* Through the service, which records each removal with how it went. */
static vt__code remove_all(removing *x, const char *archive, vt_error *err)
{
    vt__code code = VT__CODE_OK;
    for (size_t i = 0; i < x->count && !code; i++)
        code = vt__archive_remove_video(x->work.gallery.service, &x->work.gallery.caller, archive, x->ids[i], err);
    return code;
}

static int run(const vt__args *args)
{
    removing x = { .count = 0 };
    vt_error err;
    if (!args->count && !vt__args_on(args, "vanished")) {
        fprintf(stderr, "vultus video remove: name videos (by file or id), or --vanished\n");
        return EXIT_WRONG_USE;
    }
    int exit_code = vt__archive_work_open(&x.work, args, false, "ARCHIVE_READ");
    if (exit_code) return exit_code;
    vt_status status = choose(&x, args, &err);
    if (!status && x.count < (size_t)args->count && !vt__args_on(args, "vanished"))
        status = vt__fail(&err, VT_ENOTFOUND, "%zu of %d are in the archive; nothing is removed", x.count, args->count);
    vt__code code = status ? vt__code_of(status) : remove_all(&x, vt__args_get(args, "archive"), &err);
    if (status) exit_code = vt__complain(args, &err);
    else if (code) exit_code = vt__complain_code(args, code, &err);
    else if (vt__args_on(args, "json")) printf("{\"removed\":%zu}\n", x.count);
    else printf("%zu removed\n", x.count);
    vt__free(x.ids);
    vt__archive_work_close(&x.work);
    return exit_code;
}

const vt__command vt__command_video_remove = {
    "video remove", "[FILE|ID...]", "take videos out of an archive, for good",
    "Their tracks, templates and thumbnails are gone with them; the files themselves are not touched.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
