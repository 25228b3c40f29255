#include "cli/liveness_payload.h"

#include <string.h>

#include "service/liveness_payload.h"

static const size_t most_bytes = VT__LIVENESS_FILM_MAX_BYTES;

static void big_endian(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

void stage_payload_begin(stage_payload *out, const char *token)
{
    vt__buffer_init(&out->bytes, most_bytes);
    vt__buffer_text(&out->bytes, "VLP1");
    vt__sha256(out->chain, token, strlen(token));
}

void stage_payload_add(stage_payload *payload, const stage_still *still)
{
    uint8_t head[VT__PAYLOAD_TIME_AND_SIZE_BYTES];
    big_endian(head, still->time_ms);
    big_endian(head + 4, (uint32_t)still->bytes);
    vt__payload_chain(payload->chain, head, still->jpeg, still->bytes);
    vt__buffer_append(&payload->bytes, head, sizeof head);
    vt__buffer_append(&payload->bytes, payload->chain, sizeof payload->chain);
    vt__buffer_append(&payload->bytes, still->jpeg, still->bytes);
}

vt_status stage_payload_take(uint8_t **out, size_t *out_bytes, stage_payload *payload, vt_error *err)
{
    vt_status status = vt__buffer_take(out, out_bytes, &payload->bytes, err);
    vt__buffer_init(&payload->bytes, most_bytes);
    return status;
}
