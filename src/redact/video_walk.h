/* The hidden boxes of a plan, frame after frame. */
#ifndef VT_REDACT_VIDEO_WALK_H
#define VT_REDACT_VIDEO_WALK_H

#include "redact/video_plan.h"

typedef struct vt__walk vt__walk;

/* `plan` is borrowed. Free with vt__walk_close, which allows NULL. */
vt_status vt__walk_open(vt__walk **out, const vt__plan *plan, vt_error *err);
void vt__walk_close(vt__walk *walk);

/* What is hidden in `frame`; frames must not fall. The boxes live until the next call. */
vt_status vt__walk_to(const vt_box **boxes, size_t *count, vt__walk *walk, int64_t frame, vt_error *err);

#endif
