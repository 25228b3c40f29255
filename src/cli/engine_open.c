#include "cli/engine_open.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { max_picture_bytes = 256 << 20 };

char *vt__pack_folder(const vt__args *args)
{
    const char *given = vt__args_get(args, "pack");
    if (given) return vt__strdup(given);
    char *home = vt__settings_home();
    char *folder = home ? vt__path_join(home, "packs/default") : NULL;
    vt__free(home);
    return folder;
}

int vt__work_open(vt__work *out, const vt__args *args)
{
    *out = (vt__work){ 0 };
    vt_error err;
    vt_engine_options options = VT_ENGINE_OPTIONS_INIT;
    options.commercial = vt__args_on(args, "commercial");
    char *folder = vt__pack_folder(args);
    vt_status status = folder ? vt_engine_open(&out->engine, folder, &options, &err) : vt__fail_memory(&err, 64);
    vt__free(folder);
    if (!status) status = vt_session_open(&out->session, out->engine, &err);
    if (!status) return EXIT_FINE;
    vt__work_close(out);
    vt__complain(args, &err);
    return EXIT_BROKEN_SETUP;
}

void vt__work_close(vt__work *work)
{
    vt_session_close(work->session);
    vt_engine_close(work->engine);
}

vt_status vt__load_picture(vt__loaded *out, const char *path, vt_error *err)
{
    *out = (vt__loaded){ 0 };
    size_t size = 0;
    vt_picture_options options = VT_PICTURE_OPTIONS_INIT;
    options.max_bytes = max_picture_bytes;
    vt_status status = vt__file_read(&out->bytes, &size, path, max_picture_bytes, err);
    if (status) return status;
    status = vt_picture_open(&out->picture, out->bytes, size, &options, err);
    if (!status) return VT_OK;
    vt__unload_picture(out);
    return vt__error_prefix(err, status, "%s", path);
}

void vt__unload_picture(vt__loaded *loaded)
{
    vt_picture_close(loaded->picture);
    vt__free(loaded->bytes);
    *loaded = (vt__loaded){ 0 };
}
