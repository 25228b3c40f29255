/* What an archive keeps of a video, as JSON: how the video is described, and tracks, some at a time. */
#ifndef VT_VIDEO_ARCHIVE_RECORD_H
#define VT_VIDEO_ARCHIVE_RECORD_H

#include <vultus/archive.h>

#include "base/json.h"

vt__json *vt__video_json(const vt_archive_video *video); /* without tracks */
vt_status vt__video_from_json(vt_archive_video *out, const vt__json *json, vt_error *err);

vt__json *vt__tracks_json(const vt_archive_track *tracks, size_t count);
/* vt__archive_tracks_free them. */
vt_status vt__tracks_from_json(vt_archive_track **out, size_t *count, const vt__json *json, vt_error *err);
void vt__archive_tracks_free(vt_archive_track *tracks, size_t count);

#endif
