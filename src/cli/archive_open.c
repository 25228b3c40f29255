#ifdef VULTUS_HAVE_VIDEO
#include "cli/archive_open.h"

#include "base/error.h"
#include "base/file.h"
#include "service/archive.h"

static vt__code open_named(vt__archive_work *out, const char *name, bool make, const char *operation, vt_error *err)
{
    vt__gallery_work *work = &out->gallery;
    vt__code code = make ? vt__archive_create(work->service, &work->caller, name, err) : VT__CODE_OK;
    if (!code || code == VT__CODE_ARCHIVE_EXISTS) code = vt__archive_open(&out->archive, work->service, &work->caller, name, operation, err);
    if (code == VT__CODE_ARCHIVE_NOT_FOUND) vt__fail(err, VT_ENOTFOUND, "there is no archive \"%s\": vultus video index makes one", name);
    return code;
}

int vt__archive_work_open(vt__archive_work *out, const vt__args *args, bool make, const char *operation)
{
    const char *name = vt__args_get(args, "archive");
    vt_error err;
    *out = (vt__archive_work){ .archive = NULL };
    if (!name) {
        fprintf(stderr, "vultus %s: name the archive with --archive\n", args->command->name);
        return EXIT_WRONG_USE;
    }
    int exit_code = vt__gallery_work_open(&out->gallery, args, true);
    if (exit_code) return exit_code;
    vt__code code = open_named(out, name, make, operation, &err);
    if (!code) return EXIT_FINE;
    vt__archive_work_close(out);
    return vt__complain_code(args, code, &err);
}

bool vt__archive_vanished(const char *path)
{
    return path[0] == '/' && !vt__file_exists(path);
}

void vt__archive_work_close(vt__archive_work *work)
{
    vt_archive_close(work->archive);
    vt__gallery_work_close(&work->gallery);
}
#else
typedef int vt__no_video_here;
#endif
