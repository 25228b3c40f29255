#include "service/redaction.h"

#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/state.h"

/* As for videos: doubt is decided towards hiding. */
static const float default_min_face_px = 20, default_min_score = 0.4f, only_confidence = 0.3f;

vt__action vt__redaction_action(const vt__redaction *what)
{
    return what->whom == VT_REDACT_EVERYONE ? VT__ACTION_DETECT : VT__ACTION_HIDE_PERSON;
}

vt__code vt__redaction_permit(vt__service *service, const vt__caller *caller, const vt__redaction *what, vt_error *err)
{
    return vt__policy_check(service, caller, vt__redaction_action(what), err);
}

vt__code vt__redaction_people(vt_template **out, size_t *count, vt__service *service, const vt__caller *caller, const vt__redaction *what,
                              vt_error *err)
{
    *out = NULL;
    *count = 0;
    if (what->whom == VT_REDACT_EVERYONE) return VT__CODE_OK;
    return vt__people_templates(out, count, service, caller, VT__ACTION_HIDE_PERSON, what->people_in, what->people, what->people_count, err);
}

vt__json *vt__redaction_fields(vt__service *service, const vt__caller *caller, const vt__redaction *what)
{
    vt__json *fields = vt__json_object();
    if (what->whom == VT_REDACT_EVERYONE) return fields;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, what->people_in);
    vt__json_set_string(fields, "purpose", vt__policy_purpose(service, caller, VT__ACTION_HIDE_PERSON));
    vt__json_set_string(fields, "collection", scope);
    vt__json_set_integer(fields, "persons", (int64_t)what->people_count);
    return fields;
}

/* ---- one picture ---- */

typedef struct work {
    vt__service *service;
    vt_session *session;
    vt_picture *picture;
    const vt__redaction *what;
    const vt_template *people;
    size_t people_count;
    vt_faces faces;
    vt_box *boxes; /* to be hidden */
} work;

/* A face of which no template can be made is nobody's whom we know. */
static vt_status hides(bool *out, const work *w, const vt_face *face, vt_error *err)
{
    vt_template t;
    float best = -1;
    vt_redact_whom whom = w->what->whom;
    *out = whom != VT_REDACT_ONLY;
    if (whom == VT_REDACT_EVERYONE) return VT_OK;
    vt_status status = vt_session_template(&t, w->session, w->picture, face, err);
    if (status) return status == VT_ENOFACE ? VT_OK : status;
    for (size_t i = 0; i < w->people_count; i++) {
        float cosine = vt_cosine(t.values, w->people[i].values, t.dimension);
        if (cosine > best) best = cosine;
    }
    vt__wipe(&t, sizeof t);
    float confidence = vt_engine_confidence(w->service->engine, best);
    *out = whom == VT_REDACT_ONLY ? confidence >= only_confidence : confidence < VT_IDENTICAL_CONFIDENCE;
    return VT_OK;
}

static vt_status choose(vt__redacted *out, work *w, vt_error *err)
{
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.min_face_px = w->what->min_face_px > 0 ? w->what->min_face_px : default_min_face_px;
    options.min_score = w->what->min_score > 0 ? w->what->min_score : default_min_score;
    vt_status status = vt_session_detect(&w->faces, w->session, w->picture, &options, err);
    if (!status) w->boxes = vt__calloc(w->faces.count + 1, sizeof *w->boxes);
    if (!status && !w->boxes) status = vt__fail_memory(err, w->faces.count * sizeof *w->boxes);
    for (size_t i = 0; i < w->faces.count && !status; i++) {
        bool hidden;
        status = hides(&hidden, w, &w->faces.items[i], err);
        if (!status && hidden) w->boxes[out->hidden++] = w->faces.items[i].box;
    }
    out->faces = w->faces.count;
    return status;
}

static vt_format writable(vt_format wanted, vt_format from)
{
    if (wanted != VT_FORMAT_UNKNOWN) return wanted;
    return from == VT_FORMAT_JPEG || from == VT_FORMAT_WEBP || from == VT_FORMAT_BMP ? from : VT_FORMAT_PNG;
}

/* The picture is not used afterwards: its own pixels are covered. */
static vt_status cover(vt__redacted *out, const work *w, vt_format format, vt_error *err)
{
    vt_pixels pixels;
    out->format = writable(format, vt_picture_get_info(w->picture).format);
    vt_status status = vt_picture_decode(&pixels, w->picture, 1, err);
    if (!status) status = vt_redact_pixels(&pixels, w->boxes, out->hidden, &w->what->masks, err);
    if (!status) status = vt_pixels_encode(&out->bytes, &out->size_bytes, &pixels, out->format, NULL, err);
    return status;
}

static vt__code code_of(vt_status status)
{
    switch (status) {
    case VT_EFORMAT:
    case VT_EUNSUPPORTED: return VT__CODE_IMAGE_UNREADABLE;
    case VT_ELIMIT: return VT__CODE_IMAGE_TOO_BIG;
    case VT_EINVAL: return VT__CODE_BAD_ARGUMENT;
    default: return vt__code_of(status);
    }
}

vt__code vt__redact_picture(vt__redacted *out, vt__service *service, const vt__caller *caller, vt_session *session, const void *image,
                            size_t image_bytes, const vt__redaction *what, vt_format format, vt_error *err)
{
    work w = { .service = service, .session = session, .what = what };
    vt_template *people = NULL;
    *out = (vt__redacted){ 0 };
    vt__code code = vt__redaction_permit(service, caller, what, err);
    if (!code && !session) code = vt__code_fail(err, VT__CODE_UNSUPPORTED);
    if (!code) code = vt__redaction_people(&people, &w.people_count, service, caller, what, err);
    w.people = people;
    if (!code) code = code_of(vt_picture_open(&w.picture, image, image_bytes, NULL, err));
    if (!code) code = code_of(choose(out, &w, err));
    if (!code) code = code_of(cover(out, &w, format, err));
    vt__free_secret(people, w.people_count * sizeof *people);
    vt_faces_free(&w.faces);
    vt__free(w.boxes);
    vt_picture_close(w.picture);
    vt__json *fields = vt__redaction_fields(service, caller, what);
    vt__json_set_integer(fields, "faces", (int64_t)out->faces);
    vt__json_set_integer(fields, "hidden", (int64_t)out->hidden);
    vt__audit_event(service, caller, "REDACT_PICTURE", fields, code);
    return code;
}
