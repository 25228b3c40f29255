/* Tenants over the wire, for keys of scope operator. */
#include "service/tenant.h"

#include "rest/call.h"
#include "rest/handlers.h"

#define ALL_SCOPES "detect,recognize,manage,liveness,admin"

/* The service knows no wire words for what is wrong with an id or scopes. */
static bool refused(vt__call *call, vt__code code, const vt_error *err)
{
    if (code == VT__CODE_BAD_ID) vt__call_fail_about(call, VT__WIRE_ARGUMENT, "There is no such key, or an id is not 1 to 64 of a-z, 0-9, '-' and '_'.");
    else if (code == VT__CODE_BAD_ARGUMENT)
        vt__call_fail_about(call, VT__WIRE_ARGUMENT, "'scopes' are " ALL_SCOPES "; operator, and only it, is of the default tenant, which is never suspended or deleted.");
    else return vt__call_refused(call, code, err);
    return true;
}

static bool read_scopes(uint32_t *out, vt__call *call)
{
    const char *names;
    if (!vt__read_string(&names, call, "scopes")) return false;
    if (!names || !*names) names = ALL_SCOPES;
    if (vt__scope_parse(out, names)) return true;
    *out = 0; /* which the service refuses, behind the operator's scope */
    return true;
}

static void answer_key(vt__call *call, const char *tenant, const char *key_id, const char *key)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "tenantId", tenant);
    vt__json_set_string(json, "keyId", key_id);
    vt__json_set_string(json, "key", key);
    vt__call_json(call, 200, json);
}

void vt__rest_tenant_create(vt__call *call)
{
    const char *id;
    uint32_t scopes;
    char key[VT__API_KEY_TEXT_BYTES];
    vt_error err;
    if (!vt__read_string(&id, call, "tenantId") || !read_scopes(&scopes, call)) return;
    vt__code code = vt__tenant_create(key, call->service, &call->caller, id ? id : "", scopes, &err);
    if (!refused(call, code, &err)) answer_key(call, id, "1", key);
    vt__wipe(key, sizeof key);
}

void vt__rest_tenant_key_make(vt__call *call)
{
    const char *id = vt__http_param(call->request, "tenantId"), *key_id = vt__http_param(call->request, "tenantKeyId");
    uint32_t scopes;
    char key[VT__API_KEY_TEXT_BYTES];
    vt_error err;
    if (!read_scopes(&scopes, call)) return;
    vt__code code = vt__tenant_key_make(key, call->service, &call->caller, id, key_id, scopes, &err);
    if (!refused(call, code, &err)) answer_key(call, id, key_id, key);
    vt__wipe(key, sizeof key);
}

void vt__rest_tenant_key_revoke(vt__call *call)
{
    vt_error err;
    vt__code code = vt__tenant_key_revoke(call->service, &call->caller, vt__http_param(call->request, "tenantId"),
                                          vt__http_param(call->request, "tenantKeyId"), &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}

static void answer_list(vt__call *call, const char *id)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__tenant_list(&json, call->service, &call->caller, id, &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, json);
}

void vt__rest_tenant_list(vt__call *call)
{
    answer_list(call, NULL);
}

void vt__rest_tenant_get(vt__call *call)
{
    answer_list(call, vt__http_param(call->request, "tenantId"));
}

static void set_suspended(vt__call *call, bool suspended)
{
    vt_error err;
    vt__code code = vt__tenant_suspend(call->service, &call->caller, vt__http_param(call->request, "tenantId"), suspended, &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_tenant_suspend(vt__call *call)
{
    set_suspended(call, true);
}

void vt__rest_tenant_resume(vt__call *call)
{
    set_suspended(call, false);
}

void vt__rest_tenant_delete(vt__call *call)
{
    vt_error err;
    vt__code code = vt__tenant_delete(call->service, &call->caller, vt__http_param(call->request, "tenantId"), &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}
