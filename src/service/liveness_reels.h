/* What running attempts have shown so far, in memory only, while their devices still film. */
#ifndef VT_SERVICE_LIVENESS_REELS_H
#define VT_SERVICE_LIVENESS_REELS_H

#include "service/liveness_evidence.h"

enum { VT__REELS_MAX = 64 }; /* at most about 4 MiB each */
#define VT__REEL_KEPT_MS INT64_C(240000)

typedef struct vt__reels vt__reels;

/* NULL: no memory. */
vt__reels *vt__reels_open(void);
void vt__reels_close(vt__reels *reels);

/* Hands over the evidence of a session's attempt, or NULL: one thread at a time has it. */
vt__liveness_evidence *vt__reels_take(vt__reels *reels, const char *session_id, uint32_t attempt);

/* Keeps it until the next part, and closes what was kept of the session before. False (and the evidence is closed): too
 * many attempts run at once. */
bool vt__reels_put(vt__reels *reels, const char *session_id, uint32_t attempt, vt__liveness_evidence *evidence, int64_t now_ms);

/* Forgets a session's evidence. */
void vt__reels_drop(vt__reels *reels, const char *session_id);

/* Forgets what no part was added to for VT__REEL_KEPT_MS. */
void vt__reels_sweep(vt__reels *reels, int64_t now_ms);

#endif
