#include <string.h>

#include "base/memory.h"
#include "service/face_record.h"
#include "service/gallery.h"
#include "service/hold.h"
#include "service/item.h"
#include "service/write.h"

static vt__query person_query(const char *tenant, const char *scope, const char *person_id)
{
    return (vt__query){ .kind = VT__RECORD_PERSON, .tenant = tenant, .scope = scope, .id = person_id };
}

static vt__code find_person(vt__records *out, vt__service *service, const char *tenant, vt__collection_id which,
                            const char *person_id, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__records group;
    *out = (vt__records){ NULL, 0 };
    vt__code code = vt__collection_find(&group, service, tenant, which, err);
    vt__records_free(&group);
    if (code != VT__CODE_OK) return code;
    vt__scope_text(scope, which);
    const vt__query query = person_query(tenant, scope, person_id);
    return vt__read_one(out, service, &query, VT__CODE_PERSON_NOT_FOUND, err);
}

vt__code vt__person_exists(vt__service *service, const char *tenant, vt__collection_id which, const char *person_id,
                           vt_error *err)
{
    vt__records found;
    vt__code code = find_person(&found, service, tenant, which, person_id, err);
    vt__records_free(&found);
    return code;
}

static vt__code add_person(const char *id, vt__service *service, const vt__caller *caller, vt__collection_id which,
                           const vt__buffer *body, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    if (which.kind != VT__KIND_DIRECTORY)
        vt__batch_add(&batch, VT__REQUIRE, (uint32_t)(VT__RECORD_COLLECTION + which.kind), scope, "", which.id,
                      VT__CODE_COLLECTION_NOT_FOUND);
    vt__batch_limit(&batch, VT__RECORD_PERSON, scope, NULL, vt__kind_get_rules(which.kind)->max_members);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_PERSON, scope, id, id, VT__CODE_CONFLICT);
    r->body = body->data;
    r->body_bytes = body->size;
    pthread_mutex_lock(&service->writing);
    vt__code code = vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    return code;
}

vt__code vt__person_create(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                           vt__collection_id which, const char *name, const char *user_data, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_WRITE, err);
    if (code != VT__CODE_OK) return code;
    if (!vt__kind_get_rules(which.kind)->holds_persons) return vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (which.kind != VT__KIND_DIRECTORY && !vt__collection_id_valid(which.id))
        return vt__code_fail(err, VT__CODE_COLLECTION_NOT_FOUND);
    code = vt__item_check(name, user_data, false, err);
    if (code != VT__CODE_OK) return code;
    vt__uuid_make(out_id);
    vt__buffer body;
    vt__buffer_init(&body, 1 << 20);
    vt__item_pack(&body, name, user_data, NULL);
    code = body.status == VT_OK ? add_person(out_id, service, caller, which, &body, err)
                                : vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt__buffer_free(&body);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_PERSON_WRITE, which.id, 0, 0, -1, code });
}

static vt__code fill_faces(vt__item *item, vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = tenant, .scope = scope, .owner = item->id,
                              .without_body = true };
    vt__records faces;
    vt__code code = vt__code_of(vt__store_find(&faces, service->store, &query, err));
    if (code != VT__CODE_OK) return code;
    item->face_ids = vt__calloc(faces.count + 1, sizeof *item->face_ids);
    if (!item->face_ids) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    else item->face_count = faces.count;
    for (size_t i = 0; i < item->face_count; i++)
        vt__copy_text(item->face_ids[i], VT__UUID_TEXT_BYTES, faces.items[i].id);
    vt__records_free(&faces);
    return code;
}

vt__code vt__person_get(vt__item *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                        const char *person_id, vt_error *err)
{
    *out = (vt__item){ 0 };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_READ, err);
    if (code != VT__CODE_OK) return code;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    vt__records found;
    code = find_person(&found, service, caller->tenant, which, person_id, err);
    if (code == VT__CODE_OK) code = vt__item_of(out, &found.items[0], err);
    if (code == VT__CODE_OK) code = fill_faces(out, service, caller->tenant, scope, err);
    if (code != VT__CODE_OK) vt__item_free(out);
    vt__records_free(&found);
    return code;
}

vt__code vt__person_update(vt__service *service, const vt__caller *caller, vt__collection_id which,
                           const char *person_id, const char *name, const char *user_data, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_WRITE, err);
    if (code == VT__CODE_OK) code = vt__person_exists(service, caller->tenant, which, person_id, err);
    if (code != VT__CODE_OK) return code;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    const vt__query query = person_query(caller->tenant, scope, person_id);
    return vt__item_update(service, caller, &query, VT__CODE_PERSON_NOT_FOUND, name, user_data, err);
}

/* Takes a person of the directory out of the dynamic groups that it is in. */
static vt__code leave_groups(vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_REFERENCE, .tenant = caller->tenant, .scope = "dir",
                              .owner = person_id, .without_body = true };
    vt__records found;
    vt__code code = vt__code_of(vt__store_find(&found, service->store, &query, err));
    for (size_t i = 0; i < found.count && code == VT__CODE_OK; i++) {
        char scope[VT__SCOPE_TEXT_BYTES];
        vt__scope_text(scope, (vt__collection_id){ VT__KIND_DYNAMIC_GROUP, strchr(found.items[i].id, '/') + 1 });
        vt__batch batch;
        vt__batch_begin(&batch, service, caller);
        vt__batch_add(&batch, VT__REMOVE, VT__RECORD_MEMBER, scope, "", person_id, VT__CODE_OK);
        code = vt__batch_commit(NULL, &batch, service, err);
    }
    vt__records_free(&found);
    return code;
}

vt__code vt__person_delete(vt__service *service, const vt__caller *caller, vt__collection_id which,
                           const char *person_id, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_WRITE, err);
    if (code == VT__CODE_OK) code = vt__person_exists(service, caller->tenant, which, person_id, err);
    if (code != VT__CODE_OK) return code;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__batch_add(&batch, VT__REMOVE, VT__RECORD_PERSON, scope, person_id, person_id, VT__CODE_PERSON_NOT_FOUND);
    vt__batch_add(&batch, VT__DESTROY, 0, scope, person_id, NULL, VT__CODE_FAILED);
    pthread_mutex_lock(&service->writing);
    code = vt__hold_check(service, caller->tenant, scope, person_id, err);
    if (code == VT__CODE_OK && which.kind == VT__KIND_DIRECTORY) code = leave_groups(service, caller, person_id, err);
    if (code == VT__CODE_OK) code = vt__batch_commit(NULL, &batch, service, err);
    if (code == VT__CODE_OK) vt__gallery_remove(service, caller->tenant, scope, NULL, person_id);
    pthread_mutex_unlock(&service->writing);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_PERSON_WRITE, which.id, 0, 0, -1, code });
}

vt__code vt__person_list(vt__items *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                         vt__page page, vt_error *err)
{
    *out = (vt__items){ NULL, 0 };
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_READ, err);
    if (code == VT__CODE_OK) {
        code = vt__collection_find(&found, service, caller->tenant, which, err);
        vt__records_free(&found);
    }
    if (code != VT__CODE_OK) return code;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    const vt__query query = { .kind = VT__RECORD_PERSON, .tenant = caller->tenant, .scope = scope };
    code = vt__page_find(&found, service, query, page, err);
    if (code == VT__CODE_OK) code = vt__items_of(out, &found, err);
    for (size_t i = 0; i < out->count && code == VT__CODE_OK; i++)
        code = fill_faces(&out->items[i], service, caller->tenant, scope, err);
    if (code != VT__CODE_OK) vt__items_free(out);
    return code;
}
