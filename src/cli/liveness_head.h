/* The head of a clip's frame in space, and where a camera sees it. For simulations. */
#ifndef VT_CLI_LIVENESS_HEAD_H
#define VT_CLI_LIVENESS_HEAD_H

#include "cli/liveness_actor.h"
#include "cli/liveness_mesh.h"

enum { HEAD_OUTLINE = 17, HEAD_CROWN = 7, HEAD_FOREHEAD = 5, HEAD_RIM = HEAD_OUTLINE + HEAD_CROWN };
enum { HEAD_POINTS = VT_POINTS68 + HEAD_FOREHEAD + HEAD_RIM }; /* in this order; the rim: ears, neck, hair */

/* The camera that films; its pictures have this size. */
enum { STAGE_WIDTH = 480, STAGE_HEIGHT = 360 };
extern const float vt__stage_focal_px;

/* Between the eyes, source pixels. */
typedef struct vt__head {
    vt_point middle;
    float eyes_px;
} vt__head;

vt__head vt__head_find(const vt_point points[VT_POINTS68]);

/* Where a point of the head (eye distances, z towards the camera) is seen, and how far away. */
vt_point vt__head_see(float *distance, const sim_pose *at, float x, float y, float z);

/* Mouth and lids moved as the pose says, then turned. `relief` scales the mean head's depth. */
void vt__head_place(vt__mesh_point out[HEAD_POINTS], const vt_point points[VT_POINTS68], float relief, const sim_pose *at);

/* Below the chin's height: neck and shoulders. */
bool vt__head_is_body(const vt__head *head, vt_point from);

/* Where a part of the head's own picture that is hidden behind it gets its colour from: what lies beyond the head's side. */
vt_point vt__head_behind(const vt__head *head, vt_point from);

#endif
