/* Liveness sessions: created by an application, run by a device that holds the session's token, read by the application,
 * gone after 48 hours at the latest. */
#ifndef VT_SERVICE_LIVENESS_SESSION_H
#define VT_SERVICE_LIVENESS_SESSION_H

#include <vultus/liveness.h>

#include "service/service.h"

enum {
    VT__LIVENESS_ATTEMPTS_MAX = 3,
    VT__LIVENESS_TTL_MIN_S = 60,
    VT__LIVENESS_TTL_MAX_S = 86400,
    VT__LIVENESS_TTL_DEFAULT_S = 600,
    VT__LIVENESS_DEVICE_MAX = 64,
    VT__LIVENESS_CLIENT_MAX = 63
};
#define VT__LIVENESS_KEPT_MS INT64_C(172800000)

typedef enum vt__liveness_state {
    VT__LIVENESS_NOT_STARTED = 0,
    VT__LIVENESS_RUNNING,
    VT__LIVENESS_SUCCEEDED,
    VT__LIVENESS_FAILED,
    VT__LIVENESS_CANCELED
} vt__liveness_state;

typedef struct vt__liveness_attempt {
    vt__liveness_state state;
    vt_liveness_decision decision; /* SUCCEEDED */
    char error[48];                /* FAILED, CANCELED: the wire's name */
    char script[VT_LIVENESS_SCRIPT_TEXT_BYTES];
    char digest[2 * VT__SHA256_BYTES + 1]; /* upper-case hex */
    char image_id[VT__UUID_TEXT_BYTES];    /* "" unless asked for */
    char peer[64], request_id[VT__UUID_TEXT_BYTES];
    char flagged_session[VT__UUID_TEXT_BYTES]; /* abuse: where the same film was shown before */
    uint32_t flagged_attempt;
    int64_t started_ms, received_ms, latency_ms, size_bytes;
    vt_box box; /* of the best frame */
    bool has_box, verified, identical, abuse;
    float confidence;
    vt_liveness_check checks[VT_LIVENESS_CHECKS]; /* names are void once stored */
} vt__liveness_attempt;

typedef struct vt__liveness_session {
    char id[VT__UUID_TEXT_BYTES];
    bool with_verify, send_results, image_wanted, hash_wanted, device_in_client, has_reference, watched;
    vt_liveness_mode mode;
    char device[VT__LIVENESS_DEVICE_MAX * 4 + 1];
    char expected_client[VT__LIVENESS_CLIENT_MAX + 1]; /* address or network that devices must come from; "" = any */
    int32_t ttl_s, attempts_allowed;
    float verify_threshold; /* negative: 0.5 */
    int64_t created_ms;
    uint8_t secret[VT__KEY_BYTES]; /* signs this session's tokens */
    vt_template reference;
    vt_box reference_box;
    vt_level reference_quality;
    char reference_hash[2 * VT__SHA256_BYTES + 1];
    uint32_t attempt_count;
    vt__liveness_attempt attempts[VT__LIVENESS_ATTEMPTS_MAX];
} vt__liveness_session;

/* Fills id, created_ms, watched and secret, takes the reference from `image` (NULL without), and keeps it. The rest of *session is
 * the caller's wish. BAD_ARGUMENT, NO_FACE, MANY_FACES, IMAGE_UNREADABLE; RATE_LIMITED: the device is flagged. */
vt__code vt__liveness_create(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                             const void *image, size_t image_bytes, vt_error *err);
/* OPERATION_NOT_FOUND when unknown, gone, or of the other kind. */
vt__code vt__liveness_get(vt__liveness_session *out, vt__service *service, const vt__caller *caller, const char *id,
                          bool with_verify, vt_error *err);
vt__code vt__liveness_delete(vt__service *service, const vt__caller *caller, const char *id, bool with_verify, vt_error *err);
/* Ascending by id; *out with vt__free_secret of count * sizeof. */
vt__code vt__liveness_list(vt__liveness_session **out, size_t *count, vt__service *service, const vt__caller *caller,
                           bool with_verify, const char *start, size_t top, vt_error *err);
vt__code vt__liveness_image(uint8_t **out, size_t *out_bytes, vt__service *service, const vt__caller *caller, const char *image_id,
                            vt_error *err);

/* Whether devices and addresses that fail too often are refused (on unless switched off). */
vt__code vt__liveness_watching(bool *on, vt__service *service, const vt__caller *caller, vt_error *err);
vt__code vt__liveness_set_watching(vt__service *service, const vt__caller *caller, bool on, vt_error *err);

/* ---- the device's side; the caller has proved the session's token ---- */

/* Counts the opening of the session's hosted page. CONFLICT: it was opened before. */
vt__code vt__liveness_open_link(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, vt_error *err);

/* Draws the next attempt's script. CONFLICT: no attempt is left. */
vt__code vt__liveness_start(vt__liveness_session *session, vt__service *service, const vt__caller *caller, bool flashes,
                            const char *device, const char *peer, vt_error *err);

/* Takes the picture to compare with from the device, where the application gave none. CONFLICT: there is one already. */
vt__code vt__liveness_take_reference(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                                     const void *image, size_t image_bytes, vt_error *err);

/* Looks at a part of what is being filmed (docs/formats.md), whole frames in their order; *frames = all so far. BAD_ARGUMENT
 * ends the attempt: damaged, or its chain is broken. RATE_LIMITED: too many attempts at once. */
vt__code vt__liveness_stream(size_t *frames, vt__liveness_session *session, vt__service *service, const vt__caller *caller,
                             vt_session *faces, const char *token, const void *part, size_t part_bytes, vt_error *err);

/* Judges what was filmed, of which `payload` is the last part or all, and ends the attempt. BAD_ARGUMENT: damaged, or its chain is broken. */
vt__code vt__liveness_submit(vt__liveness_session *session, vt__service *service, const vt__caller *caller, vt_session *faces,
                             const char *token, const void *payload, size_t payload_bytes, vt_error *err);
/* Ends a running attempt without frames. */
vt__code vt__liveness_end(vt__liveness_session *session, vt__service *service, const vt__caller *caller, const char *error, vt_error *err);

#endif
