#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/liveness.h>

#include "base/error.h"

static const char *const act_names[VT_LIVENESS_ACTS] = { "hold", "closer", "left", "right", "smile", "blink", "colour" };
static const char *const mode_names[] = { "passive", "passive-active" };
enum { longest_script_ms = 60000, colours = 7, turns = 5 };

const char *vt_liveness_act_name(vt_liveness_act act)
{
    return (unsigned)act < VT_LIVENESS_ACTS ? act_names[act] : NULL;
}

/* Takes random bytes one after the other. */
typedef struct draw {
    const uint8_t *random;
    size_t used;
    int32_t now_ms;
    vt_liveness_script *out;
} draw;

static unsigned below(draw *d, unsigned n)
{
    return d->random[d->used++] % n;
}

/* A step of least_ms plus up to 15 times step_ms. */
static vt_liveness_step *append(draw *d, vt_liveness_act act, int32_t least_ms, int32_t step_ms)
{
    vt_liveness_step *step = &d->out->steps[d->out->count++];
    *step = (vt_liveness_step){ .act = act, .start_ms = d->now_ms };
    d->now_ms += least_ms + (int32_t)below(d, 16) * step_ms;
    step->end_ms = d->now_ms;
    return step;
}

static void append_colours(draw *d)
{
    static const uint8_t palette[6][3] = { { 255, 0, 0 },   { 0, 255, 0 },   { 0, 0, 255 },
                                           { 255, 255, 0 }, { 0, 255, 255 }, { 255, 0, 255 } };
    unsigned last = 6;
    for (int i = 0; i < colours; i++) {
        unsigned pick = last == 6 ? below(d, 6) : (last + 1 + below(d, 5)) % 6; /* never the same twice running */
        memcpy(append(d, VT_LIVENESS_COLOUR, 500, 15)->colour, palette[pick], 3);
        last = pick;
    }
}

static void append_acts(draw *d)
{
    vt_liveness_act acts[3] = { VT_LIVENESS_LEFT, VT_LIVENESS_RIGHT,
                                below(d, 2) ? VT_LIVENESS_SMILE : VT_LIVENESS_BLINK };
    for (size_t left = 3; left > 0; left--) {
        size_t pick = below(d, (unsigned)left);
        append(d, acts[pick], 1900, 40);
        acts[pick] = acts[left - 1];
    }
}

/* A pause of random length before each, so that its moment cannot be guessed. */
static void append_turns(draw *d)
{
    for (int i = 0; i < turns; i++) {
        append(d, VT_LIVENESS_HOLD, 300, 200);
        append(d, below(d, 2) ? VT_LIVENESS_LEFT : VT_LIVENESS_RIGHT, 1900, 20);
    }
}

vt_status vt_liveness_script_draw(vt_liveness_script *out, vt_liveness_mode mode, bool flashes,
                                  const uint8_t random[VT_LIVENESS_RANDOM_BYTES], vt_error *err)
{
    if ((unsigned)mode > VT_LIVENESS_PASSIVE_ACTIVE) return vt__fail(err, VT_EINVAL, "liveness mode %d is not known", (int)mode);
    *out = (vt_liveness_script){ .mode = mode };
    draw d = { random, 0, 0, out };
    append(&d, VT_LIVENESS_HOLD, 1200, 80);
    append(&d, VT_LIVENESS_CLOSER, 2400, 60);
    if (!flashes) append_turns(&d);
    else if (mode == VT_LIVENESS_PASSIVE_ACTIVE) append_acts(&d);
    if (flashes) append_colours(&d);
    return VT_OK;
}

vt_status vt_liveness_script_write(char *out, size_t size_bytes, const vt_liveness_script *script, vt_error *err)
{
    int used = snprintf(out, size_bytes, "1 %s", mode_names[script->mode == VT_LIVENESS_PASSIVE_ACTIVE]);
    for (size_t i = 0; i < script->count && used >= 0 && (size_t)used < size_bytes; i++) {
        const vt_liveness_step *s = &script->steps[i];
        used += snprintf(out + used, size_bytes - (size_t)used, " %s:%d-%d", act_names[s->act], s->start_ms, s->end_ms);
        if (s->act == VT_LIVENESS_COLOUR && (size_t)used < size_bytes)
            used += snprintf(out + used, size_bytes - (size_t)used, ":%02x%02x%02x", s->colour[0], s->colour[1], s->colour[2]);
    }
    if (used < 0 || (size_t)used >= size_bytes) return vt__fail(err, VT_ELIMIT, "the script needs more than %zu bytes", size_bytes);
    return VT_OK;
}

static bool read_colour(vt_liveness_step *out, const char **at)
{
    unsigned rgb[3];
    int length = 0;
    if (sscanf(*at, ":%2x%2x%2x%n", &rgb[0], &rgb[1], &rgb[2], &length) != 3 || length != 7) return false;
    for (int i = 0; i < 3; i++) out->colour[i] = (uint8_t)rgb[i];
    *at += length;
    return true;
}

/* " name:start-end[:rrggbb]" */
static bool read_step(vt_liveness_step *out, const char **at)
{
    char name[8];
    int start, end, length = 0;
    if (sscanf(*at, " %7[a-z]:%6d-%6d%n", name, &start, &end, &length) != 3 || !length) return false;
    size_t act = 0;
    while (act < VT_LIVENESS_ACTS && strcmp(name, act_names[act]) != 0) act++;
    if (act == VT_LIVENESS_ACTS || start < 0 || end <= start || end > longest_script_ms) return false;
    *out = (vt_liveness_step){ .act = (vt_liveness_act)act, .start_ms = start, .end_ms = end };
    *at += length;
    return act != VT_LIVENESS_COLOUR || read_colour(out, at);
}

vt_status vt_liveness_script_read(vt_liveness_script *out, const char *text, vt_error *err)
{
    char mode[16];
    int length = 0;
    *out = (vt_liveness_script){ .count = 0 };
    if (sscanf(text, "1 %15[a-z-]%n", mode, &length) != 1) return vt__fail(err, VT_EFORMAT, "no liveness script of version 1");
    if (strcmp(mode, mode_names[1]) == 0) out->mode = VT_LIVENESS_PASSIVE_ACTIVE;
    else if (strcmp(mode, mode_names[0]) != 0) return vt__fail(err, VT_EFORMAT, "liveness script: mode \"%s\" is not known", mode);
    for (const char *at = text + length; *at;) {
        vt_liveness_step *step = &out->steps[out->count];
        if (out->count == VT_LIVENESS_MAX_STEPS) return vt__fail(err, VT_ELIMIT, "liveness script: more than 16 steps");
        if (!read_step(step, &at)) return vt__fail(err, VT_EFORMAT, "liveness script: step %zu is damaged", out->count + 1);
        if (out->count && step->start_ms < step[-1].end_ms)
            return vt__fail(err, VT_EFORMAT, "liveness script: step %zu begins before the last ends", out->count + 1);
        out->count++;
    }
    return out->count ? VT_OK : vt__fail(err, VT_EFORMAT, "liveness script without a step");
}
