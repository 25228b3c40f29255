/* What is there beside the operations: health, counters, the description, the status page, and the answer of
 * operations that are not served. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rest/docs.h"
#include "rest/handlers.h"
#include "rest/items.h"
#include "rest/rest.h"

extern const unsigned char vt__openapi_text[];
extern const size_t vt__openapi_text_bytes;
extern const unsigned char vt__status_html[];
extern const size_t vt__status_html_bytes;

void vt__rest_not_served(vt__call *call)
{
    vt__call_fail_about(call, VT__WIRE_NOT_SERVED, "%s (%s)", call->operation->name,
                        strstr(call->operation->pattern, "snapshots") ? "snapshots were retired in 2023; use vultus backup"
                                                                      : "see /openapi.json for what it serves");
}

void vt__rest_healthz(vt__call *call)
{
    vt__call_json(call, 200, vt__one_json("status", "ok"));
}

/* Why requests cannot be answered, or NULL. */
static const char *unready(const vt__call *call)
{
    if (atomic_load(&call->rest->stopping)) return "The server is stopping.";
    if (!vt__service_engine(call->service)) return "No model pack is loaded.";
    return NULL;
}

void vt__rest_readyz(vt__call *call)
{
    const char *why = unready(call);
    if (why) vt__call_fail_about(call, VT__WIRE_UNAVAILABLE, "%s", why);
    else vt__call_json(call, 200, vt__one_json("status", "ready"));
}

static void set_gauge(const vt__call *call, const char *name, const char *help, int64_t value)
{
    vt__metric_set(vt__metrics_get(call->rest->metrics, VT__METRIC_GAUGE, name, help, ""), value);
}

void vt__rest_metrics(vt__call *call)
{
    vt__http_server *server = atomic_load(&call->rest->server);
    if (server) {
        vt__http_counts counts = vt__http_server_counts(server);
        set_gauge(call, "vultus_connections", "Open connections", counts.connections);
        set_gauge(call, "vultus_requests_in_flight", "Requests being read, waiting or worked on", counts.requests);
        set_gauge(call, "vultus_requests_waiting", "Requests in the queue", counts.waiting);
        set_gauge(call, "vultus_bodies_bytes", "Bytes of request bodies held", (int64_t)counts.bodies_bytes);
    }
    vt__buffer text;
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt__buffer_init(&text, (size_t)8 << 20);
    vt__metrics_text(&text, call->rest->metrics);
    vt__buffer_take(&bytes, &size, &text, NULL);
    vt__buffer_free(&text);
    vt__http_response_body(call->response, 200, "text/plain; version=0.0.4; charset=utf-8", bytes, size);
}

void vt__rest_openapi(vt__call *call)
{
    vt__http_response_static(call->response, 200, "application/json; charset=utf-8", vt__openapi_text, vt__openapi_text_bytes);
}

/* Values of the status page, by the name in its {gaps}. Inline answers ask no engine and no lock that work holds long. */
static vt__json *status_values(const vt__call *call)
{
    vt__service_counts counts = { 0 };
    vt_engine *engine = vt__service_engine(call->service);
    const char *why = unready(call);
    char since[VT__TIME_TEXT_BYTES];
    vt__time_text(since, call->rest->started_ms);
    vt__json *out = vt__one_json("version", VULTUS_VERSION);
    vt__json_set_string(out, "health", why ? why : "ready");
    vt__json_set_string(out, "pack", engine ? vt_engine_digest(engine) : "none");
    if (!vt__service_count(&counts, call->service, NULL)) {
        vt__json_set_integer(out, "collections", (int64_t)counts.collections);
        vt__json_set_integer(out, "persons", (int64_t)counts.persons);
        vt__json_set_integer(out, "faces", (int64_t)counts.faces);
        vt__json_set_integer(out, "face_ids", (int64_t)counts.face_ids);
    }
    vt__json_set_string(out, "since", since);
    return out;
}

void vt__rest_status(vt__call *call)
{
    vt__call_json(call, 200, status_values(call));
}

void vt__rest_doc_page(vt__call *call)
{
    const char *name = vt__http_param(call->request, "page");
    const vt__doc *doc = vt__docs;
    while (doc->name && strcmp(doc->name, name)) doc++;
    if (doc->name) vt__http_response_static(call->response, 200, "text/plain; charset=utf-8", doc->text, *doc->bytes);
    else vt__call_fail(call, VT__WIRE_NOT_FOUND);
}

static void link_docs(vt__buffer *out)
{
    for (const vt__doc *doc = vt__docs; doc->name; doc++)
        vt__buffer_format(out, "%s<a href=\"/docs/%s\">%s</a>", doc == vt__docs ? "" : " · ", doc->name, doc->name);
}

static void fill_gap(vt__buffer *out, const vt__json *values, const char *name, size_t size)
{
    char key[32];
    int64_t number;
    const char *text;
    if (size >= sizeof key) return;
    memcpy(key, name, size);
    key[size] = 0;
    const vt__json *value = vt__json_get(values, key);
    if (vt__json_as_integer(&number, value)) vt__buffer_format(out, "%lld", (long long)number);
    else if (vt__json_as_string(&text, value)) vt__buffer_text(out, text);
}

void vt__rest_status_page(vt__call *call)
{
    const char *at = (const char *)vt__status_html;
    vt__json *values = status_values(call);
    vt__buffer out;
    vt__buffer_init(&out, (size_t)1 << 20);
    for (const char *gap = strchr(at, '{'); gap; gap = strchr(gap + 1, '{')) {
        size_t size = strcspn(gap + 1, "} \n\t");
        if (gap[1 + size] != '}') continue; /* a brace of the style sheet */
        vt__buffer_append(&out, at, (size_t)(gap - at));
        if (!strncmp(gap, "{docs}", 6)) link_docs(&out);
        else fill_gap(&out, values, gap + 1, size);
        at = gap + size + 2;
    }
    vt__buffer_text(&out, at);
    vt__json_free(values);
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt__buffer_take(&bytes, &size, &out, NULL);
    vt__buffer_free(&out);
    vt__http_response_header(call->response, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    vt__http_response_body(call->response, 200, "text/html; charset=utf-8", bytes, size);
}
