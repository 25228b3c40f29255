/* Frames of a real clip from which presentations are made. For simulations. */
#ifndef VT_CLI_LIVENESS_CLIP_H
#define VT_CLI_LIVENESS_CLIP_H

#include "cli/liveness_mesh.h"

enum { CLIP_FRAMES = 24 };

/* Frames in which the one face looks ahead, with their landmarks. */
typedef struct stage_clip {
    vt_pixels frames[CLIP_FRAMES];
    vt_point points[CLIP_FRAMES][VT_POINTS68];
    size_t count;
    vt__mesh mesh; /* over the head's points (liveness_head.h) */
} stage_clip;

vt_status stage_clip_open(stage_clip *out, vt_session *session, const char *path, vt_error *err);
void stage_clip_close(stage_clip *clip);

#endif
