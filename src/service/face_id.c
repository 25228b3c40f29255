#include "service/face_id.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/write.h"

vt__code vt__face_id_read(vt__face_fields *out, vt__service *service, const vt__caller *caller, const char *face_id,
                          vt_error *err)
{
    if (!face_id || !vt__uuid_valid(face_id)) return vt__code_fail(err, VT__CODE_BAD_ID);
    const vt__query query = { .kind = VT__RECORD_FACE_ID, .tenant = caller->tenant, .scope = VT__SCOPE_FACE_IDS, .id = face_id };
    vt__records found;
    vt__code code = vt__read_one(&found, service, &query, VT__CODE_FACE_NOT_FOUND, err);
    if (code != VT__CODE_OK) return code;
    if (found.items[0].expires_ms <= vt__service_now_ms(service)) code = vt__code_fail(err, VT__CODE_FACE_NOT_FOUND);
    else if (!vt__face_unpack(out, &found.items[0])) code = vt__code_fail(err, VT__CODE_FAILED);
    vt__records_free(&found);
    return code;
}

static vt_status fill(vt__change *changes, vt__buffer *bodies, char (*ids)[VT__UUID_TEXT_BYTES], const vt_template *values,
                      size_t count, const char *model)
{
    vt_status status = VT_OK;
    for (size_t i = 0; i < count && status == VT_OK; i++) {
        vt__buffer_init(&bodies[i], 1 << 16);
        vt__face_pack(&bodies[i], NULL, model, values[i].values, values[i].dimension);
        status = bodies[i].status;
        vt__uuid_make(ids[i]);
        vt__record *r = &changes[i].record;
        r->owner = r->id = ids[i]; /* a data key of its own */
        r->body = bodies[i].data;
        r->body_bytes = bodies[i].size;
    }
    return status;
}

vt__code vt__face_ids_keep(char (*out_ids)[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                           const vt_template *values, size_t count, const char *recognition_model, int ttl_s, vt_error *err)
{
    if (ttl_s == 0) ttl_s = VT__FACE_ID_TTL_MAX_S;
    if (ttl_s < VT__FACE_ID_TTL_MIN_S || ttl_s > VT__FACE_ID_TTL_MAX_S) {
        vt__fail(err, VT_EINVAL, "a face id lives %d to %d seconds", VT__FACE_ID_TTL_MIN_S, VT__FACE_ID_TTL_MAX_S);
        return VT__CODE_BAD_ARGUMENT;
    }
    if (count == 0) return VT__CODE_OK;
    int64_t now = vt__service_now_ms(service);
    vt__change *changes = vt__calloc(count, sizeof *changes);
    vt__buffer *bodies = vt__calloc(count, sizeof *bodies);
    vt_status status = changes && bodies ? VT_OK : vt__fail_memory(err, count * sizeof *changes);
    for (size_t i = 0; i < count && status == VT_OK; i++)
        changes[i].record = (vt__record){ .kind = VT__RECORD_FACE_ID, .tenant = caller->tenant,
                                          .scope = VT__SCOPE_FACE_IDS, .created_ms = now, .changed_ms = now,
                                          .expires_ms = now + INT64_C(1000) * ttl_s };
    if (status == VT_OK) {
        status = fill(changes, bodies, out_ids, values, count, recognition_model ? recognition_model : "recognition_01");
        if (status != VT_OK) vt__fail_memory(err, count * sizeof *values);
    }
    if (status == VT_OK) status = vt__store_commit(NULL, NULL, service->store, changes, count, err);
    for (size_t i = 0; bodies && i < count; i++) {
        if (bodies[i].data) vt__wipe(bodies[i].data, bodies[i].size);
        vt__buffer_free(&bodies[i]);
    }
    vt__free(bodies);
    vt__free(changes);
    return vt__code_of(status);
}

vt__code vt__face_id_make(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                          const vt_template *value, const char *recognition_model, int ttl_s, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_DETECT_FACE_ID, err);
    if (code != VT__CODE_OK) return code;
    char ids[1][VT__UUID_TEXT_BYTES];
    code = vt__face_ids_keep(ids, service, caller, value, 1, recognition_model, ttl_s, err);
    if (code == VT__CODE_OK) vt__copy_text(out_id, VT__UUID_TEXT_BYTES, ids[0]);
    return code;
}
