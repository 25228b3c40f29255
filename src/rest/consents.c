/* Consent of persons over the wire. */
#include "rest/call.h"
#include "rest/handlers.h"
#include "service/consent.h"

/* The service says which member lacks what. */
static bool refused(vt__call *call, vt__code code, const vt_error *err)
{
    if (code == VT__CODE_BAD_ARGUMENT) vt__call_fail_about(call, VT__WIRE_ARGUMENT, "%s", err->text);
    else if (code == VT__CODE_BAD_ID) vt__call_fail(call, VT__WIRE_PERSON_ID_INVALID);
    else return vt__call_refused(call, code, err);
    return true;
}

static const char *person_id(const vt__call *call)
{
    return vt__http_param(call->request, "consentPersonId");
}

void vt__rest_consent_set(vt__call *call)
{
    vt__json *consent = NULL;
    vt_error err;
    vt__code code = vt__consent_set(&consent, call->service, &call->caller, person_id(call), call->body, &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, consent);
}

void vt__rest_consent_get(vt__call *call)
{
    vt__json *consent = NULL;
    vt_error err;
    vt__code code = vt__consent_get(&consent, call->service, &call->caller, person_id(call), &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, consent);
}

void vt__rest_consent_withdraw(vt__call *call)
{
    vt_error err;
    vt__code code = vt__consent_withdraw(call->service, &call->caller, person_id(call), &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}
