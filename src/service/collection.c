#include "service/collection.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "service/face_record.h"
#include "service/gallery.h"
#include "service/hold.h"
#include "service/item.h"
#include "service/setting.h"
#include "service/write.h"

/* What the hosted service allows in its paid tier. */
static const vt__kind_rules rules[VT__KIND_COUNT] = {
    [VT__KIND_FACE_LIST] = { "face list", false, false, 64, 1000, 0 },
    [VT__KIND_LARGE_FACE_LIST] = { "large face list", false, true, 1000000, 1000000, 0 },
    [VT__KIND_PERSON_GROUP] = { "person group", true, true, 1000000, 10000, 248 },
    [VT__KIND_LARGE_PERSON_GROUP] = { "large person group", true, true, 1000000, 1000000, 248 },
    [VT__KIND_DIRECTORY] = { "person directory", true, false, 1, 75000000, 3 * 248 }, /* three models */
    [VT__KIND_DYNAMIC_GROUP] = { "dynamic person group", false, false, UINT64_MAX, UINT64_MAX, 0 },
};
static const char *const prefixes[VT__KIND_COUNT] = { "fl/", "lfl/", "pg/", "lpg/", "dir", "dyn/" };

const vt__kind_rules *vt__kind_get_rules(vt__kind kind)
{
    return &rules[kind];
}

void vt__scope_text(char out[VT__SCOPE_TEXT_BYTES], vt__collection_id which)
{
    snprintf(out, VT__SCOPE_TEXT_BYTES, "%s%s", prefixes[which.kind], which.id ? which.id : "");
}

bool vt__scope_is_collection(const char *scope)
{
    for (size_t k = 0; k < VT__KIND_COUNT; k++) {
        size_t length = strlen(prefixes[k]);
        if (k == VT__KIND_DIRECTORY ? !strcmp(scope, prefixes[k]) : !strncmp(scope, prefixes[k], length)) return true;
    }
    return false;
}

bool vt__collection_id_valid(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    return length >= 1 && length <= VT__COLLECTION_ID_MAX &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static uint32_t record_kind(vt__kind kind)
{
    return (uint32_t)(VT__RECORD_COLLECTION + kind);
}

vt__code vt__collection_find(vt__records *out, vt__service *service, const char *tenant, vt__collection_id which,
                             vt_error *err)
{
    *out = (vt__records){ NULL, 0 };
    if (which.kind == VT__KIND_DIRECTORY) return VT__CODE_OK;
    if (!vt__collection_id_valid(which.id)) return vt__code_fail(err, VT__CODE_COLLECTION_NOT_FOUND);
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    const vt__query query = { .kind = record_kind(which.kind), .tenant = tenant, .scope = scope, .id = which.id };
    return vt__read_one(out, service, &query, VT__CODE_COLLECTION_NOT_FOUND, err);
}

static vt__code add_collection(vt__service *service, const vt__caller *caller, vt__collection_id which,
                               const vt__buffer *body, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__ADD, record_kind(which.kind), scope, "", which.id,
                                  VT__CODE_COLLECTION_EXISTS);
    r->body = body->data;
    r->body_bytes = body->size;
    uint64_t limit = rules[which.kind].max_collections;
    /* counted with the new one in: an existing id must answer EXISTS, full or not */
    if (limit < UINT64_MAX) vt__batch_limit(&batch, record_kind(which.kind), NULL, NULL, limit + 1);
    pthread_mutex_lock(&service->writing);
    vt__code code = vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    return code;
}

vt__code vt__collection_create(vt__service *service, const vt__caller *caller, vt__collection_id which,
                               const char *name, const char *user_data, const char *recognition_model, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_WRITE, err);
    const char *model = recognition_model ? recognition_model : "recognition_01";
    if (code == VT__CODE_OK && (which.kind == VT__KIND_DIRECTORY || !vt__collection_id_valid(which.id)))
        code = vt__code_fail(err, VT__CODE_BAD_ID);
    if (code == VT__CODE_OK && strlen(model) >= VT__MODEL_BYTES) code = vt__code_fail(err, VT__CODE_MODEL_INVALID);
    if (code == VT__CODE_OK) code = vt__item_check(name, user_data, false, err);
    if (code == VT__CODE_OK) {
        vt__buffer body;
        vt__buffer_init(&body, 1 << 20);
        vt__item_pack(&body, name, user_data, which.kind == VT__KIND_DYNAMIC_GROUP ? NULL : model);
        code = body.status == VT_OK ? add_collection(service, caller, which, &body, err)
                                    : vt__code_fail(err, VT__CODE_NO_MEMORY);
        vt__buffer_free(&body);
    }
    return vt__audit_record(service, caller,
                            &(vt__audit_entry){ VT__ACTION_COLLECTION_WRITE, which.id, 0, 0, -1, code });
}

vt__code vt__collection_get(vt__item *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                            vt_error *err)
{
    *out = (vt__item){ 0 };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_READ, err);
    if (code != VT__CODE_OK) return code;
    vt__records found;
    code = vt__collection_find(&found, service, caller->tenant, which, err);
    if (code == VT__CODE_OK && found.count == 0) code = vt__code_fail(err, VT__CODE_COLLECTION_NOT_FOUND);
    if (code == VT__CODE_OK) code = vt__item_of(out, &found.items[0], err);
    vt__records_free(&found);
    return code;
}

vt__code vt__collection_update(vt__service *service, const vt__caller *caller, vt__collection_id which,
                               const char *name, const char *user_data, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_WRITE, err);
    if (code != VT__CODE_OK) return code;
    if (!vt__collection_id_valid(which.id)) return vt__code_fail(err, VT__CODE_COLLECTION_NOT_FOUND);
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    const vt__query query = { .kind = record_kind(which.kind), .tenant = caller->tenant, .scope = scope, .id = which.id };
    return vt__item_update(service, caller, &query, VT__CODE_COLLECTION_NOT_FOUND, name, user_data, err);
}

/* The references that persons hold to a dynamic group. */
static vt__code remove_references(vt__service *service, const vt__caller *caller, const char *scope, const char *group,
                                  vt_error *err)
{
    vt__records members;
    const vt__query query = { .kind = VT__RECORD_MEMBER, .tenant = caller->tenant, .scope = scope, .without_body = true };
    vt__code code = vt__code_of(vt__store_find(&members, service->store, &query, err));
    for (size_t i = 0; i < members.count && code == VT__CODE_OK; i++) {
        char id[VT__UUID_TEXT_BYTES + VT__COLLECTION_ID_MAX + 2];
        snprintf(id, sizeof id, "%s/%s", members.items[i].id, group);
        vt__batch batch;
        vt__batch_begin(&batch, service, caller);
        vt__batch_add(&batch, VT__REMOVE, VT__RECORD_REFERENCE, "dir", members.items[i].id, id, VT__CODE_OK);
        code = vt__batch_commit(NULL, &batch, service, err);
    }
    vt__records_free(&members);
    return code;
}

vt__code vt__collection_delete(vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_WRITE, err);
    if (code != VT__CODE_OK) return code;
    if (which.kind == VT__KIND_DIRECTORY || !vt__collection_id_valid(which.id))
        return vt__code_fail(err, VT__CODE_COLLECTION_NOT_FOUND);
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__batch_add(&batch, VT__REMOVE, record_kind(which.kind), scope, "", which.id, VT__CODE_COLLECTION_NOT_FOUND);
    vt__batch_add(&batch, VT__DESTROY, 0, scope, NULL, NULL, VT__CODE_FAILED);
    pthread_mutex_lock(&service->writing);
    code = vt__hold_check(service, caller->tenant, scope, NULL, err);
    if (code == VT__CODE_OK && which.kind == VT__KIND_DYNAMIC_GROUP) code = remove_references(service, caller, scope, which.id, err);
    if (code == VT__CODE_OK) code = vt__batch_commit(NULL, &batch, service, err);
    if (code == VT__CODE_OK) vt__gallery_drop(service, caller->tenant, scope);
    if (code == VT__CODE_OK) vt__setting_forget(service, caller->tenant, scope);
    pthread_mutex_unlock(&service->writing);
    return vt__audit_record(service, caller,
                            &(vt__audit_entry){ VT__ACTION_COLLECTION_WRITE, which.id, 0, 0, -1, code });
}

vt__code vt__collection_list(vt__items *out, vt__service *service, const vt__caller *caller, vt__kind kind,
                             vt__page page, vt_error *err)
{
    *out = (vt__items){ NULL, 0 };
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_READ, err);
    if (code != VT__CODE_OK) return code;
    const vt__query query = { .kind = record_kind(kind), .tenant = caller->tenant };
    code = vt__page_find(&found, service, query, page, err);
    return code == VT__CODE_OK ? vt__items_of(out, &found, err) : code;
}
