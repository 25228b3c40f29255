#include "service/liveness_record.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/state.h"
#include "service/write.h"

/* Past this many failures within the time that is kept, a device gets no more sessions until they are forgotten. */
enum { failures_allowed = 10, seen_share_percent = 30 };

void vt__liveness_hex(char out[2 * VT__SHA256_BYTES + 1], const uint8_t hash[VT__SHA256_BYTES])
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < VT__SHA256_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * VT__SHA256_BYTES] = 0;
}

bool vt__liveness_unpack(vt__liveness_session *out, const vt__record *record, int64_t now_ms)
{
    if (record->body_bytes != sizeof *out || record->expires_ms <= now_ms) return false;
    memcpy(out, record->body, sizeof *out);
    return true;
}

vt__code vt__liveness_read(vt__liveness_session *out, vt__service *service, const vt__caller *caller, const char *id,
                           bool with_verify, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_LIVENESS, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_SESSIONS, .id = id };
    vt__records found;
    if (!id || !vt__uuid_valid(id)) return vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    vt__code code = vt__read_one(&found, service, &query, VT__CODE_OPERATION_NOT_FOUND, err);
    if (code != VT__CODE_OK) return code;
    if (!vt__liveness_unpack(out, &found.items[0], vt__service_now_ms(service)) || out->with_verify != with_verify)
        code = vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    vt__records_free(&found);
    return code;
}

static vt__code commit(vt__service *service, vt__batch *batch, vt_error *err)
{
    pthread_mutex_lock(&service->writing);
    vt__code code = vt__batch_commit(NULL, batch, service, err);
    pthread_mutex_unlock(&service->writing);
    return code;
}

vt__code vt__liveness_write(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, int op, vt_error *err)
{
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, (vt__change_op)op, VT__RECORD_LIVENESS, VT__SCOPE_LIVENESS_SESSIONS, session->id, session->id,
                                  VT__CODE_OPERATION_NOT_FOUND);
    r->created_ms = session->created_ms;
    r->expires_ms = session->created_ms + VT__LIVENESS_KEPT_MS;
    r->body = (const uint8_t *)session;
    r->body_bytes = sizeof *session;
    return commit(service, &batch, err);
}

vt__code vt__liveness_keep_image(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                                 const vt__liveness_session *session, const void *jpeg, size_t jpeg_bytes, vt_error *err)
{
    vt__batch batch;
    vt__uuid_make(out_id);
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_LIVENESS_IMAGE, VT__SCOPE_LIVENESS_SESSIONS, session->id, out_id, VT__CODE_CONFLICT);
    r->expires_ms = session->created_ms + VT__LIVENESS_KEPT_MS;
    r->body = jpeg;
    r->body_bytes = jpeg_bytes;
    return commit(service, &batch, err);
}

typedef struct device_count {
    int32_t failures;
    int64_t first_ms;
} device_count;

vt__code vt__liveness_watch(vt__service *service, const vt__caller *caller, const char *device, int failures, vt_error *err)
{
    uint8_t hash[VT__SHA256_BYTES];
    char id[2 * VT__SHA256_BYTES + 1];
    device_count count = { 0, vt__service_now_ms(service) };
    vt__records found;
    vt__sha256(hash, device, strlen(device));
    vt__liveness_hex(id, hash);
    const vt__query query = { .kind = VT__RECORD_LIVENESS_DEVICE, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_WATCH, .id = id };
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    if (found.count && found.items[0].body_bytes == sizeof count && found.items[0].expires_ms > count.first_ms)
        memcpy(&count, found.items[0].body, sizeof count);
    vt__records_free(&found);
    if (count.failures >= failures_allowed) {
        vt__fail(err, VT_EDENIED, "this device failed too often; it may try again within 48 hours");
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
    return commit(service, &batch, err);
}

/* How many of the frames have their very fingerprint among those of an earlier session. */
static size_t matches(const vt__record *earlier, const uint8_t *fingerprints, size_t count)
{
    size_t n = 0, width = VT_LIVENESS_FINGERPRINT_BYTES;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j + width <= earlier->body_bytes; j += width) {
            size_t bits = 0;
            for (size_t b = 0; b < width && bits < 3; b++) bits += (size_t)__builtin_popcount((unsigned)(earlier->body[j + b] ^ fingerprints[i * width + b]));
            if (bits >= 3) continue;
            n++;
            break;
        }
    return n;
}

vt__code vt__liveness_seen(bool *out, vt__service *service, const vt__caller *caller, const uint8_t *fingerprints, size_t count, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_LIVENESS_SEEN, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_WATCH };
    vt__records found;
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    *out = false;
    for (size_t i = 0; i < found.count && !*out; i++) *out = matches(&found.items[i], fingerprints, count) * 100 > count * seen_share_percent;
    vt__records_free(&found);
    if (*out) return VT__CODE_OK;
    char id[VT__UUID_TEXT_BYTES];
    vt__batch batch;
    vt__uuid_make(id);
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_LIVENESS_SEEN, VT__SCOPE_LIVENESS_WATCH, id, id, VT__CODE_CONFLICT);
    r->expires_ms = vt__service_now_ms(service) + VT__LIVENESS_KEPT_MS;
    r->body = fingerprints;
    r->body_bytes = count * VT_LIVENESS_FINGERPRINT_BYTES;
    return commit(service, &batch, err);
}
