/**
 * An archive of videos: which faces each holds, when, and one template a face, so that a person can be found again.
 *
 * Files only. An archive is a folder with one sealed record a video (XChaCha20-Poly1305 under the archive's key); no picture
 * is stored but for thumbnails of the faces, sealed too, where they were asked for. Making it is a recognition operation. An
 * archive is used by one thread at a time; several processes may have the same one open.
 */
#ifndef VULTUS_ARCHIVE_H
#define VULTUS_ARCHIVE_H

#include <vultus/video.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VT_ARCHIVE_KEY_BYTES 32
#define VT_ARCHIVE_ID_BYTES 41 /**< of a video: 40 hexadecimal digits and the zero */

typedef struct vt_archive vt_archive;

/** A face from its first to its last moment in one video. */
typedef struct vt_archive_track {
    double from_s, to_s, best_s; /**< seconds from the first frame; best: where it is shown best */
    float quality;               /**< of the best shot, vt_face_shot_quality */
    vt_box best_box;
    vt_template template_;
    uint8_t *thumbnail;          /**< JPEG; NULL: none is stored */
    size_t thumbnail_bytes;
} vt_archive_track;

typedef struct vt_archive_video {
    char id[VT_ARCHIVE_ID_BYTES];
    char *path;          /**< absolute; the name given where there was no file */
    int64_t size_bytes, modified_ms;
    double duration_s;
    char pack[129];      /**< digest of the pack that made the templates */
    vt_archive_track *tracks; /**< by their beginning */
    size_t count;
} vt_archive_video;

typedef struct vt_archive_hit {
    char *path;
    double from_s, to_s, best_s;
    float confidence;
} vt_archive_hit;

typedef struct vt_archive_hits {
    vt_archive_hit *items; /**< highest confidence first */
    size_t count;
} vt_archive_hits;

typedef struct vt_archive_index_options {
    size_t struct_size;
    vt_video_options video;
    float min_face_px; /**< 0 = 30 */
    double rest_s;     /**< frames are skipped for so long while nothing changes; 0 = 0.16; < 0: every frame is looked at */
    bool thumbnails;   /**< keep a small picture of every face, for people to know it by */
    void (*on_progress)(void *payload, double time_s, double duration_s); /**< may be NULL */
    void *payload;
} vt_archive_index_options;
#define VT_ARCHIVE_INDEX_OPTIONS_INIT { sizeof(vt_archive_index_options), VT_VIDEO_OPTIONS_INIT, 0, 0, false, NULL, NULL }

/** Opens or makes the folder (mode 0700). The key is copied. VT_EIO, VT_EDENIED, VT_ENOMEM. Free with vt_archive_close, which
 *  wipes it and allows NULL. */
VT_API vt_status vt_archive_open(vt_archive **out, const char *folder, const uint8_t key[VT_ARCHIVE_KEY_BYTES], vt_error *err);
VT_API void vt_archive_close(vt_archive *archive);

/** Adds a video, or brings it up to date. With options->video.bytes `path` is only the name that the archive keeps. *unchanged
 *  is set, and nothing is done, when its record fits its size, time of change and the pack. The record appears whole or not at
 *  all; what was found is put on the disk every ten seconds of video, sealed, so that a run that was killed is gone on with from
 *  there, to the same record, when it is begun again with the same options. Memory does not grow with the length. VT_ECONFLICT:
 *  another process is indexing this video; else as vt_video_open, vt_video_next and vt_session_template, and VT_EIO for the
 *  folder. */
VT_API vt_status vt_archive_index(bool *unchanged, vt_archive *archive, const char *path, const vt_engine *engine, vt_session *session,
                                  const vt_archive_index_options *options, vt_error *err);

/** Takes a video's record out for good, whole or in the making. VT_ENOTFOUND: no record has that id; VT_EINVAL: no id;
 *  VT_ECONFLICT: a process is indexing the video; VT_EIO. */
VT_API vt_status vt_archive_remove(vt_archive *archive, const char *video_id, vt_error *err);

/** Number of records now in the folder, read anew. VT_EIO, VT_ENOMEM. */
VT_API vt_status vt_archive_count(size_t *out, vt_archive *archive, vt_error *err);

/** One record by its place, 0 to count - 1, in an order that stays while none is added. VT_EINTEGRITY when it was changed or
 *  the key is another; VT_ENOTFOUND past the last. Free with vt_archive_video_free. */
VT_API vt_status vt_archive_video_read(vt_archive_video *out, vt_archive *archive, size_t place, vt_error *err);
VT_API void vt_archive_video_free(vt_archive_video *video);

/** All tracks whose template has at least `min_confidence` (0..1, calibrated) with one of the probes: an exact scan.
 *  VT_ECONFLICT: a video was indexed with another pack; else as vt_archive_video_read. Free with vt_archive_hits_free. */
VT_API vt_status vt_archive_search(vt_archive_hits *out, vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                                   size_t probe_count, float min_confidence, vt_error *err);
VT_API void vt_archive_hits_free(vt_archive_hits *hits);

/** What vt_archive_forget did. */
typedef struct vt_archive_forgotten {
    size_t tracks;       /**< taken out */
    size_t not_compared; /**< videos indexed with another pack: nothing of them was taken out */
} vt_archive_forgotten;

/** Takes out every track that vt_archive_search would find with the probes, for good: each record that held one is written anew
 *  without it, whole or not at all, so that what was begun may be done again. The videos count as indexed still. What a killed
 *  index run left is dropped: that video is begun anew. A run at work on a video adds what it finds when it ends; VT_ECONFLICT
 *  when that video's record is to be written anew. Else as vt_archive_search, but for the pack, and VT_EIO. */
VT_API vt_status vt_archive_forget(vt_archive_forgotten *out, vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                                   size_t probe_count, float min_confidence, vt_error *err);

#ifdef __cplusplus
}
#endif
#endif
