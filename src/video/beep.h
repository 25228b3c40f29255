/* A tone in the place of a sound stream, as long as the sound was. */
#ifndef VT_VIDEO_BEEP_H
#define VT_VIDEO_BEEP_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include <vultus/status.h>

typedef struct vt__beep {
    AVCodecContext *encoder;
    AVStream *stream; /* of the file that is written */
    AVFrame *frame;
    AVPacket *packet;
    int64_t start, samples; /* in the encoder's time base: where the tone begins, and how much of it there is */
    bool begun;
} vt__beep;

/* Adds a stream to `to` for the sound of `from`: its own codec where FFmpeg can write it, else the container's. VT_EUNSUPPORTED,
 * VT_ENOMEM. Close also after a failure. */
vt_status vt__beep_open(vt__beep *out, AVFormatContext *to, const AVStream *from, vt_error *err);
void vt__beep_close(vt__beep *beep);

/* Goes on with the tone to where this packet of the sound ends. */
vt_status vt__beep_until(vt__beep *beep, AVFormatContext *to, const AVStream *from, const AVPacket *packet, vt_error *err);
/* Writes what the encoder still holds. */
vt_status vt__beep_finish(vt__beep *beep, AVFormatContext *to, vt_error *err);

#endif
