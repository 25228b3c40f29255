#include "service/liveness_evidence.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { heavy_every_ms = 700 };

/* The heavy networks look at a frame now and then, pose at every second, the others at all. */
static uint32_t wanted(const vt__liveness_evidence *e, int64_t time_ms)
{
    if (!e->count || time_ms >= e->heavy_ms) return VT_LIVENESS_WANT_ATTACK | VT_LIVENESS_WANT_TEMPLATE | VT_LIVENESS_WANT_POSE;
    return e->count % 2 ? 0 : VT_LIVENESS_WANT_POSE;
}

static vt_status keep_best(vt__liveness_evidence *e, const vt__still *s, vt_error *err)
{
    if (vt_liveness_best(e->liveness) != e->count) return VT_OK;
    uint8_t *copy = vt__malloc(s->bytes, 1);
    if (!copy) return vt__fail_memory(err, s->bytes);
    memcpy(copy, s->jpeg, s->bytes);
    vt__free_secret(e->best_jpeg, e->best_bytes);
    e->best_jpeg = copy;
    e->best_bytes = s->bytes;
    e->best = e->frame;
    return VT_OK;
}

static vt_status look_at(vt__liveness_evidence *e, const vt__still *s, vt_session *faces, vt_error *err)
{
    vt_picture *picture;
    const vt_picture_options limits = { sizeof limits, VT__LIVENESS_FRAME_MAX_BYTES, 4 << 20, 2048 };
    uint32_t want = wanted(e, s->time_ms);
    if (e->count == VT_LIVENESS_MAX_FRAMES) return vt__fail(err, VT_ELIMIT, "more than %d frames", VT_LIVENESS_MAX_FRAMES);
    vt_status status = vt_picture_open(&picture, s->jpeg, s->bytes, &limits, err);
    if (status) return status;
    status = vt_liveness_look(&e->frame, faces, picture, s->time_ms, want, err);
    vt_picture_close(picture);
    if (!status) status = vt_liveness_add(e->liveness, &e->frame, err);
    if (!status) status = keep_best(e, s, err);
    if (status) return status;
    if (want & VT_LIVENESS_WANT_ATTACK) e->heavy_ms = s->time_ms + heavy_every_ms;
    if (e->frame.faces) memcpy(e->prints[e->print_count++], e->frame.fingerprint, VT_LIVENESS_FINGERPRINT_BYTES);
    if (!e->count++) e->first_ms = s->time_ms;
    e->last_ms = s->time_ms;
    return VT_OK;
}

vt_status vt__evidence_open(vt__liveness_evidence **out, const char *script, const char *token, vt_error *err)
{
    vt_liveness_script asked;
    *out = NULL;
    vt_status status = vt_liveness_script_read(&asked, script, err);
    if (status) return status;
    vt__liveness_evidence *e = vt__calloc(1, sizeof *e);
    if (!e) return vt__fail_memory(err, sizeof *e);
    vt__payload_open(&e->payload, token);
    status = vt_liveness_open(&e->liveness, &asked, err);
    if (status) vt__evidence_close(e);
    else *out = e;
    return status;
}

void vt__evidence_close(vt__liveness_evidence *evidence)
{
    if (!evidence) return;
    vt_liveness_close(evidence->liveness);
    vt__free_secret(evidence->best_jpeg, evidence->best_bytes);
    vt__free_secret(evidence, sizeof *evidence);
}

vt_status vt__evidence_take(vt__liveness_evidence *evidence, vt_session *faces, const void *part, size_t part_bytes, vt_error *err)
{
    bool more = true;
    vt_status status = vt__payload_take(&evidence->payload, part, part_bytes, err);
    while (!status && more) {
        vt__still still;
        status = vt__payload_next(&still, &more, &evidence->payload, err);
        if (!status && more) status = look_at(evidence, &still, faces, err);
    }
    return status;
}
