/* What a device films: from its payload, whole or in parts, to evidence. */
#ifndef VT_SERVICE_LIVENESS_EVIDENCE_H
#define VT_SERVICE_LIVENESS_EVIDENCE_H

#include <vultus/liveness.h>

#include "service/liveness_payload.h"

typedef struct vt__liveness_evidence {
    vt_liveness *liveness;
    vt__payload payload;
    size_t count;
    int64_t first_ms, last_ms, heavy_ms;
    size_t print_count; /* of the frames with a face: an empty wall looks the same to everybody */
    uint8_t prints[VT_LIVENESS_MAX_FRAMES][VT_LIVENESS_FINGERPRINT_BYTES];
    vt_liveness_frame frame; /* the one being looked at */
    vt_liveness_frame best;  /* the one with the best view, and its JPEG: no other picture is kept */
    uint8_t *best_jpeg;
    size_t best_bytes;
} vt__liveness_evidence;

/* Free with vt__evidence_close. VT_EFORMAT: no script. */
vt_status vt__evidence_open(vt__liveness_evidence **out, const char *script, const char *token, vt_error *err);
void vt__evidence_close(vt__liveness_evidence *evidence);

/* Looks at the frames of a part, which ends where a frame ends. VT_EFORMAT: damaged; VT_EINTEGRITY: the chain is broken;
 * VT_ELIMIT: too many frames or bytes. */
vt_status vt__evidence_take(vt__liveness_evidence *evidence, vt_session *faces, const void *part, size_t part_bytes, vt_error *err);

#endif
