#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/fetch.h"
#include "http/server.h"
#include "support/client.h"

/* What the handler of these tests answers is told by the first segment of the path. */
typedef struct fixture {
    vt__http_server *server;
    unsigned port;
    pthread_mutex_t gate;
    atomic_int at_gate;
    /* what went through /stream */
    atomic_uint streamed, sum, dropped;
} fixture;

enum { SINK_BYTES = 5000000, SINK_LIMIT = 6000000, SOURCE_BYTES = 300000 };

static bool take(void *payload, const void *bytes, size_t size)
{
    fixture *f = payload;
    unsigned sum = atomic_load(&f->sum);
    for (size_t i = 0; i < size; i++) sum = sum * 31 + ((const unsigned char *)bytes)[i];
    atomic_store(&f->sum, sum);
    return atomic_fetch_add(&f->streamed, (unsigned)size) + size <= SINK_BYTES;
}

static void drop(void *payload)
{
    atomic_fetch_add(&((fixture *)payload)->dropped, 1);
}

static bool read_piece(void *payload, void *out, size_t *size, uint64_t offset)
{
    (void)payload;
    if (*size > SOURCE_BYTES - offset) *size = (size_t)(SOURCE_BYTES - offset);
    for (size_t i = 0; i < *size; i++) ((unsigned char *)out)[i] = (unsigned char)((offset + i) % 251);
    return true;
}

static bool admit(vt__http_response *response, vt__http_request *request, void *context)
{
    const char *what = request->segment_count ? request->segments[0] : "";
    if (strcmp(what, "stream") == 0) {
        request->sink = (vt__http_body_sink){ take, drop, context };
        request->body_limit_bytes = SINK_LIMIT;
    }
    request->inline_answer = strcmp(what, "inline") == 0;
    if (strcmp(what, "small") == 0) request->body_limit_bytes = 1000;
    if (strcmp(what, "no") != 0) return true;
    vt__http_response_static(response, 401, "text/plain", "no", 2);
    return false;
}

static void handle(vt__http_response *response, vt__http_request *request, void *worker, void *context)
{
    fixture *f = context;
    const char *what = request->segment_count ? request->segments[0] : "";
    if (strcmp(what, "gate") == 0) {
        atomic_fetch_add(&f->at_gate, 1);
        pthread_mutex_lock(&f->gate);
        pthread_mutex_unlock(&f->gate);
    }
    if (strcmp(what, "redirect") == 0) {
        vt__http_response_header(response, "Location", vt__http_query(request, "to"));
        vt__http_response_empty(response, 302);
        return;
    }
    if (strcmp(what, "stream") == 0) {
        request->sink.payload = NULL; /* taken over */
        vt__http_response_text(response, 201, "text/plain", vt__format("%zu %u %u", request->body_bytes, f->streamed, f->sum));
        return;
    }
    if (strcmp(what, "source") == 0) {
        vt__http_response_source(response, 206, "video/mp4", (vt__http_body_source){ read_piece, drop, f }, SOURCE_BYTES);
        return;
    }
    unsigned sum = 0;
    for (size_t i = 0; i < request->body_bytes; i++) sum = sum * 31 + request->body[i];
    vt__http_response_header(response, "X-Note", "line\r\nbreak");
    vt__http_response_text(response, 200, "text/plain",
                           vt__format("%s %zu %u %d %s", request->method, request->body_bytes, sum, worker != NULL, request->peer));
}

static void refuse(vt__http_response *response, const vt__http_request *request, vt__http_refusal why, void *context)
{
    (void)request;
    (void)context;
    static const int status[] = { 400, 413, 408, 429, 429, 503, 500, 507 };
    if (status[why] == 429) vt__http_response_header(response, "Retry-After", "1");
    vt__http_response_empty(response, status[why]);
}

static void *begin(void *context)
{
    return context;
}

static vt__http_options quick_options(void)
{
    return (vt__http_options){ .workers = 1, .queue = 2, .max_bodies_bytes = 3000000, .idle_ms = 1000, .body_ms = 1500,
                               .drain_ms = 1500, .worker_begin = begin, .worker_context = &quick_options };
}

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){ .gate = PTHREAD_MUTEX_INITIALIZER };
    vt__http_options options = quick_options();
    vt__http_handler handler = { admit, handle, refuse, NULL, &f };
    vt_error err;
    if (vt__http_server_open(&f.server, &options, &handler, &err)) fail_msg("%s", err.text);
    f.port = vt__http_server_port(f.server);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    vt__http_server_close(((fixture *)*state)->server);
    return 0;
}

static void bodies_arrive_whole(void **state)
{
    fixture *f = *state;
    size_t size = 2000000;
    char *body = malloc(size);
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) {
        body[i] = (char)(i * 7 % 251);
        sum = sum * 31 + (unsigned char)body[i];
    }
    char expected[100];
    snprintf(expected, sizeof expected, "POST %zu %u 1 127.0.0.1", size, sum);
    client_answer a;
    client_request(&a, f->port, "POST", "/x", "", body, size);
    assert_int_equal(a.status, 200);
    assert_string_equal(a.body, expected);
    char note[40];
    client_header(note, sizeof note, &a, "x-note");
    assert_string_equal(note, "line  break");
    client_answer_free(&a);
    free(body);
}

/* Sends `size` bytes to /stream, chunked or not, and reads the answer. */
static void stream(client_answer *out, fixture *f, const char *body, size_t size, bool chunked)
{
    char head[200];
    atomic_store(&f->streamed, 0);
    atomic_store(&f->sum, 0);
    atomic_store(&f->dropped, 0);
    if (!chunked) {
        client_request(out, f->port, "POST", "/stream", "", body, size);
        return;
    }
    int s = client_connect(f->port);
    int used = snprintf(head, sizeof head, "POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", size);
    client_send(s, head, (size_t)used);
    client_send(s, body, size);
    client_send(s, "\r\n0\r\n\r\n", 7);
    client_read(out, s);
    close(s);
}

static void bodies_go_to_their_sink(void **state)
{
    fixture *f = *state; /* all bodies in memory may have 3,000,000 bytes */
    static char body[SINK_LIMIT + 1];
    unsigned sum = 0;
    char expected[64];
    for (size_t i = 0; i < sizeof body; i++) body[i] = (char)(i * 7 % 251);
    for (size_t i = 0; i < SINK_BYTES; i++) sum = sum * 31 + (unsigned char)body[i];
    snprintf(expected, sizeof expected, "0 %d %u", SINK_BYTES, sum);
    const struct {
        size_t size;
        bool chunked;
        int status;
    } rows[] = { { SINK_BYTES, false, 201 }, { SINK_BYTES, true, 201 }, { SINK_BYTES + 1, false, 507 }, { SINK_BYTES + 1, true, 507 },
                 { SINK_LIMIT + 1, false, 413 }, { SINK_BYTES, false, 201 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        client_answer a;
        stream(&a, f, body, rows[i].size, rows[i].chunked);
        assert_int_equal(a.status, rows[i].status);
        if (a.status == 201) assert_string_equal(a.body, expected);
        assert_int_equal(f->dropped, a.status != 201);
        client_answer_free(&a);
    }
    int s = client_connect(f->port); /* one that goes away */
    static const char head[] = "POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    atomic_store(&f->streamed, 0);
    atomic_store(&f->dropped, 0);
    client_send(s, head, sizeof head - 1);
    client_send(s, body, 500000);
    for (int i = 0; i < 200 && f->streamed < 500000; i++) nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    assert_int_equal(f->dropped, 0);
    close(s);
    for (int i = 0; i < 200 && !f->dropped; i++) nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    assert_int_equal(f->dropped, 1);
}

static void answers_come_from_their_source(void **state)
{
    fixture *f = *state;
    client_answer a;
    client_request(&a, f->port, "GET", "/source", "", "", 0);
    assert_int_equal(a.status, 206);
    assert_int_equal(a.body_bytes, SOURCE_BYTES);
    for (size_t i = 0; i < SOURCE_BYTES; i++) assert_int_equal((unsigned char)a.body[i], i % 251);
    client_answer_free(&a);
    for (int i = 0; i < 200 && !f->dropped; i++) nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    assert_int_equal(f->dropped, 1);
}

static void chunked_bodies_and_keep_alive(void **state)
{
    fixture *f = *state;
    int s = client_connect(f->port);
    for (int i = 0; i < 3; i++) {
        static const char raw[] = "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_true(client_send(s, raw, sizeof raw - 1));
        client_answer a;
        client_read(&a, s);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body, "PUT 5 92599395 1 127.0.0.1");
        client_answer_free(&a);
    }
    close(s);
}

static void answers_by_request(void **state)
{
    fixture *f = *state;
    static char big[1100000];
    static const struct {
        const char *method, *target, *headers;
        size_t body_bytes;
        int status;
    } rows[] = {
        { "GET", "/no", "", 0, 401 },
        { "POST", "/no", "", sizeof big, 401 },
        { "POST", "/no", "Expect: 100-continue\r\n", 0, 401 },
        { "POST", "/small", "", 1000, 200 },
        { "POST", "/small", "", 1001, 413 },
        { "POST", "/small", "", sizeof big, 413 },
        { "GET", "/inline", "", 0, 200 },
        { "GET", "/%zz", "", 0, 400 },
        { "HEAD", "/x", "", 0, 200 },
        { "DELETE", "/x", "", 0, 200 },
        { "OPTIONS", "/x", "", 0, 200 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        client_answer a;
        client_request(&a, f->port, rows[i].method, rows[i].target, rows[i].headers, big, rows[i].body_bytes);
        if (a.status != rows[i].status) fail_msg("%s %s: %d", rows[i].method, rows[i].target, a.status);
        client_answer_free(&a);
    }
    client_answer a;
    static const char chunked[] = "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    static char raw[sizeof chunked + 2100];
    int used = snprintf(raw, sizeof raw, "%s5DC\r\n", chunked);
    memset(raw + used, 'x', 1500);
    memcpy(raw + used + 1500, "\r\n0\r\n\r\n", 8);
    client_exchange(&a, f->port, raw, (size_t)used + 1507);
    assert_int_equal(a.status, 413);
    client_answer_free(&a);
}

static void until(atomic_int *value, int wanted)
{
    for (int i = 0; i < 1000 && atomic_load(value) != wanted; i++) nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    assert_int_equal(atomic_load(value), wanted);
}

static void a_full_queue_gives_429_and_inline_answers_go_on(void **state)
{
    fixture *f = *state;
    static const char raw[] = "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n";
    pthread_mutex_lock(&f->gate);
    int sockets[3];
    for (int i = 0; i < 3; i++) {
        sockets[i] = client_connect(f->port);
        client_send(sockets[i], raw, sizeof raw - 1);
        if (i == 0) until(&f->at_gate, 1);
    }
    while (vt__http_server_counts(f->server).waiting < 2) nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    client_answer a;
    client_request(&a, f->port, "GET", "/gate", "", NULL, 0);
    assert_int_equal(a.status, 429);
    char after[8];
    client_header(after, sizeof after, &a, "Retry-After");
    assert_string_equal(after, "1");
    client_answer_free(&a);
    client_request(&a, f->port, "GET", "/inline", "", NULL, 0);
    assert_int_equal(a.status, 200);
    client_answer_free(&a);
    pthread_mutex_unlock(&f->gate);
    for (int i = 0; i < 3; i++) {
        client_read(&a, sockets[i]);
        assert_int_equal(a.status, 200);
        client_answer_free(&a);
        close(sockets[i]);
    }
    atomic_store(&f->at_gate, 0);
}

static void bodies_of_all_requests_have_a_ceiling(void **state)
{
    fixture *f = *state;
    static char big[1600000];
    int s = client_connect(f->port);
    char head[100];
    int size = snprintf(head, sizeof head, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", sizeof big);
    client_send(s, head, (size_t)size);
    client_send(s, big, sizeof big - 1);
    while (vt__http_server_counts(f->server).bodies_bytes < sizeof big - 1) nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    client_answer a;
    client_request(&a, f->port, "POST", "/x", "", big, sizeof big);
    assert_int_equal(a.status, 429);
    client_answer_free(&a);
    client_send(s, big, 1);
    client_read(&a, s);
    assert_int_equal(a.status, 200);
    client_answer_free(&a);
    close(s);
    assert_int_equal(vt__http_server_counts(f->server).bodies_bytes, 0);
}

/* Seconds until the server ends a connection on which `raw` was sent and then `drip` again and again. */
static double ended_after_s(fixture *f, const char *raw, const char *drip)
{
    int64_t begun = vt__monotonic_ns();
    int s = client_connect(f->port);
    client_send(s, raw, strlen(raw));
    while (vt__monotonic_ns() - begun < 8000000000LL && client_send(s, drip, strlen(drip)))
        nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
    close(s);
    return (double)(vt__monotonic_ns() - begun) * 1e-9;
}

static void slow_clients_are_ended(void **state)
{
    fixture *f = *state;
    double head_s = ended_after_s(f, "GET /x HTTP/1.1\r\n", "a");
    double body_s = ended_after_s(f, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", "a");
    assert_true(head_s > 0.9 && head_s < 5);
    assert_true(body_s > 1.4 && body_s < 5);
}

static void *post_gate(void *context)
{
    fixture *f = context;
    client_answer *a = calloc(1, sizeof *a);
    client_request(a, f->port, "GET", "/gate", "", NULL, 0);
    return a;
}

static void *close_server(void *context)
{
    vt__http_server_close(context);
    return NULL;
}

static void stopping_lets_answers_finish(void **state)
{
    fixture *f = *state;
    pthread_mutex_lock(&f->gate);
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, post_gate, f);
    until(&f->at_gate, 1);
    pthread_create(&threads[1], NULL, post_gate, f);
    while (vt__http_server_counts(f->server).waiting < 1) nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    pthread_t closer;
    pthread_create(&closer, NULL, close_server, f->server);
    nanosleep(&(struct timespec){ 0, 200000000 }, NULL);
    pthread_mutex_unlock(&f->gate);
    pthread_join(closer, NULL);
    f->server = NULL;
    for (int i = 0; i < 2; i++) {
        client_answer *a;
        pthread_join(threads[i], (void **)&a);
        assert_int_equal(a->status, 200);
        char how[20];
        client_header(how, sizeof how, a, "Connection");
        assert_string_equal(how, "close");
        client_answer_free(a);
        free(a);
    }
    assert_int_equal(client_connect(f->port), -1);
}

static void opening_says_what_is_wrong(void **state)
{
    fixture *f = *state;
    vt__http_handler handler = { admit, handle, refuse, NULL, f };
    vt__http_options options = quick_options();
    vt__http_server *server;
    vt_error err;
    options.port = f->port;
    assert_int_equal(vt__http_server_open(&server, &options, &handler, &err), VT_EIO);
    assert_non_null(strstr(err.text, "Address already in use"));
    options.port = 0;
    options.address = "no such host.invalid";
    assert_int_equal(vt__http_server_open(&server, &options, &handler, &err), VT_EINVAL);
    options.address = NULL;
    options.tls_certificate = "x";
    options.tls_key = "y";
    assert_int_equal(vt__http_server_open(&server, &options, &handler, &err), VT_EINVAL);
    assert_string_equal(err.text, "the TLS certificate or key cannot be used: give both as PEM, belonging together");
}

static vt_status fetch(const fixture *f, const char *form, size_t max_bytes, const char *allowed, char *out)
{
    vt__networks networks;
    vt__networks_parse(&networks, allowed, NULL);
    vt__fetch_rules rules = { .max_bytes = max_bytes, .timeout_ms = 3000, .allowed = &networks };
    char url[200];
    snprintf(url, sizeof url, form, f->port, f->port);
    uint8_t *bytes = NULL;
    size_t size;
    vt_error err;
    vt_status status = vt__fetch(&bytes, &size, url, &rules, &err);
    if (!status) snprintf(out, 100, "%s", (char *)bytes);
    vt__free(bytes);
    return status;
}

static void fetching_is_guarded(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *url, *allowed;
        size_t max_bytes;
        vt_status status;
    } rows[] = {
        { "http://127.0.0.1:%u/x", "127.0.0.1", 1000, VT_OK },
        { "http://127.0.0.1:%u/x", "127.0.0.1", 10, VT_ELIMIT },
        { "http://127.0.0.1:%u/no", "127.0.0.1", 1000, VT_EIO },
        { "http://127.0.0.1:%u/x", "", 1000, VT_EDENIED },
        { "http://localhost:%u/x", "", 1000, VT_EDENIED },
        { "http://0x7f000001:%u/x", "", 1000, VT_EDENIED },
        { "http://2130706433:%u/x", "", 1000, VT_EDENIED },
        { "http://[::1]:%u/x", "", 1000, VT_EDENIED },
        { "http://[::ffff:127.0.0.1]:%u/x", "", 1000, VT_EDENIED },
        { "http://169.254.169.254/latest", "127.0.0.1", 1000, VT_EDENIED },
        { "http://127.0.0.1:%u/redirect?to=/x", "127.0.0.1", 1000, VT_OK },
        { "http://127.0.0.1:%u/redirect?to=http://127.0.0.2:%u/x", "127.0.0.1", 1000, VT_EDENIED },
        { "http://127.0.0.1:%u/redirect?to=http://localhost:%u/x", "127.0.0.2", 1000, VT_EDENIED },
        { "http://127.0.0.1:%u/redirect?to=file:///etc/passwd", "127.0.0.1", 1000, VT_EINVAL },
        { "http://127.0.0.1:%u/redirect?to=/redirect?to=/redirect?to=/x", "127.0.0.1", 1000, VT_OK },
        { "http://127.0.0.1:%u/redirect?to=/redirect?to=/redirect?to=/redirect?to=/x", "127.0.0.1", 1000, VT_EIO },
        { "http://user:word@127.0.0.1:%u/x", "127.0.0.1", 1000, VT_EINVAL },
        { "file:///etc/passwd", "", 1000, VT_EINVAL },
        { "ftp://127.0.0.1/", "127.0.0.1", 1000, VT_EINVAL },
        { "gopher://127.0.0.1/", "127.0.0.1", 1000, VT_EINVAL },
        { "http://", "", 1000, VT_EINVAL },
        { "http://127.0.0.1:1/", "127.0.0.1", 1000, VT_EIO },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char got[100] = "";
        vt_status status = fetch(f, rows[i].url, rows[i].max_bytes, rows[i].allowed, got);
        if (status != rows[i].status) fail_msg("%s: %s", rows[i].url, vt_status_name(status));
        if (!status) assert_string_equal(got, "GET 0 0 1 127.0.0.1");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bodies_arrive_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bodies_go_to_their_sink, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_come_from_their_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chunked_bodies_and_keep_alive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_by_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_queue_gives_429_and_inline_answers_go_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bodies_of_all_requests_have_a_ceiling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slow_clients_are_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stopping_lets_answers_finish, set_up, tear_down),
        cmocka_unit_test_setup_teardown(opening_says_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fetching_is_guarded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
