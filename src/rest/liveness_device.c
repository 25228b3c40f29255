/* The device's side of a liveness session: everything by the session's own token. */
#include <string.h>

#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/liveness_json.h"
#include "rest/liveness_token.h"

static bool refused(vt__call *call, vt__code code, const vt_error *err)
{
    if (code == VT__CODE_CONFLICT) vt__call_fail(call, VT__WIRE_LIVENESS_ATTEMPTS);
    else if (code == VT__CODE_RATE_LIMITED) vt__call_fail_about(call, VT__WIRE_LIVENESS_FLAGGED, "%s", err->text);
    else if (code == VT__CODE_BAD_ARGUMENT) vt__call_fail_about(call, VT__WIRE_LIVENESS_BODY, "%s", err->text);
    else return vt__call_refused(call, code, err);
    return true;
}

void vt__rest_liveness_start(vt__call *call)
{
    const char *token, *device;
    vt_error err;
    if (!vt__read_string(&device, call, "deviceCorrelationId")) return;
    vt__liveness_session *session = vt__liveness_token_session(&token, call);
    if (!session) return;
    bool flashes = vt__json_bool_or(call->body, "flashes", true);
    if (device && vt__utf8_length(device) > VT__LIVENESS_DEVICE_MAX) vt__call_fail(call, VT__WIRE_LIVENESS_DEVICE);
    else if (!refused(call, vt__liveness_start(session, call->service, &call->caller, flashes, device, call->request->peer, &err), &err)) {
        vt__json *json = vt__json_object();
        vt__json_set_integer(json, "attemptId", session->attempt_count);
        vt__json_set_integer(json, "attemptsAllowed", session->attempts_allowed);
        vt__json_set_string(json, "script", session->attempts[session->attempt_count - 1].script);
        vt__json_set_bool(json, "verify", session->with_verify);
        vt__json_set_bool(json, "verifyImageWanted", session->with_verify && !session->has_reference);
        vt__call_json(call, 200, json);
    }
    vt__free_secret(session, sizeof *session);
}

static void answer(vt__call *call, const vt__liveness_session *session)
{
    const vt__liveness_attempt *a = &session->attempts[session->attempt_count - 1];
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "resultId", session->id);
    vt__json_set_string(json, "digest", a->digest);
    vt__json_set_string(json, "attemptStatus", a->state == VT__LIVENESS_SUCCEEDED ? "Succeeded" : "Failed");
    vt__json_set_integer(json, "attemptsLeft", session->attempts_allowed - (int64_t)session->attempt_count);
    if (a->state == VT__LIVENESS_FAILED) vt__json_set_string(json, "livenessError", a->error);
    if (session->send_results && a->state == VT__LIVENESS_SUCCEEDED)
        vt__json_set_string(json, "livenessDecision", vt_liveness_decision_name(a->decision));
    vt__call_json(call, 200, json);
}

/* The session of the token; NULL when the route is the other kind's, for then the token serves nothing here. */
static vt__liveness_session *session_of_route(const char **token, vt__call *call)
{
    vt__liveness_session *session = vt__liveness_token_session(token, call);
    if (!session || session->with_verify == (strstr(call->operation->pattern, "WithVerify") != NULL)) return session;
    vt__free_secret(session, sizeof *session);
    vt__call_fail(call, VT__WIRE_LIVENESS_TOKEN);
    return NULL;
}

/* The picture to compare with, where the device supplies it (OP-104). */
void vt__rest_liveness_reference(vt__call *call)
{
    const char *token;
    vt_error err;
    vt__liveness_session *session = vt__liveness_token_session(&token, call);
    if (!session) return;
    vt__code code = vt__liveness_take_reference(session, call->service, &call->caller, call->session, call->request->body, call->request->body_bytes, &err);
    if (code == VT__CODE_CONFLICT) vt__call_fail(call, VT__WIRE_LIVENESS_REFERENCE);
    else if (!refused(call, code, &err)) vt__call_json(call, 200, vt__liveness_json_reference(session));
    vt__free_secret(session, sizeof *session);
}

void vt__rest_liveness_frames(vt__call *call)
{
    const char *token;
    vt_error err;
    size_t frames = 0;
    vt__liveness_session *session = vt__liveness_token_session(&token, call);
    if (!session) return;
    vt__code code = vt__liveness_stream(&frames, session, call->service, &call->caller, call->session, token, call->request->body,
                                        call->request->body_bytes, &err);
    bool told = code == VT__CODE_RATE_LIMITED ? vt__call_refused(call, code, &err) : refused(call, code, &err);
    if (!told) {
        vt__json *json = vt__json_object();
        vt__json_set_integer(json, "frames", (int64_t)frames);
        vt__call_json(call, 200, json);
    }
    vt__free_secret(session, sizeof *session);
}

void vt__rest_liveness_submit(vt__call *call)
{
    const char *token;
    vt_error err;
    vt__liveness_session *session = session_of_route(&token, call);
    if (!session) return;
    if (session->attempt_count)
        memcpy(session->attempts[session->attempt_count - 1].request_id, call->request->id, sizeof call->request->id);
    vt__code code = vt__liveness_submit(session, call->service, &call->caller, call->session, token, call->request->body,
                                        call->request->body_bytes, &err);
    if (!refused(call, code, &err)) answer(call, session);
    vt__free_secret(session, sizeof *session);
}

void vt__rest_liveness_end(vt__call *call)
{
    const char *token, *error;
    vt_error err;
    if (!vt__read_string(&error, call, "error")) return;
    vt__liveness_session *session = vt__liveness_token_session(&token, call);
    if (!session) return;
    if (!refused(call, vt__liveness_end(session, call->service, &call->caller, error ? error : "UserCanceledSession", &err), &err))
        vt__call_json(call, 200, vt__json_object());
    vt__free_secret(session, sizeof *session);
}
