#include "service/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/registration.h"
#include "service/state.h"

static const struct {
    const char *name;
    uint32_t scope;
    bool registered;
} actions[] = {
#define ROW(name, scope, registered) { #name, scope, registered },
    VT__ACTION_MAP(ROW)
#undef ROW
};

const char *vt__action_name(vt__action action)
{
    return actions[action].name;
}

uint32_t vt__action_scope(vt__action action)
{
    return actions[action].scope;
}

/* One key's registered use. */
typedef struct grant {
    char tenant[VT__COLLECTION_ID_MAX + 1], key_id[VT__COLLECTION_ID_MAX + 1];
    const vt__purpose *purpose;
    int64_t from_ms, until_ms;
} grant;

struct vt__policies {
    pthread_rwlock_t reading;
    grant *grants; /* sorted by tenant and key */
    size_t count;
};

vt_status vt__policies_open(vt__policies **out, vt__store *store, vt_error *err)
{
    *out = vt__calloc(1, sizeof **out);
    if (!*out) return vt__fail_memory(err, sizeof **out);
    pthread_rwlock_init(&(*out)->reading, NULL);
    return vt__policies_reload(*out, store, err);
}

void vt__policies_close(vt__policies *policies)
{
    if (!policies) return;
    pthread_rwlock_destroy(&policies->reading);
    vt__free(policies->grants);
    vt__free(policies);
}

typedef struct gathering {
    grant *grants;
    size_t count;
} gathering;

static vt_status add_grant(gathering *to, const grant *from, const char *key_id, vt_error *err)
{
    grant *grown = vt__realloc(to->grants, to->count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    to->grants = grown;
    grown[to->count] = *from;
    vt__copy_text(grown[to->count++].key_id, sizeof from->key_id, key_id);
    return VT_OK;
}

/* Whatever cannot be read, is revoked, or has no known purpose grants nothing. */
static vt_status read_registration(gathering *to, const vt__record *record, vt_error *err)
{
    vt__json *json;
    grant one = { .purpose = NULL };
    if (vt__json_parse(&json, record->body, record->body_bytes, 0, NULL) != VT_OK) return VT_OK;
    vt__copy_text(one.tenant, sizeof one.tenant, record->tenant);
    one.purpose = vt__purpose_find(vt__json_string_or(json, "purpose", NULL));
    bool good = one.purpose && !vt__json_get(json, "revoked") && vt__time_parse(&one.from_ms, vt__json_string_or(json, "from", "")) &&
                vt__time_parse(&one.until_ms, vt__json_string_or(json, "until", ""));
    const vt__json *keys = vt__json_get(json, "keys");
    vt_status status = VT_OK;
    for (size_t i = 0; good && i < vt__json_count(keys) && !status; i++) {
        const char *key_id;
        if (vt__json_as_string(&key_id, vt__json_at(keys, i))) status = add_grant(to, &one, key_id, err);
    }
    vt__json_free(json);
    return status;
}

static int compare_holders(const char *tenant, const char *key_id, const grant *g)
{
    int order = strcmp(key_id, g->key_id); /* differs most */
    return order ? order : strcmp(tenant, g->tenant);
}

static int compare_grants(const void *a, const void *b)
{
    const grant *one = a;
    return compare_holders(one->tenant, one->key_id, b);
}

vt_status vt__policies_reload(vt__policies *policies, vt__store *store, vt_error *err)
{
    gathering fresh = { NULL, 0 };
    vt__records found;
    const vt__query query = { .kind = VT__RECORD_POLICY, .scope = VT__SCOPE_POLICIES };
    vt_status status = vt__store_find(&found, store, &query, err);
    for (size_t i = 0; i < found.count && !status; i++) status = read_registration(&fresh, &found.items[i], err);
    vt__records_free(&found);
    if (status) fresh.count = 0;
    if (fresh.count) qsort(fresh.grants, fresh.count, sizeof *fresh.grants, compare_grants);
    pthread_rwlock_wrlock(&policies->reading);
    vt__free(policies->grants);
    policies->grants = fresh.grants;
    policies->count = fresh.count;
    pthread_rwlock_unlock(&policies->reading);
    return status;
}

/* The first of the caller's grants. */
static size_t first_grant(const vt__policies *policies, const vt__caller *caller)
{
    size_t from = 0, to = policies->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_holders(caller->tenant, caller->key_id, &policies->grants[middle]) > 0) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* A grant of the caller's that permits the action now, of a purpose that requires consent if that is asked for. */
static const vt__purpose *find_grant(const vt__policies *policies, const vt__caller *caller, vt__action action, bool requiring_consent,
                                     int64_t now_ms)
{
    for (size_t i = first_grant(policies, caller); i < policies->count; i++) {
        const grant *g = &policies->grants[i];
        if (compare_holders(caller->tenant, caller->key_id, g)) return NULL;
        bool permits = (g->purpose->actions >> action & 1) && now_ms >= g->from_ms && now_ms < g->until_ms;
        if (permits && (g->purpose->consent_required || !requiring_consent)) return g->purpose;
    }
    return NULL;
}

bool vt__policy_requires_consent(vt__service *service, const vt__caller *caller, vt__action action)
{
    int64_t now_ms = vt__service_now_ms(service);
    pthread_rwlock_rdlock(&service->policies->reading);
    bool required = find_grant(service->policies, caller, action, true, now_ms) != NULL;
    pthread_rwlock_unlock(&service->policies->reading);
    return required;
}

const char *vt__policy_purpose(vt__service *service, const vt__caller *caller, vt__action action)
{
    int64_t now_ms = vt__service_now_ms(service);
    if (!caller->tenant || !caller->key_id || !actions[action].registered) return NULL;
    pthread_rwlock_rdlock(&service->policies->reading);
    const vt__purpose *purpose = find_grant(service->policies, caller, action, false, now_ms);
    pthread_rwlock_unlock(&service->policies->reading);
    if (purpose) return purpose->id;
    return service->evaluation_until_ms > now_ms ? VT__EVALUATION_PURPOSE : NULL;
}

vt__code vt__policy_check(vt__service *service, const vt__caller *caller, vt__action action, vt_error *err)
{
    if (!caller->tenant || !caller->key_id || !(caller->scopes & (actions[action].scope | VT__SCOPE_ADMIN)))
        return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    if (!actions[action].registered) return VT__CODE_OK;
    if (!vt__audit_writable(service->audit, caller->tenant, vt__service_now_ms(service))) {
        vt__fail(err, VT_EIO, "the audit cannot be written; recognition is off until it can be: look at the disk");
        return VT__CODE_FAILED;
    }
    if (vt__policy_purpose(service, caller, action)) return VT__CODE_OK;
    vt__fail(err, VT_EDENIED,
             "no use is registered for this key that permits this: register one with POST /vultus/v1/policies or vultus policy "
             "register, or start with --evaluation to try it for 30 days");
    return VT__CODE_NOT_REGISTERED;
}
