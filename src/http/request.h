/* A request as a value: what came over a connection, split and decoded once. Made of text and bytes alone, so that
 * tests and fuzzing make them without a socket. */
#ifndef VT_HTTP_REQUEST_H
#define VT_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#include "base/crypto.h"

#define VT__HTTP_MAX_SEGMENTS 16
#define VT__HTTP_MAX_PARAMS 8
#define VT__HTTP_MAX_FIELDS 64
#define VT__HTTP_MAX_TARGET_BYTES 16384

typedef struct vt__http_field {
    const char *name;
    const char *value;
} vt__http_field;

typedef struct vt__http_fields {
    vt__http_field items[VT__HTTP_MAX_FIELDS];
    size_t count;
} vt__http_fields;

/* Takes a body piece by piece instead of memory, on the connections' thread: MUST be quick. */
typedef struct vt__http_body_sink {
    bool (*take)(void *payload, const void *bytes, size_t size_bytes); /* false: no more can be kept */
    void (*drop)(void *payload); /* the request ended, or was refused, before anybody took `payload` over */
    void *payload;               /* NULL: none, and once the handler has taken it over */
} vt__http_body_sink;

typedef struct vt__http_request {
    char id[VT__UUID_TEXT_BYTES]; /* of this request, made by the server */
    const char *method;           /* as sent: "GET" */
    char peer[64];                /* address of the client, "" unknown */
    bool secure;                  /* came over TLS */

    const char *segments[VT__HTTP_MAX_SEGMENTS]; /* of the path, percent-decoded; empty ones left out */
    size_t segment_count;
    vt__http_field params[VT__HTTP_MAX_PARAMS]; /* {names} of the route, set by the router */
    size_t param_count;
    vt__http_fields query;   /* decoded, in the order sent */
    vt__http_fields headers; /* as sent; at most VT__HTTP_MAX_FIELDS */

    const uint8_t *body; /* borrowed; NULL when empty */
    size_t body_bytes;
    size_t body_limit_bytes; /* may be lowered or raised while the request is admitted, before its body is read */
    vt__http_body_sink sink; /* may be set while the request is admitted */
    bool inline_answer;      /* set at admission: answered on the connection's thread, even when the queue is full */
    const void *route;       /* what the router found; the server does not look at it */
    uint64_t rights;         /* what the credentials allow, and */
    char tenant[72];         /* whose they are; the server does not look at them */
    char key_id[72];         /* the name of the key, or of the key that a token stands for */
    char *storage;           /* owns the decoded texts */
} vt__http_request;

/* Takes "/path?query" apart. VT_EINVAL: bad escapes, a zero byte, too many segments or arguments, or too long.
 * Free with vt__http_request_free. `method` is borrowed. */
vt_status vt__http_request_init(vt__http_request *out, const char *method, const char *target, vt_error *err);
void vt__http_request_free(vt__http_request *request);

/* Adds a header; the texts are borrowed. Past the ceiling it is left out and false comes back. */
bool vt__http_request_add_header(vt__http_request *request, const char *name, const char *value);

/* First value of that name, letter case ignored; NULL when absent. */
const char *vt__http_header(const vt__http_request *request, const char *name);
const char *vt__http_query(const vt__http_request *request, const char *name);
/* The part of the path that the route's {name} stands for; "" when there is none. */
const char *vt__http_param(const vt__http_request *request, const char *name);

/* Whether the Content-Type is `type` ("application/json"), parameters and letter case ignored. */
bool vt__http_content_type_is(const vt__http_request *request, const char *type);

/* Copies a parameter of a header value ("boundary" of `multipart/form-data; boundary="x"`). False when absent or
 * longer than fits. */
bool vt__http_header_parameter(char *out, size_t out_bytes, const char *value, const char *name);

#endif
