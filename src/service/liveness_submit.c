/* What a device filmed, to an attempt's result. The payload (docs/formats.md) is "VLP1", then a frame after the other:
 * time in ms (4 bytes, big-endian), size (4), chain (32 = SHA-256 of the chain before, time, size and JPEG), JPEG. The
 * first chain stands on SHA-256 of the token; the last is the digest that both sides state. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/liveness_record.h"
#include "service/state.h"

enum { head_bytes = 40, heavy_every_ms = 700 };

typedef struct reel {
    const uint8_t *at;
    size_t left;
    uint8_t chain[VT__SHA256_BYTES];
} reel;

typedef struct still {
    int64_t time_ms;
    const uint8_t *jpeg;
    size_t bytes;
} still;

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static vt_status next_still(still *out, reel *from, vt_error *err)
{
    vt__sha256_state hash;
    if (from->left < head_bytes) return vt__fail(err, VT_EFORMAT, "the payload ends within a frame");
    out->time_ms = big_endian(from->at);
    out->bytes = big_endian(from->at + 4);
    out->jpeg = from->at + head_bytes;
    if (out->bytes > VT__LIVENESS_FRAME_MAX_BYTES || out->bytes > from->left - head_bytes)
        return vt__fail(err, VT_EFORMAT, "a frame is larger than the payload or than %d bytes", VT__LIVENESS_FRAME_MAX_BYTES);
    vt__sha256_begin(&hash);
    vt__sha256_add(&hash, from->chain, sizeof from->chain);
    vt__sha256_add(&hash, from->at, 8);
    vt__sha256_add(&hash, out->jpeg, out->bytes);
    vt__sha256_end(from->chain, &hash);
    if (memcmp(from->chain, from->at + 8, sizeof from->chain) != 0) return vt__fail(err, VT_EINTEGRITY, "the payload's hash chain is broken");
    from->at += head_bytes + out->bytes;
    from->left -= head_bytes + out->bytes;
    return VT_OK;
}

static vt_status reel_begin(reel *out, const char *token, const void *payload, size_t payload_bytes, vt_error *err)
{
    if (payload_bytes < 4 || memcmp(payload, "VLP1", 4) != 0) return vt__fail(err, VT_EFORMAT, "the payload does not begin with VLP1");
    *out = (reel){ .at = (const uint8_t *)payload + 4, .left = payload_bytes - 4 };
    vt__sha256(out->chain, token, strlen(token));
    return VT_OK;
}

typedef struct evidence {
    vt_liveness *liveness;
    still stills[VT_LIVENESS_MAX_FRAMES];
    uint8_t prints[VT_LIVENESS_MAX_FRAMES][VT_LIVENESS_FINGERPRINT_BYTES];
    vt_liveness_frame frame; /* the one being looked at */
    size_t count;
    int64_t heavy_ms;
} evidence;

static vt_status look_at(evidence *e, const still *s, vt_session *faces, vt_error *err)
{
    vt_picture *picture;
    const vt_picture_options limits = { sizeof limits, VT__LIVENESS_FRAME_MAX_BYTES, 4 << 20, 2048 };
    bool heavy = !e->count || s->time_ms >= e->heavy_ms;
    if (e->count == VT_LIVENESS_MAX_FRAMES) return vt__fail(err, VT_ELIMIT, "more than %d frames", VT_LIVENESS_MAX_FRAMES);
    vt_status status = vt_picture_open(&picture, s->jpeg, s->bytes, &limits, err);
    if (status) return status;
    status = vt_liveness_look(&e->frame, faces, picture, s->time_ms, heavy ? VT_LIVENESS_WANT_ATTACK | VT_LIVENESS_WANT_TEMPLATE : 0, err);
    vt_picture_close(picture);
    if (!status) status = vt_liveness_add(e->liveness, &e->frame, err);
    if (status) return status;
    if (heavy) e->heavy_ms = s->time_ms + heavy_every_ms;
    memcpy(e->prints[e->count], e->frame.fingerprint, VT_LIVENESS_FINGERPRINT_BYTES);
    e->stills[e->count++] = *s;
    return VT_OK;
}

static vt_status gather(evidence *e, vt__liveness_attempt *attempt, vt_session *faces, const char *token, const void *payload,
                        size_t payload_bytes, vt_error *err)
{
    reel from;
    vt_liveness_script script;
    vt_status status = vt_liveness_script_read(&script, attempt->script, err);
    if (!status) status = vt_liveness_open(&e->liveness, &script, err);
    if (!status) status = reel_begin(&from, token, payload, payload_bytes, err);
    while (!status && from.left) {
        still s;
        status = next_still(&s, &from, err);
        if (!status) status = look_at(e, &s, faces, err);
    }
    if (!status) vt__liveness_hex(attempt->digest, from.chain);
    return status;
}

/* Frames cannot have taken longer to film than the time since the script was drawn, nor far less to arrive. */
static bool on_time(const evidence *e, const vt__liveness_attempt *attempt, int64_t now_ms)
{
    int64_t filmed = e->stills[e->count - 1].time_ms - e->stills[0].time_ms, passed = now_ms - attempt->started_ms;
    return filmed <= passed + 1000 && passed <= filmed + 180000;
}

static vt_status compare(vt__liveness_session *session, vt__liveness_attempt *attempt, vt__service *service, vt_session *faces,
                         const still *best, vt_error *err)
{
    vt_picture *picture;
    vt_liveness_frame frame;
    vt_status status = vt_picture_open(&picture, best->jpeg, best->bytes, NULL, err);
    if (status) return status;
    status = vt_liveness_look(&frame, faces, picture, 0, session->has_reference ? VT_LIVENESS_WANT_TEMPLATE : 0, err);
    vt_picture_close(picture);
    if (status || !frame.faces) return status;
    attempt->box = frame.face.box;
    attempt->has_box = true;
    if (!session->has_reference) return VT_OK;
    float cosine = 0;
    for (uint32_t i = 0; i < session->reference.dimension; i++) cosine += session->reference.values[i] * frame.face_template.values[i];
    attempt->confidence = vt_engine_confidence(service->engine, cosine);
    attempt->identical = attempt->confidence >= (session->verify_threshold < 0 ? VT_IDENTICAL_CONFIDENCE : session->verify_threshold);
    attempt->verified = true;
    vt__wipe(&frame, sizeof frame);
    return VT_OK;
}

static vt__code conclude(vt__liveness_session *session, vt__liveness_attempt *attempt, vt__service *service, const vt__caller *caller,
                         vt_session *faces, evidence *e, vt_error *err)
{
    vt_liveness_result result;
    vt_status status = vt_liveness_decide(&result, e->liveness, err);
    if (!status) status = compare(session, attempt, service, faces, &e->stills[result.best_frame], err);
    if (status) return vt__code_of(status);
    vt__code code = vt__liveness_seen(&attempt->abuse, service, caller, e->prints[0], e->count, err);
    if (code != VT__CODE_OK) return code;
    memcpy(attempt->checks, result.checks, sizeof attempt->checks);
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++) attempt->checks[i].name = NULL;
    attempt->decision = attempt->abuse ? VT_LIVENESS_SPOOFFACE : result.decision;
    attempt->state = VT__LIVENESS_SUCCEEDED;
    if (!on_time(e, attempt, vt__service_now_ms(service))) result.failure = "TimedOut";
    if (result.failure && attempt->decision == VT_LIVENESS_REALFACE) attempt->decision = VT_LIVENESS_UNCERTAIN;
    if (result.failure && attempt->decision == VT_LIVENESS_UNCERTAIN) {
        attempt->state = VT__LIVENESS_FAILED;
        vt__copy_text(attempt->error, sizeof attempt->error, result.failure);
    }
    if (session->image_wanted && attempt->state == VT__LIVENESS_SUCCEEDED)
        code = vt__liveness_keep_image(attempt->image_id, service, caller, session, e->stills[result.best_frame].jpeg,
                                       e->stills[result.best_frame].bytes, err);
    return code;
}

vt__code vt__liveness_submit(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                             const char *token, const void *payload, size_t payload_bytes, vt_error *err)
{
    vt__liveness_attempt *attempt = session->attempt_count ? &session->attempts[session->attempt_count - 1] : NULL;
    int64_t begun_ns = vt__monotonic_ns();
    if (!attempt || attempt->state != VT__LIVENESS_RUNNING) return vt__code_fail(err, VT__CODE_CONFLICT);
    if (!service->engine || !faces) return vt__code_fail(err, VT__CODE_UNSUPPORTED);
    evidence *e = vt__calloc(1, sizeof *e);
    if (!e) return vt__code_of(vt__fail_memory(err, sizeof *e));
    vt_status status = gather(e, attempt, faces, token, payload, payload_bytes, err);
    if (!status && !e->count) status = vt__fail(err, VT_EFORMAT, "the payload holds no frame");
    vt__code code = VT__CODE_OK;
    attempt->received_ms = vt__service_now_ms(service);
    attempt->size_bytes = (int64_t)payload_bytes;
    if (!status) {
        code = conclude(session, attempt, service, caller, faces, e, err);
    } else { /* an attempt's token and script serve once, whatever came */
        attempt->state = VT__LIVENESS_FAILED;
        vt__copy_text(attempt->error, sizeof attempt->error, "EnvironmentNotSupported");
        code = VT__CODE_BAD_ARGUMENT;
    }
    attempt->latency_ms = (vt__monotonic_ns() - begun_ns) / 1000000;
    vt_liveness_close(e->liveness);
    vt__free_secret(e, sizeof *e);
    bool bad = attempt->state != VT__LIVENESS_SUCCEEDED || attempt->decision != VT_LIVENESS_REALFACE;
    if (bad && session->device[0]) (void)vt__liveness_watch(service, caller, session->device, 1, NULL);
    vt__code written = vt__liveness_write(service, caller, session, VT__REPLACE, code == VT__CODE_OK ? err : NULL);
    return code == VT__CODE_OK ? written : code;
}
