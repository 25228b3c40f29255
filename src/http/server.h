/* The server: connections in, request values to a handler, response values out (libmicrohttpd).
 *
 * One thread serves all connections and never waits; requests are handled by worker threads behind a bounded queue.
 * Bodies are gathered in memory under three ceilings (a request's own, one for all together, time), or go piece by piece to
 * a sink; then the time is that for each 256 KiB. */
#ifndef VT_HTTP_SERVER_H
#define VT_HTTP_SERVER_H

#include <stdatomic.h>

#include "http/request.h"
#include "http/response.h"

typedef struct vt__http_server vt__http_server;

/* Why the server itself turns a request away; the handler words the answer. */
typedef enum vt__http_refusal {
    VT__HTTP_BAD_TARGET = 0, /* 400 */
    VT__HTTP_BODY_TOO_LARGE, /* 413, or what the contract says */
    VT__HTTP_BODY_TOO_SLOW,  /* 408 */
    VT__HTTP_QUEUE_FULL,     /* 429 */
    VT__HTTP_MEMORY_FULL,    /* 429: bodies of all requests together */
    VT__HTTP_STOPPING,       /* 503 */
    VT__HTTP_NO_MEMORY,      /* 500 */
    VT__HTTP_BODY_NOT_KEPT   /* its sink took no more */
} vt__http_refusal;

/* What answers. Responses come initialised. MUST NOT keep the request or response. */
typedef struct vt__http_handler {
    /* On the connections' thread, when the headers are there: MUST be quick. Sets request->route, body_limit_bytes,
     * inline_answer. False: the response is decided, the body will not be looked at. */
    bool (*admit)(vt__http_response *response, vt__http_request *request, void *context);
    /* On a worker (or the connections' thread where inline_answer was set; then `worker` is NULL). */
    void (*handle)(vt__http_response *response, vt__http_request *request, void *worker, void *context);
    /* Any thread. */
    void (*refuse)(vt__http_response *response, const vt__http_request *request, vt__http_refusal why, void *context);
    /* After the answer is decided, for logs and counters; any thread. Optional. */
    void (*done)(const vt__http_request *request, const vt__http_response *response, int64_t duration_ns, void *context);
    void *context;
} vt__http_handler;

typedef struct vt__http_options {
    const char *address; /* numeric or a host name; NULL = 127.0.0.1 */
    unsigned port;       /* 0 = any free one */
    const char *tls_certificate; /* PEM text; NULL = no TLS */
    const char *tls_key;         /* PEM text */
    int workers;                 /* 0 = one a processor */
    size_t queue;                /* requests that may wait; 0 = 16 a worker */
    unsigned max_connections;    /* 0 = 1,024 */
    size_t max_body_bytes;       /* a request's, where admission says nothing else; 0 = 6 MiB + 64 KiB */
    size_t max_bodies_bytes;     /* of all requests at one time; 0 = 512 MiB */
    int64_t idle_ms;             /* without a request, or between two bytes; 0 = 60,000 */
    int64_t body_ms;             /* for a whole body; 0 = 120,000 */
    int64_t drain_ms;            /* for answers under way when stopping; 0 = 4,000 */
    /* Called in each worker as vt__pool does. */
    void *(*worker_begin)(void *context);
    void (*worker_end)(void *worker, void *context);
    void *worker_context;
} vt__http_options;

/* Listens and serves from now on. VT_EIO with the reason (address in use, not permitted), VT_EINVAL for bad TLS texts. */
vt_status vt__http_server_open(vt__http_server **out, const vt__http_options *options, const vt__http_handler *handler,
                               vt_error *err);

/* The port that is listened on. */
unsigned vt__http_server_port(const vt__http_server *server);

typedef struct vt__http_counts {
    unsigned connections;
    unsigned requests; /* being read, waiting or worked on */
    unsigned waiting;  /* in the queue */
    size_t bodies_bytes;
} vt__http_counts;
vt__http_counts vt__http_server_counts(vt__http_server *server);

/* Takes no more connections, lets answers under way finish for drain_ms, refuses the rest, frees. NULL is allowed. */
void vt__http_server_close(vt__http_server *server);

#endif
