#include "rest/rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "rest/call.h"
#include "service/job.h"

#define MAX_JSON_BYTES ((size_t)1 << 20)
#define MULTIPART_EXTRA_BYTES ((size_t)64 << 10)
#define JSON_DEPTH 16

static void add_common_headers(const vt__rest *rest, vt__http_response *response, const vt__http_request *request)
{
    vt__http_response_header(response, "apim-request-id", request->id);
    vt__http_response_header(response, "x-content-type-options", "nosniff");
    if (request->secure) vt__http_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    if (!rest->cors_origin) return;
    vt__http_response_header(response, "Access-Control-Allow-Origin", rest->cors_origin);
    vt__http_response_header(response, "Access-Control-Expose-Headers",
                             "Operation-Location, Location, apim-request-id, x-ms-error-code, Retry-After, x-vultus-faces-hidden, Content-Range");
}

/* ---- who asks ---- */

static bool find_caller(char tenant[VT__TENANT_BYTES], uint32_t *scopes, const vt__rest *rest, vt__http_request *request)
{
    const char *key = vt__http_header(request, "Ocp-Apim-Subscription-Key");
    const char *bearer = vt__http_header(request, "Authorization");
    vt__api_key_info info;
    vt__token token;
    if (key && !vt__service_key_find(&info, rest->service, key, NULL)) {
        snprintf(tenant, VT__TENANT_BYTES, "%s", info.tenant);
        snprintf(request->key_id, sizeof request->key_id, "%s", info.id);
        *scopes = info.scopes;
        return true;
    }
    if (!bearer || strncasecmp(bearer, "Bearer ", 7) != 0) return false;
    if (!vt__token_read(&token, rest->token_key, bearer + 7, vt__service_now_ms(rest->service))) return false;
    if (vt__service_key_get(&info, rest->service, token.tenant, token.key_id, NULL) || info.created_ms != token.key_since_ms) return false;
    snprintf(tenant, VT__TENANT_BYTES, "%s", token.tenant);
    snprintf(request->key_id, sizeof request->key_id, "%s", token.key_id);
    *scopes = token.scopes;
    return true;
}

/* ---- admission ---- */

static bool is_json(const vt__http_request *request)
{
    return vt__http_content_type_is(request, "application/json");
}

static bool is_image(const vt__http_request *request)
{
    const char *type = vt__http_header(request, "Content-Type");
    return type && (vt__http_content_type_is(request, "application/octet-stream") || strncasecmp(type, "image/", 6) == 0);
}

static bool is_video(const vt__http_request *request, unsigned takes)
{
    const char *type = vt__http_header(request, "Content-Type");
    return takes & VT__TAKES_VIDEO && type && strncasecmp(type, "video/", 6) == 0;
}

static const char *takes_text(unsigned takes)
{
    static const char *const texts[] = { "nothing", "application/json", "application/octet-stream",
                                         "application/json or application/octet-stream", "multipart/form-data",
                                         "application/json or multipart/form-data" };
    if (takes & VT__TAKES_VIDEO)
        return takes & VT__TAKES_IMAGE ? "video/*, image/*, application/octet-stream or application/json" : "video/* or application/json";
    return texts[takes < 6 ? takes : 0];
}

static bool media_type_fits(const vt__http_request *request, unsigned takes)
{
    if (takes == 0 || is_video(request, takes) || !vt__http_header(request, "Content-Type")) return true;
    return (takes & VT__TAKES_JSON && is_json(request)) || (takes & VT__TAKES_IMAGE && is_image(request)) ||
           (takes & VT__TAKES_MULTIPART && vt__http_content_type_is(request, "multipart/form-data"));
}

static size_t body_limit(const vt__rest *rest, const vt__http_request *request, unsigned takes)
{
    if (is_video(request, takes)) return (size_t)vt__upload_most_bytes(rest->service);
    if (takes & VT__TAKES_MULTIPART && !is_json(request)) return rest->max_image_bytes + MULTIPART_EXTRA_BYTES;
    return takes & VT__TAKES_IMAGE && !is_json(request) ? rest->max_image_bytes : MAX_JSON_BYTES;
}

static bool preflight(const vt__rest *rest, vt__http_response *response, const vt__http_request *request)
{
    if (strcmp(request->method, "OPTIONS") != 0 || !rest->cors_origin) return false;
    vt__http_response_header(response, "Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    vt__http_response_header(response, "Access-Control-Allow-Headers",
                             "Ocp-Apim-Subscription-Key, Authorization, Content-Type, x-ms-client-request-id");
    vt__http_response_empty(response, 204);
    return true;
}

static void versions_text(char *out, size_t size, unsigned versions)
{
    size_t used = 0;
    out[0] = 0;
    for (int v = 0; v < VT__VERSIONS; v++)
        if (versions >> v & 1) used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", vt__api_version_name((vt__api_version)v));
}

/* False: answered. */
static bool version_fits(vt__http_response *response, const vt__http_request *request, const vt__wire_operation *operation)
{
    vt__api_version version;
    char known[128];
    if (!operation->versions) return true;
    if (!vt__api_version_parse(&version, vt__http_param(request, "apiVersion"))) {
        vt__wire_error_set(response, VT__WIRE_VERSION_UNKNOWN, NULL);
    } else if (!(operation->versions >> version & 1)) {
        versions_text(known, sizeof known, operation->versions);
        vt__wire_error_set(response, VT__WIRE_VERSION_LACKS, known);
    } else {
        return true;
    }
    return false;
}

static bool permitted(const vt__rest *rest, vt__http_response *response, vt__http_request *request,
                      const vt__wire_operation *operation)
{
    char tenant[VT__TENANT_BYTES];
    uint32_t scopes = 0;
    if (operation->scope == VT__SCOPE_OPEN) return true;
    if (!find_caller(tenant, &scopes, rest, request)) {
        vt__wire_error_set(response, VT__WIRE_UNAUTHORIZED, NULL);
        vt__http_response_header(response, "WWW-Authenticate", "Bearer");
        return false;
    }
    request->rights = scopes;
    memcpy(request->tenant, tenant, sizeof tenant);
    if ((scopes & operation->scope) == operation->scope) return true;
    vt__wire_error_set(response, VT__WIRE_FORBIDDEN, vt__scope_name(operation->scope));
    return false;
}

static bool take_video(void *payload, const void *bytes, size_t size_bytes)
{
    return vt__upload_take(payload, bytes, size_bytes);
}

static void drop_video(void *payload)
{
    vt__upload_drop(payload);
}

/* A video goes to a sealed file as it comes. False: answered, there is no room for it. One that is too long anyway gets none. */
static bool receive_video(const vt__rest *rest, vt__http_response *response, vt__http_request *request)
{
    const char *length = vt__http_header(request, "Content-Length");
    uint64_t announced = length ? strtoull(length, NULL, 10) : 0;
    const vt__caller caller = { .tenant = request->tenant, .key_id = request->key_id, .scopes = (uint32_t)request->rights };
    vt__upload *upload;
    vt_error err;
    if (announced > request->body_limit_bytes) return true;
    vt__code code = vt__upload_begin(&upload, rest->service, &caller, announced, &err);
    if (code == VT__CODE_OK) {
        request->sink = (vt__http_body_sink){ take_video, drop_video, upload };
        return true;
    }
    vt__wire_error error = code == VT__CODE_JOBS_FULL ? VT__WIRE_JOBS_FULL : code == VT__CODE_UNSUPPORTED ? VT__WIRE_UNAVAILABLE : VT__WIRE_INTERNAL;
    vt__wire_error_set(response, error, code == VT__CODE_JOBS_FULL      ? err.text
                                        : code == VT__CODE_UNSUPPORTED ? "It runs no jobs on videos."
                                                                        : request->id);
    return false;
}

static bool admit(vt__http_response *response, vt__http_request *request, void *context)
{
    vt__rest *rest = context;
    char allowed[64];
    add_common_headers(rest, response, request);
    if (preflight(rest, response, request)) return false;
    const vt__wire_operation *operation = vt__wire_operation_find(allowed, request);
    request->route = operation;
    if (!operation) {
        vt__wire_error_set(response, allowed[0] ? VT__WIRE_METHOD : VT__WIRE_NOT_FOUND, allowed);
        if (allowed[0]) vt__http_response_header(response, "Allow", allowed);
        return false;
    }
    if (!permitted(rest, response, request, operation) || !version_fits(response, request, operation)) return false;
    if (!media_type_fits(request, operation->takes)) {
        vt__wire_error_set(response, VT__WIRE_MEDIA_TYPE, takes_text(operation->takes));
        return false;
    }
    request->body_limit_bytes = body_limit(rest, request, operation->takes);
    if (is_video(request, operation->takes) && !receive_video(rest, response, request)) return false;
    request->inline_answer = operation->scope == VT__SCOPE_OPEN && !operation->takes;
    return true;
}

/* ---- handling ---- */

/* A body is JSON where its type says so, or where it has no type and begins like an object. */
static bool body_is_json(const vt__call *call)
{
    const vt__http_request *request = call->request;
    if (!(call->operation->takes & VT__TAKES_JSON)) return false;
    if (vt__http_header(request, "Content-Type")) return is_json(request);
    return !(call->operation->takes & (VT__TAKES_IMAGE | VT__TAKES_MULTIPART)) ||
           (request->body_bytes && request->body[0] == '{');
}

static bool read_body(vt__call *call)
{
    const vt__http_request *request = call->request;
    if (!body_is_json(call)) return true;
    vt_status status = request->body_bytes
                           ? vt__json_parse(&call->body, request->body, request->body_bytes, JSON_DEPTH, NULL)
                           : VT_EINVAL;
    if (!status && vt__json_get_kind(call->body) == VT__JSON_OBJECT) return true;
    vt__call_fail(call, status == VT_EFORMAT ? VT__WIRE_JSON_INVALID : VT__WIRE_BODY_INVALID);
    return false;
}

/* The label that a client gives its camera; one that is no label is still one. */
static const char *camera_of(const vt__http_request *request)
{
    const char *label = vt__http_header(request, "x-vultus-camera");
    return label && vt__utf8_length(label) > 64 ? "unreadable" : label;
}

static void handle(vt__http_response *response, vt__http_request *request, void *worker, void *context)
{
    vt__rest *rest = context;
    const vt__wire_operation *operation = request->route;
    vt__call call = { .request = request, .response = response, .rest = rest, .operation = operation,
                      .service = rest->service, .session = worker, .kind = operation->kind };
    call.caller = (vt__caller){ .tenant = request->tenant, .key_id = request->key_id, .scopes = (uint32_t)request->rights,
                                .request_id = request->id,
                                .camera = camera_of(request) };
    vt__api_version_parse(&call.version, vt__http_param(request, "apiVersion"));
    if (read_body(&call)) operation->handle(&call);
    vt__json_free(call.body);
    vt__free(call.fetched);
}

static void refuse(vt__http_response *response, const vt__http_request *request, vt__http_refusal why, void *context)
{
    vt__rest *rest = context;
    static const vt__wire_error errors[] = { VT__WIRE_ARGUMENT, VT__WIRE_TOO_LARGE,   VT__WIRE_TIMEOUT, VT__WIRE_BUSY,
                                             VT__WIRE_BUSY,     VT__WIRE_UNAVAILABLE, VT__WIRE_INTERNAL, VT__WIRE_JOBS_FULL };
    const vt__wire_operation *operation = request->route;
    vt__wire_error error = errors[why];
    char about[64];
    snprintf(about, sizeof about, "%zu", request->body_limit_bytes);
    bool image = operation && operation->takes & VT__TAKES_IMAGE && !is_json(request) && !is_video(request, operation->takes);
    if (error == VT__WIRE_TOO_LARGE && image) error = VT__WIRE_IMAGE_BIG;
    add_common_headers(rest, response, request);
    vt__wire_error_set(response, error, error == VT__WIRE_ARGUMENT      ? "The URL is malformed."
                                        : error == VT__WIRE_UNAVAILABLE ? "It is stopping."
                                        : error == VT__WIRE_INTERNAL    ? request->id
                                        : error == VT__WIRE_JOBS_FULL   ? "The room for videos is full; delete jobs, or wait until they expire."
                                                                        : about);
}

/* ---- afterwards ---- */

static void count(const vt__rest *rest, const char *name, int status, int64_t duration_ns)
{
    char labels[128];
    snprintf(labels, sizeof labels, "operation=\"%s\",status=\"%d\"", name, status);
    vt__metric_add(vt__metrics_get(rest->metrics, VT__METRIC_COUNTER, "vultus_requests_total", "Requests answered", labels), 1);
    snprintf(labels, sizeof labels, "operation=\"%s\"", name);
    vt__metric_observe(vt__metrics_get(rest->metrics, VT__METRIC_SECONDS, "vultus_request_seconds",
                                       "Time from the first line of a request to its answer", labels), duration_ns);
}

static void done(const vt__http_request *request, const vt__http_response *response, int64_t duration_ns, void *context)
{
    const vt__rest *rest = context;
    const vt__wire_operation *operation = request->route;
    const char *name = operation ? operation->name : "none";
    count(rest, name, response->status, duration_ns);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "request", request->id);
    vt__json_set_string(fields, "operation", name);
    if (request->key_id[0]) vt__json_set_string(fields, "key", request->key_id);
    vt__json_set_integer(fields, "status", response->status);
    vt__json_set_string(fields, "code", response->error_code);
    vt__json_set(fields, "ms", vt__json_rounded((double)duration_ns * 1e-6, 1));
    vt__json_set_string(fields, "peer", request->peer);
    vt__log_write(rest->log, operation && operation->scope == VT__SCOPE_OPEN ? VT__LOG_DEBUG : VT__LOG_INFO, "request", fields);
}

void vt__call_log_failure(vt__call *call, const char *what, const vt_error *err)
{
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "request", call->request->id);
    vt__json_set_string(fields, "operation", call->operation->name);
    vt__json_set_string(fields, "code", what);
    vt__json_set_string(fields, "message", err->text);
    vt__log_write(call->rest->log, VT__LOG_ERROR, "failure", fields);
}

vt__http_handler vt__rest_handler(vt__rest *rest)
{
    return (vt__http_handler){ admit, handle, refuse, done, rest };
}

void *vt__rest_worker_begin(void *context)
{
    vt__rest *rest = context;
    vt_engine *engine = vt__service_engine(rest->service);
    vt_session *session = NULL;
    vt_error err;
    if (engine && vt_session_open(&session, engine, &err)) vt__log_text(rest->log, VT__LOG_ERROR, "session", "%s", err.text);
    return session;
}

void vt__rest_worker_end(void *worker, void *context)
{
    (void)context;
    if (worker) vt_session_close(worker);
}
