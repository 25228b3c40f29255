/* A video file opened for decoding: packets in, frames of its one video stream out. */
#ifndef VT_VIDEO_SOURCE_H
#define VT_VIDEO_SOURCE_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include <vultus/video.h>

#include "video/bytes_io.h"

/* Gets every packet that is not of the video stream; the packet stays the source's. */
typedef vt_status (*vt__other_packet)(void *payload, AVPacket *packet, vt_error *err);

typedef struct vt__source {
    vt_video_options options;
    vt__bytes_io io; /* where options.bytes are read */
    AVFormatContext *format;
    AVCodecContext *decoder;
    AVStream *stream; /* the video stream */
    AVPacket *packet;
    AVFrame *frame; /* the present one */
    int64_t origin_pts, last_pts, number; /* in the stream's time base; number of the present frame, -1 before it */
    int orientation; /* EXIF's number for the display matrix: 1, 3, 6 or 8 */
    bool drained;
    vt__other_packet on_other;
    void *other_payload;
} vt__source;

/* `out` MUST stay where it is until it is closed. */
vt_status vt__source_open(vt__source *out, const char *path, const vt_video_options *options, vt_error *err);
void vt__source_close(vt__source *source);
/* Decodes the next frame into source->frame; its pts is set and grows. */
vt_status vt__source_next(bool *more, vt__source *source, vt_error *err);
/* A frame of a file, to be found again. */
typedef struct vt__source_place {
    int64_t number, pts, origin_pts;
} vt__source_place;

vt__source_place vt__source_get_place(const vt__source *source);
/* Makes that frame the present one, by a jump to a key frame before it. False: that cannot be done surely in this file, and the
 * source is good for closing only. */
bool vt__source_jump(vt__source *source, const vt__source_place *place);

double vt__source_time_s(const vt__source *source);
vt_size vt__source_upright_size(const vt__source *source);

/* vt__fail with FFmpeg's text for its error number. */
vt_status vt__fail_av(vt_error *err, vt_status code, int number, const char *what);

#endif
