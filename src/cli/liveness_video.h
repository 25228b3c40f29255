/* `vultus liveness` where the files are clips. */
#ifndef VT_CLI_LIVENESS_VIDEO_H
#define VT_CLI_LIVENESS_VIDEO_H

#include "cli/engine_open.h"

/* By the ending, .gif being a picture. Always false in a build without video. */
bool vt__is_clip(const char *path);

/* Judges one clip, prints the answer, and returns the exit code. */
int vt__judge_clip(const vt__args *args, const vt__work *work, const char *path);

#endif
