#include "service/retention.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/audit_files.h"
#include "service/face_record.h"
#include "service/hold.h"
#include "service/liveness_record.h"
#include "service/packing.h"
#include "service/subject.h"
#include "service/write.h"

#define DAY_MS INT64_C(86400000)

static vt__code check_rule(vt__service *service, const vt__caller *caller, const char *what, int64_t days, vt_error *err)
{
    uint64_t found = 0;
    if (!(caller->scopes & (VT__SCOPE_MANAGE | VT__SCOPE_ADMIN))) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    if (days < 0 || days > VT__RETENTION_MAX_DAYS) {
        vt__fail(err, VT_EINVAL, "days must be 0 (no rule) to %d", VT__RETENTION_MAX_DAYS);
        return VT__CODE_BAD_ARGUMENT;
    }
    if (!strcmp(what, VT__RETENTION_PERSONS) || !strcmp(what, VT__RETENTION_AUDIT)) return VT__CODE_OK;
    const vt__query query = { .tenant = caller->tenant, .scope = what };
    vt_status status = vt__scope_is_collection(what) ? vt__store_count(&found, service->store, &query, err) : VT_OK;
    if (status) return vt__code_of(status);
    if (found || !strcmp(what, "dir") || days == 0) return VT__CODE_OK;
    vt__fail(err, VT_EINVAL, "\"%s\" is neither persons, audit nor a collection that is there (as pg/staff, fl/guests, dir)", what);
    return VT__CODE_BAD_ARGUMENT;
}

vt__code vt__retention_set(vt__service *service, const vt__caller *caller, const char *what, int64_t days, vt_error *err)
{
    vt__code code = check_rule(service, caller, what, days, err);
    if (code) return code;
    vt__buffer body;
    vt__buffer_init(&body, 64);
    vt__pack_number(&body, days);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__PUT, VT__RECORD_RETENTION, VT__SCOPE_RETENTION, what, what, VT__CODE_FAILED);
    r->body = body.data;
    r->body_bytes = body.size;
    if (days == 0) {
        vt__batch_begin(&batch, service, caller);
        vt__batch_add(&batch, VT__DESTROY, 0, VT__SCOPE_RETENTION, what, NULL, VT__CODE_FAILED);
    }
    pthread_mutex_lock(&service->writing);
    code = body.status ? vt__code_fail(err, VT__CODE_NO_MEMORY) : vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    vt__buffer_free(&body);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "what", what);
    vt__json_set_integer(fields, "days", days);
    vt__audit_event(service, caller, "RETENTION", fields, code);
    return code;
}

vt__code vt__retention_default(vt__service *service, const vt__caller *caller, int64_t days, vt_error *err)
{
    uint64_t found = 0;
    const vt__query query = { .kind = VT__RECORD_RETENTION, .tenant = caller->tenant, .scope = VT__SCOPE_RETENTION,
                              .id = VT__RETENTION_PERSONS };
    vt_status status = vt__store_count(&found, service->store, &query, err);
    if (status) return vt__code_of(status);
    return found ? VT__CODE_OK : vt__retention_set(service, caller, VT__RETENTION_PERSONS, days, err);
}

/* ---- rules as they stand ---- */

static int64_t days_in(const vt__record *rule)
{
    vt__unpacking from = vt__unpack_begin(rule);
    int64_t days = vt__unpack_number(&from);
    return from.bad ? 0 : days;
}

/* The rule for a collection: its own, else the one for all persons; 0 = kept. `rules` may be of several tenants. */
static int64_t days_for(const vt__records *rules, const char *tenant, const char *what)
{
    int64_t fallback = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const vt__record *rule = &rules->items[i];
        if (strcmp(rule->tenant, tenant)) continue;
        if (!strcmp(rule->id, what)) return days_in(rule);
        if (!strcmp(rule->id, VT__RETENTION_PERSONS) && vt__scope_is_collection(what)) fallback = days_in(rule);
    }
    return fallback;
}

static vt_status find_rules(vt__records *out, vt__service *service, const char *tenant, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_RETENTION, .tenant = tenant, .scope = VT__SCOPE_RETENTION };
    return vt__store_find(out, service->store, &query, err);
}

/* Page by page, by id, so that a million records are never in memory at once. Records of one id, of two collections, are not parted. */
static vt_status each_record(vt__service *service, vt__query query, vt_status (*see)(void *, const vt__record *, vt_error *), void *payload,
                             vt_error *err)
{
    enum { PAGE = 256 };
    char after[VT__COLLECTION_ID_MAX + 1] = "";
    vt_status status = VT_OK;
    size_t got = PAGE;
    query.limit = PAGE;
    query.after = after;
    while (!status && got == PAGE) {
        vt__records page;
        status = vt__store_find(&page, service->store, &query, err);
        got = status ? 0 : page.count;
        size_t used = got;
        if (got == PAGE)
            for (const char *id = page.items[--used].id; used > 1 && !strcmp(page.items[used - 1].id, id);) used--;
        for (size_t i = 0; i < used && !status; i++) status = see(payload, &page.items[i], err);
        if (used) vt__copy_text(after, sizeof after, page.items[used - 1].id);
        vt__records_free(&page);
    }
    return status;
}

/* ---- enforcing ---- */

/* Persons, and faces that belong to a list instead of a person. */
static bool counts(const vt__record *r)
{
    return vt__scope_is_collection(r->scope) && (r->kind == VT__RECORD_PERSON || (r->kind == VT__RECORD_FACE && !*r->owner));
}

typedef struct removal {
    vt__service *service;
    const vt__records *rules;
    const char *tenant;
    size_t *removed;
} removal;

static vt_status remove_if_old(void *payload, const vt__record *r, vt_error *err)
{
    const removal *x = payload;
    int64_t days = counts(r) ? days_for(x->rules, x->tenant, r->scope) : 0;
    if (!days || r->created_ms > vt__service_now_ms(x->service) - days * DAY_MS) return VT_OK;
    size_t records;
    vt__code code = vt__subject_remove(&records, x->service, x->tenant, r->id, err);
    if (code == VT__CODE_OK) (*x->removed)++;
    return !code || code == VT__CODE_HELD || code == VT__CODE_PERSON_NOT_FOUND ? VT_OK : VT_EIO;
}

static vt_status remove_old(size_t *removed, vt__service *service, const vt__records *rules, const char *tenant, uint32_t kind,
                            vt_error *err)
{
    removal x = { service, rules, tenant, removed };
    const vt__query query = { .kind = kind, .tenant = tenant, .owner = kind == VT__RECORD_FACE ? "" : NULL, .without_body = true };
    return each_record(service, query, remove_if_old, &x, err);
}

static vt_status enforce_tenant(size_t *removed, vt__service *service, const vt__records *rules, const char *tenant, vt_error *err)
{
    size_t before = *removed, files = 0;
    int64_t now_ms = vt__service_now_ms(service), audit_days = days_for(rules, tenant, VT__RETENTION_AUDIT);
    vt_status status = remove_old(removed, service, rules, tenant, VT__RECORD_PERSON, err);
    if (!status) status = remove_old(removed, service, rules, tenant, VT__RECORD_FACE, err);
    if (!status && audit_days)
        status = vt__audit_prune(&files, service->audit, tenant, now_ms - audit_days * DAY_MS, now_ms, err);
    if (*removed > before || files) {
        const vt__caller sweeper = { .tenant = tenant, .key_id = "sweeper" };
        vt__json *fields = vt__json_object();
        vt__json_set_integer(fields, "removed", (int64_t)(*removed - before));
        vt__json_set_integer(fields, "auditDays", (int64_t)files);
        vt__audit_event(service, &sweeper, "RETENTION_SWEEP", fields, vt__code_of(status));
    }
    return status;
}

vt_status vt__retention_enforce(size_t *removed, vt__service *service, vt_error *err)
{
    vt__records rules;
    *removed = 0;
    vt_status status = find_rules(&rules, service, NULL, err);
    for (size_t i = 0; i < rules.count && !status; i++) {
        bool done = false;
        for (size_t k = 0; k < i && !done; k++) done = !strcmp(rules.items[k].tenant, rules.items[i].tenant);
        if (!done) status = enforce_tenant(removed, service, &rules, rules.items[i].tenant, err);
    }
    vt__records_free(&rules);
    return status;
}

/* ---- report ---- */

typedef struct row {
    uint32_t kind;
    char scope[VT__SCOPE_TEXT_BYTES];
    size_t count;
    int64_t oldest_ms, next_ms; /* 0 = none goes */
} row;

typedef struct table {
    row *rows;
    size_t count;
    const vt__records *rules;
} table;

static row *row_of(table *t, uint32_t kind, const char *scope)
{
    for (size_t i = t->count; i-- > 0;)
        if (t->rows[i].kind == kind && !strcmp(t->rows[i].scope, scope)) return &t->rows[i];
    row *grown = vt__realloc(t->rows, t->count + 1, sizeof *grown);
    if (!grown) return NULL;
    t->rows = grown;
    t->rows[t->count] = (row){ .kind = kind, .oldest_ms = INT64_MAX };
    vt__copy_text(t->rows[t->count].scope, sizeof t->rows->scope, scope);
    return &t->rows[t->count++];
}

static vt_status add_record(void *payload, const vt__record *r, vt_error *err)
{
    table *t = payload;
    row *to = row_of(t, r->kind, vt__scope_is_collection(r->scope) ? r->scope : "");
    if (!to) return vt__fail_memory(err, sizeof *to);
    int64_t days = counts(r) ? days_for(t->rules, r->tenant, r->scope) : 0;
    int64_t goes_ms = days ? r->created_ms + days * DAY_MS : r->expires_ms;
    to->count++;
    if (r->created_ms < to->oldest_ms) to->oldest_ms = r->created_ms;
    if (goes_ms && (!to->next_ms || goes_ms < to->next_ms)) to->next_ms = goes_ms;
    return VT_OK;
}

static void add_time(vt__json *json, const char *name, int64_t time_ms)
{
    char text[VT__TIME_TEXT_BYTES];
    if (!time_ms || time_ms == INT64_MAX) return;
    vt__time_text(text, time_ms);
    vt__json_set_string(json, name, text);
}

static vt__json *row_json(const row *r, int64_t days)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "kind", vt__record_kind_name(r->kind));
    if (*r->scope) vt__json_set_string(json, "collection", r->scope);
    vt__json_set_integer(json, "count", (int64_t)r->count);
    add_time(json, "oldest", r->oldest_ms);
    if (days) vt__json_set_integer(json, "keepDays", days);
    add_time(json, "nextRemoval", r->next_ms);
    return json;
}

static const uint32_t reported[] = { VT__RECORD_PERSON, VT__RECORD_FACE, VT__RECORD_FACE_ID, VT__RECORD_OPERATION,
                                     VT__RECORD_LIVENESS, VT__RECORD_LIVENESS_IMAGE, VT__RECORD_JOB, VT__RECORD_ARCHIVE };

static vt_status report_kind(vt__json *rows, vt__service *service, const char *tenant, uint32_t kind, const vt__records *rules,
                             vt_error *err)
{
    table t = { NULL, 0, rules };
    vt_status status = each_record(service, (vt__query){ .kind = kind, .tenant = tenant, .without_body = true }, add_record, &t, err);
    for (size_t i = 0; i < t.count && !status; i++) {
        bool ruled = kind == VT__RECORD_PERSON || (kind == VT__RECORD_FACE && t.rows[i].next_ms);
        vt__json_append(rows, row_json(&t.rows[i], ruled ? days_for(rules, tenant, t.rows[i].scope) : 0));
    }
    vt__free(t.rows);
    return status;
}

static vt__json *holds_json(const vt__records *holds)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < holds->count; i++) {
        vt__unpacking from = vt__unpack_begin(&holds->items[i]);
        vt__json *json = vt__json_object();
        vt__json_set_string(json, "what", holds->items[i].id);
        vt__json_set_string(json, "reason", vt__unpack_text(&from));
        add_time(json, "since", holds->items[i].created_ms);
        vt__json_append(list, json);
    }
    return list;
}

vt__code vt__retention_report(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err)
{
    vt__records rules, holds = { NULL, 0 };
    if (!(caller->scopes & (VT__SCOPE_MANAGE | VT__SCOPE_ADMIN))) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    const vt__query query = { .kind = VT__RECORD_HOLD, .tenant = caller->tenant, .scope = VT__SCOPE_HOLDS };
    vt_status status = find_rules(&rules, service, caller->tenant, err);
    if (!status) status = vt__store_find(&holds, service->store, &query, err);
    vt__json *json = vt__json_object(), *rows = vt__json_array();
    for (size_t i = 0; i < sizeof reported / sizeof *reported && !status; i++)
        status = report_kind(rows, service, caller->tenant, reported[i], &rules, err);
    int64_t audit = days_for(&rules, caller->tenant, VT__RETENTION_AUDIT);
    vt__json_set(json, "holdings", rows);
    if (audit) vt__json_set_integer(json, "auditKeepDays", audit);
    vt__json_set(json, "holds", holds_json(&holds));
    vt__records_free(&rules);
    vt__records_free(&holds);
    if (status) vt__json_free(json);
    else *out = json;
    return vt__code_of(status);
}
