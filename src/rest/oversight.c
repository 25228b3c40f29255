/* Human oversight over the wire: rules of a collection, the reviewers' queue and its page, guards. */
#include "rest/call.h"
#include "rest/handlers.h"
#include "service/guard.h"
#include "service/oversight.h"
#include "service/review.h"

extern const unsigned char vt__review_html[];
extern const size_t vt__review_html_bytes;

/* The service says what is wrong with which member. */
static bool refused(vt__call *call, vt__code code, const vt_error *err)
{
    if (code != VT__CODE_BAD_ARGUMENT) return vt__call_refused(call, code, err);
    vt__call_fail_about(call, VT__WIRE_ARGUMENT, "%s", err->text);
    return true;
}

static bool read_collection(vt__collection_id *out, vt__call *call, const char *text)
{
    if (text && vt__oversight_collection(out, text)) {
        call->kind = out->kind;
        return true;
    }
    vt__call_fail_about(call, VT__WIRE_ARGUMENT, "Give 'collection' as pg/ID, lpg/ID, dpg/ID or dir.");
    return false;
}

void vt__rest_oversight_set(vt__call *call)
{
    vt__collection_id which;
    const char *text;
    vt_error err;
    if (!vt__read_string(&text, call, "collection") || !read_collection(&which, call, text)) return;
    vt__code code = vt__oversight_set(call->service, &call->caller, which, call->body, &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_oversight_get(vt__call *call)
{
    vt__collection_id which;
    vt__json *json = NULL;
    vt_error err;
    if (!read_collection(&which, call, vt__http_query(call->request, "collection"))) return;
    vt__code code = vt__oversight_get(&json, call->service, &call->caller, which, &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, json);
}

void vt__rest_review_list(vt__call *call)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__review_list(&json, call->service, &call->caller, vt__http_query(call->request, "state"), &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, json);
}

void vt__rest_review_get(vt__call *call)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__review_get(&json, call->service, &call->caller, vt__http_param(call->request, "reviewId"), &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, json);
}

void vt__rest_review_decide(vt__call *call)
{
    const char *person;
    vt_error err;
    if (!vt__read_string(&person, call, "personId")) return;
    vt__code code = vt__review_decide(call->service, &call->caller, vt__http_param(call->request, "reviewId"), person, &err);
    if (!refused(call, code, &err)) vt__rest_review_get(call);
}

void vt__rest_guard_set(vt__call *call)
{
    vt_error err;
    vt__code code = vt__guard_set(call->service, &call->caller, call->body, &err);
    if (!refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_guard_get(vt__call *call)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__guard_get(&json, call->service, &call->caller, &err);
    if (!refused(call, code, &err)) vt__call_json(call, 200, json);
}

void vt__rest_review_page(vt__call *call)
{
    vt__http_response_header(call->response, "Content-Security-Policy",
                             "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'");
    vt__http_response_static(call->response, 200, "text/html; charset=utf-8", vt__review_html, vt__review_html_bytes);
}
