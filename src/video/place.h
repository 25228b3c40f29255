/* A video gone on with at a frame that was come to before. */
#ifndef VT_VIDEO_PLACE_H
#define VT_VIDEO_PLACE_H

#include <vultus/video.h>

#include "video/source.h"

vt__source_place vt__video_get_place(const vt_video *video);
/* Opens the video with that frame as the present one; where the file does not let one jump to it, by reading up to it. Errors as
 * vt_video_open and vt_video_next; VT_ECONFLICT: the frame is not there. Free with vt_video_close. */
vt_status vt__video_open_at(vt_video **out, const char *path, const vt_video_options *options, const vt__source_place *place, vt_error *err);

#endif
