/* A head, or a flat picture of one, before a camera: the 68 points and readings that the checks see, following a script.
 * Geometry only: the networks' readings are given. Included by the tests of this folder. */
#ifndef VT_TESTS_LIVENESS_SIMULATE_H
#define VT_TESTS_LIVENESS_SIMULATE_H

#include <math.h>
#include <stdint.h>

#include <vultus/liveness.h>

#include "cli/liveness_actor.h"
#include "liveness/relief.h"

/* The mean head's x and y of the 68 points, eye distances about the middle of the eyes. */
static inline vt_point sim_mean_point(int p)
{
    static const float jaw[9][2] = { { 1.22f, 0 },       { 1.20f, 0.36f }, { 1.15f, 0.72f }, { 1.06f, 1.06f }, { 0.90f, 1.38f },
                                     { 0.68f, 1.64f }, { 0.43f, 1.84f }, { 0.20f, 1.96f }, { 0, 2.0f } };
    static const float rest[51][2] = {
        { -1.02f, -.32f }, { -.86f, -.48f }, { -.64f, -.53f }, { -.41f, -.49f }, { -.2f, -.4f },   { .2f, -.4f },
        { .41f, -.49f },   { .64f, -.53f },  { .86f, -.48f },  { 1.02f, -.32f }, { 0, -.05f },     { 0, .2f },
        { 0, .45f },       { 0, .7f },       { -.28f, .86f },  { -.14f, .91f },  { 0, .95f },      { .14f, .91f },
        { .28f, .86f },    { -.72f, 0 },     { -.58f, -.1f },  { -.4f, -.1f },   { -.26f, .03f },  { -.41f, .08f },
        { -.58f, .08f },   { .26f, .03f },   { .4f, -.1f },    { .58f, -.1f },   { .72f, 0 },      { .58f, .08f },
        { .41f, .08f },    { -.45f, 1.31f }, { -.28f, 1.22f }, { -.11f, 1.17f }, { 0, 1.2f },      { .11f, 1.17f },
        { .28f, 1.22f },   { .45f, 1.31f },  { .29f, 1.45f },  { .12f, 1.52f },  { 0, 1.53f },     { -.12f, 1.52f },
        { -.29f, 1.45f },  { -.39f, 1.31f }, { -.11f, 1.28f }, { 0, 1.29f },     { .11f, 1.28f },  { .39f, 1.31f },
        { .11f, 1.35f },   { 0, 1.37f },     { -.11f, 1.35f },
    };
    if (p <= 8) return (vt_point){ -jaw[p][0], jaw[p][1] };
    if (p <= 16) return (vt_point){ jaw[16 - p][0], jaw[16 - p][1] };
    return (vt_point){ rest[p - 17][0], rest[p - 17][1] };
}

enum { SIM_WIDTH = 640, SIM_HEIGHT = 480 };
#define SIM_FOCAL 560.0f

/* The points as the camera sees them; `relief` 0 is a flat picture on a plane through the eyes. */
static inline void sim_project(vt_liveness_frame *frame, const sim_person *who, float relief, sim_pose at, uint64_t *random)
{
    float left = 1e9f, top = 1e9f, right = -1e9f, bottom = -1e9f;
    for (int p = 0; p < VT_POINTS68; p++) {
        vt_point mean = sim_mean_point(p);
        float x = mean.x * who->width, y = (mean.y - 0.6f) * who->height, z = vt__head_depth[p] * relief;
        float x1 = x * cosf(at.yaw) + z * sinf(at.yaw), z1 = z * cosf(at.yaw) - x * sinf(at.yaw);
        float y2 = y * cosf(at.pitch) - z1 * sinf(at.pitch), z2 = z1 * cosf(at.pitch) + y * sinf(at.pitch);
        float x3 = x1 * cosf(at.roll) - y2 * sinf(at.roll), y3 = x1 * sinf(at.roll) + y2 * cosf(at.roll);
        float scale = SIM_FOCAL / (at.distance - z2), noise = who->points_noise * SIM_FOCAL / at.distance;
        frame->face.points68[p].x = SIM_WIDTH / 2.0f + at.x + x3 * scale + sim_noise(random, noise);
        frame->face.points68[p].y = SIM_HEIGHT / 2.0f + at.y + y3 * scale + sim_noise(random, noise);
        left = fminf(left, frame->face.points68[p].x);
        right = fmaxf(right, frame->face.points68[p].x);
        top = fminf(top, frame->face.points68[p].y);
        bottom = fmaxf(bottom, frame->face.points68[p].y);
    }
    frame->face.box = (vt_box){ left, top, right - left, bottom - top };
}

static inline void sim_light(vt_liveness_frame *frame, const sim_person *who, const vt_liveness_script *script, float ms, float answer,
                             uint64_t *random)
{
    for (int c = 0; c < 3; c++) {
        float shown = 0;
        for (size_t i = 0; i < script->count; i++) {
            const vt_liveness_step *s = &script->steps[i];
            if (s->act == VT_LIVENESS_COLOUR && ms >= (float)s->start_ms + 60 && ms < (float)s->end_ms + 60) shown = (float)s->colour[c] / 255;
        }
        frame->face_colour[c] = who->colour[c] * (0.6f + answer * shown) + sim_noise(random, 0.001f);
        frame->ground_colour[c] = 0.2f + 0.1f * answer * 0.2f * shown + sim_noise(random, 0.001f);
    }
}

/* What is behind: on a flat picture it grows with the face, else it stands still. */
static inline void sim_ground(vt_liveness_frame *frame, float scale)
{
    for (int y = 0; y < VT_LIVENESS_THUMB_HEIGHT; y++)
        for (int x = 0; x < VT_LIVENESS_THUMB_WIDTH; x++) {
            float u = ((float)x - VT_LIVENESS_THUMB_WIDTH / 2.0f) * scale, v = ((float)y - VT_LIVENESS_THUMB_HEIGHT / 2.0f) * scale;
            frame->thumb[y][x] = (uint8_t)(128 + 50 * sinf(u * 0.5f) + 40 * sinf(v * 0.6f + u * 0.2f));
        }
}

/* One frame; yaw_seen is what a pose network would say. */
static inline vt_liveness_frame sim_frame(const sim_person *who, const vt_liveness_script *script, float relief, sim_pose at, float ms,
                                          float answer, uint64_t *random)
{
    vt_liveness_frame frame = { .time_ms = (int64_t)ms, .size = { SIM_WIDTH, SIM_HEIGHT }, .faces = 1, .live = 0.95f };
    sim_project(&frame, who, relief, at, random);
    frame.face.have = VT_WANT_LANDMARKS | (lrintf(ms / 100) % 2 ? 0u : VT_WANT_POSE); /* every second, as the service looks */
    frame.face.pose.yaw_deg = at.yaw * 180 / (float)M_PI + sim_noise(random, 1.5f);
    frame.mouth_width = 0.62f * at.mouth + sim_noise(random, 0.006f);
    frame.eye_opening = 0.30f * at.eyes + sim_noise(random, 0.008f);
    frame.eyes_open = fminf(fmaxf((at.eyes > 0.65f ? 0.95f : 0.05f) + sim_noise(random, 0.02f), 0), 1);
    sim_light(&frame, who, script, ms, answer, random);
    sim_ground(&frame, relief > 0 ? 1 : at.distance / 8);
    for (int i = 0; i < VT_LIVENESS_FINGERPRINT_BYTES; i++) frame.fingerprint[i] = (uint8_t)sim_random(random);
    frame.has_template = (int64_t)ms % 1000 < 100;
    frame.face_template.dimension = 4;
    frame.face_template.values[0] = 1;
    return frame;
}

#endif
