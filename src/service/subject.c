#include "service/subject.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/gallery.h"
#include "service/hold.h"
#include "service/item.h"
#include "service/liveness_record.h"
#include "service/subject_archives.h"

static const struct {
    uint32_t kind;
    const char *name;
} kind_names[] = {
    { VT__RECORD_PERSON, "person" },   { VT__RECORD_FACE, "face" },           { VT__RECORD_FACE_ID, "face id" },
    { VT__RECORD_MEMBER, "member" },   { VT__RECORD_REFERENCE, "reference" },
    { VT__RECORD_HOLD, "legal hold" }, { VT__RECORD_OPERATION, "operation" }, { VT__RECORD_LIVENESS, "liveness session" },
    { VT__RECORD_LIVENESS_IMAGE, "liveness image" }, { VT__RECORD_CONSENT, "consent" },
    { VT__RECORD_JOB, "job" },         { VT__RECORD_ARCHIVE, "archive of videos" },
};

const char *vt__record_kind_name(uint32_t kind)
{
    for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
        if (kind_names[i].kind == kind) return kind_names[i].name;
    return "record";
}

/* Everything under the subject's own keys, and what names it elsewhere. */
typedef struct holdings {
    vt__records owned, named;
} holdings;

static void holdings_free(holdings *h)
{
    vt__records_free(&h->owned);
    vt__records_free(&h->named);
}

/* Whether a record that has the subject's id counts beside those under its keys. */
static bool names_subject(const vt__record *r, const char *id)
{
    bool kind = r->kind == VT__RECORD_FACE || r->kind == VT__RECORD_MEMBER || r->kind == VT__RECORD_FACE_ID;
    return kind && strcmp(r->owner, id) != 0;
}

static vt__code find_holdings(holdings *out, vt__service *service, const char *tenant, const char *id, bool bodies, vt_error *err)
{
    *out = (holdings){ { NULL, 0 }, { NULL, 0 } };
    if (!vt__uuid_valid(id)) return vt__code_fail(err, VT__CODE_BAD_ID);
    const vt__query owned = { .tenant = tenant, .owner = id, .without_body = !bodies };
    const vt__query named = { .tenant = tenant, .id = id, .without_body = !bodies };
    vt_status status = vt__store_find(&out->owned, service->store, &owned, err);
    if (!status) status = vt__store_find(&out->named, service->store, &named, err);
    bool any = false;
    for (size_t i = 0; i < out->owned.count && !any; i++) any = out->owned.items[i].kind != VT__RECORD_HOLD;
    for (size_t i = 0; i < out->named.count && !any; i++) any = names_subject(&out->named.items[i], id);
    if (!status && any) return VT__CODE_OK;
    holdings_free(out);
    return status ? vt__code_of(status) : vt__code_fail(err, VT__CODE_PERSON_NOT_FOUND);
}

/* ---- export ---- */

static void add_time(vt__json *json, const char *name, int64_t time_ms)
{
    char text[VT__TIME_TEXT_BYTES];
    if (!time_ms) return;
    vt__time_text(text, time_ms);
    vt__json_set_string(json, name, text);
}

static void add_template(vt__json *json, const vt__face_fields *fields, bool values)
{
    vt__json *template_ = vt__json_object();
    vt__json_set_string(template_, "recognitionModel", fields->model);
    vt__json_set_integer(template_, "numbers", fields->dimension);
    vt__json *numbers = values ? vt__json_array() : NULL;
    for (uint32_t i = 0; values && i < fields->dimension; i++) vt__json_append(numbers, vt__json_real((double)fields->values[i]));
    if (values) vt__json_set(template_, "values", numbers);
    vt__json_set(json, "template", template_);
}

static vt__json *record_json(const vt__record *r, bool templates)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "kind", vt__record_kind_name(r->kind));
    vt__json_set_string(json, "collection", r->scope);
    vt__json_set_string(json, "id", r->id);
    add_time(json, "created", r->created_ms);
    add_time(json, "changed", r->changed_ms);
    add_time(json, "expires", r->expires_ms);
    vt__face_fields fields;
    vt__item item;
    if ((r->kind == VT__RECORD_FACE || r->kind == VT__RECORD_FACE_ID) && vt__face_unpack(&fields, r)) {
        vt__json_set_string(json, "userData", fields.user_data);
        add_template(json, &fields, templates);
        vt__wipe(&fields, sizeof fields);
    } else if (r->kind == VT__RECORD_PERSON && vt__item_of(&item, r, NULL) == VT__CODE_OK) {
        vt__json_set_string(json, "name", item.name);
        vt__json_set_string(json, "userData", item.user_data);
        vt__item_free(&item);
    }
    vt__json *consent;
    if (r->kind == VT__RECORD_CONSENT && vt__json_parse(&consent, r->body, r->body_bytes, 0, NULL) == VT_OK)
        vt__json_set(json, "consent", consent);
    return json;
}

static vt__json *document(const char *title, vt__service *service, const vt__caller *caller, const char *id)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "statement", title);
    vt__json_set_string(json, "tenant", caller->tenant);
    vt__json_set_string(json, "subject", id);
    add_time(json, "time", vt__service_now_ms(service));
    return json;
}

static vt__code check_scope(const vt__caller *caller, vt_error *err)
{
    bool allowed = caller->tenant && caller->key_id && (caller->scopes & (VT__SCOPE_MANAGE | VT__SCOPE_ADMIN));
    return allowed ? VT__CODE_OK : vt__code_fail(err, VT__CODE_SCOPE_MISSING);
}

static void audit_subject(vt__service *service, const vt__caller *caller, const char *operation, const char *id, size_t records,
                          vt__code code)
{
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "subject", id);
    vt__json_set_integer(fields, "records", (int64_t)records);
    vt__audit_event(service, caller, operation, fields, code);
}

/* Signs the document or frees it. */
static vt__code finish(vt__json **out, vt__json *json, vt__service *service, vt_error *err)
{
    vt_status status = vt__signing_sign(json, &service->signing, err);
    if (status) vt__json_free(json);
    else *out = json;
    return vt__code_of(status);
}

vt__code vt__subject_export(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, bool templates,
                            vt_error *err)
{
    holdings held;
    size_t count = 0;
    vt__code code = check_scope(caller, err);
    if (code) return code;
    code = find_holdings(&held, service, caller->tenant, id, true, err);
    if (!code) {
        vt__json *json = document("vultus subject export 1", service, caller, id), *records = vt__json_array();
        for (size_t i = 0; i < held.owned.count; i++, count++) vt__json_append(records, record_json(&held.owned.items[i], templates));
        for (size_t i = 0; i < held.named.count; i++)
            if (names_subject(&held.named.items[i], id)) vt__json_append(records, record_json(&held.named.items[i], templates)), count++;
        vt__json_set(json, "records", records);
        code = finish(out, json, service, err);
        holdings_free(&held);
    }
    audit_subject(service, caller, "SUBJECT_EXPORT", id, count, code);
    return code;
}

/* ---- erasure ---- */

typedef struct removal {
    vt__change *changes;
    size_t count;
} removal;

static void destroy_once(removal *r, const vt__record *of)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->changes[i].op == VT__DESTROY && !strcmp(r->changes[i].record.scope, of->scope)) return;
    r->changes[r->count++] = (vt__change){ VT__DESTROY, { .tenant = of->tenant, .scope = of->scope, .owner = of->owner }, 0 };
}

static vt__code check_holds(const holdings *held, vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    vt__code code = vt__hold_check(service, tenant, NULL, id, err);
    for (size_t i = 0; i < held->owned.count && !code; i++)
        code = vt__hold_check(service, tenant, held->owned.items[i].scope, id, err);
    for (size_t i = 0; i < held->named.count && !code; i++)
        if (names_subject(&held->named.items[i], id) && held->named.items[i].kind == VT__RECORD_FACE)
            code = vt__hold_check(service, tenant, held->named.items[i].scope, held->named.items[i].owner, err);
    return code;
}

/* The write lock is held. */
static vt__code remove_holdings(const holdings *held, vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    removal r = { vt__calloc(held->owned.count + held->named.count, sizeof *r.changes), 0 };
    if (!r.changes) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t i = 0; i < held->owned.count; i++) destroy_once(&r, &held->owned.items[i]);
    for (size_t i = 0; i < held->named.count; i++)
        if (names_subject(&held->named.items[i], id)) r.changes[r.count++] = (vt__change){ VT__REMOVE, held->named.items[i], 0 };
    vt__code code = vt__code_of(vt__store_commit(NULL, NULL, service->store, r.changes, r.count, err));
    for (size_t i = 0; i < r.count && !code; i++) {
        bool face = r.changes[i].op == VT__REMOVE;
        if (face && r.changes[i].record.kind != VT__RECORD_FACE) continue;
        vt__gallery_remove(service, tenant, r.changes[i].record.scope, face ? id : NULL, face ? NULL : id);
    }
    vt__free(r.changes);
    return code;
}

static vt__code erase(holdings *held, vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    pthread_mutex_lock(&service->writing);
    vt__code code = find_holdings(held, service, tenant, id, false, err);
    if (!code) code = check_holds(held, service, tenant, id, err);
    if (!code) code = remove_holdings(held, service, tenant, id, err);
    pthread_mutex_unlock(&service->writing);
    return code;
}

/* What the archives hold of the subject goes first: while the templates are there it can be done again. */
static vt__code leave_archives(vt__json **list, vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    holdings held;
    vt__code code = find_holdings(&held, service, tenant, id, true, err);
    if (code) return code;
    code = check_holds(&held, service, tenant, id, err);
    const vt__records both[] = { held.owned, held.named };
    if (!code) code = vt__subject_leave_archives(list, service, tenant, both, 2, err);
    holdings_free(&held);
    return code;
}

static size_t count_of(const holdings *held, const char *id)
{
    size_t count = held->owned.count;
    for (size_t i = 0; i < held->named.count; i++) count += names_subject(&held->named.items[i], id);
    return count;
}

vt__code vt__subject_remove(size_t *removed, vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    holdings held = { { NULL, 0 }, { NULL, 0 } };
    vt__code code = erase(&held, service, tenant, id, err);
    *removed = code ? 0 : count_of(&held, id);
    holdings_free(&held);
    return code;
}

static vt__json *erased_json(const vt__record *r)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "kind", vt__record_kind_name(r->kind));
    vt__json_set_string(json, "collection", r->scope);
    if (r->kind == VT__RECORD_FACE) vt__json_set_string(json, "id", r->id);
    add_time(json, "created", r->created_ms);
    return json;
}

/* Where the backups' keys went, and where not: a file that is not at hand now is looked at again by the sweeper. */
static vt__json *forget_in_backups(vt__service *service)
{
    vt__backup_keys *keys;
    size_t count;
    vt__json *list = vt__json_array();
    vt__store_forget(&keys, &count, &vt__backend_sqlite, service->data_folder, NULL);
    for (size_t i = 0; i < count; i++) {
        vt__json *json = vt__json_object();
        vt__json_set_string(json, "keys", keys[i].path);
        vt__json_set_bool(json, "destroyed", keys[i].forgotten);
        vt__json_append(list, json);
    }
    vt__backup_keys_free(keys, count);
    return list;
}

vt__code vt__subject_erase(vt__json **receipt, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    holdings held = { { NULL, 0 }, { NULL, 0 } };
    vt__json *archives = NULL;
    vt__code code = check_scope(caller, err);
    if (code) return code;
    code = leave_archives(&archives, service, caller->tenant, id, err);
    if (!code) code = erase(&held, service, caller->tenant, id, err);
    audit_subject(service, caller, "SUBJECT_ERASE", id, code ? 0 : count_of(&held, id), code);
    if (!code) {
        vt__json *json = document("vultus erasure receipt 1", service, caller, id), *records = vt__json_array();
        for (size_t i = 0; i < held.owned.count; i++) vt__json_append(records, erased_json(&held.owned.items[i]));
        for (size_t i = 0; i < held.named.count; i++)
            if (names_subject(&held.named.items[i], id)) vt__json_append(records, erased_json(&held.named.items[i]));
        vt__json_set(json, "erased", records);
        vt__json_set(json, "archives", archives);
        vt__json_set(json, "backups", forget_in_backups(service));
        code = finish(receipt, json, service, err);
    } else vt__json_free(archives);
    holdings_free(&held);
    return code;
}
