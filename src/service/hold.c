#include "service/hold.h"

#include <string.h>

#include "base/error.h"
#include "service/packing.h"
#include "service/write.h"

enum { REASON_BYTES = 4096 };

static vt__code anything_there(vt__service *service, const char *tenant, const char *what, vt_error *err)
{
    uint64_t found = 0;
    bool collection = strchr(what, '/') != NULL;
    const vt__query by_scope = { .tenant = tenant, .scope = what }, by_person = { .tenant = tenant, .owner = what };
    vt_status status = *what ? vt__store_count(&found, service->store, collection ? &by_scope : &by_person, err) : VT_OK;
    if (status) return vt__code_of(status);
    return found ? VT__CODE_OK : vt__code_fail(err, collection ? VT__CODE_COLLECTION_NOT_FOUND : VT__CODE_PERSON_NOT_FOUND);
}

vt__code vt__hold_set(vt__service *service, const vt__caller *caller, const char *what, const char *reason, vt_error *err)
{
    vt__buffer body;
    vt__buffer_init(&body, REASON_BYTES);
    vt__pack_text(&body, reason);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__PUT, VT__RECORD_HOLD, VT__SCOPE_HOLDS, what, what, VT__CODE_FAILED);
    r->body = body.data;
    r->body_bytes = body.size;
    pthread_mutex_lock(&service->writing);
    vt__code code = body.status ? vt__code_fail(err, VT__CODE_BAD_ARGUMENT)
                                : anything_there(service, caller->tenant, what, err);
    if (!code) code = vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    vt__buffer_free(&body);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "held", what);
    vt__audit_event(service, caller, "HOLD", fields, code);
    return code;
}

vt__code vt__hold_release(vt__service *service, const vt__caller *caller, const char *what, vt_error *err)
{
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__batch_add(&batch, VT__REMOVE, VT__RECORD_HOLD, VT__SCOPE_HOLDS, what, what, VT__CODE_BAD_ID);
    vt__batch_add(&batch, VT__DESTROY, 0, VT__SCOPE_HOLDS, what, NULL, VT__CODE_FAILED);
    pthread_mutex_lock(&service->writing);
    vt__code code = vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "held", what);
    vt__audit_event(service, caller, "RELEASE", fields, code);
    return code;
}

static bool held(vt__code *code, vt__service *service, const char *tenant, const char *what, vt_error *err)
{
    uint64_t found = 0;
    const vt__query query = { .kind = VT__RECORD_HOLD, .tenant = tenant, .scope = VT__SCOPE_HOLDS, .id = what };
    vt_status status = vt__store_count(&found, service->store, &query, err);
    *code = status ? vt__code_of(status) : found ? VT__CODE_HELD : VT__CODE_OK;
    if (*code == VT__CODE_HELD) vt__fail(err, VT_ECONFLICT, "%s is under legal hold; release it first", what);
    return *code != VT__CODE_OK;
}

/* Whether a person under hold is in the collection. */
static vt__code check_members(vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    vt__records holds;
    const vt__query query = { .kind = VT__RECORD_HOLD, .tenant = tenant, .scope = VT__SCOPE_HOLDS, .without_body = true };
    vt__code code = vt__code_of(vt__store_find(&holds, service->store, &query, err));
    for (size_t i = 0; i < holds.count && !code; i++) {
        uint64_t found = 0;
        const vt__query person = { .tenant = tenant, .scope = scope, .owner = holds.items[i].id };
        code = vt__code_of(vt__store_count(&found, service->store, &person, err));
        if (!code && found) held(&code, service, tenant, holds.items[i].id, err);
    }
    vt__records_free(&holds);
    return code;
}

vt__code vt__hold_check(vt__service *service, const char *tenant, const char *scope, const char *person_id, vt_error *err)
{
    vt__code code;
    if (scope && held(&code, service, tenant, scope, err)) return code;
    if (!person_id) return check_members(service, tenant, scope, err);
    held(&code, service, tenant, person_id, err);
    return code;
}
