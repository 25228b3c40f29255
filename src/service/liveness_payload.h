/* What a device films, as bytes, whole or in parts that end where a frame ends (docs/formats.md): "VLP1", then a frame after
 * the other: time in ms (4 bytes, big-endian), size (4), chain (32 = SHA-256 of the chain before, time, size and JPEG), JPEG.
 * The first chain stands on SHA-256 of the token; the last is the digest that both sides state. */
#ifndef VT_SERVICE_LIVENESS_PAYLOAD_H
#define VT_SERVICE_LIVENESS_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <vultus/status.h>

#include "base/crypto.h"

enum { VT__LIVENESS_FRAME_MAX_BYTES = 512 * 1024, VT__LIVENESS_FILM_MAX_BYTES = 24 * 1024 * 1024 };

typedef struct vt__payload {
    uint8_t chain[VT__SHA256_BYTES];
    bool begun; /* "VLP1" was read */
    size_t size_bytes;
    const uint8_t *at; /* in the part being read */
    size_t left;
} vt__payload;

/* A frame as it was sent; `jpeg` points into the part. */
typedef struct vt__still {
    int64_t time_ms;
    const uint8_t *jpeg;
    size_t bytes;
} vt__still;

/* A frame's head and its JPEG go into the chain: for the reader here and for writers in simulations. */
enum { VT__PAYLOAD_TIME_AND_SIZE_BYTES = 8 };
void vt__payload_chain(uint8_t chain[VT__SHA256_BYTES], const uint8_t time_and_size[VT__PAYLOAD_TIME_AND_SIZE_BYTES], const void *jpeg, size_t bytes);

void vt__payload_open(vt__payload *out, const char *token);

/* The next part, borrowed until all of it was read. VT_EFORMAT: the first does not begin with "VLP1"; VT_ELIMIT: too many bytes. */
vt_status vt__payload_take(vt__payload *payload, const void *part, size_t part_bytes, vt_error *err);

/* The part's next frame; *more is false at its end. VT_EFORMAT: damaged; VT_EINTEGRITY: the chain is broken. */
vt_status vt__payload_next(vt__still *out, bool *more, vt__payload *payload, vt_error *err);

#endif
