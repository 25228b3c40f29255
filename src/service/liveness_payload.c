#include "service/liveness_payload.h"

#include <string.h>

#include "base/error.h"

enum { head_bytes = VT__PAYLOAD_TIME_AND_SIZE_BYTES + VT__SHA256_BYTES, magic_bytes = 4 };

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

void vt__payload_chain(uint8_t chain[VT__SHA256_BYTES], const uint8_t time_and_size[VT__PAYLOAD_TIME_AND_SIZE_BYTES], const void *jpeg, size_t bytes)
{
    vt__sha256_state hash;
    vt__sha256_begin(&hash);
    vt__sha256_add(&hash, chain, VT__SHA256_BYTES);
    vt__sha256_add(&hash, time_and_size, VT__PAYLOAD_TIME_AND_SIZE_BYTES);
    vt__sha256_add(&hash, jpeg, bytes);
    vt__sha256_end(chain, &hash);
}

void vt__payload_open(vt__payload *out, const char *token)
{
    *out = (vt__payload){ .begun = false };
    vt__sha256(out->chain, token, strlen(token));
}

vt_status vt__payload_take(vt__payload *payload, const void *part, size_t part_bytes, vt_error *err)
{
    if (part_bytes > VT__LIVENESS_FILM_MAX_BYTES - payload->size_bytes)
        return vt__fail(err, VT_ELIMIT, "more than %d bytes were filmed", VT__LIVENESS_FILM_MAX_BYTES);
    bool marked = part_bytes >= magic_bytes && !memcmp(part, "VLP1", magic_bytes);
    if (!payload->begun && !marked) return vt__fail(err, VT_EFORMAT, "the payload does not begin with VLP1");
    size_t mark = payload->begun ? 0 : magic_bytes;
    payload->size_bytes += part_bytes;
    payload->at = (const uint8_t *)part + mark;
    payload->left = part_bytes - mark;
    payload->begun = true;
    return VT_OK;
}

vt_status vt__payload_next(vt__still *out, bool *more, vt__payload *payload, vt_error *err)
{
    *more = payload->left > 0;
    if (!*more) return VT_OK;
    if (payload->left < head_bytes) return vt__fail(err, VT_EFORMAT, "the payload ends within a frame");
    *out = (vt__still){ big_endian(payload->at), payload->at + head_bytes, big_endian(payload->at + 4) };
    if (out->bytes > VT__LIVENESS_FRAME_MAX_BYTES || out->bytes > payload->left - head_bytes)
        return vt__fail(err, VT_EFORMAT, "a frame is larger than the payload or than %d bytes", VT__LIVENESS_FRAME_MAX_BYTES);
    vt__payload_chain(payload->chain, payload->at, out->jpeg, out->bytes);
    if (memcmp(payload->chain, payload->at + VT__PAYLOAD_TIME_AND_SIZE_BYTES, VT__SHA256_BYTES) != 0)
        return vt__fail(err, VT_EINTEGRITY, "the payload's hash chain is broken");
    payload->at += head_bytes + out->bytes;
    payload->left -= head_bytes + out->bytes;
    return VT_OK;
}
