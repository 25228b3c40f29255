#include "video/quiet.h"

#include <libavutil/log.h>

void vt__video_quiet(void) { av_log_set_level(AV_LOG_QUIET); }
