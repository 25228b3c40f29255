/* The wire over a service: from http's request values to the service's calls and back. */
#ifndef VT_REST_REST_H
#define VT_REST_REST_H

#include <stdatomic.h>

#include "base/metrics.h"
#include "http/fetch.h"
#include "http/server.h"
#include "rest/token.h"
#include "service/service.h"

typedef struct vt__rest {
    vt__service *service;
    vt__token_key *token_key;
    vt__log *log;          /* may be NULL */
    vt__metrics *metrics;
    size_t max_image_bytes; /* 6 MiB */
    vt__fetch_rules fetch;  /* for pictures named by URL; max_bytes is max_image_bytes */
    const char *cors_origin; /* "*", one origin, or NULL: no CORS headers */
    const char *callback_origins; /* "https://a.example,https://b.example" that the hosted page may lead to; NULL: none */
    _Atomic(vt__http_server *) server; /* for counts; NULL until it runs */
    atomic_bool stopping;
    int64_t started_ms;
} vt__rest;

/* The handler to give to vt__http_server_open; its workers are sessions of the service's engine. */
vt__http_handler vt__rest_handler(vt__rest *rest);
void *vt__rest_worker_begin(void *rest);
void vt__rest_worker_end(void *worker, void *rest);

#endif
