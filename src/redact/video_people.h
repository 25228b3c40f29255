/* Which tracks of a video are people that were given. The only place of redaction that makes templates. */
#ifndef VT_REDACT_VIDEO_PEOPLE_H
#define VT_REDACT_VIDEO_PEOPLE_H

#include "redact/video_plan.h"

typedef struct vt__people_seen vt__people_seen;

/* All are borrowed. Free with vt__people_seen_close, which allows NULL. */
vt_status vt__people_seen_open(vt__people_seen **out, const vt_redact_video_options *options, const vt_engine *engine, vt_session *session,
                               vt_error *err);
void vt__people_seen_close(vt__people_seen *people);

/* Looks closer at those of a frame's faces that are good shots of their tracks. */
vt_status vt__people_look(vt__people_seen *people, vt_video *video, const vt_faces *faces, const uint32_t *track_of, vt_error *err);

/* Marks the plan's tracks as hidden or not; people may be NULL, then all are. */
void vt__people_decide(vt__plan *plan, vt__people_seen *people, const vt_tracker *tracker);

#endif
