#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "service/face_record.h"
#include "service/item.h"
#include "service/write.h"

#define OPERATION_KEPT_MS (INT64_C(48) * 3600 * 1000)
#define REFERENCE_BYTES (VT__UUID_TEXT_BYTES + VT__COLLECTION_ID_MAX + 2)

vt__code vt__operation_record(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                              const char *resource, vt_error *err)
{
    vt__uuid_make(out_id);
    vt__buffer body;
    vt__buffer_init(&body, 4096);
    vt__pack_text(&body, resource);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_OPERATION, VT__SCOPE_OPERATIONS, "", out_id, VT__CODE_CONFLICT);
    r->expires_ms = batch.now_ms + OPERATION_KEPT_MS;
    vt__code code = vt__batch_commit_body(&batch, r, &body, service, err);
    vt__buffer_free(&body);
    return code;
}

vt__code vt__operation_get(vt__operation *out, vt__service *service, const vt__caller *caller, const char *id,
                           vt_error *err)
{
    *out = (vt__operation){ 0 };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_OPERATION_READ, err);
    if (code != VT__CODE_OK) return code;
    const vt__query query = { .kind = VT__RECORD_OPERATION, .tenant = caller->tenant, .scope = VT__SCOPE_OPERATIONS, .id = id };
    vt__records found;
    code = vt__read_one(&found, service, &query, VT__CODE_OPERATION_NOT_FOUND, err);
    if (code != VT__CODE_OK) return code;
    const vt__record *r = &found.items[0];
    if (r->expires_ms <= vt__service_now_ms(service)) {
        code = vt__code_fail(err, VT__CODE_OPERATION_NOT_FOUND);
    } else {
        vt__unpacking from = vt__unpack_begin(r);
        vt__copy_text(out->id, sizeof out->id, r->id);
        out->status = VT__SUCCEEDED;
        out->created_ms = out->last_action_ms = out->finished_ms = r->created_ms;
        vt__copy_text(out->resource, sizeof out->resource, vt__unpack_text(&from));
    }
    vt__records_free(&found);
    return code;
}

typedef struct membership {
    vt__service *service;
    const vt__caller *caller;
    const char *group;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt_error *err;
} membership;

static vt__code change_member(membership *m, const char *person_id, bool add)
{
    char reference[REFERENCE_BYTES];
    if (!vt__uuid_valid(person_id)) return vt__code_fail(m->err, VT__CODE_PERSON_NOT_FOUND);
    snprintf(reference, sizeof reference, "%s/%s", person_id, m->group);
    vt__batch batch;
    vt__batch_begin(&batch, m->service, m->caller);
    if (add)
        vt__batch_add(&batch, VT__REQUIRE, VT__RECORD_PERSON, "dir", person_id, person_id, VT__CODE_PERSON_NOT_FOUND);
    vt__change_op op = add ? VT__PUT : VT__REMOVE;
    vt__batch_add(&batch, op, VT__RECORD_MEMBER, m->scope, "", person_id, VT__CODE_OK);
    vt__batch_add(&batch, op, VT__RECORD_REFERENCE, "dir", person_id, reference, VT__CODE_OK);
    return vt__batch_commit(NULL, &batch, m->service, m->err);
}

vt__code vt__members_change(vt__service *service, const vt__caller *caller, const char *group_id,
                            const char *const *add, size_t add_count, const char *const *remove, size_t remove_count,
                            vt_error *err)
{
    const vt__collection_id which = { VT__KIND_DYNAMIC_GROUP, group_id };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_WRITE, err);
    if (code != VT__CODE_OK) return code;
    membership m = { service, caller, group_id, "", err };
    vt__scope_text(m.scope, which);
    vt__records found;
    pthread_mutex_lock(&service->writing);
    code = vt__collection_find(&found, service, caller->tenant, which, err);
    vt__records_free(&found);
    /* nothing is changed when one of them is unknown */
    for (size_t i = 0; i < add_count && code == VT__CODE_OK; i++)
        code = vt__person_exists(service, caller->tenant, (vt__collection_id){ VT__KIND_DIRECTORY, "" }, add[i], err);
    for (size_t i = 0; i < add_count && code == VT__CODE_OK; i++) code = change_member(&m, add[i], true);
    for (size_t i = 0; i < remove_count && code == VT__CODE_OK; i++) code = change_member(&m, remove[i], false);
    pthread_mutex_unlock(&service->writing);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_COLLECTION_WRITE, group_id, 0, 0, -1, code });
}

vt__code vt__members_list(vt__items *out, vt__service *service, const vt__caller *caller, const char *group_id,
                          vt__page page, vt_error *err)
{
    *out = (vt__items){ NULL, 0 };
    const vt__collection_id which = { VT__KIND_DYNAMIC_GROUP, group_id };
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_COLLECTION_READ, err);
    if (code != VT__CODE_OK) return code;
    code = vt__collection_find(&found, service, caller->tenant, which, err);
    vt__records_free(&found);
    if (code != VT__CODE_OK) return code;
    vt__scope_text(scope, which);
    const vt__query query = { .kind = VT__RECORD_MEMBER, .tenant = caller->tenant, .scope = scope, .without_body = true };
    code = vt__page_find(&found, service, query, page, err);
    return code == VT__CODE_OK ? vt__items_of(out, &found, err) : code;
}

vt__code vt__references_list(vt__items *out, vt__service *service, const vt__caller *caller, const char *person_id,
                             vt__page page, vt_error *err)
{
    *out = (vt__items){ NULL, 0 };
    char start[REFERENCE_BYTES] = "";
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_READ, err);
    if (code == VT__CODE_OK)
        code = vt__person_exists(service, caller->tenant, (vt__collection_id){ VT__KIND_DIRECTORY, "" }, person_id, err);
    if (code != VT__CODE_OK) return code;
    if (page.start && strlen(page.start) > VT__COLLECTION_ID_MAX) return vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    snprintf(start, sizeof start, "%s/%s", person_id, page.start ? page.start : "");
    page.start = start;
    const vt__query query = { .kind = VT__RECORD_REFERENCE, .tenant = caller->tenant, .scope = "dir",
                              .owner = person_id, .without_body = true };
    code = vt__page_find(&found, service, query, page, err);
    /* the group's part of "person/group" */
    for (size_t i = 0; i < found.count; i++) found.items[i].id = strchr(found.items[i].id, '/') + 1;
    return code == VT__CODE_OK ? vt__items_of(out, &found, err) : code;
}
