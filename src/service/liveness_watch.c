/* Abuse of liveness sessions: who fails too often, and films that were shown before. */
#include "service/liveness_watch.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/liveness_record.h"
#include "service/state.h"

enum { seen_share_percent = 30, seen_head_bytes = VT__UUID_TEXT_BYTES + 1 };

/* Kept under a digest of the name, never the name. */
typedef struct failure_count {
    int64_t failures, first_ms;
} failure_count;

static vt__code watch(vt__service *service, const vt__caller *caller, const char *whose, const char *name, int32_t allowed, int failures, vt_error *err)
{
    uint8_t hash[VT__SHA256_BYTES];
    char id[2 * VT__SHA256_BYTES + 1];
    failure_count count = { 0, vt__service_now_ms(service) };
    vt__records found;
    vt__sha256_state state;
    vt__sha256_begin(&state);
    vt__sha256_add(&state, whose, strlen(whose) + 1);
    vt__sha256_add(&state, name, strlen(name));
    vt__sha256_end(hash, &state);
    vt__liveness_hex(id, hash);
    const vt__query query = { .kind = VT__RECORD_LIVENESS_DEVICE, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_WATCH, .id = id };
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    if (found.count && found.items[0].body_bytes == sizeof count && found.items[0].expires_ms > count.first_ms)
        memcpy(&count, found.items[0].body, sizeof count);
    vt__records_free(&found);
    if (count.failures >= allowed) {
        vt__fail(err, VT_EDENIED, "this %s failed too often; it may try again within 48 hours", whose);
        return VT__CODE_RATE_LIMITED;
    }
    if (!failures) return VT__CODE_OK;
    count.failures += failures;
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__PUT, VT__RECORD_LIVENESS_DEVICE, VT__SCOPE_LIVENESS_WATCH, id, id, VT__CODE_CONFLICT);
    r->expires_ms = count.first_ms + VT__LIVENESS_KEPT_MS;
    r->body = (const uint8_t *)&count;
    r->body_bytes = sizeof count;
    return vt__liveness_commit(service, &batch, err);
}

vt__code vt__liveness_watch(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, const char *peer, int failures, vt_error *err)
{
    vt__code code = VT__CODE_OK;
    if (!session->watched) return code;
    if (session->device[0]) code = watch(service, caller, "device", session->device, VT__DEVICE_FAILURES_MAX, failures, err);
    if (code == VT__CODE_OK && peer && *peer) code = watch(service, caller, "address", peer, VT__ADDRESS_FAILURES_MAX, failures, err);
    return code;
}

/* A tenant's one setting: a record without a body means "off". */
static const char setting_id[] = "watching";

vt__code vt__liveness_watching(bool *on, vt__service *service, const vt__caller *caller, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_LIVENESS_SETTING, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_WATCH, .id = setting_id };
    vt__records found;
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    *on = found.count == 0;
    vt__records_free(&found);
    return VT__CODE_OK;
}

vt__code vt__liveness_set_watching(vt__service *service, const vt__caller *caller, bool on, vt_error *err)
{
    bool now_on = false;
    vt__batch batch;
    vt__code code = vt__liveness_watching(&now_on, service, caller, err);
    if (code != VT__CODE_OK || on == now_on) return code;
    vt__batch_begin(&batch, service, caller);
    vt__batch_add(&batch, on ? VT__DESTROY : VT__ADD, VT__RECORD_LIVENESS_SETTING, VT__SCOPE_LIVENESS_WATCH, setting_id, setting_id, VT__CODE_CONFLICT);
    return vt__liveness_commit(service, &batch, err);
}

/* How many of the frames have their very fingerprint among those of an earlier session. */
static size_t matches(const vt__record *earlier, const uint8_t *fingerprints, size_t count)
{
    size_t n = 0, width = VT_LIVENESS_FINGERPRINT_BYTES;
    for (size_t i = 0; i < count; i++)
        for (size_t j = seen_head_bytes; j + width <= earlier->body_bytes; j += width) {
            size_t bits = 0;
            for (size_t b = 0; b < width && bits < 3; b++) bits += (size_t)__builtin_popcount((unsigned)(earlier->body[j + b] ^ fingerprints[i * width + b]));
            if (bits >= 3) continue;
            n++;
            break;
        }
    return n;
}

/* An earlier film: the session's id with its zero, the attempt, then a fingerprint a frame. */
static void tell_earlier(vt__liveness_attempt *attempt, const vt__record *earlier)
{
    attempt->abuse = true;
    vt__copy_text(attempt->flagged_session, sizeof attempt->flagged_session, (const char *)earlier->body);
    attempt->flagged_attempt = earlier->body[VT__UUID_TEXT_BYTES];
}

vt__code vt__liveness_seen(vt__liveness_session *session, vt__service *service, const vt__caller *caller, const uint8_t *fingerprints,
                           size_t count, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_LIVENESS_SEEN, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_WATCH };
    vt__liveness_attempt *attempt = &session->attempts[session->attempt_count - 1];
    int64_t now_ms = vt__service_now_ms(service);
    vt__records found;
    attempt->abuse = false;
    if (!count) return VT__CODE_OK;
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    for (size_t i = 0; i < found.count && !attempt->abuse; i++) {
        const vt__record *r = &found.items[i];
        if (r->expires_ms <= now_ms || r->body_bytes < seen_head_bytes || r->body[VT__UUID_TEXT_BYTES - 1]) continue;
        if (matches(r, fingerprints, count) * 100 > count * seen_share_percent) tell_earlier(attempt, r);
    }
    vt__records_free(&found);
    if (attempt->abuse) return VT__CODE_OK;
    char id[VT__UUID_TEXT_BYTES];
    size_t size = count * VT_LIVENESS_FINGERPRINT_BYTES;
    uint8_t *body = vt__calloc(1, seen_head_bytes + size);
    if (!body) return vt__code_of(vt__fail_memory(err, size));
    memcpy(body, session->id, VT__UUID_TEXT_BYTES);
    body[VT__UUID_TEXT_BYTES] = (uint8_t)session->attempt_count;
    memcpy(body + seen_head_bytes, fingerprints, size);
    vt__batch batch;
    vt__uuid_make(id);
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_LIVENESS_SEEN, VT__SCOPE_LIVENESS_WATCH, id, id, VT__CODE_CONFLICT);
    r->expires_ms = session->created_ms + VT__LIVENESS_KEPT_MS; /* it names the session, and goes with it */
    r->body = body;
    r->body_bytes = seen_head_bytes + size;
    vt__code code = vt__liveness_commit(service, &batch, err);
    vt__free(body);
    return code;
}
