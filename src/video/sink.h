/* The file that a transcoding writes. */
#ifndef VT_VIDEO_SINK_H
#define VT_VIDEO_SINK_H

#include "video/beep.h"
#include "video/source.h"
#include "video/transcode.h"

typedef struct vt__sink {
    vt__bytes_io io; /* where options->out is written */
    AVFormatContext *format;
    AVCodecContext *encoder;
    AVStream *stream; /* the video stream */
    AVPacket *packet;
    int *stream_of;   /* source stream index -> sink stream index, or -1 */
    vt__beep *beeps;  /* by source stream index; encoder NULL: that stream has none */
    unsigned beep_count;
    bool header_written;
} vt__sink;

/* `out` MUST stay where it is until it is closed. */
vt_status vt__sink_open(vt__sink *out, const char *path, const char *wanted_name, const vt__source *source,
                        const vt__transcode_options *options, vt_error *err);
/* NULL frame: flush. The frame has the encoder's pixel format and the source's time base. */
vt_status vt__sink_frame(vt__sink *sink, const vt__source *source, AVFrame *frame, vt_error *err);
vt_status vt__sink_copy(vt__sink *sink, const vt__source *source, AVPacket *packet, vt_error *err);
vt_status vt__sink_finish(vt__sink *sink, vt_error *err);
void vt__sink_close(vt__sink *sink);

#endif
