#include "rest/liveness_json.h"

#include <math.h>

#include "base/clock.h"

#define MODEL_V1_2 "2024-11-15"
#define MODEL_PREVIEW "2022-10-15-preview.04"

static vt__json *rectangle(vt_box box)
{
    vt__json *json = vt__json_object();
    vt__json_set_integer(json, "top", lrintf(box.top));
    vt__json_set_integer(json, "left", lrintf(box.left));
    vt__json_set_integer(json, "width", lrintf(box.width));
    vt__json_set_integer(json, "height", lrintf(box.height));
    return json;
}

static void set_targets(vt__json *to, const vt__liveness_attempt *a)
{
    vt__json *targets = vt__json_object(), *colour = vt__json_object();
    vt__json_set(colour, "faceRectangle", rectangle(a->box));
    vt__json_set(targets, "color", colour);
    vt__json_set(to, "targets", targets);
}

static vt__json *verify_result(const vt__liveness_attempt *a)
{
    vt__json *json = vt__json_object();
    vt__json_set_real(json, "matchConfidence", (double)a->confidence);
    vt__json_set_bool(json, "isIdentical", a->identical);
    return json;
}

static const char *state_name(vt__liveness_state state)
{
    static const char *const names[] = { "NotStarted", "Running", "Succeeded", "Failed", "Canceled" };
    return names[state];
}

static const char *quality_name(vt_level level)
{
    static const char *const names[] = { "low", "medium", "high" };
    return names[level];
}

static vt__json *result_json(const vt__liveness_session *s, const vt__liveness_attempt *a)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "livenessDecision", vt_liveness_decision_name(a->decision));
    set_targets(json, a);
    vt__json_set_string(json, "digest", a->digest);
    if (a->image_id[0]) vt__json_set_string(json, "sessionImageId", a->image_id);
    if (a->verified) vt__json_set(json, "verifyResult", verify_result(a));
    if (s->hash_wanted && s->has_reference) vt__json_set_string(json, "verifyImageHash", s->reference_hash);
    return json;
}

static vt__json *flagged(const vt__liveness_attempt *a)
{
    vt__json *list = vt__json_array();
    if (!a->abuse) return list;
    vt__json *one = vt__json_object();
    vt__json_set_integer(one, "attemptId", a->flagged_attempt);
    vt__json_set_string(one, "sessionId", a->flagged_session);
    vt__json_append(list, one);
    return list;
}

static vt__json *attempt_json(const vt__liveness_session *s, size_t i, vt__api_version version)
{
    const vt__liveness_attempt *a = &s->attempts[i];
    vt__json *json = vt__json_object();
    vt__json_set_integer(json, "attemptId", (int64_t)i + 1);
    vt__json_set_string(json, "attemptStatus", state_name(a->state));
    if (a->state == VT__LIVENESS_SUCCEEDED) vt__json_set(json, "result", result_json(s, a));
    if (a->state >= VT__LIVENESS_FAILED) {
        vt__json *error = vt__json_object();
        vt__json_set_string(error, "code", a->error);
        vt__json_set_string(error, "message", "The attempt ended without a decision.");
        set_targets(error, a);
        vt__json_set(json, "error", error);
    }
    if (version == VT__V1_3_PREVIEW_1 && a->state >= VT__LIVENESS_SUCCEEDED) {
        vt__json *clients = vt__json_array(), *client = vt__json_object(), *abuse = vt__json_object();
        vt__json_set_string(client, "ip", a->peer);
        vt__json_append(clients, client);
        vt__json_set(json, "clientInformation", clients);
        vt__json_set_bool(abuse, "isAbuseDetected", a->abuse);
        vt__json_set(abuse, "otherFlaggedSessions", flagged(a));
        vt__json_set(json, "abuseMonitoringResult", abuse);
    }
    return json;
}

vt__json *vt__liveness_json_reference(const vt__liveness_session *session)
{
    vt__json *json = vt__json_object();
    vt__json_set(json, "faceRectangle", rectangle(session->reference_box));
    vt__json_set_string(json, "qualityForRecognition", quality_name(session->reference_quality));
    return json;
}

static bool expired(const vt__liveness_session *s, int64_t now_ms)
{
    return now_ms >= s->created_ms + INT64_C(1000) * s->ttl_s;
}

static vt__liveness_state session_state(const vt__liveness_session *s, int64_t now_ms)
{
    if (!s->attempt_count) return expired(s, now_ms) ? VT__LIVENESS_FAILED : VT__LIVENESS_NOT_STARTED;
    vt__liveness_state last = s->attempts[s->attempt_count - 1].state;
    bool more = (int32_t)s->attempt_count < s->attempts_allowed && !expired(s, now_ms);
    return last != VT__LIVENESS_SUCCEEDED && more ? VT__LIVENESS_RUNNING : last;
}

vt__json *vt__liveness_json(const vt__liveness_session *session, const char *token, vt__api_version version, int64_t now_ms)
{
    vt__liveness_state state = session_state(session, now_ms);
    vt__json *json = vt__json_object(), *results = vt__json_object(), *attempts = vt__json_array();
    vt__json_set_string(json, "sessionId", session->id);
    vt__json_set_string(json, "authToken", token);
    vt__json_set_string(json, "status", state_name(state));
    if (state != VT__LIVENESS_RUNNING) vt__json_set_string(json, "modelVersion", MODEL_V1_2);
    if (version == VT__V1_3_PREVIEW_1) vt__json_set_bool(json, "isAbuseMonitoringEnabled", session->watched);
    if (version == VT__V1_3_PREVIEW_1 && session->expected_client[0])
        vt__json_set_string(json, "expectedClientIpAddress", session->expected_client);
    for (size_t i = session->attempt_count; i-- > 0;) vt__json_append(attempts, attempt_json(session, i, version));
    vt__json_set(results, "attempts", attempts);
    if (session->has_reference) {
        vt__json *references = vt__json_array(), *reference = vt__liveness_json_reference(session);
        vt__json_set_string(reference, "referenceType", "image");
        vt__json_append(references, reference);
        vt__json_set(results, "verifyReferences", references);
    }
    vt__json_set(json, "results", results);
    return json;
}

static void set_time(vt__json *to, const char *name, int64_t time_ms)
{
    char text[VT__TIME_TEXT_BYTES];
    vt__time_text(text, time_ms);
    vt__json_set_string(to, name, text);
}

static vt__json *response_body(const vt__liveness_session *s, const vt__liveness_attempt *a)
{
    vt__json *body = vt__json_object(), *target = vt__json_object();
    if (a->state == VT__LIVENESS_SUCCEEDED) vt__json_set_string(body, "livenessDecision", vt_liveness_decision_name(a->decision));
    vt__json_set(target, "faceRectangle", rectangle(a->box));
    vt__json_set_string(target, "fileName", "content");
    vt__json_set_integer(target, "timeOffsetWithinFile", 0);
    vt__json_set_string(target, "imageType", "Color");
    vt__json_set(body, "target", target);
    vt__json_set_string(body, "modelVersionUsed", MODEL_PREVIEW);
    if (!a->verified) return body;
    vt__json *verify = verify_result(a);
    vt__json_set(verify, "verifyImage", vt__liveness_json_reference(s));
    vt__json_set(body, "verifyResult", verify);
    return body;
}

vt__json *vt__liveness_json_audit(const vt__liveness_session *session, size_t attempt)
{
    const vt__liveness_attempt *a = &session->attempts[attempt];
    vt__json *json = vt__json_object(), *request = vt__json_object(), *response = vt__json_object();
    vt__json_set_integer(json, "id", (int64_t)attempt + 1);
    vt__json_set_string(json, "sessionId", session->id);
    vt__json_set_string(json, "requestId", a->request_id);
    vt__json_set_string(json, "clientRequestId", a->request_id);
    set_time(json, "receivedDateTime", a->received_ms ? a->received_ms : a->started_ms);
    vt__json_set_string(request, "url", session->with_verify ? "/face/v1.2-preview.1/detectLivenessWithVerify/singleModal"
                                                             : "/face/v1.2-preview.1/detectLiveness/singleModal");
    vt__json_set_string(request, "method", "POST");
    vt__json_set_integer(request, "contentLength", a->size_bytes);
    vt__json_set_string(request, "contentType", "application/octet-stream");
    vt__json_set(json, "request", request);
    vt__json_set(response, "body", response_body(session, a));
    vt__json_set_integer(response, "statusCode", 200);
    vt__json_set_integer(response, "latencyInMilliseconds", a->latency_ms);
    vt__json_set(json, "response", response);
    vt__json_set_string(json, "digest", a->digest);
    if (a->image_id[0]) vt__json_set_string(json, "sessionImageId", a->image_id);
    if (session->hash_wanted && session->has_reference) vt__json_set_string(json, "verifyImageHash", session->reference_hash);
    return json;
}

vt__json *vt__liveness_json_preview(const vt__liveness_session *session, int64_t now_ms, bool with_result)
{
    vt__json *json = vt__json_object();
    size_t n = session->attempt_count;
    bool done = n && session->attempts[n - 1].state == VT__LIVENESS_SUCCEEDED;
    vt__json_set_string(json, "id", session->id);
    set_time(json, "createdDateTime", session->created_ms);
    if (n) set_time(json, "sessionStartDateTime", session->attempts[0].started_ms);
    vt__json_set_bool(json, "sessionExpired", expired(session, now_ms));
    if (session->device[0]) vt__json_set_string(json, "deviceCorrelationId", session->device);
    vt__json_set_integer(json, "authTokenTimeToLiveInSeconds", session->ttl_s);
    if (!with_result) return json;
    vt__json_set_string(json, "status", done ? "ResultAvailable" : n ? "Started" : "NotStarted");
    if (done) vt__json_set(json, "result", vt__liveness_json_audit(session, n - 1));
    return json;
}
