/* Which face of a frame goes on with which track: open tracks, each known by its last sighting and its way alone. Plain data,
 * so that it can be written down and taken up again. */
#ifndef VT_VIDEO_JOIN_H
#define VT_VIDEO_JOIN_H

#include <vultus/video.h>

typedef struct vt__open_track {
    uint32_t number; /* from 1, never given again */
    float speed_x, speed_y; /* per second */
    int64_t frame;
    double time_s;
    vt_box box;
} vt__open_track;

typedef struct vt__joiner {
    float follow_score; /* detections below are no part of any track */
    double gap_s;       /* longest time unseen that is bridged */
    vt__open_track *open; /* by number */
    size_t count, capacity;
    uint32_t given; /* numbers so far */
} vt__joiner;

/* Takes over the settings, defaults filled in. */
void vt__joiner_begin(vt__joiner *out, const vt_tracker_options *options);
void vt__joiner_free(vt__joiner *joiner);

/* The next frame looked at. `cut`: all tracks end before it. number_of receives each face's track, 0 for one that is too weak;
 * the best fitting pair goes first, and a face that fits none begins a track. VT_ENOMEM. */
vt_status vt__join(uint32_t *number_of, vt__joiner *joiner, int64_t frame, double time_s, const vt_faces *faces, bool cut, vt_error *err);

/* Makes room for `needed` elements of `size_bytes`, twice as many each time. VT_ENOMEM. */
vt_status vt__room_for(void **list, size_t *capacity, size_t needed, size_t size_bytes, vt_error *err);

#endif
