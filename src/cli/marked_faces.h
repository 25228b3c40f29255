/* Faces that people marked on frames of videos: tests/data/README.md tells the form. */
#ifndef VT_CLI_MARKED_FACES_H
#define VT_CLI_MARKED_FACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/image.h>
#include <vultus/status.h>

typedef struct vt__marked_face {
    int64_t frame;
    vt_box box; /* upright pixels */
    bool certain;
    int64_t person; /* 0 = not known */
} vt__marked_face;

typedef struct vt__marked_video {
    char *name;      /* of its file, without a folder */
    char digest[65]; /* hex SHA-256 */
    vt__marked_face *faces; /* by rising frame */
    size_t count;
    int64_t every_frames; /* frames that were looked at: 0 and its multiples */
} vt__marked_video;

typedef struct vt__marked {
    vt__marked_video *videos;
    size_t count;
} vt__marked;

/* VT_EFORMAT says what is wrong. Free with vt__marked_free, also after a failure. */
vt_status vt__marked_read(vt__marked *out, const char *path, vt_error *err);
void vt__marked_free(vt__marked *marked);

/* NULL where nobody marked a file of this name; a folder before it is no matter. */
const vt__marked_video *vt__marked_of(const vt__marked *marked, const char *path);

#endif
