/* A service with its wire, served on a free port of loopback from a folder of its own. */
#ifndef VT_TESTS_SERVING_H
#define VT_TESTS_SERVING_H

#include "http/server.h"
#include "rest/rest.h"

#define SERVING_KEY "test-key-0123456789"

typedef struct serving {
    char folder[64], archive_root[80];
    vt_engine *engine; /* NULL where no pack is at hand */
    vt__service *service;
    vt__token_key *token_key;
    vt__metrics *metrics;
    vt__rest rest;
    vt__http_server *server;
    unsigned port;
} serving;

void serving_open(serving *out);
/* Without the evaluation's registered use: recognition is off. */
void serving_open_unregistered(serving *out);
/* The same, by a clock that the test moves. */
void serving_open_clocked(serving *out, _Atomic int64_t *now_ms);
/* With a clock that any thread may read; the service's sweeper is one. */
void serving_open_at(serving *s, vt__clock clock);
void serving_close(serving *s);

/* cmocka's set-up and tear-down: *state is the serving. */
int serving_begin(void **state);
int serving_end(void **state);

#endif
