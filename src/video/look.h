/* The faces of a video's frames, frame by frame; frames are passed over while nothing new is seen, where that is wanted. */
#ifndef VT_VIDEO_LOOK_H
#define VT_VIDEO_LOOK_H

#include <vultus/video.h>

#include "video/cut.h"

typedef struct vt__look_options {
    float min_face_px; /* full-size pixels; 0 = 20 */
    float min_score;
    double rest_s;     /* > 0: frames are passed over for so long while nothing new is seen; 0 = every frame is looked at */
    double closer_s;   /* > 0: so often a frame is also looked at twice as large, for small faces; 0 = never */
} vt__look_options;

/* What was seen so far: plain data, so that it can be written down and taken up again. Start with vt__looker_begin. */
typedef struct vt__looker {
    vt__look_options options;
    vt__cut_state cut;
    double last_look_s, last_closer_s;
    size_t last_count; /* of faces */
    int alert;         /* frames yet to be looked at, all of them, after something changed */
} vt__looker;

typedef struct vt__looked {
    vt_faces faces; /* in full-size pixels; none in a frame that was passed over. vt_faces_free */
    bool cut;       /* a new shot begins with the frame */
    bool at_all;    /* not passed over */
} vt__looked;

void vt__looker_begin(vt__looker *out, const vt__look_options *options);

/* Looks at the video's present frame. Errors as vt_video_pixels and vt_session_detect. */
vt_status vt__look(vt__looked *out, vt__looker *looker, vt_video *video, vt_session *session, vt_error *err);

#endif
