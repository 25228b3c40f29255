/* One request to one operation, as its handler sees it; and how handlers read arguments and answer.
 *
 * Every read_ function returns false when the argument is not usable; then the response is decided already and the
 * handler returns. */
#ifndef VT_REST_CALL_H
#define VT_REST_CALL_H

#include "base/json.h"
#include "http/request.h"
#include "http/response.h"
#include "rest/operation.h"
#include "rest/wire_error.h"
#include "service/recognition.h"

struct vt__rest;

typedef struct vt__call {
    vt__http_request *request;
    vt__http_response *response;
    struct vt__rest *rest;
    const vt__wire_operation *operation;
    vt__api_version version; /* of paths that have one */
    vt__caller caller;
    vt__service *service;
    vt_session *session;     /* of this thread; NULL for open operations */
    vt__kind kind;           /* the operation's; searches set what they search in */
    bool search;             /* a missing collection is 400 in searches, 404 elsewhere */
    vt__json *body;          /* an object where the body is JSON, else NULL */
    uint8_t *fetched;        /* picture that was downloaded; freed after the call */
} vt__call;

#define VT__JSON_TYPE "application/json; charset=utf-8"

/* Answers. */
void vt__call_fail(vt__call *call, vt__wire_error error);
void vt__call_fail_about(vt__call *call, vt__wire_error error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes `value` over; NULL is an internal error. */
void vt__call_json(vt__call *call, int status, vt__json *value);
void vt__call_empty(vt__call *call, int status);
/* Adds a header with an absolute URL below this server: scheme and host as the client named them. `format` begins
 * with "/". */
/* Scheme and host as the client named them. */
void vt__call_address(char *out, size_t size, const vt__call *call);
void vt__call_link(vt__call *call, const char *header, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Answers a failure of the service in the wire's words; false for VT__CODE_OK. */
bool vt__call_refused(vt__call *call, vt__code code, const vt_error *err);

void vt__call_log_failure(vt__call *call, const char *what, const vt_error *err);

/* The picture in the body or at the body's URL. */
bool vt__read_image(const uint8_t **out, size_t *out_bytes, vt__call *call);
/* targetFace, *given false when absent; detectionModel is looked at too. */
bool vt__read_target_face(vt_box *out, bool *given, vt__call *call);
/* 1 to 3. */
bool vt__read_detection_model(int *out, vt__call *call);
/* A "recognition_01".."04" of the query or body, or the default. Static text. */
bool vt__recognition_model_find(const char **out, const char *name);

/* Query arguments; an absent one gives the fallback. */
bool vt__read_query_bool(bool *out, vt__call *call, const char *name, bool fallback);
bool vt__read_query_integer(int64_t *out, vt__call *call, const char *name, int64_t fallback, int64_t least, int64_t most,
                            vt__wire_error error);
/* `start` (<= 64 letters) and `top` (1 to 1000). */
bool vt__read_paging(const char **start, size_t *top, vt__call *call);

/* Members of the JSON body; null counts as absent and gives NULL or the fallback. */
bool vt__read_string(const char **out, vt__call *call, const char *name);
bool vt__read_integer(int64_t *out, vt__call *call, const char *name, int64_t fallback, int64_t least, int64_t most,
                      vt__wire_error error);
bool vt__read_number(double *out, vt__call *call, const char *name, double fallback, double least, double most,
                     vt__wire_error error);

/* Required UUID in the body. */
bool vt__read_uuid(const char **out, vt__call *call, const char *name, vt__wire_error error);

/* A list of UUIDs, least..most of them; *out (vt__free) borrows the texts. An absent list gives NULL and count 0. */
bool vt__read_uuids(const char ***out, size_t *count, vt__call *call, const char *name, size_t least, size_t most,
                    vt__wire_error bad_length, vt__wire_error bad_id);

/* name and userData of a body; lengths are judged in characters. */
bool vt__read_name(const char **out, vt__call *call, bool required);
bool vt__read_user_data(const char **out, vt__call *call, size_t most);

/* "[a-z0-9-_]{1,64}" */
bool vt__wire_id_valid(const char *id);

/* Number of code points; SIZE_MAX when it is no UTF-8. */
size_t vt__utf8_length(const char *text);

#endif
