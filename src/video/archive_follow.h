/* The faces of a video followed from their first to their last moment, with good shots of each: the whole state of looking
 * through a video, which can be put into bytes and taken up again. */
#ifndef VT_VIDEO_ARCHIVE_FOLLOW_H
#define VT_VIDEO_ARCHIVE_FOLLOW_H

#include <vultus/archive.h>

#include "base/buffer.h"
#include "video/join.h"
#include "video/look.h"

/* A track's template is the mean of some good shots, turned to length 1: one shot may have caught a hand, a grimace or the end
 * of a cross-fade. */
typedef struct vt__followed {
    uint32_t number;
    float strongest; /* detection */
    double from_s, to_s;
    float quality, tried; /* of the best shot taken, and of the best looked at */
    double time_s, tried_s;
    vt_box box;
    int shots;
    vt_template sum;
    uint8_t *thumbnail; /* of the best shot */
    size_t thumbnail_bytes;
} vt__followed;

typedef struct vt__following {
    bool thumbnails;
    vt__looker looker;
    vt__joiner joiner;
    vt__followed **faces; /* those of the open tracks */
    size_t count, capacity;
} vt__following;

/* Told of a track that has ended; takes its thumbnail over, or leaves it. */
typedef vt_status (*vt__on_track)(void *payload, vt_archive_track *track, vt_error *err);

void vt__following_begin(vt__following *out, const vt__look_options *options, bool thumbnails);
void vt__following_free(vt__following *f);

/* Looks at the video's present frame. */
vt_status vt__follow(vt__following *f, vt_video *video, vt_session *session, vt__on_track on_track, void *payload, vt_error *err);
/* The video is at its end, and so are all tracks. */
vt_status vt__follow_end(vt__following *f, vt__on_track on_track, void *payload, vt_error *err);

/* Bytes for this machine and this build; vt__following_read refuses others. */
void vt__following_write(vt__buffer *out, const vt__following *f);
/* Takes up what was written, where it was begun with the same options. VT_EFORMAT, VT_ENOMEM. */
vt_status vt__following_read(vt__following *f, const uint8_t *bytes, size_t size_bytes, vt_error *err);

#endif
