/* FFmpeg's own log, which is the process's and not the library's: only the program's main part turns it off. */
#ifndef VT_VIDEO_QUIET_H
#define VT_VIDEO_QUIET_H

void vt__video_quiet(void);

#endif
