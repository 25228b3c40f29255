#include "service/policy.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/packing.h"
#include "service/state.h"

static const struct {
    const char *name;
    uint32_t scope;
    bool recognition;
} actions[] = {
#define ROW(name, scope, recognition) { #name, scope, recognition },
    VT__ACTION_MAP(ROW)
#undef ROW
};

const char *vt__action_name(vt__action action)
{
    return actions[action].name;
}

static bool registered(vt__service *service, const vt__caller *caller, vt__action action)
{
    const vt__query query = { .kind = VT__RECORD_POLICY, .tenant = caller->tenant, .scope = VT__SCOPE_POLICIES,
                              .id = caller->key_id };
    vt__records found;
    if (vt__store_get(&found, service->store, &query, NULL) != VT_OK) return false;
    vt__unpacking from = vt__unpack_begin(&found.items[0]);
    int64_t mask = vt__unpack_number(&from);
    int64_t until = vt__unpack_number(&from);
    vt__records_free(&found);
    return !from.bad && (mask >> action & 1) && until > vt__service_now_ms(service);
}

vt__code vt__policy_check(vt__service *service, const vt__caller *caller, vt__action action, vt_error *err)
{
    if (!caller->tenant || !caller->key_id || !(caller->scopes & (actions[action].scope | VT__SCOPE_ADMIN)))
        return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    if (!actions[action].recognition) return VT__CODE_OK;
    if (!vt__audit_writable(service->audit, caller->tenant, vt__service_now_ms(service))) {
        vt__fail(err, VT_EIO, "the audit cannot be written; recognition is off until it can be: look at the disk");
        return VT__CODE_FAILED;
    }
    if (service->evaluation_until_ms > vt__service_now_ms(service)) return VT__CODE_OK;
    if (registered(service, caller, action)) return VT__CODE_OK;
    vt__fail(err, VT_EDENIED, "recognition is off for this key: no use is registered for it; start the server with --evaluation to "
                              "try recognition for 30 days");
    return VT__CODE_NOT_REGISTERED;
}

vt_status vt__policy_register(vt__service *service, const char *tenant, const char *key_id, const char *purpose,
                              uint32_t mask, int64_t until_ms, vt_error *err)
{
    vt__buffer body;
    vt__buffer_init(&body, 4096);
    vt__pack_number(&body, mask);
    vt__pack_number(&body, until_ms);
    vt__pack_text(&body, purpose);
    int64_t now = vt__service_now_ms(service);
    const vt__change change = { VT__PUT,
                                { .kind = VT__RECORD_POLICY, .tenant = tenant, .scope = VT__SCOPE_POLICIES,
                                  .owner = key_id, .id = key_id, .created_ms = now, .changed_ms = now,
                                  .body = body.data, .body_bytes = body.size },
                                0 };
    vt_status status = body.status != VT_OK ? vt__fail(err, body.status, "the purpose does not fit")
                                            : vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__buffer_free(&body);
    return status;
}

vt_status vt__policy_revoke(vt__service *service, const char *tenant, const char *key_id, vt_error *err)
{
    const vt__change changes[] = {
        { VT__REMOVE, { .kind = VT__RECORD_POLICY, .tenant = tenant, .scope = VT__SCOPE_POLICIES, .owner = key_id,
                        .id = key_id }, 0 },
        { VT__DESTROY, { .tenant = tenant, .scope = VT__SCOPE_POLICIES, .owner = key_id }, 0 },
    };
    return vt__store_commit(NULL, NULL, service->store, changes, 2, err);
}
