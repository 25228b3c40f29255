#include "service/tenant.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/archive.h"
#include "service/gallery.h"
#include "service/scope.h"
#include "service/setting.h"
#include "service/jobs.h"
#include "service/state.h"

#define RECORD_ID "tenant"
static const char at_work = 'w', suspended_mark = 's';

bool vt__tenant_is_suspended(const vt__record *record)
{
    return record->body_bytes != 1 || record->body[0] != (uint8_t)at_work;
}

bool vt__tenant_suspended(vt__service *service, const char *id)
{
    return vt__key_ring_suspended(service->keys, id);
}

/* Nobody but an operator learns whether a tenant is there. */
static vt__code begin(const vt__caller *caller, const char *id, vt_error *err)
{
    bool operator = caller->tenant && caller->key_id && (caller->scopes & VT__SCOPE_OPERATOR) && !strcmp(caller->tenant, VT__DEFAULT_TENANT);
    if (!operator) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    return !id || vt__collection_id_valid(id) ? VT__CODE_OK : vt__code_fail(err, VT__CODE_BAD_ID);
}

static vt__code find(bool *there, bool *suspended, vt__service *service, const char *id, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__api_key_info *keys = NULL;
    size_t count = 0;
    const vt__query query = { .kind = VT__RECORD_TENANT, .tenant = id, .scope = VT__SCOPE_TENANT, .id = RECORD_ID };
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (!status) status = vt__key_ring_list(&keys, &count, service->keys, err);
    *there = found.count > 0 || !strcmp(id, VT__DEFAULT_TENANT);
    *suspended = found.count > 0 && vt__tenant_is_suspended(&found.items[0]);
    for (size_t i = 0; !status && i < count; i++) *there |= !strcmp(keys[i].tenant, id);
    vt__free(keys);
    vt__records_free(&found);
    return vt__code_of(status);
}

static vt__code find_one(bool *suspended, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    bool there = false;
    vt__code code = begin(caller, id, err);
    if (!code) code = find(&there, suspended, service, id, err);
    return code || there ? code : vt__code_fail(err, VT__CODE_TENANT_NOT_FOUND);
}

static vt__code write_record(vt__service *service, const char *id, char mark, vt_error *err)
{
    int64_t now_ms = vt__service_now_ms(service);
    const vt__change change = { VT__PUT,
                                { .kind = VT__RECORD_TENANT, .tenant = id, .scope = VT__SCOPE_TENANT, .owner = "", .id = RECORD_ID, .created_ms = now_ms,
                                  .changed_ms = now_ms, .body = (const uint8_t *)&mark, .body_bytes = 1 },
                                0 };
    vt_status status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__key_ring_changed(service->keys);
    return vt__code_of(status);
}

static vt__code record(vt__service *service, const vt__caller *caller, const char *operation, const char *id, const char *key_id, vt__code code)
{
    if (code == VT__CODE_SCOPE_MISSING) return code;
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "tenant", id);
    vt__json_set_string(fields, "madeKey", key_id);
    vt__audit_event(service, caller, operation, fields, code);
    return code;
}

static vt__code make_key(char key[VT__API_KEY_TEXT_BYTES], vt__service *service, const char *id, const char *key_id, uint32_t scopes, vt_error *err)
{
    uint32_t most = VT__SCOPE_ALL | (strcmp(id, VT__DEFAULT_TENANT) ? 0 : (uint32_t)VT__SCOPE_OPERATOR);
    if (!vt__collection_id_valid(key_id)) return vt__code_fail(err, VT__CODE_BAD_ID);
    if (scopes == 0 || scopes & ~most) return vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    return vt__code_of(vt__service_key_make(key, service, id, key_id, scopes, NULL, err));
}

vt__code vt__tenant_create(char key[VT__API_KEY_TEXT_BYTES], vt__service *service, const vt__caller *caller, const char *id, uint32_t scopes,
                           vt_error *err)
{
    bool there = false, suspended;
    vt__code code = begin(caller, id, err);
    if (!code) code = find(&there, &suspended, service, id, err);
    if (!code && there) code = vt__code_fail(err, VT__CODE_TENANT_EXISTS);
    if (!code) code = make_key(key, service, id, "1", scopes, err);
    if (!code) code = write_record(service, id, at_work, err);
    return record(service, caller, "TENANT_CREATE", id, "1", code);
}

vt__code vt__tenant_key_make(char key[VT__API_KEY_TEXT_BYTES], vt__service *service, const vt__caller *caller, const char *id, const char *key_id,
                             uint32_t scopes, vt_error *err)
{
    bool suspended;
    vt__code code = find_one(&suspended, service, caller, id, err);
    if (!code) code = make_key(key, service, id, key_id, scopes, err);
    return record(service, caller, "TENANT_KEY_MAKE", id, key_id, code);
}

vt__code vt__tenant_key_revoke(vt__service *service, const vt__caller *caller, const char *id, const char *key_id, vt_error *err)
{
    bool suspended;
    vt__code code = find_one(&suspended, service, caller, id, err);
    vt_status status = code ? VT_OK : vt__service_key_revoke(service, id, key_id, err);
    if (!code) code = status == VT_ENOTFOUND ? vt__code_fail(err, VT__CODE_BAD_ID) : vt__code_of(status);
    return record(service, caller, "TENANT_KEY_REVOKE", id, key_id, code);
}

vt__code vt__tenant_suspend(vt__service *service, const vt__caller *caller, const char *id, bool suspended, vt_error *err)
{
    bool was;
    vt__code code = find_one(&was, service, caller, id, err);
    if (!code && !strcmp(id, VT__DEFAULT_TENANT)) code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (!code) code = write_record(service, id, suspended ? suspended_mark : at_work, err);
    return record(service, caller, suspended ? "TENANT_SUSPEND" : "TENANT_RESUME", id, NULL, code);
}

/* ---- deletion ---- */

static vt__code check_holds(vt__service *service, const char *id, vt_error *err)
{
    uint64_t holds = 0;
    vt_status status = vt__store_count(&holds, service->store, &(vt__query){ .kind = VT__RECORD_HOLD, .tenant = id }, err);
    return status ? vt__code_of(status) : holds ? vt__code_fail(err, VT__CODE_HELD) : VT__CODE_OK;
}

static vt_status find_collections(vt__records *out, vt__service *service, const char *id, int kind, vt_error *err)
{
    const vt__query query = { .kind = (uint32_t)(VT__RECORD_COLLECTION + kind), .tenant = id, .without_body = true };
    return vt__store_find(out, service->store, &query, err);
}

/* The galleries that searches hold, with their files, before the keys of those go. The write lock is held. */
static vt_status drop_galleries(vt__service *service, const char *id, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt_status status = VT_OK;
    for (int kind = 0; kind < VT__KIND_COUNT && !status; kind++) {
        vt__records found;
        status = find_collections(&found, service, id, kind, err);
        for (size_t i = 0; !status && i < found.count; i++) vt__gallery_drop(service, id, found.items[i].scope);
        if (!status) vt__records_free(&found);
    }
    vt__scope_text(scope, (vt__collection_id){ VT__KIND_DIRECTORY, "" });
    if (!status) vt__gallery_drop(service, id, scope);
    return status;
}

static vt__code destroy(vt__service *service, const char *id, vt_error *err)
{
    const vt__change all = { VT__DESTROY, { .tenant = id }, 0 };
    pthread_mutex_lock(&service->writing);
    vt__code code = check_holds(service, id, err);
    if (!code) code = vt__code_of(drop_galleries(service, id, err));
    if (!code) code = vt__archives_drop_tenant(service, id, err);
    if (!code) code = vt__code_of(vt__store_commit(NULL, NULL, service->store, &all, 1, err));
    if (!code) vt__setting_forget(service, id, NULL);
    pthread_mutex_unlock(&service->writing);
    vt__key_ring_changed(service->keys);
    if (!code) code = vt__code_of(vt__jobs_drop_tenant(service->jobs, id, err));
    return code ? code : vt__code_of(vt__policies_reload(service->policies, service->store, err));
}

vt__code vt__tenant_delete(vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    bool suspended = false;
    vt__code code = find_one(&suspended, service, caller, id, err);
    if (!code && !strcmp(id, VT__DEFAULT_TENANT)) code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (!code && !suspended) code = vt__code_fail(err, VT__CODE_TENANT_OPEN);
    if (!code) code = destroy(service, id, err);
    vt__backup_keys *backups = NULL;
    size_t count = 0;
    if (!code) code = vt__code_of(vt__store_forget(&backups, &count, &vt__backend_sqlite, service->data_folder, err));
    vt__backup_keys_free(backups, count);
    return record(service, caller, "TENANT_DELETE", id, NULL, code);
}

/* ---- what there is ---- */

static vt__json *key_json(const vt__api_key_info *key)
{
    char made[VT__TIME_TEXT_BYTES];
    vt__json *json = vt__json_object(), *scopes = vt__json_array();
    vt__time_text(made, key->created_ms);
    vt__json_set_string(json, "keyId", key->id);
    for (uint32_t bit = 1; bit <= VT__SCOPE_OPERATOR; bit <<= 1)
        if (key->scopes & bit) vt__json_append(scopes, vt__json_string(vt__scope_name(bit)));
    vt__json_set(json, "scopes", scopes);
    vt__json_set_string(json, "made", made);
    return json;
}

static vt__json *tenant_json(const char *id, bool suspended, const vt__api_key_info *keys, size_t count)
{
    vt__json *json = vt__json_object(), *own = vt__json_array();
    vt__json_set_string(json, "tenantId", id);
    vt__json_set_bool(json, "suspended", suspended);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(keys[i].tenant, id)) vt__json_append(own, key_json(&keys[i]));
    vt__json_set(json, "keys", own);
    return json;
}

static bool is_first(const char *id, const vt__records *records, const vt__api_key_info *keys, size_t before)
{
    bool first = strcmp(id, VT__DEFAULT_TENANT) != 0;
    for (size_t i = 0; i < records->count; i++) first &= strcmp(records->items[i].tenant, id) != 0;
    for (size_t i = 0; i < before; i++) first &= strcmp(keys[i].tenant, id) != 0;
    return first;
}

static vt__json *list_all(const vt__records *records, const vt__api_key_info *keys, size_t count)
{
    vt__json *list = vt__json_array();
    vt__json_append(list, tenant_json(VT__DEFAULT_TENANT, false, keys, count));
    for (size_t i = 0; i < records->count; i++)
        vt__json_append(list, tenant_json(records->items[i].tenant, vt__tenant_is_suspended(&records->items[i]), keys, count));
    for (size_t i = 0; i < count; i++) /* those of before tenants had records */
        if (is_first(keys[i].tenant, records, keys, i)) vt__json_append(list, tenant_json(keys[i].tenant, false, keys, count));
    return list;
}

vt__code vt__tenant_list(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    bool suspended = false;
    vt__records records = { NULL, 0 };
    vt__api_key_info *keys = NULL;
    size_t count = 0;
    *out = NULL;
    vt__code code = id ? find_one(&suspended, service, caller, id, err) : begin(caller, NULL, err);
    if (!code) code = vt__code_of(vt__key_ring_list(&keys, &count, service->keys, err));
    if (!code && !id) code = vt__code_of(vt__store_find(&records, service->store, &(vt__query){ .kind = VT__RECORD_TENANT }, err));
    if (!code) *out = id ? tenant_json(id, suspended, keys, count) : list_all(&records, keys, count);
    vt__records_free(&records);
    vt__free(keys);
    return code;
}
