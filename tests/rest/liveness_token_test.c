/* A liveness session's token, misused: on every other route, for another session, expired, deleted, tampered, from elsewhere. */
#include "support/test.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "rest/operation.h"
#include "service/liveness_session.h"
#include "service/state.h"
#include "support/client.h"
#include "support/serving.h"

static serving server;
static _Atomic int64_t ahead_ms;

static int64_t read_clock(void *context)
{
    (void)context;
    const vt__clock real = vt__clock_system();
    return vt__clock_now_ms(&real) + atomic_load(&ahead_ms);
}

static int begin(void **state)
{
    (void)state;
    serving_open_at(&server, (vt__clock){ read_clock, NULL });
    return 0;
}

static int end(void **state)
{
    (void)state;
    serving_close(&server);
    return 0;
}

typedef struct session {
    char id[64], token[1024];
} session;

static void copy_member(char *out, size_t size, const char *json, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(json, key);
    assert_non_null(at);
    at += strlen(key);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static session create_for(int seconds, const char *more)
{
    client_answer answer;
    session s;
    char body[512];
    snprintf(body, sizeof body, "{\"livenessOperationMode\":\"Passive\",\"deviceCorrelationId\":\"d\",\"authTokenTimeToLiveInSeconds\":%d%s}", seconds, more);
    client_request(&answer, server.port, "POST", "/face/v1.3-preview.1/detectLiveness-sessions",
                   "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n", body, strlen(body));
    if (answer.status != 200) fail_msg("%d %s", answer.status, answer.body);
    copy_member(s.id, sizeof s.id, answer.body, "sessionId");
    copy_member(s.token, sizeof s.token, answer.body, "authToken");
    client_answer_free(&answer);
    return s;
}

static session create(const char *more)
{
    return create_for(60, more);
}

static int status_of(const char *method, const char *path, const char *token, const char *type, const char *body)
{
    client_answer answer;
    char headers[2400];
    snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\nContent-Type: %s\r\n", token, type);
    client_request(&answer, server.port, method, path, headers, body, strlen(body));
    int status = answer.status;
    client_answer_free(&answer);
    return status;
}

static int use(const char *path, const char *token)
{
    bool json = strstr(path, "start") || strstr(path, "end");
    return status_of("POST", path, token, json ? "application/json" : "application/octet-stream", json ? "{}" : "VLP1");
}

static const char *const device_routes[] = { "/face/v1.2/session/start", "/face/v1.2/session/attempt/frames", "/face/v1.2/session/verifyImage",
                                             "/face/v1.2/detectLiveness/singleModal", "/face/v1.2/detectLivenessWithVerify/singleModal",
                                             "/face/v1.2/session/attempt/end" };

static void assert_refused_everywhere(const char *token, const char *what)
{
    for (size_t i = 0; i < ROWS(device_routes); i++) {
        int status = use(device_routes[i], token);
        if (status != 401) fail_msg("%s on %s: %d", what, device_routes[i], status);
    }
}

static void it_opens_no_other_route(void **state)
{
    (void)state;
    session s = create("");
    char own[128], image[128];
    snprintf(own, sizeof own, "/face/v1.2/detectLiveness-sessions/%s", s.id);
    snprintf(image, sizeof image, "/face/v1.2/sessionImages/%s", s.id);
    const struct {
        const char *method, *path, *type, *body;
    } rows[] = {
        { "GET", own, "application/json", "" },
        { "DELETE", own, "application/json", "" },
        { "GET", image, "application/json", "" },
        { "GET", "/face/v1.2-preview.1/detectLiveness/singleModal/sessions", "application/json", "" },
        { "POST", "/face/v1.2/detectLiveness-sessions", "application/json", "{\"livenessOperationMode\":\"Passive\",\"deviceCorrelationId\":\"d\"}" },
        { "POST", "/face/v1.2/detect", "application/octet-stream", "x" },
        { "POST", "/face/v1.2/verify", "application/json", "{}" },
        { "GET", "/face/v1.2/largepersongroups", "application/json", "" },
        { "PATCH", "/face/v1.3-preview.1/settings", "application/json", "{\"livenessAbuseMonitoring\":{\"enabled\":false}}" },
        { "POST", "/face/v1.2/detectLivenessWithVerify/singleModal", "application/octet-stream", "VLP1" }, /* the other kind */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int status = status_of(rows[i].method, rows[i].path, s.token, rows[i].type, rows[i].body);
        if (status != 401 && status != 403) fail_msg("%s %s: %d", rows[i].method, rows[i].path, status);
    }
    assert_int_equal(use("/face/v1.2/session/verifyImage", s.token), 403);
    assert_int_equal(use("/face/v1.2/session/start", s.token), 200); /* and is still good where it belongs */
    assert_int_equal(use("/face/v1.2/session/start", s.token), 403); /* once */
    assert_int_equal(use("/face/v1.2/session/attempt/end", s.token), 200);
    assert_int_equal(use("/face/v1.2/session/attempt/end", s.token), 403);
}

static void make_link(char *out, size_t size, const session *s)
{
    client_answer answer;
    char body[128], url[2048];
    snprintf(body, sizeof body, "{\"sessionId\":\"%s\"}", s->id);
    client_request(&answer, server.port, "POST", "/vultus/v1/liveness/links",
                   "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n", body, strlen(body));
    if (answer.status != 200) fail_msg("%d %s", answer.status, answer.body);
    copy_member(url, sizeof url, answer.body, "url");
    client_answer_free(&answer);
    snprintf(out, size, "%s", strchr(url, '#') + 1);
}

/* The operation's path in a version, with the session's id for every other parameter. */
static void path_of(char *out, size_t size, const char *pattern, const char *version, const char *id)
{
    size_t n = 0;
    while (*pattern && n + 1 < size) {
        if (*pattern != '{') {
            out[n++] = *pattern++;
            continue;
        }
        n += (size_t)snprintf(out + n, size - n, "%s", strncmp(pattern, "{apiVersion}", 12) ? id : version);
        pattern += strcspn(pattern, "}") + 1;
    }
    out[n < size ? n : size - 1] = 0;
}

/* What a device does with its token, and what only a link's token does. */
static bool takes_token(const vt__wire_operation *operation, bool link)
{
    static const char *const device[] = { "startLivenessAttempt", "submitLiveness", "submitLivenessWithVerify", "endLivenessAttempt",
                                          "streamLivenessFrames", "setLivenessVerifyImage" };
    if (!strcmp(operation->name, "openLivenessLink")) return link;
    for (size_t i = 0; i < ROWS(device); i++)
        if (!strcmp(operation->name, device[i])) return !link;
    return false;
}

static bool is_page(const vt__wire_operation *operation)
{
    return operation->scope == VT__SCOPE_OPEN && !takes_token(operation, false) && !takes_token(operation, true);
}

static int refusals_in(const vt__wire_operation *operation, const char *version, const session *s, const char *token)
{
    char path[512];
    const char *type = operation->takes & VT__TAKES_JSON ? "application/json" : operation->takes ? "application/octet-stream" : "text/plain";
    path_of(path, sizeof path, operation->pattern, version, s->id);
    int status = status_of(operation->method, path, token, type, operation->takes & VT__TAKES_JSON ? "{}" : "x");
    if (status != 401 && status != 403) fail_msg("%s %s: %d", operation->method, path, status);
    return 1;
}

/* Neither a device's token nor a link's opens any other operation, of whatever version. */
static void tokens_open_no_other_operation(void **state)
{
    (void)state;
    const session s = create_for(3600, "");
    char link[1024];
    int refused = 0;
    make_link(link, sizeof link, &s);
    const vt__wire_operation *operation;
    for (size_t i = 0; (operation = vt__wire_operation_at(i)); i++)
        for (int v = 0; v < VT__VERSIONS; v++) {
            bool there = operation->versions ? operation->versions >> v & 1 : v == 0;
            if (!there || is_page(operation)) continue;
            if (!takes_token(operation, false)) refused += refusals_in(operation, vt__api_version_name((vt__api_version)v), &s, s.token);
            if (!takes_token(operation, true)) refused += refusals_in(operation, vt__api_version_name((vt__api_version)v), &s, link);
        }
    print_message("%d refusals\n", refused);
    assert_true(refused > 800);
    assert_int_equal(use(device_routes[0], s.token), 200);
    assert_int_equal(status_of("POST", "/vultus/v1/liveness/links/open", link, "application/json", "{}"), 200);
    assert_int_equal(status_of("POST", "/vultus/v1/liveness/links/open", link, "application/json", "{}"), 403); /* once */
}

static void links_end_with_their_session(void **state)
{
    (void)state;
    const session deleted = create(""), expired = create(""), tampered = create("");
    char link[3][1024], path[128];
    client_answer answer;
    make_link(link[0], sizeof link[0], &deleted);
    make_link(link[1], sizeof link[1], &expired);
    make_link(link[2], sizeof link[2], &tampered);
    snprintf(path, sizeof path, "/face/v1.2/detectLiveness-sessions/%s", deleted.id);
    client_request(&answer, server.port, "DELETE", path, "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\n", "", 0);
    client_answer_free(&answer);
    strrchr(link[2], '.')[1] ^= 1;
    const char *open = "/vultus/v1/liveness/links/open";
    assert_int_equal(status_of("POST", open, link[0], "application/json", "{}"), 401);
    assert_int_equal(status_of("POST", open, link[2], "application/json", "{}"), 401);
    atomic_fetch_add(&ahead_ms, 61000);
    assert_int_equal(status_of("POST", open, link[1], "application/json", "{}"), 401);
}

/* Every bit of the token matters, and what one session signed says nothing in another. */
static void tampered_and_foreign_tokens_are_refused(void **state)
{
    (void)state;
    session a = create(""), b = create("");
    char token[1024];
    size_t length = strlen(a.token);
    for (size_t i = 0; i < length; i += 7) {
        memcpy(token, a.token, length + 1);
        token[i] = token[i] == 'A' ? 'B' : 'A';
        int status = use(device_routes[0], token);
        if (status != 401 && i + 1 < length) fail_msg("byte %zu changed: %d", i, status); /* the last letter's spare bits say nothing */
    }
    for (size_t cut = 0; cut < length; cut += 13) {
        snprintf(token, sizeof token, "%.*s", (int)cut, a.token);
        assert_int_equal(use(device_routes[0], token), 401);
    }
    snprintf(token, sizeof token, "%.*s%s", (int)(strrchr(a.token, '.') - a.token), a.token, strrchr(b.token, '.')); /* a's claims, b's signature */
    assert_refused_everywhere(token, "a foreign signature");
    snprintf(token, sizeof token, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0%.*s.", (int)(strrchr(a.token, '.') - strchr(a.token, '.')), strchr(a.token, '.'));
    assert_refused_everywhere(token, "alg none");
    assert_refused_everywhere(SERVING_KEY, "the service's key");
    assert_refused_everywhere("", "nothing");
    assert_int_equal(use(device_routes[0], a.token), 200);
}

static void a_lengthened_lifetime_is_refused(void **state)
{
    (void)state;
    session s = create("");
    char claims[768], token[2200], encoded[1024];
    size_t size;
    const char *dot = strchr(s.token, '.'), *last = strrchr(s.token, '.');
    assert_true(vt__base64url_decode(claims, sizeof claims - 1, &size, dot + 1, (size_t)(last - dot - 1)));
    claims[size] = 0;
    char *exp = strstr(claims, "\"exp\":");
    assert_non_null(exp);
    exp[6] = '9';
    vt__base64url_encode(encoded, claims, size);
    snprintf(token, sizeof token, "%.*s.%s%s", (int)(dot - s.token), s.token, encoded, last);
    assert_refused_everywhere(token, "a later end");
}

static void deleted_and_expired_tokens_are_refused(void **state)
{
    (void)state;
    session deleted = create(""), expired = create(""), forgotten = create_for(86400, "");
    char path[128];
    client_answer answer;
    snprintf(path, sizeof path, "/face/v1.2/detectLiveness-sessions/%s", deleted.id);
    client_request(&answer, server.port, "DELETE", path, "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\n", "", 0);
    assert_int_equal(answer.status, 204);
    client_answer_free(&answer);
    assert_refused_everywhere(deleted.token, "deleted");
    assert_int_equal(use(device_routes[0], expired.token), 200);
    atomic_fetch_add(&ahead_ms, 61000);
    assert_refused_everywhere(expired.token, "expired");
    atomic_fetch_add(&ahead_ms, VT__LIVENESS_KEPT_MS);
    assert_refused_everywhere(forgotten.token, "48 hours old");
}

static void devices_must_come_from_where_they_are_expected(void **state)
{
    (void)state;
    session near = create(",\"expectedClientIpAddress\":\"127.0.0.0/8\""), far = create(",\"expectedClientIpAddress\":\"203.0.113.5\"");
    assert_refused_everywhere(far.token, "another address");
    assert_int_equal(use(device_routes[0], near.token), 200);
    client_answer answer;
    const char *bad = "{\"livenessOperationMode\":\"Passive\",\"deviceCorrelationId\":\"d\",\"expectedClientIpAddress\":\"here\"}";
    client_request(&answer, server.port, "POST", "/face/v1.3-preview.1/detectLiveness-sessions",
                   "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n", bad, strlen(bad));
    assert_int_equal(answer.status, 400);
    client_answer_free(&answer);
}

static void settings_are_read_and_changed(void **state)
{
    (void)state;
    static const struct {
        const char *method, *body;
        int status;
        const char *says;
    } rows[] = {
        { "GET", "", 200, "{\"livenessAbuseMonitoring\":{\"enabled\":true}}" },
        { "PATCH", "{\"livenessAbuseMonitoring\":{\"enabled\":false}}", 200, "{\"livenessAbuseMonitoring\":{\"enabled\":false}}" },
        { "GET", "", 200, "{\"livenessAbuseMonitoring\":{\"enabled\":false}}" },
        { "PATCH", "{\"enabled\":true}", 200, "{\"livenessAbuseMonitoring\":{\"enabled\":true}}" },
        { "PATCH", "{\"enabled\":7}", 400, "enabled" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        client_answer answer;
        client_request(&answer, server.port, rows[i].method, "/face/v1.3-preview.1/settings",
                       "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n", rows[i].body, strlen(rows[i].body));
        if (answer.status != rows[i].status || !strstr(answer.body, rows[i].says)) fail_msg("row %zu: %d %s", i, answer.status, answer.body);
        client_answer_free(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_no_other_route),
        cmocka_unit_test(tokens_open_no_other_operation),
        cmocka_unit_test(links_end_with_their_session),
        cmocka_unit_test(tampered_and_foreign_tokens_are_refused),
        cmocka_unit_test(a_lengthened_lifetime_is_refused),
        cmocka_unit_test(devices_must_come_from_where_they_are_expected),
        cmocka_unit_test(settings_are_read_and_changed),
        cmocka_unit_test(deleted_and_expired_tokens_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
