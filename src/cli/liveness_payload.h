/* The payload as a device makes it (docs/formats.md). For simulations. */
#ifndef VT_CLI_LIVENESS_PAYLOAD_H
#define VT_CLI_LIVENESS_PAYLOAD_H

#include "base/buffer.h"
#include "base/crypto.h"
#include "cli/liveness_stage.h"

typedef struct stage_payload {
    vt__buffer bytes; /* what was not taken yet */
    uint8_t chain[VT__SHA256_BYTES];
} stage_payload;

void stage_payload_begin(stage_payload *out, const char *token);
void stage_payload_add(stage_payload *payload, const stage_still *still);

/* What was filmed since the last part; vt__free it. */
vt_status stage_payload_take(uint8_t **out, size_t *out_bytes, stage_payload *payload, vt_error *err);

#endif
