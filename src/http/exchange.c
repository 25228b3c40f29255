#include "http/exchange.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

/* Bodies of refused requests are read and dropped up to here, so that the client sees the answer and no reset. */
#define DRAINED_BODY_BYTES ((uint64_t)16 << 20)

/* A body that goes to a sink may take as long as it needs while so much comes within the time for a body. */
#define STREAM_STEP_BYTES ((uint64_t)256 << 10)

/* Answers that are read while they are sent: bytes asked for at once. */
#define SOURCE_PIECE_BYTES ((size_t)64 << 10)

typedef enum phase { NEW = 0, READING, REFUSED, WORKING, ANSWERED } phase;

typedef struct exchange {
    vt__http_server *server;
    struct MHD_Connection *connection;
    vt__connection *watched;
    char *target;
    char method[16];
    phase phase;
    int64_t begun_ns;
    vt__http_request request;
    vt__http_response response;
    vt__buffer body;
    size_t counted_bytes;   /* of `body`, in the server's sum */
    uint64_t streamed_bytes; /* given to the request's sink */
    int64_t reading_ns;      /* since when the body is waited for; moves on with a stream */
    uint64_t dropped_bytes; /* of a refused request's body */
} exchange;

static vt__connection *watched_connection(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void *vt__exchange_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    vt__http_server *server = context;
    exchange *e = vt__calloc(1, sizeof *e);
    if (!e) return NULL;
    e->server = server;
    e->connection = connection;
    e->begun_ns = e->reading_ns = vt__monotonic_ns();
    e->target = vt__strdup(target);
    e->watched = watched_connection(connection);
    vt__http_response_init(&e->response);
    vt__connections_phase(&server->connections, e->watched, VT__CONNECTION_READING);
    atomic_fetch_add(&server->requests, 1);
    return e;
}

static void release_body(exchange *e)
{
    atomic_fetch_sub(&e->server->bodies_bytes, e->counted_bytes);
    e->counted_bytes = 0;
    vt__buffer_free(&e->body);
    e->request.body = NULL;
    e->request.body_bytes = 0;
    vt__http_body_sink *sink = &e->request.sink;
    if (sink->payload) sink->drop(sink->payload);
    sink->payload = NULL;
}

void vt__exchange_end(void *context, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    exchange *e = *slot;
    if (!e) return;
    *slot = NULL;
    vt__http_server *server = context;
    release_body(e);
    vt__http_request_free(&e->request);
    vt__http_response_free(&e->response);
    vt__connections_phase(&server->connections, e->watched, VT__CONNECTION_IDLE);
    vt__free(e->target);
    vt__free(e);
    atomic_fetch_sub(&server->requests, 1);
}

static void refuse(exchange *e, vt__http_refusal why)
{
    vt__http_handler *handler = &e->server->handler;
    release_body(e);
    vt__http_response_free(&e->response);
    vt__http_response_init(&e->response);
    handler->refuse(&e->response, &e->request, why, handler->context);
    e->phase = REFUSED;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    vt__http_request *request = context;
    return vt__http_request_add_header(request, name, value ? value : "") ? MHD_YES : MHD_NO;
}

static void set_peer(exchange *e)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(e->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr) return;
    const struct sockaddr *address = info->client_addr;
    const void *bytes = address->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                                                       : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    inet_ntop(address->sa_family, bytes, e->request.peer, sizeof e->request.peer);
}

/* Fills the request from what libmicrohttpd knows; the header texts stay its own until the request has ended. */
static vt_status read_request(exchange *e, const char *method)
{
    size_t size = strlen(method);
    memcpy(e->method, method, size < sizeof e->method ? size : sizeof e->method - 1);
    vt_status status = e->target ? vt__http_request_init(&e->request, e->method, e->target, NULL) : VT_ENOMEM;
    e->request.method = e->method;
    vt__uuid_make(e->request.id);
    set_peer(e);
    e->request.secure = e->server->options.tls_certificate != NULL;
    e->request.body_limit_bytes = e->server->options.max_body_bytes;
    MHD_get_connection_values(e->connection, MHD_HEADER_KIND, add_header, &e->request);
    return status;
}

static uint64_t announced_bytes(const exchange *e)
{
    const char *length = vt__http_header(&e->request, "Content-Length");
    return length ? strtoull(length, NULL, 10) : 0;
}

static void admit(exchange *e, const char *method)
{
    vt__http_handler *handler = &e->server->handler;
    vt_status status = read_request(e, method);
    e->phase = READING;
    if (status) {
        refuse(e, status == VT_ENOMEM ? VT__HTTP_NO_MEMORY : VT__HTTP_BAD_TARGET);
    } else if (!handler->admit(&e->response, &e->request, handler->context)) {
        e->phase = REFUSED;
    } else if (atomic_load(&e->server->draining) && !e->request.inline_answer) {
        refuse(e, VT__HTTP_STOPPING);
    } else if (announced_bytes(e) > e->request.body_limit_bytes) {
        refuse(e, VT__HTTP_BODY_TOO_LARGE);
    } else {
        vt__buffer_init(&e->body, e->request.body_limit_bytes);
    }
}

static bool too_slow(const exchange *e)
{
    return vt__monotonic_ns() - e->reading_ns > e->server->options.body_ms * 1000000;
}

static void stream_body(exchange *e, const char *upload, size_t size)
{
    uint64_t steps = e->streamed_bytes / STREAM_STEP_BYTES;
    e->streamed_bytes += size;
    if (e->streamed_bytes > e->request.body_limit_bytes) {
        refuse(e, VT__HTTP_BODY_TOO_LARGE);
    } else if (too_slow(e)) {
        refuse(e, VT__HTTP_BODY_TOO_SLOW);
        e->response.close = true;
    } else if (!e->request.sink.take(e->request.sink.payload, upload, size)) {
        refuse(e, VT__HTTP_BODY_NOT_KEPT);
    } else if (e->streamed_bytes / STREAM_STEP_BYTES != steps) {
        e->reading_ns = vt__monotonic_ns();
        vt__connections_phase(&e->server->connections, e->watched, VT__CONNECTION_READING);
    }
}

static void take_body(exchange *e, const char *upload, size_t size)
{
    vt__http_server *server = e->server;
    if (e->request.sink.payload) {
        stream_body(e, upload, size);
        return;
    }
    size_t sum = atomic_fetch_add(&server->bodies_bytes, size) + size;
    e->counted_bytes += size;
    if (sum > server->options.max_bodies_bytes) {
        refuse(e, VT__HTTP_MEMORY_FULL);
        return;
    }
    if (too_slow(e)) {
        refuse(e, VT__HTTP_BODY_TOO_SLOW);
        e->response.close = true;
        return;
    }
    vt__buffer_append(&e->body, upload, size);
    if (e->body.status) refuse(e, e->body.status == VT_ELIMIT ? VT__HTTP_BODY_TOO_LARGE : VT__HTTP_NO_MEMORY);
}

static void tell_done(exchange *e)
{
    vt__http_handler *handler = &e->server->handler;
    if (e->response.status == 0) e->response.status = 500; /* a handler that decided nothing */
    if (handler->done)
        handler->done(&e->request, &e->response, vt__monotonic_ns() - e->begun_ns, handler->context);
}

static void answer_on_worker(void *worker, void *argument)
{
    exchange *e = argument;
    vt__http_server *server = e->server;
    if (atomic_load(&server->late)) {
        refuse(e, VT__HTTP_STOPPING);
    } else {
        server->handler.handle(&e->response, &e->request, worker, server->handler.context);
        release_body(e);
    }
    e->phase = ANSWERED;
    MHD_resume_connection(e->connection);
}

/* Whether the answer is there already. Once a worker has the exchange it is the worker's until it resumes. */
static bool begin_work(exchange *e)
{
    vt__http_server *server = e->server;
    e->request.body = e->body.data;
    e->request.body_bytes = e->body.size;
    vt__connections_phase(&server->connections, e->watched, VT__CONNECTION_WORKING);
    e->phase = WORKING;
    if (e->request.inline_answer) {
        server->handler.handle(&e->response, &e->request, NULL, server->handler.context);
        e->phase = ANSWERED;
        return true;
    }
    MHD_suspend_connection(e->connection); /* before the worker can resume it */
    vt_status status = vt__pool_submit(server->pool, answer_on_worker, e, NULL);
    if (status) {
        refuse(e, status == VT_EBUSY ? VT__HTTP_QUEUE_FULL : VT__HTTP_STOPPING);
        e->phase = ANSWERED;
        MHD_resume_connection(e->connection);
    }
    return false;
}

static ssize_t read_source(void *context, uint64_t offset, char *out, size_t most)
{
    const vt__http_body_source *source = context;
    size_t size = most;
    if (!source->read(source->payload, out, &size, offset)) return MHD_CONTENT_READER_END_WITH_ERROR;
    return size ? (ssize_t)size : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_source(void *context)
{
    vt__http_body_source *source = context;
    source->free(source->payload);
    vt__free(source);
}

static struct MHD_Response *make_source_response(vt__http_response *from)
{
    vt__http_body_source *copy = vt__malloc(1, sizeof *copy);
    if (!copy) return NULL;
    *copy = from->source;
    struct MHD_Response *out = MHD_create_response_from_callback(from->source_bytes, SOURCE_PIECE_BYTES, read_source, copy, free_source);
    if (out) from->source.payload = NULL;
    else vt__free(copy);
    return out;
}

static struct MHD_Response *make_response(vt__http_response *from)
{
    struct MHD_Response *out;
    if (from->source.payload) {
        out = make_source_response(from);
    } else if (from->file > 0) {
        out = MHD_create_response_from_fd64(from->file_bytes, from->file);
        if (out) from->file = 0;
    } else if (from->body_is_static || !from->body) {
        out = MHD_create_response_from_buffer(from->body_bytes, from->body, MHD_RESPMEM_PERSISTENT);
    } else {
        out = MHD_create_response_from_buffer_with_free_callback(from->body_bytes, from->body, vt__free);
        if (out) from->body = NULL;
    }
    if (!out) return NULL;
    for (size_t i = 0; i < from->header_count; i++)
        MHD_add_response_header(out, from->headers[i].name, from->texts + from->headers[i].value_offset);
    if (from->content_type) MHD_add_response_header(out, "Content-Type", from->content_type);
    if (from->close) MHD_add_response_header(out, "Connection", "close");
    return out;
}

static enum MHD_Result send_answer(exchange *e)
{
    if (atomic_load(&e->server->draining)) e->response.close = true;
    tell_done(e);
    vt__connections_phase(&e->server->connections, e->watched, VT__CONNECTION_WORKING);
    int status = e->response.status;
    struct MHD_Response *response = make_response(&e->response);
    if (!response) return MHD_NO;
    enum MHD_Result result = MHD_queue_response(e->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

/* A refused request is answered at once when no body follows, the client waits for leave to send it, or it is too long to
 * be dropped. */
static bool nothing_to_drain(const exchange *e)
{
    uint64_t announced = announced_bytes(e);
    bool body = vt__http_header(&e->request, "Transfer-Encoding") || announced > 0;
    return !body || announced > DRAINED_BODY_BYTES || vt__http_header(&e->request, "Expect");
}

static enum MHD_Result drop_upload(exchange *e, size_t *upload_bytes)
{
    if (!e->request.sink.payload) e->dropped_bytes += *upload_bytes;
    *upload_bytes = 0;
    return e->dropped_bytes > DRAINED_BODY_BYTES || too_slow(e) ? MHD_NO : MHD_YES;
}

enum MHD_Result vt__exchange_step(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_bytes, void **slot)
{
    (void)server;
    (void)connection;
    (void)url;
    (void)version;
    exchange *e = *slot;
    if (!e) return MHD_NO;
    if (e->phase == NEW) {
        admit(e, method);
        return e->phase == REFUSED && nothing_to_drain(e) ? send_answer(e) : MHD_YES;
    }
    if (*upload_bytes > 0) {
        if (e->phase == READING) take_body(e, upload, *upload_bytes);
        return drop_upload(e, upload_bytes);
    }
    bool answered = e->phase == REFUSED || e->phase == ANSWERED || begin_work(e);
    return answered ? send_answer(e) : MHD_YES;
}
