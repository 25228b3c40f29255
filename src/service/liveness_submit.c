/* What a device filmed, to an attempt's result. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/liveness_record.h"
#include "service/liveness_reels.h"
#include "service/liveness_watch.h"
#include "service/state.h"

enum { most_frames_per_s = 40, ahead_ms = 1000, longest_wait_ms = 180000 };

/* Frames cannot have taken longer to film than the time since the script was drawn, nor far less to arrive. */
static bool on_time(const vt__liveness_evidence *e, const vt__liveness_attempt *attempt, int64_t now_ms)
{
    int64_t filmed = e->last_ms - e->first_ms, passed = now_ms - attempt->started_ms;
    return filmed <= passed + ahead_ms && passed <= filmed + longest_wait_ms;
}

static bool too_many(const vt__liveness_evidence *e, const vt__liveness_attempt *attempt, int64_t now_ms)
{
    return (int64_t)e->count * 1000 > (now_ms - attempt->started_ms + ahead_ms) * most_frames_per_s;
}

static void compare(vt__liveness_session *session, vt__liveness_attempt *attempt, vt__service *service, const vt_liveness_frame *best)
{
    attempt->box = best->face.box;
    attempt->has_box = best->faces > 0;
    if (!session->has_reference || !best->has_template) return;
    float cosine = 0;
    for (uint32_t i = 0; i < session->reference.dimension; i++) cosine += session->reference.values[i] * best->face_template.values[i];
    attempt->confidence = vt_engine_confidence(service->engine, cosine);
    attempt->identical = attempt->confidence >= (session->verify_threshold < 0 ? VT_IDENTICAL_CONFIDENCE : session->verify_threshold);
    attempt->verified = true;
}

static vt__code conclude(vt__liveness_session *session, vt__liveness_attempt *attempt, vt__service *service, const vt__caller *caller,
                         const vt__liveness_evidence *e, vt_error *err)
{
    vt_liveness_result result;
    vt_status status = vt_liveness_decide(&result, e->liveness, err);
    if (status) return vt__code_of(status);
    compare(session, attempt, service, &e->best);
    vt__code code = vt__liveness_seen(session, service, caller, e->prints[0], e->print_count, err);
    if (code != VT__CODE_OK) return code;
    memcpy(attempt->checks, result.checks, sizeof attempt->checks);
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++) attempt->checks[i].name = NULL;
    attempt->decision = attempt->abuse ? VT_LIVENESS_SPOOFFACE : result.decision;
    attempt->state = VT__LIVENESS_SUCCEEDED;
    if (!on_time(e, attempt, vt__service_now_ms(service))) result.failure = "TimedOut";
    if (session->with_verify && !session->has_reference) result.failure = "VerifyImageNotProvided";
    if (result.failure && attempt->decision == VT_LIVENESS_REALFACE) attempt->decision = VT_LIVENESS_UNCERTAIN;
    if (result.failure && attempt->decision == VT_LIVENESS_UNCERTAIN) {
        attempt->state = VT__LIVENESS_FAILED;
        vt__copy_text(attempt->error, sizeof attempt->error, result.failure);
    }
    if (session->image_wanted && attempt->state == VT__LIVENESS_SUCCEEDED)
        code = vt__liveness_keep_image(attempt->image_id, service, caller, session, e->best_jpeg, e->best_bytes, err);
    return code;
}

static vt__liveness_attempt *running(vt__liveness_session *session)
{
    vt__liveness_attempt *attempt = session->attempt_count ? &session->attempts[session->attempt_count - 1] : NULL;
    return attempt && attempt->state == VT__LIVENESS_RUNNING ? attempt : NULL;
}

/* The evidence so far, or new, with a part added. */
static vt_status add(vt__liveness_evidence **out, const vt__liveness_session *session, vt__service *service, vt_session *faces,
                     const char *token, const void *part, size_t part_bytes, vt_error *err)
{
    const vt__liveness_attempt *attempt = &session->attempts[session->attempt_count - 1];
    *out = vt__reels_take(service->reels, session->id, session->attempt_count);
    vt_status status = *out ? VT_OK : vt__evidence_open(out, attempt->script, token, err);
    if (!status) status = vt__evidence_take(*out, faces, part, part_bytes, err);
    if (!status && too_many(*out, attempt, vt__service_now_ms(service)))
        status = vt__fail(err, VT_ELIMIT, "more than %d frames a second", most_frames_per_s);
    return status;
}

/* Counts the failure against the device and keeps the session. */
static vt__code finish(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt__code code, vt_error *err)
{
    const vt__liveness_attempt *attempt = &session->attempts[session->attempt_count - 1];
    bool bad = attempt->state != VT__LIVENESS_SUCCEEDED || attempt->decision != VT_LIVENESS_REALFACE;
    if (bad) (void)vt__liveness_watch(service, caller, session, attempt->peer, 1, NULL);
    vt__code written = vt__liveness_write(service, caller, session, VT__REPLACE, code == VT__CODE_OK ? err : NULL);
    return code == VT__CODE_OK ? written : code;
}

/* An attempt's token and script serve once, whatever came. */
static void fail_attempt(vt__liveness_attempt *attempt, vt__service *service)
{
    attempt->state = VT__LIVENESS_FAILED;
    attempt->received_ms = vt__service_now_ms(service);
    vt__copy_text(attempt->error, sizeof attempt->error, "EnvironmentNotSupported");
}

vt__code vt__liveness_stream(size_t *frames, vt__liveness_session *session, vt__service *service, const vt__caller *caller,
                             vt_session *faces, const char *token, const void *part, size_t part_bytes, vt_error *err)
{
    vt__liveness_attempt *attempt = running(session);
    vt__liveness_evidence *e;
    if (!attempt) return vt__code_fail(err, VT__CODE_CONFLICT);
    if (!service->engine || !faces) return vt__code_fail(err, VT__CODE_UNSUPPORTED);
    vt_status status = add(&e, session, service, faces, token, part, part_bytes, err);
    *frames = e ? e->count : 0;
    if (status) {
        vt__evidence_close(e);
        fail_attempt(attempt, service);
        return finish(session, service, caller, VT__CODE_BAD_ARGUMENT, err);
    }
    if (vt__reels_put(service->reels, session->id, session->attempt_count, e, vt__service_now_ms(service))) return VT__CODE_OK;
    vt__fail(err, VT_EBUSY, "too many attempts are running; send the film at its end");
    return VT__CODE_RATE_LIMITED;
}

vt__code vt__liveness_submit(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                             const char *token, const void *payload, size_t payload_bytes, vt_error *err)
{
    vt__liveness_attempt *attempt = running(session);
    vt__liveness_evidence *e;
    int64_t begun_ns = vt__monotonic_ns();
    if (!attempt) return vt__code_fail(err, VT__CODE_CONFLICT);
    if (!service->engine || !faces) return vt__code_fail(err, VT__CODE_UNSUPPORTED);
    vt_status status = add(&e, session, service, faces, token, payload, payload_bytes, err);
    if (!status && !e->count) status = vt__fail(err, VT_EFORMAT, "the payload holds no frame");
    vt__code code = VT__CODE_BAD_ARGUMENT;
    attempt->received_ms = vt__service_now_ms(service);
    attempt->size_bytes = e ? (int64_t)e->payload.size_bytes : 0;
    if (!status) {
        vt__liveness_hex(attempt->digest, e->payload.chain);
        code = conclude(session, attempt, service, caller, e, err);
    } else fail_attempt(attempt, service);
    attempt->latency_ms = (vt__monotonic_ns() - begun_ns) / 1000000;
    vt__evidence_close(e);
    return finish(session, service, caller, code, err);
}
