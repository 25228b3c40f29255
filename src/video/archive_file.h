/* The file of a video's record: sealed pieces one behind another. The first says which video it is, then come its tracks some at
 * a time, and the last says that it is whole: it grows while the video is looked through, and is read in little memory. */
#ifndef VT_VIDEO_ARCHIVE_FILE_H
#define VT_VIDEO_ARCHIVE_FILE_H

#include <vultus/archive.h>

#include "base/file.h"

enum { VT__RECORD_ID_CHARACTERS = VT_ARCHIVE_ID_BYTES - 1, VT__RECORD_SALT_BYTES = 16, VT__TRACKS_TOGETHER = 64 };

struct vt_archive {
    char *folder;
    uint8_t *key;  /* locked memory */
    vt__names records; /* as listed last */
    bool listed;
};

/* A record is its video's keyed digest, so that a listing of the folder tells nothing. */
void vt__record_id(char out[VT_ARCHIVE_ID_BYTES], const vt_archive *archive, const char *video_path);
/* Its file: ".video", whole; ".part", in the making; ".going", what is needed to go on with it. In fresh memory. */
char *vt__record_path(const vt_archive *archive, const char *id, const char *ending);

/* How far a file in the making was when all of it was on the disk. */
typedef struct vt__record_place {
    uint64_t size_bytes;
    uint32_t pieces, tracks;
    uint8_t salt[VT__RECORD_SALT_BYTES];
} vt__record_place;

typedef struct vt__record_writer {
    const vt_archive *archive;
    char id[VT_ARCHIVE_ID_BYTES];
    char *part;
    int descriptor;
    vt__record_place at;
    vt_archive_track *pending; /* VT__TRACKS_TOGETHER */
    size_t pending_count;
} vt__record_writer;

/* Begins anew, or goes on at `place` (NULL: anew), what lies behind it being dropped. The file is locked: VT_ECONFLICT while
 * another run has it. VT_EINTEGRITY where there is not what `place` says. vt__record_close in every case. */
vt_status vt__record_begin(vt__record_writer *out, const vt_archive *archive, const vt_archive_video *video, const vt__record_place *place, vt_error *err);
/* Takes the track's thumbnail over. */
vt_status vt__record_add(vt__record_writer *writer, vt_archive_track *track, vt_error *err);
/* All added so far is on the disk then. */
vt_status vt__record_sync(vt__record_writer *writer, vt_error *err);
/* The record appears under its lasting name. */
vt_status vt__record_finish(vt__record_writer *writer, double duration_s, vt_error *err);
void vt__record_close(vt__record_writer *writer);

typedef struct vt__record_reader {
    const vt_archive *archive;
    char *path;
    int descriptor;
    uint64_t offset;
    uint32_t pieces;
    uint8_t salt[VT__RECORD_SALT_BYTES];
    vt_archive_video video; /* without tracks; the duration when the last piece was read */
} vt__record_reader;

/* Reads the first piece. VT_ENOTFOUND: no such record. vt__record_reader_close in every case. */
vt_status vt__record_open(vt__record_reader *out, const vt_archive *archive, const char *id, vt_error *err);
/* The next tracks, to be freed with vt__archive_tracks_free; none at the end. VT_EINTEGRITY: changed, cut off, or another key. */
vt_status vt__record_next(vt_archive_track **tracks, size_t *count, vt__record_reader *reader, vt_error *err);
void vt__record_reader_close(vt__record_reader *reader);

/* Takes away what was left by a run that ended early, unless one is at work on it. */
void vt__record_drop_part(const vt_archive *archive, const char *id);

#endif
