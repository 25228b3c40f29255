/* `vultus redact` where the file to write is a video. */
#ifndef VT_CLI_REDACT_VIDEO_H
#define VT_CLI_REDACT_VIDEO_H

#include <stdbool.h>

#include <vultus/redact.h>

#include "cli/args.h"

/* By the ending of the file to write: .mp4 .m4v .mov .mkv .webm .avi .gif. Always false in a build without video. */
bool vt__video_ending(const char *path);

/* Redacts the one video named. */
int vt__redact_video_command(const vt__args *args, const vt_redact_options *masks, double min_face_px, double min_score);

#endif
