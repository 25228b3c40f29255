#include "service/liveness_record.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/liveness_packing.h"
#include "service/state.h"
#include "service/write.h"

void vt__liveness_hex(char out[2 * VT__SHA256_BYTES + 1], const uint8_t hash[VT__SHA256_BYTES])
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < VT__SHA256_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * VT__SHA256_BYTES] = 0;
}

bool vt__liveness_still(vt__liveness_session *out, const vt__record *record, int64_t now_ms)
{
    return record->expires_ms > now_ms && vt__liveness_unpack(out, record);
}

vt__code vt__liveness_read(vt__liveness_session *out, vt__service *service, const vt__caller *caller, const char *id,
                           bool with_verify, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_LIVENESS, .tenant = caller->tenant, .scope = VT__SCOPE_LIVENESS_SESSIONS, .id = id };
    vt__records found;
    if (!id || !vt__uuid_valid(id)) return vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    vt__code code = vt__read_one(&found, service, &query, VT__CODE_OPERATION_NOT_FOUND, err);
    if (code != VT__CODE_OK) return code;
    if (!vt__liveness_still(out, &found.items[0], vt__service_now_ms(service)) || out->with_verify != with_verify)
        code = vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    vt__records_free(&found);
    return code;
}

vt__code vt__liveness_commit(vt__service *service, vt__batch *batch, vt_error *err)
{
    pthread_mutex_lock(&service->writing);
    vt__code code = vt__batch_commit(NULL, batch, service, err);
    pthread_mutex_unlock(&service->writing);
    return code;
}

vt__code vt__liveness_write(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, int op, vt_error *err)
{
    vt__batch batch;
    vt__buffer packed;
    uint8_t *body = NULL;
    size_t body_bytes = 0;
    vt__buffer_init(&packed, 64 * 1024);
    vt__liveness_pack(&packed, session);
    vt_status status = vt__buffer_take(&body, &body_bytes, &packed, err);
    vt__buffer_free(&packed);
    if (status) return vt__code_of(status);
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, (vt__change_op)op, VT__RECORD_LIVENESS, VT__SCOPE_LIVENESS_SESSIONS, session->id, session->id,
                                  VT__CODE_OPERATION_NOT_FOUND);
    r->created_ms = session->created_ms;
    r->expires_ms = session->created_ms + VT__LIVENESS_KEPT_MS;
    r->body = body;
    r->body_bytes = body_bytes;
    vt__code code = vt__liveness_commit(service, &batch, err);
    vt__free_secret(body, body_bytes);
    return code;
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
    return vt__liveness_commit(service, &batch, err);
}
