/* Video files: every byte of them is untrusted. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vultus/video.h>

#include "video/quiet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { most_frames = 64 };

static void read_frames(const char *path)
{
    vt_video_options options = VT_VIDEO_OPTIONS_INIT;
    options.max_pixels = 1 << 20;
    options.max_duration_s = 60;
    vt_video *video;
    vt_error err;
    if (vt_video_open(&video, path, &options, &err)) return;
    bool more = true;
    for (int i = 0; i < most_frames && !vt_video_next(&more, video, &err) && more; i++) {
        vt_pixels pixels;
        if (!vt_video_pixels(&pixels, video, 64, &err)) vt_pixels_free(&pixels);
    }
    vt_video_close(video);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vt__video_quiet();
    int file = memfd_create("video", 0);
    char path[64];
    if (file < 0) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (size && write(file, data, size) != (ssize_t)size) abort();
    read_frames(path);
    close(file);
    return 0;
}
