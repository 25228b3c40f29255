/* Simulated presentations: a clip's person before a camera, following a script, or an attack made of the same clip. A turn,
 * a smile, a blink and coming closer are not in the clips: they are made by bending the clip's frames along the landmarks of
 * a mean head, seen by a camera from elsewhere. */
#ifndef VT_CLI_LIVENESS_STAGE_H
#define VT_CLI_LIVENESS_STAGE_H

#include "cli/liveness_actor.h"

enum { STAGE_WIDTH = 480, STAGE_HEIGHT = 360, STAGE_FRAMES = 24 };

/* Frames of a clip in which the face looks ahead, with their landmarks. */
typedef struct stage_clip {
    vt_pixels frames[STAGE_FRAMES];
    vt_point points[STAGE_FRAMES][VT_POINTS68];
    size_t count;
} stage_clip;

vt_status stage_clip_open(stage_clip *out, vt_session *session, const char *path, vt_error *err);
void stage_clip_close(stage_clip *clip);

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

/* One frame, STAGE_WIDTH x STAGE_HEIGHT, into pixels of that size. False: the clip's landmarks are degenerate. */
bool stage_render(vt_pixels *out, stage_scene *scene, float ms);

#endif
