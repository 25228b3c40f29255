/* One request from its first line to its answer, as libmicrohttpd's callbacks see it. Private to src/http. */
#ifndef VT_HTTP_EXCHANGE_H
#define VT_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "base/buffer.h"
#include "base/pool.h"
#include "http/connections.h"
#include "http/server.h"

struct vt__http_server {
    struct MHD_Daemon *daemon;
    vt__pool *pool;
    vt__http_handler handler;
    vt__http_options options; /* defaults filled in; its texts are not used after opening */
    vt__connections connections;
    atomic_uint requests;
    atomic_size_t bodies_bytes;
    atomic_bool draining; /* answers say Connection: close, new requests are refused */
    atomic_bool late;     /* drain time is over: waiting requests are refused too */
    atomic_bool ended;
    pthread_t sweeper;
    bool sweeping;
    pthread_mutex_t sweep_lock;
    pthread_cond_t sweep_wake;
    unsigned port;
    int listener;
};

/* MHD_OPTION_URI_LOG_CALLBACK: makes the exchange, with the raw target. */
void *vt__exchange_begin(void *server, const char *target, struct MHD_Connection *connection);

/* The access handler. */
enum MHD_Result vt__exchange_step(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_bytes, void **exchange);

/* MHD_OPTION_NOTIFY_COMPLETED: frees the exchange. */
void vt__exchange_end(void *server, struct MHD_Connection *connection, void **exchange,
                      enum MHD_RequestTerminationCode code);

#endif
