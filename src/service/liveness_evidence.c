#include "service/liveness_evidence.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { head_bytes = 40, magic_bytes = 4, heavy_every_ms = 700 };

typedef struct reel {
    const uint8_t *at;
    size_t left;
} reel;

typedef struct still {
    int64_t time_ms;
    const uint8_t *jpeg;
    size_t bytes;
} still;

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static vt_status next_still(still *out, uint8_t chain[VT__SHA256_BYTES], reel *from, vt_error *err)
{
    vt__sha256_state hash;
    if (from->left < head_bytes) return vt__fail(err, VT_EFORMAT, "the payload ends within a frame");
    out->time_ms = big_endian(from->at);
    out->bytes = big_endian(from->at + 4);
    out->jpeg = from->at + head_bytes;
    if (out->bytes > VT__LIVENESS_FRAME_MAX_BYTES || out->bytes > from->left - head_bytes)
        return vt__fail(err, VT_EFORMAT, "a frame is larger than the payload or than %d bytes", VT__LIVENESS_FRAME_MAX_BYTES);
    vt__sha256_begin(&hash);
    vt__sha256_add(&hash, chain, VT__SHA256_BYTES);
    vt__sha256_add(&hash, from->at, 8);
    vt__sha256_add(&hash, out->jpeg, out->bytes);
    vt__sha256_end(chain, &hash);
    if (memcmp(chain, from->at + 8, VT__SHA256_BYTES) != 0) return vt__fail(err, VT_EINTEGRITY, "the payload's hash chain is broken");
    from->at += head_bytes + out->bytes;
    from->left -= head_bytes + out->bytes;
    return VT_OK;
}

/* The heavy networks look at a frame now and then, pose at every second, the others at all. */
static uint32_t wanted(const vt__liveness_evidence *e, int64_t time_ms)
{
    if (!e->count || time_ms >= e->heavy_ms) return VT_LIVENESS_WANT_ATTACK | VT_LIVENESS_WANT_TEMPLATE | VT_LIVENESS_WANT_POSE;
    return e->count % 2 ? 0 : VT_LIVENESS_WANT_POSE;
}

static vt_status keep_best(vt__liveness_evidence *e, const still *s, vt_error *err)
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

static vt_status look_at(vt__liveness_evidence *e, const still *s, vt_session *faces, vt_error *err)
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
    memcpy(e->prints[e->count], e->frame.fingerprint, VT_LIVENESS_FINGERPRINT_BYTES);
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
    vt__sha256(e->chain, token, strlen(token));
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
    reel from = { part, part_bytes };
    vt_status status = VT_OK;
    if (part_bytes > VT__LIVENESS_FILM_MAX_BYTES - evidence->size_bytes)
        return vt__fail(err, VT_ELIMIT, "more than %d bytes were filmed", VT__LIVENESS_FILM_MAX_BYTES);
    evidence->size_bytes += part_bytes;
    if (!evidence->begun) {
        if (part_bytes < magic_bytes || memcmp(part, "VLP1", magic_bytes) != 0) return vt__fail(err, VT_EFORMAT, "the payload does not begin with VLP1");
        from = (reel){ from.at + magic_bytes, from.left - magic_bytes };
        evidence->begun = true;
    }
    while (!status && from.left) {
        still s = { 0 };
        status = next_still(&s, evidence->chain, &from, err);
        if (!status) status = look_at(evidence, &s, faces, err);
    }
    return status;
}
