/* What data subjects and those who answer to them ask for: exports, erasure, retention, legal holds. */
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/rest.h"
#include "service/hold.h"
#include "service/retention.h"
#include "service/subject.h"

static void answer(vt__call *call, vt__code code, vt__json *json, const vt_error *err)
{
    if (!vt__call_refused(call, code, err)) vt__call_json(call, 200, json);
}

void vt__rest_subject_export(vt__call *call)
{
    bool templates;
    vt__json *json = NULL;
    vt_error err;
    if (!vt__read_query_bool(&templates, call, "templates", false)) return;
    vt__code code = vt__subject_export(&json, call->service, &call->caller, vt__http_param(call->request, "subjectId"), templates, &err);
    answer(call, code, json, &err);
}

void vt__rest_subject_erase(vt__call *call)
{
    vt__json *receipt = NULL;
    vt_error err;
    vt__code code = vt__subject_erase(&receipt, call->service, &call->caller, vt__http_param(call->request, "subjectId"), &err);
    answer(call, code, receipt, &err);
}

void vt__rest_retention_report(vt__call *call)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__retention_report(&json, call->service, &call->caller, &err);
    answer(call, code, json, &err);
}

/* The body's "what". */
static bool read_what(const char **out, vt__call *call)
{
    if (!vt__read_string(out, call, "what")) return false;
    if (*out) return true;
    vt__call_fail_about(call, VT__WIRE_ARGUMENT, "Give 'what': a person id or a collection, as pg/staff.");
    return false;
}

void vt__rest_retention_set(vt__call *call)
{
    const char *what;
    int64_t days;
    vt_error err;
    if (!read_what(&what, call) ||
        !vt__read_integer(&days, call, "days", -1, 0, VT__RETENTION_MAX_DAYS, VT__WIRE_BODY_INVALID))
        return;
    vt__code code = vt__retention_set(call->service, &call->caller, what, days, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_hold_set(vt__call *call)
{
    const char *what, *reason;
    vt_error err;
    if (!read_what(&what, call) || !vt__read_string(&reason, call, "reason")) return;
    vt__code code = vt__hold_set(call->service, &call->caller, what, reason, &err);
    if (code == VT__CODE_PERSON_NOT_FOUND || code == VT__CODE_COLLECTION_NOT_FOUND)
        vt__call_fail_about(call, VT__WIRE_ARGUMENT, "'what' names no person and no collection here.");
    else if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_hold_release(vt__call *call)
{
    const char *what;
    vt_error err;
    if (!read_what(&what, call)) return;
    vt__code code = vt__hold_release(call->service, &call->caller, what, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}
