#include "service/liveness_packing.h"

#include <math.h>
#include <string.h>

#include "service/face_record.h"

enum { version = 1 };
static const double micro = 1e6; /* real numbers are kept as whole millionths; INT64_MIN is NaN */

static void pack_real(vt__buffer *out, float value)
{
    vt__pack_number(out, isnan(value) ? INT64_MIN : llrint(fmin(fmax((double)value, -1e9), 1e9) * micro));
}

static float unpack_real(vt__unpacking *from)
{
    int64_t number = vt__unpack_number(from);
    return number == INT64_MIN ? NAN : (float)((double)number / micro);
}

static void pack_box(vt__buffer *out, vt_box box)
{
    const float values[] = { box.left, box.top, box.width, box.height };
    for (size_t i = 0; i < 4; i++) pack_real(out, values[i]);
}

static vt_box unpack_box(vt__unpacking *from)
{
    float values[4];
    for (size_t i = 0; i < 4; i++) values[i] = unpack_real(from);
    return (vt_box){ values[0], values[1], values[2], values[3] };
}

/* Too long a text is damage. */
static void unpack_text(char *out, size_t size, vt__unpacking *from)
{
    const char *text = vt__unpack_text(from);
    if (!text || strlen(text) >= size) from->bad = true;
    else vt__copy_text(out, size, text);
}

/* A number within 0..most. */
static int64_t unpack_whole(vt__unpacking *from, int64_t most)
{
    int64_t number = vt__unpack_number(from);
    if (number < 0 || number > most) from->bad = true;
    return from->bad ? 0 : number;
}

static void pack_attempt(vt__buffer *out, const vt__liveness_attempt *a)
{
    const char *const texts[] = { a->error, a->script, a->digest, a->image_id, a->peer, a->request_id, a->flagged_session };
    const int64_t numbers[] = { a->started_ms, a->received_ms, a->latency_ms, a->size_bytes };
    vt__pack_number(out, a->state);
    vt__pack_number(out, a->decision);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) vt__pack_text(out, texts[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) vt__pack_number(out, numbers[i]);
    pack_box(out, a->box);
    vt__pack_number(out, a->has_box | a->verified << 1 | a->identical << 2 | a->abuse << 3);
    pack_real(out, a->confidence);
    vt__pack_number(out, a->flagged_attempt);
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++) {
        vt__pack_number(out, a->checks[i].asked | a->checks[i].passed << 1);
        pack_real(out, a->checks[i].value);
        pack_real(out, a->checks[i].threshold);
    }
}

static void unpack_attempt(vt__liveness_attempt *a, vt__unpacking *from)
{
    a->state = (vt__liveness_state)unpack_whole(from, VT__LIVENESS_CANCELED);
    a->decision = (vt_liveness_decision)unpack_whole(from, VT_LIVENESS_SPOOFFACE);
    unpack_text(a->error, sizeof a->error, from);
    unpack_text(a->script, sizeof a->script, from);
    unpack_text(a->digest, sizeof a->digest, from);
    unpack_text(a->image_id, sizeof a->image_id, from);
    unpack_text(a->peer, sizeof a->peer, from);
    unpack_text(a->request_id, sizeof a->request_id, from);
    unpack_text(a->flagged_session, sizeof a->flagged_session, from);
    a->started_ms = vt__unpack_number(from);
    a->received_ms = vt__unpack_number(from);
    a->latency_ms = vt__unpack_number(from);
    a->size_bytes = vt__unpack_number(from);
    a->box = unpack_box(from);
    int64_t flags = unpack_whole(from, 15);
    a->has_box = flags & 1;
    a->verified = flags & 2;
    a->identical = flags & 4;
    a->abuse = flags & 8;
    a->confidence = unpack_real(from);
    a->flagged_attempt = (uint32_t)unpack_whole(from, VT__LIVENESS_ATTEMPTS_MAX);
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++) {
        int64_t said = unpack_whole(from, 3);
        a->checks[i] = (vt_liveness_check){ .asked = said & 1, .passed = said & 2 };
        a->checks[i].value = unpack_real(from);
        a->checks[i].threshold = unpack_real(from);
    }
}

static void pack_reference(vt__buffer *out, const vt__liveness_session *s)
{
    vt__pack_bytes(out, s->reference.values, sizeof(float) * s->reference.dimension);
    pack_box(out, s->reference_box);
    vt__pack_number(out, s->reference_quality);
    vt__pack_text(out, s->reference_hash);
}

static void unpack_reference(vt__liveness_session *s, vt__unpacking *from)
{
    size_t size;
    const uint8_t *values = vt__unpack_bytes(&size, from);
    if (!values || size > sizeof s->reference.values || size % sizeof(float)) from->bad = true;
    else memcpy(s->reference.values, values, size);
    s->reference.dimension = from->bad ? 0 : (uint32_t)(size / sizeof(float));
    s->reference_box = unpack_box(from);
    s->reference_quality = (vt_level)unpack_whole(from, VT_LEVEL_HIGH);
    unpack_text(s->reference_hash, sizeof s->reference_hash, from);
}

void vt__liveness_pack(vt__buffer *out, const vt__liveness_session *s)
{
    vt__pack_number(out, version);
    vt__pack_text(out, s->id);
    vt__pack_number(out, s->with_verify | s->send_results << 1 | s->image_wanted << 2 | s->hash_wanted << 3 | s->device_in_client << 4 |
                             s->has_reference << 5 | s->watched << 6);
    vt__pack_number(out, s->mode);
    vt__pack_text(out, s->device);
    vt__pack_text(out, s->expected_client);
    vt__pack_number(out, s->ttl_s);
    vt__pack_number(out, s->attempts_allowed);
    pack_real(out, s->verify_threshold);
    vt__pack_number(out, s->created_ms);
    vt__pack_bytes(out, s->secret, sizeof s->secret);
    if (s->has_reference) pack_reference(out, s);
    vt__pack_number(out, s->attempt_count);
    for (uint32_t i = 0; i < s->attempt_count; i++) pack_attempt(out, &s->attempts[i]);
}

static void unpack_flags(vt__liveness_session *s, int64_t flags)
{
    s->with_verify = flags & 1;
    s->send_results = flags & 2;
    s->image_wanted = flags & 4;
    s->hash_wanted = flags & 8;
    s->device_in_client = flags & 16;
    s->has_reference = flags & 32;
    s->watched = flags & 64;
}

bool vt__liveness_unpack(vt__liveness_session *out, const vt__record *record)
{
    vt__unpacking from = vt__unpack_begin(record);
    size_t size;
    memset(out, 0, sizeof *out);
    if (vt__unpack_number(&from) != version) return false;
    unpack_text(out->id, sizeof out->id, &from);
    unpack_flags(out, unpack_whole(&from, 127));
    out->mode = (vt_liveness_mode)unpack_whole(&from, VT_LIVENESS_PASSIVE_ACTIVE);
    unpack_text(out->device, sizeof out->device, &from);
    unpack_text(out->expected_client, sizeof out->expected_client, &from);
    out->ttl_s = (int32_t)unpack_whole(&from, VT__LIVENESS_TTL_MAX_S);
    out->attempts_allowed = (int32_t)unpack_whole(&from, VT__LIVENESS_ATTEMPTS_MAX);
    out->verify_threshold = unpack_real(&from);
    out->created_ms = vt__unpack_number(&from);
    const uint8_t *secret = vt__unpack_bytes(&size, &from);
    if (!secret || size != sizeof out->secret) return false;
    memcpy(out->secret, secret, size);
    if (out->has_reference) unpack_reference(out, &from);
    out->attempt_count = (uint32_t)unpack_whole(&from, VT__LIVENESS_ATTEMPTS_MAX);
    for (uint32_t i = 0; i < out->attempt_count; i++) unpack_attempt(&out->attempts[i], &from);
    return !from.bad && from.left == 0;
}
