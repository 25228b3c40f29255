/* How a person moves who follows a liveness script: shared by the simulations (`vultus eval challenge`, tests/liveness). */
#ifndef VT_CLI_LIVENESS_ACTOR_H
#define VT_CLI_LIVENESS_ACTOR_H

#include <math.h>
#include <stdint.h>

#include <vultus/liveness.h>

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint64_t sim_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline float sim_uniform(uint64_t *state, float low, float high)
{
    return low + (high - low) * (float)(sim_random(state) >> 40) / 16777216.0f;
}

/* About normal: the sum of four. */
static inline float sim_noise(uint64_t *state, float deviation)
{
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += sim_uniform(state, -1, 1);
    return sum * 0.866f * deviation;
}

typedef struct sim_person {
    float width, height, relief; /* scale of the mean head in x, y and depth */
    float colour[3];
    float closer, turn_deg, smile, blink; /* how far each act goes */
    float points_noise;                   /* eye distances, of each point in each frame */
} sim_person;

/* Where the head is at one time. */
typedef struct sim_pose {
    float distance; /* eye distances */
    float yaw, pitch, roll; /* radians */
    float x, y;     /* pixels off the middle */
    float mouth, eyes;
} sim_pose;

static inline sim_person sim_draw_person(uint64_t *random)
{
    return (sim_person){ sim_uniform(random, 0.93f, 1.07f), sim_uniform(random, 0.93f, 1.07f), sim_uniform(random, 0.85f, 1.15f),
                         { sim_uniform(random, .2f, .5f), sim_uniform(random, .15f, .35f), sim_uniform(random, .1f, .3f) },
                         sim_uniform(random, 1.65f, 2.0f), sim_uniform(random, 20, 38), sim_uniform(random, 1.12f, 1.3f),
                         sim_uniform(random, .3f, .6f), 0.02f };
}

/* 0 at rest .. 1 in full: up and down again within a step, `delay` after its begin. */
static inline float sim_bump(float ms, const vt_liveness_step *s, float delay)
{
    float t = (ms - (float)s->start_ms - delay) / ((float)(s->end_ms - s->start_ms) - delay);
    return t <= 0 || t >= 1 ? 0 : sinf((float)M_PI * t);
}

/* How a person who follows `script` stands at a time. */
static inline sim_pose sim_follow(const sim_person *who, const vt_liveness_script *script, float ms, float far_away, float delay)
{
    sim_pose at = { far_away, 0, 0, 0, 0, 0, 1, 1 };
    float closer = 1;
    for (size_t i = 0; i < script->count; i++) {
        const vt_liveness_step *s = &script->steps[i];
        if (s->act == VT_LIVENESS_CLOSER) {
            float t = (ms - (float)s->start_ms - delay) / (0.65f * (float)(s->end_ms - s->start_ms));
            closer = 1 + (who->closer - 1) * fmaxf(0, fminf(1, t));
        }
        float part = sim_bump(ms, s, delay);
        if (s->act == VT_LIVENESS_LEFT) at.yaw += part * who->turn_deg * (float)M_PI / 180;
        if (s->act == VT_LIVENESS_RIGHT) at.yaw -= part * who->turn_deg * (float)M_PI / 180;
        if (s->act == VT_LIVENESS_SMILE) at.mouth += part * (who->smile - 1);
        if (s->act == VT_LIVENESS_BLINK && part > 0.8f) at.eyes = who->blink;
    }
    at.distance = far_away / closer;
    return at;
}

#endif
