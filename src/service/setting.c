#include "service/setting.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/state.h"

typedef struct kept {
    char tenant[VT__COLLECTION_ID_MAX + 1], scope[VT__SCOPE_TEXT_BYTES];
    uint32_t record;
    bool set;
    double values[VT__SETTING_MEMBERS];
} kept;

struct vt__setting_cache {
    pthread_rwlock_t lock;
    kept *items;
    size_t count;
};

vt__setting_cache *vt__setting_cache_open(void)
{
    vt__setting_cache *cache = vt__calloc(1, sizeof *cache);
    if (cache) pthread_rwlock_init(&cache->lock, NULL);
    return cache;
}

void vt__setting_cache_close(vt__setting_cache *cache)
{
    if (!cache) return;
    pthread_rwlock_destroy(&cache->lock);
    vt__free(cache->items);
    vt__free(cache);
}

static const kept *find_kept(const vt__setting_cache *cache, const char *tenant, const char *scope, uint32_t record)
{
    for (size_t i = 0; i < cache->count; i++) {
        const kept *k = &cache->items[i];
        if (k->record == record && !strcmp(k->scope, scope) && !strcmp(k->tenant, tenant)) return k;
    }
    return NULL;
}

/* A record that cannot be read is a failure: what an owner set must not quietly lapse. */
static vt_status read_values(kept *out, vt__service *service, const vt__setting_kind *kind, vt_error *err)
{
    vt__records found;
    const vt__query query = { .kind = kind->record, .tenant = out->tenant, .scope = out->scope, .id = "setting" };
    vt_status status = vt__store_find(&found, service->store, &query, err);
    vt__json *json = NULL;
    out->set = found.count > 0;
    if (!status && out->set) status = vt__json_parse(&json, found.items[0].body, found.items[0].body_bytes, 0, err);
    for (size_t i = 0; i < kind->count; i++) out->values[i] = vt__json_number_or(json, kind->members[i].name, kind->members[i].usual);
    vt__json_free(json);
    vt__records_free(&found);
    return status;
}

static vt_status keep(vt__setting_cache *cache, const kept *fresh, vt_error *err)
{
    kept *old = (kept *)find_kept(cache, fresh->tenant, fresh->scope, fresh->record);
    if (old) {
        *old = *fresh;
        return VT_OK;
    }
    kept *grown = vt__realloc(cache->items, cache->count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    cache->items = grown;
    grown[cache->count++] = *fresh;
    return VT_OK;
}

vt_status vt__setting_get(double values[VT__SETTING_MEMBERS], bool *set, vt__service *service, const char *tenant, const char *scope,
                          const vt__setting_kind *kind, vt_error *err)
{
    vt__setting_cache *cache = service->settings;
    pthread_rwlock_rdlock(&cache->lock);
    const kept *found = find_kept(cache, tenant, scope, kind->record);
    kept fresh = { .record = kind->record };
    if (found) fresh = *found;
    pthread_rwlock_unlock(&cache->lock);
    vt_status status = VT_OK;
    if (!found) {
        vt__copy_text(fresh.tenant, sizeof fresh.tenant, tenant);
        vt__copy_text(fresh.scope, sizeof fresh.scope, scope);
        pthread_rwlock_wrlock(&cache->lock);
        status = read_values(&fresh, service, kind, err);
        if (!status) status = keep(cache, &fresh, err);
        pthread_rwlock_unlock(&cache->lock);
    }
    *set = fresh.set;
    memcpy(values, fresh.values, sizeof fresh.values);
    return status;
}

static vt__code read_given(double values[VT__SETTING_MEMBERS], const vt__setting_kind *kind, const vt__json *given, vt_error *err)
{
    for (size_t i = 0; i < kind->count; i++) {
        const vt__setting_member *m = &kind->members[i];
        const vt__json *one = vt__json_get(given, m->name);
        values[i] = m->usual;
        if (!one || (vt__json_as_number(&values[i], one) && values[i] >= m->least && values[i] <= m->most)) continue;
        vt__fail(err, VT_EINVAL, "'%s' must be %g to %g: %s", m->name, m->least, m->most, m->help);
        return VT__CODE_BAD_ARGUMENT;
    }
    return VT__CODE_OK;
}

vt__json *vt__setting_json(const double values[VT__SETTING_MEMBERS], const vt__setting_kind *kind)
{
    vt__json *json = vt__json_object();
    for (size_t i = 0; i < kind->count; i++) vt__json_set_real(json, kind->members[i].name, values[i]);
    return json;
}

static vt__code commit(kept *fresh, vt__service *service, const vt__setting_kind *kind, vt_error *err)
{
    vt__json *json = vt__setting_json(fresh->values, kind);
    char *text = vt__json_text(json, false);
    vt__json_free(json);
    if (!text) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    int64_t now_ms = vt__service_now_ms(service);
    const vt__change change = { VT__PUT,
                                { .kind = kind->record, .tenant = fresh->tenant, .scope = fresh->scope, .owner = "", .id = "setting",
                                  .created_ms = now_ms, .changed_ms = now_ms, .body = (const uint8_t *)text, .body_bytes = strlen(text) },
                                0 };
    pthread_rwlock_wrlock(&service->settings->lock);
    vt_status status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    if (!status) status = keep(service->settings, fresh, err);
    pthread_rwlock_unlock(&service->settings->lock);
    vt__free(text);
    return vt__code_of(status);
}

vt__code vt__setting_put(vt__service *service, const vt__caller *caller, const char *scope, const vt__setting_kind *kind,
                         const vt__json *given, vt_error *err)
{
    kept fresh = { .record = kind->record, .set = true };
    vt__copy_text(fresh.tenant, sizeof fresh.tenant, caller->tenant);
    vt__copy_text(fresh.scope, sizeof fresh.scope, scope);
    vt__code code = read_given(fresh.values, kind, given, err);
    return code ? code : commit(&fresh, service, kind, err);
}

void vt__setting_forget(vt__service *service, const char *tenant, const char *scope)
{
    vt__setting_cache *cache = service->settings;
    size_t left = 0;
    pthread_rwlock_wrlock(&cache->lock);
    for (size_t i = 0; i < cache->count; i++)
        if ((scope && strcmp(cache->items[i].scope, scope)) || strcmp(cache->items[i].tenant, tenant)) cache->items[left++] = cache->items[i];
    cache->count = left;
    pthread_rwlock_unlock(&cache->lock);
}
