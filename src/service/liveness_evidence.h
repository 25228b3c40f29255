/* What a device films: from its payload's bytes, whole or in parts, to evidence. The payload (docs/formats.md) is "VLP1",
 * then a frame after the other: time in ms (4 bytes, big-endian), size (4), chain (32 = SHA-256 of the chain before, time,
 * size and JPEG), JPEG. The first chain stands on SHA-256 of the token; the last is the digest that both sides state. */
#ifndef VT_SERVICE_LIVENESS_EVIDENCE_H
#define VT_SERVICE_LIVENESS_EVIDENCE_H

#include <vultus/liveness.h>

#include "base/crypto.h"

enum { VT__LIVENESS_FRAME_MAX_BYTES = 512 * 1024, VT__LIVENESS_FILM_MAX_BYTES = 24 * 1024 * 1024 };

typedef struct vt__liveness_evidence {
    vt_liveness *liveness;
    uint8_t chain[VT__SHA256_BYTES];
    bool begun; /* "VLP1" was read */
    size_t count, size_bytes;
    int64_t first_ms, last_ms, heavy_ms;
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
