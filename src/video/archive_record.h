/* The record of one video in an archive's folder: JSON, sealed. */
#ifndef VT_VIDEO_ARCHIVE_RECORD_H
#define VT_VIDEO_ARCHIVE_RECORD_H

#include <vultus/archive.h>

#include "base/file.h"

struct vt_archive {
    char *folder;
    uint8_t *key;  /* locked memory */
    vt__names records; /* as listed last */
    bool listed;
};

/* The record's file of a video's absolute path, in fresh memory. */
char *vt__record_path(const vt_archive *archive, const char *video_path);
vt_status vt__record_write(const vt_archive *archive, const vt_archive_video *video, vt_error *err);
vt_status vt__record_read(vt_archive_video *out, const vt_archive *archive, const char *record_path, vt_error *err);

#endif
