#include <string.h>

#include "service/face_record.h"
#include "service/item.h"
#include "service/write.h"

/* Training marks how far the collection's faces are searched. The comparison network needs no fitting, so it is done
 * when the call returns; later additions wait for the next one, deletions work at once. */
typedef struct training_fields {
    vt__training training;
    int64_t revision; /* faces added up to here are searched */
} training_fields;

static void pack(vt__buffer *out, const training_fields *f)
{
    vt__pack_number(out, f->training.status);
    vt__pack_number(out, f->training.created_ms);
    vt__pack_number(out, f->training.last_action_ms);
    vt__pack_number(out, f->training.last_success_ms);
    vt__pack_number(out, f->revision);
    vt__pack_text(out, f->training.message);
}

static vt__code read_fields(training_fields *out, vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    *out = (training_fields){ 0 };
    const vt__query query = { .kind = VT__RECORD_TRAINING, .tenant = tenant, .scope = scope, .id = "training" };
    vt__records found;
    vt__code code = vt__read_one(&found, service, &query, VT__CODE_NOT_TRAINED, err);
    if (code != VT__CODE_OK) return code;
    vt__unpacking from = vt__unpack_begin(&found.items[0]);
    out->training.status = (vt__state)vt__unpack_number(&from);
    out->training.created_ms = vt__unpack_number(&from);
    out->training.last_action_ms = vt__unpack_number(&from);
    out->training.last_success_ms = vt__unpack_number(&from);
    out->revision = vt__unpack_number(&from);
    vt__copy_text(out->training.message, sizeof out->training.message, vt__unpack_text(&from));
    vt__records_free(&found);
    return from.bad ? vt__code_fail(err, VT__CODE_FAILED) : VT__CODE_OK;
}

static vt__code write_fields(const training_fields *f, vt__service *service, const vt__caller *caller,
                             vt__collection_id which, const char *scope, vt_error *err)
{
    vt__buffer body;
    vt__buffer_init(&body, 4096);
    pack(&body, f);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__batch_add(&batch, VT__REQUIRE, (uint32_t)(VT__RECORD_COLLECTION + which.kind), scope, "", which.id,
                  VT__CODE_COLLECTION_NOT_FOUND);
    vt__record *r = vt__batch_add(&batch, VT__PUT, VT__RECORD_TRAINING, scope, "", "training", VT__CODE_FAILED);
    vt__code code = vt__batch_commit_body(&batch, r, &body, service, err);
    vt__buffer_free(&body);
    return code;
}

static vt__code train(vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    training_fields f;
    vt__code code = read_fields(&f, service, caller->tenant, scope, err);
    if (code != VT__CODE_OK && code != VT__CODE_NOT_TRAINED) return code;
    uint64_t faces = 0, revision = 0;
    const vt__query all = { .kind = VT__RECORD_FACE, .tenant = caller->tenant, .scope = scope };
    vt_status status = vt__store_count(&faces, service->store, &all, err);
    if (status == VT_OK) status = vt__store_revision(&revision, service->store, caller->tenant, scope, err);
    if (status != VT_OK) return vt__code_of(status);
    f.training.created_ms = f.training.last_action_ms = vt__service_now_ms(service);
    f.training.status = faces ? VT__SUCCEEDED : VT__FAILED;
    f.training.message[0] = '\0';
    if (faces) {
        f.training.last_success_ms = f.training.last_action_ms;
        f.revision = (int64_t)revision;
    } else {
        vt__copy_text(f.training.message, sizeof f.training.message, "There is no persisted face to train.");
    }
    return write_fields(&f, service, caller, which, scope, err);
}

vt__code vt__collection_train(vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_TRAIN, err);
    if (code != VT__CODE_OK) return code;
    if (!vt__kind_get_rules(which.kind)->trained) return vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (!vt__collection_id_valid(which.id)) return vt__code_fail(err, VT__CODE_COLLECTION_NOT_FOUND);
    pthread_mutex_lock(&service->writing);
    code = train(service, caller, which, err);
    pthread_mutex_unlock(&service->writing);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_TRAIN, which.id, 0, 0, -1, code });
}

vt__code vt__training_get(vt__training *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                          vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__records found;
    training_fields f = { 0 };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_READ, err);
    if (code != VT__CODE_OK) return code;
    code = vt__collection_find(&found, service, caller->tenant, which, err);
    vt__records_free(&found);
    vt__scope_text(scope, which);
    if (code == VT__CODE_OK) code = read_fields(&f, service, caller->tenant, scope, err);
    *out = f.training;
    return code;
}

vt__code vt__trained_revision(uint64_t *out, vt__service *service, const char *tenant, vt__collection_id which,
                              vt_error *err)
{
    *out = UINT64_MAX;
    if (!vt__kind_get_rules(which.kind)->trained) return VT__CODE_OK;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    training_fields f;
    vt__code code = read_fields(&f, service, tenant, scope, err);
    if (code == VT__CODE_OK && f.training.last_success_ms == 0) code = vt__code_fail(err, VT__CODE_NOT_TRAINED);
    *out = (uint64_t)f.revision;
    return code;
}
