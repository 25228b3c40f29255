#include "service/guard.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/setting.h"
#include "service/state.h"

enum { PERSON_PER_HOUR, STREAM_MINUTES, STREAM_PAUSE_S };

static const vt__setting_kind limits = {
    VT__RECORD_GUARD, 3,
    {
        { "personPerHour", 300, 0, 1e6, "identifications of one person within an hour; 0 ends the limit" },
        { "streamMinutes", 5, 0, 1e6, "how long one camera may ask without a pause; 0 ends the limit" },
        { "streamPauseSeconds", 10, 1, 3600, "what counts as a pause of a camera" },
    },
};

/* Counts stand in a table of fixed size: of eight places that a name may take, the one unseen the longest gives way. */
enum { PLACES = 1 << 16, TRIES = 8 };
#define HOUR_MS 3600000.0

typedef struct count {
    uint64_t name; /* digest of tenant, kind and id; 0: free */
    int64_t last_ms;
    int64_t first_ms; /* of a camera's stream */
    double left;      /* identifications of a person that are left now */
} count;

struct vt__guard {
    bool changed; /* since it was saved */
    pthread_mutex_t lock;
    count *places;
};

vt__guard *vt__guard_open(void)
{
    vt__guard *guard = vt__calloc(1, sizeof *guard);
    if (!guard) return NULL;
    pthread_mutex_init(&guard->lock, NULL);
    guard->places = vt__calloc(PLACES, sizeof *guard->places);
    if (guard->places) return guard;
    vt__guard_close(guard);
    return NULL;
}

void vt__guard_close(vt__guard *guard)
{
    if (!guard) return;
    pthread_mutex_destroy(&guard->lock);
    vt__free(guard->places);
    vt__free(guard);
}

static uint64_t digest(uint64_t from, const char *text)
{
    /* FNV-1a, with the closing zero */
    do from = (from ^ (uint8_t)*text) * UINT64_C(1099511628211);
    while (*text++);
    return from;
}

static uint64_t name_of(const char *tenant, const char *kind, const char *id)
{
    uint64_t name = digest(digest(digest(UINT64_C(14695981039346656037), tenant), kind), id);
    return name ? name : 1;
}

/* The place of a name, *fresh when it was not known. The lock is held. */
static count *place_of(bool *fresh, vt__guard *guard, uint64_t name)
{
    count *oldest = NULL;
    for (size_t i = 0; i < TRIES; i++) {
        count *c = &guard->places[(name + i) % PLACES];
        if (c->name == name) {
            *fresh = false;
            return c;
        }
        if (!oldest || (oldest->name && (!c->name || c->last_ms < oldest->last_ms))) oldest = c;
    }
    *fresh = true;
    *oldest = (count){ .name = name };
    return oldest;
}

/* ---- over a restart ---- */

static const vt__record counts_record = { .kind = VT__RECORD_GUARD_COUNTS, .tenant = "", .scope = "guard", .owner = "", .id = "counts" };

/* The counts that are not an hour old: later ones are full again, and cameras have paused. *size 0: none, or nothing changed. */
static vt_status copy_recent(count **out, size_t *size, vt__guard *guard, int64_t now_ms, vt_error *err)
{
    vt_status status = VT_OK;
    *size = 0;
    *out = NULL;
    pthread_mutex_lock(&guard->lock);
    if (guard->changed) *out = vt__calloc(PLACES, sizeof **out);
    if (guard->changed && !*out) status = vt__fail_memory(err, PLACES * sizeof **out);
    for (size_t i = 0; *out && i < PLACES; i++)
        if (guard->places[i].name && (double)(now_ms - guard->places[i].last_ms) < HOUR_MS) (*out)[(*size)++] = guard->places[i];
    if (*out) guard->changed = false;
    pthread_mutex_unlock(&guard->lock);
    return status;
}

vt_status vt__guard_save(vt__service *service, vt_error *err)
{
    count *recent;
    size_t size;
    int64_t now_ms = vt__service_now_ms(service);
    vt_status status = copy_recent(&recent, &size, service->guard, now_ms, err);
    if (status || !recent) return status;
    vt__change change = { VT__PUT, counts_record, 0 };
    change.record.created_ms = change.record.changed_ms = now_ms;
    change.record.body = (const uint8_t *)recent;
    change.record.body_bytes = size * sizeof *recent;
    status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__free(recent);
    return status;
}

vt_status vt__guard_load(vt__service *service, vt_error *err)
{
    vt__records found;
    bool fresh;
    const vt__query query = { .kind = counts_record.kind, .tenant = counts_record.tenant, .scope = counts_record.scope, .id = counts_record.id };
    vt_status status = vt__store_find(&found, service->store, &query, err);
    if (status) return status;
    for (size_t at = 0; found.count && at + sizeof(count) <= found.items[0].body_bytes; at += sizeof(count)) {
        count one;
        memcpy(&one, found.items[0].body + at, sizeof one);
        if (one.name) *place_of(&fresh, service->guard, one.name) = one;
    }
    vt__records_free(&found);
    return VT_OK;
}

vt__code vt__guard_stream(vt__service *service, const vt__caller *caller, vt_error *err)
{
    double values[VT__SETTING_MEMBERS];
    bool set, fresh;
    if (!caller->camera || !*caller->camera) return VT__CODE_OK;
    vt_status status = vt__setting_get(values, &set, service, caller->tenant, VT__SCOPE_TENANT, &limits, err);
    if (status || values[STREAM_MINUTES] <= 0) return vt__code_of(status);
    int64_t now_ms = vt__service_now_ms(service);
    vt__guard *guard = service->guard;
    pthread_mutex_lock(&guard->lock);
    count *c = place_of(&fresh, guard, name_of(caller->tenant, "camera", caller->camera));
    if (fresh || now_ms - c->last_ms >= (int64_t)(values[STREAM_PAUSE_S] * 1000) || now_ms < c->last_ms) c->first_ms = now_ms;
    c->last_ms = now_ms;
    guard->changed = true;
    bool long_enough = (double)(now_ms - c->first_ms) >= values[STREAM_MINUTES] * 60000;
    pthread_mutex_unlock(&guard->lock);
    if (!long_enough) return VT__CODE_OK;
    vt__fail(err, VT_EBUSY,
             "This camera has asked for identifications for %g minutes without a pause of %g seconds: that is ongoing surveillance, which the "
             "terms rule out. Pause it; the limit is streamMinutes of /vultus/v1/guards.", values[STREAM_MINUTES], values[STREAM_PAUSE_S]);
    return VT__CODE_RATE_LIMITED;
}

vt__code vt__guard_person(vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err)
{
    double values[VT__SETTING_MEMBERS], hourly;
    bool set, fresh;
    vt_status status = vt__setting_get(values, &set, service, caller->tenant, VT__SCOPE_TENANT, &limits, err);
    if (status || (hourly = values[PERSON_PER_HOUR]) <= 0) return vt__code_of(status);
    int64_t now_ms = vt__service_now_ms(service);
    vt__guard *guard = service->guard;
    pthread_mutex_lock(&guard->lock);
    count *c = place_of(&fresh, guard, name_of(caller->tenant, "person", person_id));
    double passed_ms = fresh || now_ms < c->last_ms ? 0 : (double)(now_ms - c->last_ms);
    c->left = fresh ? hourly : c->left + passed_ms * hourly / HOUR_MS;
    if (c->left > hourly) c->left = hourly;
    c->last_ms = now_ms;
    guard->changed = true;
    bool enough = c->left < 1;
    if (!enough) c->left -= 1;
    pthread_mutex_unlock(&guard->lock);
    if (!enough) return VT__CODE_OK;
    vt__fail(err, VT_EBUSY,
             "One person was identified more than %g times within an hour: that is persistent tracking, which the terms rule out. Ask less often; "
             "the limit is personPerHour of /vultus/v1/guards.", hourly);
    return VT__CODE_RATE_LIMITED;
}

static bool may(const vt__caller *caller, uint32_t scopes)
{
    return caller->tenant && caller->key_id && (caller->scopes & scopes);
}

vt__code vt__guard_get(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err)
{
    double values[VT__SETTING_MEMBERS];
    bool set;
    if (!may(caller, VT__SCOPE_MANAGE | VT__SCOPE_ADMIN)) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    vt_status status = vt__setting_get(values, &set, service, caller->tenant, VT__SCOPE_TENANT, &limits, err);
    if (!status) *out = vt__setting_json(values, &limits);
    return vt__code_of(status);
}

vt__code vt__guard_set(vt__service *service, const vt__caller *caller, const vt__json *given, vt_error *err)
{
    if (!may(caller, VT__SCOPE_ADMIN)) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    vt__code code = vt__setting_put(service, caller, VT__SCOPE_TENANT, &limits, given, err);
    vt__json *fields = NULL;
    if (!code) vt__guard_get(&fields, service, caller, NULL);
    vt__audit_event(service, caller, "GUARD_SET", fields, code);
    return code;
}
