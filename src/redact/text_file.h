/* A text file written piece by piece: the old file stands there until the new one is whole. */
#ifndef VT_REDACT_TEXT_FILE_H
#define VT_REDACT_TEXT_FILE_H

#include <vultus/video.h>

#include "base/buffer.h"

typedef struct vt__text_file {
    vt__buffer text; /* what is not written yet: append to it */
    const vt_video_bytes *to; /* instead of a file; NULL */
    const char *path;
    char *temporary;
    int file;
    uint64_t written;
} vt__text_file;

/* `path` is borrowed; mode 0600. VT_EIO, VT_ENOMEM. */
vt_status vt__text_file_open(vt__text_file *out, const char *path, vt_error *err);

/* The same to bytes that the caller has; borrowed. */
void vt__text_file_over(vt__text_file *out, const vt_video_bytes *to);

/* Writes what was appended once it is much. VT_EIO, VT_ENOMEM. */
vt_status vt__text_file_flush(vt__text_file *file, vt_error *err);

/* Puts the file in its place if `status` is VT_OK, drops it else; returns `status` or what went wrong now. */
vt_status vt__text_file_close(vt__text_file *file, vt_status status, vt_error *err);

#endif
