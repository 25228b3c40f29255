#include "cli/templates.h"

#include <math.h>

#include "base/error.h"

const vt_face *vt__pick_face(const vt_faces *faces, vt_size size, vt__which which)
{
    const vt_face *best = NULL;
    float least = INFINITY;
    for (size_t i = 0; i < faces->count; i++) {
        const vt_box *b = &faces->items[i].box;
        float dx = b->left + b->width / 2 - (float)size.width / 2, dy = b->top + b->height / 2 - (float)size.height / 2;
        float rank = which == VT__WHICH_CENTRAL ? dx * dx + dy * dy : (float)i;
        if (rank < least) least = rank, best = &faces->items[i];
    }
    return best;
}

vt_status vt__template_of_file(vt_template *out, const vt__work *work, const char *path, vt__which which, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, path, err);
    if (status) return status;
    vt_faces faces = { 0 };
    status = vt_session_detect(&faces, work->session, loaded.picture, NULL, err);
    const vt_face *face = vt__pick_face(&faces, vt_picture_get_info(loaded.picture).size, which);
    if (!status && !face) status = vt__fail(err, VT_ENOFACE, "no face in it; a sharper or larger picture may help");
    if (!status) status = vt_session_template(out, work->session, loaded.picture, face, err);
    if (status) vt__error_prefix(err, status, "%s", path);
    vt_faces_free(&faces);
    vt__unload_picture(&loaded);
    return status;
}
