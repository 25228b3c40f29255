/* The inside of vt_liveness: what the checks read. */
#ifndef VT_LIVENESS_INSIDE_H
#define VT_LIVENESS_INSIDE_H

#include <vultus/liveness.h>

struct vt_liveness {
    vt_liveness_script script;
    vt_liveness_frame *frames;
    size_t count, room;
    const float *turns_deg; /* a frame each; while deciding only */
};

/* Time since the first frame. */
int64_t vt__elapsed_ms(const vt_liveness *l, size_t frame);

/* Yaw of a frame's face: its own, or between those of its neighbours; NaN when no frame tells. */
float vt__yaw_deg(const vt_liveness *l, size_t frame);

/* How far each frame's head is turned from where it looked while coming closer, by what its landmarks slide: a flat picture
 * never turns by this measure. Left is positive; NaN without a face. */
void vt__read_turns(float out[VT_LIVENESS_MAX_FRAMES], const vt_liveness *l);

/* The script's first step of an act, or NULL. */
const vt_liveness_step *vt__find_step(const vt_liveness *l, vt_liveness_act act);

/* Whether the act is to be seen in how the head moves. */
bool vt__is_motion(vt_liveness_act act);

/* Each gives its value, whatever the threshold. */
float vt__check_attack(const vt_liveness *l);
float vt__check_surround(const vt_liveness *l);
float vt__check_one_face(const vt_liveness *l);
float vt__check_times(const vt_liveness *l);
float vt__check_duplicates(const vt_liveness *l);
float vt__check_same_face(const vt_liveness *l);
float vt__check_motion(const vt_liveness *l);
float vt__check_early(const vt_liveness *l);
float vt__check_nearness(const vt_liveness *l);
float vt__check_ground(const vt_liveness *l);
float vt__check_relief(const vt_liveness *l);
float vt__check_light(const vt_liveness *l);

/* Middle of `count` values, which are sorted in place; NaN for none. */
float vt__median(float *values, size_t count);

#endif
