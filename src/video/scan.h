/* Faces of a whole video, found and joined to tracks. */
#ifndef VT_VIDEO_SCAN_H
#define VT_VIDEO_SCAN_H

#include <vultus/video.h>

/* Told of the faces of a frame; track_of holds provisional numbers (vt_tracker_number). */
typedef vt_status (*vt__on_faces)(void *payload, vt_video *video, const vt_faces *faces, const uint32_t *track_of, vt_error *err);

typedef struct vt__scan_options {
    vt_tracker_options tracker;
    float min_face_px; /* full-size pixels; 0 = 20 */
    double closer_s;   /* vt__look_options */
    vt__on_faces on_faces; /* may be NULL */
    void (*on_progress)(void *payload, double time_s); /* may be NULL */
    void *payload;
} vt__scan_options;

typedef struct vt__scan {
    vt_tracks tracks;
    int64_t frames;
    double duration_s; /* time of the last frame */
} vt__scan;

/* Looks at every frame of `video`. No template is made here. `tracker` receives the tracker (vt_tracker_close), for its numbers;
 * may be NULL. Free out->tracks with vt_tracks_free. */
vt_status vt__video_scan(vt__scan *out, vt_tracker **tracker, vt_video *video, vt_session *session, const vt__scan_options *options,
                         vt_error *err);

#endif
