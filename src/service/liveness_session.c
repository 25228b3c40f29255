#include "service/liveness_session.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/liveness_record.h"
#include "service/liveness_reels.h"
#include "service/liveness_watch.h"
#include "service/policy.h"
#include "service/state.h"
#include "service/write.h"

static vt__code take_reference(vt__liveness_session *session, vt__service *service, vt_session *faces, const void *image,
                               size_t image_bytes, vt_error *err)
{
    vt_picture *picture;
    vt_faces found = { 0 };
    uint8_t hash[VT__SHA256_BYTES];
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.want = VT_WANT_QUALITY;
    if (!service->engine || !faces) return vt__code_fail(err, VT__CODE_UNSUPPORTED);
    if (vt_picture_open(&picture, image, image_bytes, NULL, err)) return vt__code_fail(err, VT__CODE_IMAGE_UNREADABLE);
    vt_status status = vt_session_detect(&found, faces, picture, &wanted, err);
    vt__code code = status ? vt__code_of(status) : VT__CODE_OK;
    if (!status && found.count != 1) code = vt__code_fail(err, found.count ? VT__CODE_MANY_FACES : VT__CODE_NO_FACE);
    if (code == VT__CODE_OK) {
        session->reference_box = found.items[0].box;
        session->reference_quality = found.items[0].attributes.quality;
        session->has_reference = true;
        code = vt__code_of(vt_session_template(&session->reference, faces, picture, &found.items[0], err));
    }
    vt_faces_free(&found);
    vt_picture_close(picture);
    vt__sha256(hash, image, image_bytes);
    vt__liveness_hex(session->reference_hash, hash);
    return code;
}

vt__code vt__liveness_create(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                             const void *image, size_t image_bytes, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_LIVENESS, err);
    if (code == VT__CODE_OK && session->with_verify) code = vt__policy_check(service, caller, VT__ACTION_VERIFY, err);
    if (code == VT__CODE_OK) code = vt__liveness_watching(&session->watched, service, caller, err);
    if (code == VT__CODE_OK) code = vt__liveness_watch(service, caller, session, NULL, 0, err);
    if (code == VT__CODE_OK && image) code = take_reference(session, service, faces, image, image_bytes, err);
    if (code != VT__CODE_OK) return code;
    vt__uuid_make(session->id);
    vt__random_bytes(session->secret, sizeof session->secret);
    session->created_ms = vt__service_now_ms(service);
    return vt__liveness_write(service, caller, session, VT__ADD, err);
}

vt__code vt__liveness_take_reference(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                                     const void *image, size_t image_bytes, vt_error *err)
{
    if (!session->with_verify || session->has_reference) return vt__code_fail(err, VT__CODE_CONFLICT);
    vt__code code = take_reference(session, service, faces, image, image_bytes, err);
    return code == VT__CODE_OK ? vt__liveness_write(service, caller, session, VT__REPLACE, err) : code;
}

vt__code vt__liveness_get(vt__liveness_session *out, vt__service *service, const vt__caller *caller, const char *id,
                          bool with_verify, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_LIVENESS, err);
    return code != VT__CODE_OK ? code : vt__liveness_read(out, service, caller, id, with_verify, err);
}

vt__code vt__liveness_delete(vt__service *service, const vt__caller *caller, const char *id, bool with_verify, vt_error *err)
{
    vt__liveness_session session;
    vt__code code = vt__liveness_get(&session, service, caller, id, with_verify, err);
    vt__wipe(&session, sizeof session);
    if (code != VT__CODE_OK) return code;
    vt__reels_drop(service->reels, id);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__batch_add(&batch, VT__DESTROY, VT__RECORD_LIVENESS, VT__SCOPE_LIVENESS_SESSIONS, id, id, VT__CODE_OPERATION_NOT_FOUND);
    pthread_mutex_lock(&service->writing);
    code = vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    return code;
}

vt__code vt__liveness_list(vt__liveness_session **out, size_t *count, vt__service *service, const vt__caller *caller,
                           bool with_verify, const char *start, size_t top, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_LIVENESS, err);
    const vt__query query = { .kind = VT__RECORD_LIVENESS, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_SESSIONS,
                              .after = start && *start ? start : NULL };
    vt__records found;
    *out = NULL;
    *count = 0;
    if (code != VT__CODE_OK) return code;
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    *out = vt__calloc(found.count ? found.count : 1, sizeof **out);
    if (!*out) code = vt__code_of(vt__fail_memory(err, found.count * sizeof **out));
    for (size_t i = 0; *out && i < found.count && *count < top; i++) {
        vt__liveness_session *item = &(*out)[*count];
        *count += vt__liveness_still(item, &found.items[i], vt__service_now_ms(service)) && item->with_verify == with_verify;
    }
    vt__records_free(&found);
    return code;
}

vt__code vt__liveness_image(uint8_t **out, size_t *out_bytes, vt__service *service, const vt__caller *caller, const char *image_id,
                            vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_LIVENESS, err);
    if (code == VT__CODE_OK && !vt__uuid_valid(image_id)) code = vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    if (code != VT__CODE_OK) return code;
    const vt__query query = { .kind = VT__RECORD_LIVENESS_IMAGE, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_SESSIONS, .id = image_id };
    vt__records found;
    code = vt__read_one(&found, service, &query, VT__CODE_OPERATION_NOT_FOUND, err);
    if (code != VT__CODE_OK) return code;
    const vt__record *r = &found.items[0];
    if (r->expires_ms <= vt__service_now_ms(service)) code = vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    else if (!(*out = vt__malloc(r->body_bytes, 1))) code = vt__code_of(vt__fail_memory(err, r->body_bytes));
    else memcpy(*out, r->body, *out_bytes = r->body_bytes);
    vt__records_free(&found);
    return code;
}

vt__code vt__liveness_open_link(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, vt_error *err)
{
    static const uint8_t opened = 1;
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_LIVENESS_LINK, VT__SCOPE_LIVENESS_SESSIONS, session->id, session->id, VT__CODE_CONFLICT);
    r->expires_ms = session->created_ms + VT__LIVENESS_KEPT_MS;
    r->body = &opened;
    r->body_bytes = sizeof opened;
    return vt__liveness_commit(service, &batch, err);
}

vt__code vt__liveness_start(vt__liveness_session *session, vt__service *service, const vt__caller *caller, bool flashes,
                            const char *device, const char *peer, vt_error *err)
{
    uint8_t random[VT_LIVENESS_RANDOM_BYTES];
    vt_liveness_script script;
    vt__liveness_attempt *last = session->attempt_count ? &session->attempts[session->attempt_count - 1] : NULL;
    if (last && last->state == VT__LIVENESS_SUCCEEDED) return vt__code_fail(err, VT__CODE_CONFLICT);
    if (last && last->state == VT__LIVENESS_RUNNING) {
        last->state = VT__LIVENESS_FAILED;
        vt__copy_text(last->error, sizeof last->error, "TimedOut");
    }
    if ((int32_t)session->attempt_count >= session->attempts_allowed) {
        vt__fail(err, VT_ECONFLICT, "all attempts of the session are used");
        return VT__CODE_CONFLICT;
    }
    if (session->device_in_client && device) vt__copy_text(session->device, sizeof session->device, device);
    vt__code code = vt__liveness_watch(service, caller, session, peer, 0, err);
    if (code != VT__CODE_OK) return code;
    vt__reels_drop(service->reels, session->id);
    vt__liveness_attempt *attempt = &session->attempts[session->attempt_count++];
    memset(attempt, 0, sizeof *attempt);
    attempt->state = VT__LIVENESS_RUNNING;
    attempt->started_ms = vt__service_now_ms(service);
    vt__copy_text(attempt->peer, sizeof attempt->peer, peer);
    vt__random_bytes(random, sizeof random);
    vt_status status = vt_liveness_script_draw(&script, session->mode, flashes, random, err);
    if (!status) status = vt_liveness_script_write(attempt->script, sizeof attempt->script, &script, err);
    return status ? vt__code_of(status) : vt__liveness_write(service, caller, session, VT__REPLACE, err);
}

vt__code vt__liveness_end(vt__liveness_session *session, vt__service *service, const vt__caller *caller, const char *error, vt_error *err)
{
    vt__liveness_attempt *attempt = session->attempt_count ? &session->attempts[session->attempt_count - 1] : NULL;
    if (!attempt || attempt->state != VT__LIVENESS_RUNNING) return vt__code_fail(err, VT__CODE_CONFLICT);
    attempt->state = strncmp(error, "UserCanceled", 12) == 0 ? VT__LIVENESS_CANCELED : VT__LIVENESS_FAILED;
    attempt->received_ms = vt__service_now_ms(service);
    vt__copy_text(attempt->error, sizeof attempt->error, error);
    vt__reels_drop(service->reels, session->id);
    return vt__liveness_write(service, caller, session, VT__REPLACE, err);
}
