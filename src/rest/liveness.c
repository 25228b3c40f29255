/* Liveness sessions: create, get, list, delete, audit and image, for applications. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "http/address.h"
#include "http/multipart.h"
#include "rest/handlers.h"
#include "rest/liveness_json.h"
#include "rest/liveness_token.h"

static bool with_verify(const vt__call *call)
{
    return strstr(call->operation->pattern, "WithVerify") != NULL;
}

static bool preview(const vt__call *call)
{
    return strstr(call->operation->pattern, "/singleModal/") != NULL;
}

static bool refused(vt__call *call, vt__code code, const vt_error *err)
{
    static const struct {
        vt__code code;
        vt__wire_error error;
    } own[] = { { VT__CODE_OPERATION_NOT_FOUND, VT__WIRE_LIVENESS_SESSION_NOT_FOUND }, { VT__CODE_RATE_LIMITED, VT__WIRE_LIVENESS_FLAGGED },
                { VT__CODE_CONFLICT, VT__WIRE_LIVENESS_ATTEMPTS } };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i].code == code) {
            vt__call_fail_about(call, own[i].error, "%s", err->text);
            return true;
        }
    return vt__call_refused(call, code, err);
}

/* Makes call->body of a form: the JSON in "Parameters", or each part as a text. */
static bool read_form(const vt__part **image, vt__parts *parts, vt__call *call)
{
    vt_error err;
    if (vt__multipart_parse(parts, vt__http_header(call->request, "Content-Type"), call->request->body, call->request->body_bytes, &err)) {
        vt__call_fail_about(call, VT__WIRE_MULTIPART_INVALID, "%s", err.text);
        return false;
    }
    const vt__part *parameters = vt__multipart_get(parts, "Parameters");
    *image = vt__multipart_get(parts, "verifyImage");
    if (parameters) {
        if (!vt__json_parse(&call->body, parameters->bytes, parameters->size_bytes, 16, NULL)) return true;
        vt__call_fail(call, VT__WIRE_JSON_INVALID);
        return false;
    }
    call->body = vt__json_object();
    for (size_t i = 0; i < parts->count; i++)
        if (&parts->items[i] != *image)
            vt__json_set(call->body, parts->items[i].name, vt__json_string_n((const char *)parts->items[i].bytes, parts->items[i].size_bytes));
    return true;
}

/* Members in any letter case. */
static const vt__json *member(const vt__call *call, const char *name)
{
    for (size_t i = 0; i < vt__json_count(call->body); i++) {
        const vt__json *value = vt__json_value_at(call->body, i);
        if (strcasecmp(vt__json_key_at(call->body, i), name) == 0 && vt__json_get_kind(value) != VT__JSON_NULL) return value;
    }
    return NULL;
}

/* Booleans and numbers may come as texts, as forms send them. */
static bool flag(bool *good, const vt__call *call, const char *name)
{
    bool truth = false;
    const char *text;
    const vt__json *value = member(call, name);
    if (!value || vt__json_as_bool(&truth, value)) return truth;
    if (vt__json_as_string(&text, value) && strcasecmp(text, "true") == 0) return true;
    if (!vt__json_as_string(&text, value) || strcasecmp(text, "false") != 0) *good = false;
    return false;
}

static double number(bool *good, const vt__call *call, const char *name, double fallback)
{
    double out = fallback;
    const char *text;
    char *end;
    const vt__json *value = member(call, name);
    if (!value || vt__json_as_number(&out, value)) return out;
    if (!vt__json_as_string(&text, value) || !*text) *good = false;
    else if (out = strtod(text, &end), *end) *good = false;
    return out;
}

static bool read_mode(vt__liveness_session *out, const vt__call *call)
{
    const char *mode;
    if (!vt__json_as_string(&mode, member(call, "livenessOperationMode"))) return false;
    out->mode = strcasecmp(mode, "PassiveActive") == 0 ? VT_LIVENESS_PASSIVE_ACTIVE : VT_LIVENESS_PASSIVE;
    return out->mode == VT_LIVENESS_PASSIVE_ACTIVE || strcasecmp(mode, "Passive") == 0;
}

static bool read_device(vt__liveness_session *out, const vt__call *call)
{
    const char *device;
    if (!vt__json_as_string(&device, member(call, "deviceCorrelationId"))) return out->device_in_client;
    size_t length = vt__utf8_length(device);
    if (out->device_in_client || length == 0 || length > VT__LIVENESS_DEVICE_MAX) return false;
    snprintf(out->device, sizeof out->device, "%s", device);
    return true;
}

/* One address or network. */
static bool read_client(vt__liveness_session *out, const vt__call *call)
{
    const char *text;
    vt__networks networks;
    const vt__json *value = member(call, "expectedClientIpAddress");
    if (!value) return true;
    if (!vt__json_as_string(&text, value) || strlen(text) > VT__LIVENESS_CLIENT_MAX) return false;
    if (vt__networks_parse(&networks, text, NULL) || networks.count != 1) return false;
    snprintf(out->expected_client, sizeof out->expected_client, "%s", text);
    return true;
}

static bool read_wish(vt__liveness_session *out, vt__call *call)
{
    bool good = true;
    *out = (vt__liveness_session){ .with_verify = with_verify(call) };
    out->device_in_client = flag(&good, call, "deviceCorrelationIdSetInClient");
    out->image_wanted = flag(&good, call, "enableSessionImage");
    out->hash_wanted = flag(&good, call, "returnVerifyImageHash");
    out->send_results = flag(&good, call, "sendResultsToClient");
    double threshold = number(&good, call, "verifyConfidenceThreshold", -1), ttl = number(&good, call, "authTokenTimeToLiveInSeconds", VT__LIVENESS_TTL_DEFAULT_S);
    double attempts = number(&good, call, "numberOfClientAttemptsAllowed", preview(call) ? VT__LIVENESS_ATTEMPTS_MAX : 1);
    vt__wire_error error = VT__WIRE_ERRORS;
    if (!good || threshold > 1 || (threshold < 0 && member(call, "verifyConfidenceThreshold")) || attempts < 1 || attempts > VT__LIVENESS_ATTEMPTS_MAX ||
        !read_client(out, call))
        error = VT__WIRE_LIVENESS_BODY;
    else if (!read_mode(out, call)) error = VT__WIRE_LIVENESS_MODE;
    else if (!(ttl >= VT__LIVENESS_TTL_MIN_S && ttl <= VT__LIVENESS_TTL_MAX_S)) error = VT__WIRE_LIVENESS_LIFETIME;
    else if (!read_device(out, call)) error = VT__WIRE_LIVENESS_DEVICE;
    if (error != VT__WIRE_ERRORS) {
        vt__call_fail_about(call, error, "A member of the request is out of its range or of another type.");
        return false;
    }
    out->verify_threshold = (float)threshold;
    out->ttl_s = (int32_t)ttl;
    out->attempts_allowed = (int32_t)attempts;
    return true;
}

/* Where the new session stands. */
static void link_session(vt__call *call, const char *id)
{
    vt__call_link(call, "Location", "/face/%s/%s/%s", vt__api_version_name(call->version),
                  with_verify(call) ? "detectLivenessWithVerify-sessions" : "detectLiveness-sessions", id);
}

static void answer_created(vt__call *call, const vt__liveness_session *session)
{
    char address[512];
    link_session(call, session->id);
    vt__call_address(address, sizeof address, call);
    char *token = vt__liveness_token_make(session, call->caller.tenant, address);
    vt__json *json = NULL;
    if (token && preview(call)) {
        json = vt__json_object();
        vt__json_set_string(json, "sessionId", session->id);
        vt__json_set_string(json, "authToken", token);
        if (session->has_reference) vt__json_set(json, "verifyImage", vt__liveness_json_reference(session));
    } else if (token) {
        json = vt__liveness_json(session, token, call->version, session->created_ms);
    }
    vt__call_json(call, 200, json);
    vt__free(token);
}

void vt__rest_liveness_create(vt__call *call)
{
    vt__parts *parts = vt__calloc(1, sizeof *parts);
    vt__liveness_session *session = vt__calloc(1, sizeof *session);
    const vt__part *image = NULL;
    vt_error err;
    bool form = vt__http_content_type_is(call->request, "multipart/form-data"), good = parts && session;
    if (!good) vt__call_fail_about(call, VT__WIRE_INTERNAL, "%s", call->request->id);
    if (good && form) good = read_form(&image, parts, call);
    if (good) good = read_wish(session, call);
    if (good && with_verify(call) && !image && !preview(call)) {
        vt__call_fail_about(call, VT__WIRE_LIVENESS_BODY, "The part 'verifyImage' is missing; send multipart/form-data.");
        good = false;
    }
    if (good && !refused(call, vt__liveness_create(session, call->service, &call->caller, call->session, with_verify(call) && image ? image->bytes : NULL,
                                                   image ? image->size_bytes : 0, &err), &err))
        answer_created(call, session);
    vt__free_secret(session, sizeof *session);
    vt__free(parts);
}

static vt__liveness_session *find(vt__call *call)
{
    vt__liveness_session *session = vt__calloc(1, sizeof *session);
    vt_error err;
    if (!session) vt__call_fail_about(call, VT__WIRE_INTERNAL, "%s", call->request->id);
    else if (!refused(call, vt__liveness_get(session, call->service, &call->caller, vt__http_param(call->request, "sessionId"), with_verify(call), &err), &err))
        return session;
    vt__free_secret(session, sizeof *session);
    return NULL;
}

void vt__rest_liveness_get(vt__call *call)
{
    vt__liveness_session *session = find(call);
    int64_t now = vt__service_now_ms(call->service);
    if (!session) return;
    vt__call_json(call, 200, preview(call) ? vt__liveness_json_preview(session, now, true) : vt__liveness_json(session, "", call->version, now));
    vt__free_secret(session, sizeof *session);
}

void vt__rest_liveness_delete(vt__call *call)
{
    vt_error err;
    vt__code code = vt__liveness_delete(call->service, &call->caller, vt__http_param(call->request, "sessionId"), with_verify(call), &err);
    if (!refused(call, code, &err)) vt__call_empty(call, preview(call) ? 200 : 204);
}

void vt__rest_liveness_list(vt__call *call)
{
    vt__liveness_session *sessions;
    size_t top, count;
    const char *start;
    vt_error err;
    if (!vt__read_paging(&start, &top, call)) return;
    vt__code code = vt__liveness_list(&sessions, &count, call->service, &call->caller, with_verify(call), start, top, &err);
    if (refused(call, code, &err)) return;
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < count; i++) vt__json_append(list, vt__liveness_json_preview(&sessions[i], vt__service_now_ms(call->service), false));
    vt__free_secret(sessions, count * sizeof *sessions);
    vt__call_json(call, 200, list);
}

void vt__rest_liveness_audit(vt__call *call)
{
    size_t top;
    const char *start;
    if (!vt__read_paging(&start, &top, call)) return;
    vt__liveness_session *session = find(call);
    if (!session) return;
    unsigned long from = strtoul(start, NULL, 10);
    vt__json *list = vt__json_array();
    for (size_t i = session->attempt_count; i-- > 0;)
        if (i + 1 > from && top-- > 0) vt__json_append(list, vt__liveness_json_audit(session, i));
    vt__free_secret(session, sizeof *session);
    vt__call_json(call, 200, list);
}

void vt__rest_liveness_image(vt__call *call)
{
    const char *id = vt__http_param(call->request, "sessionImageId");
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_error err;
    char name[96];
    vt__code code = vt__liveness_image(&bytes, &size, call->service, &call->caller, id, &err);
    if (code == VT__CODE_OPERATION_NOT_FOUND) vt__call_fail(call, VT__WIRE_LIVENESS_IMAGE_NOT_FOUND);
    else if (!vt__call_refused(call, code, &err)) {
        snprintf(name, sizeof name, "attachment; filename=%s.jpg", id);
        vt__http_response_header(call->response, "Content-Disposition", name);
        vt__http_response_body(call->response, 200, "application/octet-stream", bytes, size);
    }
}

/* {"livenessAbuseMonitoring":{"enabled":bool}} */
static void answer_settings(vt__call *call, bool on)
{
    vt__json *json = vt__json_object(), *watching = vt__json_object();
    vt__json_set_bool(watching, "enabled", on);
    vt__json_set(json, "livenessAbuseMonitoring", watching);
    vt__call_json(call, 200, json);
}

void vt__rest_liveness_settings(vt__call *call)
{
    bool on = true;
    vt_error err;
    vt__code code = vt__liveness_watching(&on, call->service, &call->caller, &err);
    if (!vt__call_refused(call, code, &err)) answer_settings(call, on);
}

void vt__rest_liveness_settings_change(vt__call *call)
{
    bool on;
    vt_error err;
    const vt__json *watching = vt__json_get(call->body, "livenessAbuseMonitoring");
    if (!vt__json_as_bool(&on, vt__json_get(watching ? watching : call->body, "enabled"))) {
        vt__call_fail_about(call, VT__WIRE_LIVENESS_BODY, "'livenessAbuseMonitoring.enabled' is missing; give true or false.");
        return;
    }
    vt__code code = vt__liveness_set_watching(call->service, &call->caller, on, &err);
    if (!vt__call_refused(call, code, &err)) answer_settings(call, on);
}
