/* Abuse of liveness sessions: who fails too often, and films that were shown before. */
#ifndef VT_SERVICE_LIVENESS_WATCH_H
#define VT_SERVICE_LIVENESS_WATCH_H

#include "service/liveness_session.h"

/* Past this many failures within the 48 hours that they are kept, a device (by the digest of its id) or an address gets no
 * more sessions until they are forgotten. Many people share an address. */
enum { VT__DEVICE_FAILURES_MAX = 10, VT__ADDRESS_FAILURES_MAX = 60 };

/* Adds failures to what the session's device and a peer have had; RATE_LIMITED once one is flagged. */
vt__code vt__liveness_watch(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, const char *peer, int failures, vt_error *err);

/* Sets the last attempt's `abuse`: whether a good part of these frames was shown in an earlier attempt. Keeps their
 * fingerprints when not. */
vt__code vt__liveness_seen(vt__liveness_session *session, vt__service *service, const vt__caller *caller, const uint8_t *fingerprints,
                           size_t count, vt_error *err);

#endif
