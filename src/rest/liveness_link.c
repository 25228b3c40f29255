/* The hosted page of a liveness session: a link that opens once, gives the page the session's token, and says where the
 * page leads to at its end. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/items.h"
#include "rest/liveness_token.h"
#include "rest/rest.h"

enum { max_callback_bytes = 512 };

/* Begins with one of the origins that the administrator named, as a whole. */
static bool leads_home(const char *origins, const char *url)
{
    if (strlen(url) > max_callback_bytes || strpbrk(url, " \t\r\n\"<>\\")) return false;
    while (origins && *origins) {
        size_t size = strcspn(origins, ",");
        bool same = size > 0 && strncmp(url, origins, size) == 0 && (url[size] == 0 || strchr("/?", url[size]));
        if (same && (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0)) return true;
        origins += size + (origins[size] == ',');
    }
    return false;
}

static void answer_link(vt__call *call, const vt__liveness_session *session, const char *callback)
{
    char address[512], until[VT__TIME_TEXT_BYTES];
    vt__call_address(address, sizeof address, call);
    char *token = vt__liveness_link_make(session, call->caller.tenant, callback);
    /* behind #, so that it reaches neither a log nor a Referer */
    char *url = token ? vt__format("%s/liveness#%s", address, token) : NULL;
    vt__json *json = url ? vt__one_json("url", url) : NULL;
    if (json) {
        vt__time_text(until, session->created_ms + INT64_C(1000) * session->ttl_s);
        vt__json_set_string(json, "expiresDateTime", until);
    }
    vt__call_json(call, 200, json);
    vt__free(url);
    vt__free(token);
}

void vt__rest_liveness_link(vt__call *call)
{
    const char *id, *callback;
    vt_error err;
    if (!vt__read_uuid(&id, call, "sessionId", VT__WIRE_LIVENESS_BODY) || !vt__read_string(&callback, call, "callbackUrl")) return;
    if (callback && !leads_home(call->rest->callback_origins, callback)) {
        vt__call_fail(call, VT__WIRE_LIVENESS_CALLBACK);
        return;
    }
    vt__liveness_session *session = vt__calloc(1, sizeof *session);
    if (!session) {
        vt__call_fail_about(call, VT__WIRE_INTERNAL, "%s", call->request->id);
        return;
    }
    vt__code code = vt__liveness_get(session, call->service, &call->caller, id, vt__json_bool_or(call->body, "verify", false), &err);
    if (code == VT__CODE_OPERATION_NOT_FOUND) vt__call_fail(call, VT__WIRE_LIVENESS_SESSION_NOT_FOUND);
    else if (!vt__call_refused(call, code, &err)) answer_link(call, session, callback ? callback : "");
    vt__free_secret(session, sizeof *session);
}

static void answer_opened(vt__call *call, const vt__liveness_session *session, const char *callback)
{
    char address[512];
    vt__call_address(address, sizeof address, call);
    char *token = vt__liveness_token_make(session, call->caller.tenant, address);
    vt__json *json = token ? vt__one_json("authToken", token) : NULL;
    if (json) {
        vt__json_set_string(json, "sessionId", session->id);
        vt__json_set_string(json, "callbackUrl", callback);
    }
    vt__http_response_header(call->response, "Cache-Control", "no-store");
    vt__call_json(call, 200, json);
    vt__free(token);
}

void vt__rest_liveness_link_open(vt__call *call)
{
    vt_error err;
    char *callback;
    vt__liveness_session *session = vt__liveness_link_session(&callback, call);
    if (!session) return;
    vt__code code = vt__liveness_open_link(call->service, &call->caller, session, &err);
    if (code == VT__CODE_CONFLICT) vt__call_fail(call, VT__WIRE_LIVENESS_LINK);
    else if (!vt__call_refused(call, code, &err)) answer_opened(call, session, callback ? callback : "");
    vt__free(callback);
    vt__free_secret(session, sizeof *session);
}

#define WEB_FILES(X)                                                                                                   \
    X("vultus-liveness.js", vultus_liveness_js)                                                                        \
    X("payload.js", payload_js)                                                                                        \
    X("words.js", words_js)                                                                                            \
    X("hosted.js", hosted_js)
#define DECLARE(name, symbol)                                                                                          \
    extern const unsigned char vt__web_##symbol[];                                                                     \
    extern const size_t vt__web_##symbol##_bytes;
WEB_FILES(DECLARE)
DECLARE("liveness.html", liveness_html)

void vt__rest_liveness_page(vt__call *call)
{
    vt__http_response_header(call->response, "Content-Security-Policy",
                             "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; media-src 'self' blob:; "
                             "frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    vt__http_response_header(call->response, "Permissions-Policy", "camera=(self), microphone=()");
    vt__http_response_header(call->response, "Referrer-Policy", "no-referrer");
    vt__http_response_static(call->response, 200, "text/html; charset=utf-8", vt__web_liveness_html, vt__web_liveness_html_bytes);
}

void vt__rest_liveness_file(vt__call *call)
{
#define ROW(name, symbol) { name, vt__web_##symbol, &vt__web_##symbol##_bytes },
    static const struct {
        const char *name;
        const unsigned char *text;
        const size_t *bytes;
    } files[] = { WEB_FILES(ROW) };
    const char *name = vt__http_param(call->request, "file");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(files[i].name, name) == 0) {
            vt__http_response_static(call->response, 200, "text/javascript; charset=utf-8", files[i].text, *files[i].bytes);
            return;
        }
    vt__call_fail(call, VT__WIRE_NOT_FOUND);
}
