/* A video rewritten with its frames edited: everything else (times, rotation, sound, subtitles, chapters) is kept, and
 * what tells of place or camera is dropped. */
#ifndef VT_VIDEO_TRANSCODE_H
#define VT_VIDEO_TRANSCODE_H

#include <vultus/video.h>

#include "image/plane.h"

enum { VT__MOST_PLANES = 4 };

typedef struct vt__frame {
    vt__plane planes[VT__MOST_PLANES]; /* Y U V, R G B or grey; without alpha */
    int count;
    bool rgb;
    vt_size size;    /* as stored */
    int orientation; /* EXIF number that turns it upright */
    int64_t number;
    double time_s;
} vt__frame;

typedef vt_status (*vt__edit)(void *payload, vt__frame *frame, vt_error *err);

typedef enum vt__sound { VT__SOUND_COPY = 0, VT__SOUND_DROP, VT__SOUND_BEEP } vt__sound;

typedef struct vt__transcode_options {
    vt_video_options video;
    bool lossless;
    int quality;      /* constant rate factor of the encoder; 0 = 20 */
    bool no_hardware; /* never try encoders of the graphics card */
    vt__sound sound;
    const vt_video_bytes *out; /* written to these and to no file; NULL = the file */
} vt__transcode_options;

/* Writes to options->out, or to a temporary name beside `to` and renames when whole; a failure leaves nothing behind. The container is the
 * one `to` ends in. `encoder` (64 bytes, may be NULL) receives the encoder's name. */
vt_status vt__transcode(char *encoder, const char *to, const char *from, const vt__transcode_options *options, vt__edit edit,
                        void *payload, vt_error *err);

#endif
