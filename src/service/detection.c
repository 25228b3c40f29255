#include <string.h>

#include <vultus/image.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/face_id.h"
#include "service/state.h"

enum { DETECT_FACES_MAX = 100 };

/* The code for a failure on a picture that came from outside. */
static vt__code picture_code(vt_status status)
{
    switch (status) {
    case VT_EFORMAT:
    case VT_EUNSUPPORTED: return VT__CODE_IMAGE_UNREADABLE;
    case VT_ELIMIT: return VT__CODE_IMAGE_TOO_BIG;
    default: return vt__code_of(status);
    }
}

void vt__detected_free(vt__detected *detected)
{
    vt_faces_free(&detected->faces);
    vt__free(detected->face_ids);
    detected->face_ids = NULL;
}

/* One by one so that a failure in the middle keeps nothing. */
static vt__code keep_faces(vt__detected *out, vt__service *service, const vt__caller *caller, vt_session *session,
                           vt_picture *picture, const vt__detect_request *request, vt_error *err)
{
    size_t count = out->faces.count;
    vt_template *values = vt__calloc(count + 1, sizeof *values);
    out->face_ids = vt__calloc(count + 1, sizeof *out->face_ids);
    vt__code code = values && out->face_ids ? VT__CODE_OK : vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t i = 0; i < count && code == VT__CODE_OK; i++)
        code = picture_code(vt_session_template(&values[i], session, picture, &out->faces.items[i], err));
    if (code == VT__CODE_OK)
        code = vt__face_ids_keep(out->face_ids, service, caller, values, count, request->recognition_model,
                                 request->ttl_s, err);
    vt__free_secret(values, values ? (count + 1) * sizeof *values : 0);
    return code;
}

static vt__code detect(vt__detected *out, vt__service *service, const vt__caller *caller, vt_session *session,
                       const vt__detect_request *request, vt_error *err)
{
    vt_picture *picture = NULL;
    vt__code code = picture_code(vt_picture_open(&picture, request->image, request->image_bytes, NULL, err));
    if (code != VT__CODE_OK) return code;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.want = request->want;
    options.max_faces = request->max_faces ? request->max_faces : DETECT_FACES_MAX;
    code = picture_code(vt_session_detect(&out->faces, session, picture, &options, err));
    if (code == VT__CODE_OK && request->face_id)
        code = keep_faces(out, service, caller, session, picture, request, err);
    vt_picture_close(picture);
    if (code != VT__CODE_OK) vt__detected_free(out);
    return code;
}

vt__code vt__service_detect(vt__detected *out, vt__service *service, const vt__caller *caller, vt_session *session,
                            const vt__detect_request *request, vt_error *err)
{
    *out = (vt__detected){ { NULL, 0 }, NULL };
    vt__action action = request->face_id ? VT__ACTION_DETECT_FACE_ID : VT__ACTION_DETECT;
    vt__code code = vt__policy_check(service, caller, action, err);
    bool able = session && (!request->face_id || vt_engine_dimension(service->engine));
    if (code == VT__CODE_OK && !able) code = vt__code_fail(err, VT__CODE_UNSUPPORTED);
    if (code == VT__CODE_OK) code = detect(out, service, caller, session, request, err);
    return vt__audit_record(service, caller, &(vt__audit_entry){ action, NULL, out->faces.count, 0, -1, code });
}

static float overlap(vt_box a, vt_box b)
{
    float left = a.left > b.left ? a.left : b.left, top = a.top > b.top ? a.top : b.top;
    float right = a.left + a.width < b.left + b.width ? a.left + a.width : b.left + b.width;
    float bottom = a.top + a.height < b.top + b.height ? a.top + a.height : b.top + b.height;
    if (right <= left || bottom <= top) return 0;
    float shared = (right - left) * (bottom - top);
    return shared / (a.width * a.height + b.width * b.height - shared);
}

/* The face that the target rectangle means: the one that overlaps it most. */
static vt__code choose(const vt_face **out, const vt_faces *faces, vt_picture *picture, const vt_box *target, vt_error *err)
{
    if (faces->count == 0) return vt__code_fail(err, VT__CODE_NO_FACE);
    *out = &faces->items[0];
    if (!target) return faces->count == 1 ? VT__CODE_OK : vt__code_fail(err, VT__CODE_MANY_FACES);
    vt_size size = vt_picture_get_info(picture).size;
    if (target->width <= 0 || target->height <= 0 || target->left + target->width <= 0 ||
        target->top + target->height <= 0 || target->left >= (float)size.width || target->top >= (float)size.height)
        return vt__code_fail(err, VT__CODE_TARGET_OUTSIDE);
    float best = 0.1f; /* less shared area is another face */
    bool found = false;
    for (size_t i = 0; i < faces->count; i++) {
        float o = overlap(faces->items[i].box, *target);
        if (o < best) continue;
        best = o;
        *out = &faces->items[i];
        found = true;
    }
    return found ? VT__CODE_OK : vt__code_fail(err, VT__CODE_NO_FACE);
}

vt__code vt__template_of_image(vt_template *out, vt__service *service, vt_session *session, const void *image,
                               size_t image_bytes, const vt_box *target, vt_error *err)
{
    if (!session || !service->engine || !vt_engine_dimension(service->engine)) return vt__code_fail(err, VT__CODE_UNSUPPORTED);
    vt_picture *picture = NULL;
    vt_faces faces = { NULL, 0 };
    const vt_face *face = NULL;
    vt__code code = picture_code(vt_picture_open(&picture, image, image_bytes, NULL, err));
    if (code == VT__CODE_OK) code = picture_code(vt_session_detect(&faces, session, picture, NULL, err));
    if (code == VT__CODE_OK) code = choose(&face, &faces, picture, target, err);
    if (code == VT__CODE_OK) code = picture_code(vt_session_template(out, session, picture, face, err));
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return code;
}
