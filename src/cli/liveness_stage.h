/* Simulated presentations: a clip's person before a camera, following a script, or an attack made of the same clip. A turn,
 * a smile, a blink and coming closer are not in the clips: they are made by laying the clip's frames over a mean head in
 * space, seen by a camera from elsewhere. */
#ifndef VT_CLI_LIVENESS_STAGE_H
#define VT_CLI_LIVENESS_STAGE_H

#include "cli/liveness_actor.h"
#include "cli/liveness_clip.h"
#include "cli/liveness_head.h"

typedef enum stage_kind {
    STAGE_LIVE = 0, /* the person */
    STAGE_STILL,    /* a still picture, moved, scaled and rotated in the plane */
    STAGE_TILTED,   /* the same as a flat photograph that is tilted and turned in space */
    STAGE_SCREEN,   /* a screen that shows the person's film of another script */
    STAGE_KINDS
} stage_kind;

typedef struct stage_scene {
    const stage_clip *clip;
    stage_kind kind;
    sim_person who;
    const vt_liveness_script *followed; /* what the person or the attacker does */
    const vt_liveness_script *shown;    /* whose colours light the scene */
    float far_away, delay_ms, answer;   /* answer: how much of the screen's light comes back */
    uint64_t random;
} stage_scene;

/* A person drawn at random who follows a script before a camera, lit by its colours. */
stage_scene stage_draw(const stage_clip *clip, const vt_liveness_script *script, uint64_t random);

typedef struct stage_still {
    uint32_t time_ms;
    uint8_t *jpeg; /* STAGE_WIDTH x STAGE_HEIGHT */
    size_t bytes;
} stage_still;

/* Takes one frame; anything but VT_OK ends the film. */
typedef vt_status stage_sink(void *context, const stage_still *still, vt_error *err);

/* Renders from 0 to a little after end_ms. */
vt_status stage_film(stage_scene *scene, int32_t end_ms, float every_ms, stage_sink *sink, void *context, vt_error *err);

#endif
