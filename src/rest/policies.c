/* Registered uses over the wire. */
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/rest.h"
#include "service/registration.h"

/* The service says which member lacks what. */
static bool refused(vt__call *call, vt__code code, const vt_error *err)
{
    if (code != VT__CODE_BAD_ARGUMENT) return vt__call_refused(call, code, err);
    vt__call_fail_about(call, VT__WIRE_ARGUMENT, "%s", err->text);
    return true;
}

void vt__rest_policy_register(vt__call *call)
{
    vt__json *made = NULL;
    vt_error err;
    vt__code code = vt__policy_register(&made, call->service, &call->caller, call->body, &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, made);
}

void vt__rest_policy_list(vt__call *call)
{
    vt__json *list = NULL;
    vt_error err;
    vt__code code = vt__policy_list(&list, call->service, &call->caller, &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, list);
}

void vt__rest_policy_show(vt__call *call)
{
    vt__json *policy = NULL;
    vt_error err;
    vt__code code = vt__policy_show(&policy, call->service, &call->caller, vt__http_param(call->request, "policyId"), &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, policy);
}

void vt__rest_policy_revoke(vt__call *call)
{
    vt_error err;
    vt__code code = vt__policy_revoke(call->service, &call->caller, vt__http_param(call->request, "policyId"), &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}
