/* A caller's bytes in the place of a file. */
#ifndef VT_VIDEO_BYTES_IO_H
#define VT_VIDEO_BYTES_IO_H

#include <libavformat/avio.h>

#include <vultus/video.h>

#include "base/crypto.h"

typedef struct vt__bytes_io {
    const vt_video_bytes *bytes;
    uint64_t at, end; /* where reading or writing is, and how far the bytes go */
    AVIOContext *context; /* NULL: not open */
} vt__bytes_io;

/* `out` MUST stay where it is until it is closed; closing flushes what was written and answers false when that failed. */
vt_status vt__bytes_io_open(vt__bytes_io *out, const vt_video_bytes *bytes, bool writing, vt_error *err);
bool vt__bytes_io_close(vt__bytes_io *io);

/* SHA-256 of the bytes, or where they are NULL of the file. */
vt_status vt__bytes_digest(uint8_t out[VT__SHA256_BYTES], const char *path, const vt_video_bytes *bytes, vt_error *err);

#endif
