/**
 * Video files: frames one after another, and faces joined over time to tracks.
 *
 * Files only: there is no way to open a stream, a camera or an address (docs/video.md says why). Reads what the
 * FFmpeg libraries decode from containers that cannot refer to other files. Frame numbers count decoded frames from 0.
 *
 * Threads: a vt_video and a vt_tracker are used by one thread at a time; different ones by any.
 */
#ifndef VULTUS_VIDEO_H
#define VULTUS_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/face.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vt_video vt_video;

/** Bytes that do not lie plainly in a file (encrypted, say). Called by the thread that uses the video; a path given beside
 *  them is only a name. Reading past the end gives fewer bytes, 0 at it. Functions return false for a failure. */
typedef struct vt_video_bytes {
    void *payload;
    uint64_t size_bytes; /**< of what is read */
    bool (*read)(void *payload, void *out, size_t *size_bytes, uint64_t offset);       /**< *size_bytes: wanted, then got */
    bool (*write)(void *payload, const void *bytes, size_t size_bytes, uint64_t offset); /**< over what is there, or at its end */
} vt_video_bytes;

typedef struct vt_video_options {
    size_t struct_size;
    double max_duration_s; /**< 0 = 24 hours */
    size_t max_pixels;     /**< of a frame; 0 = 36 million */
    int threads;           /**< of the decoder and encoder; 0 = 1 */
    bool (*cancelled)(void *payload); /**< asked between frames and while reading; NULL = never. True: VT_ECANCELLED */
    void *payload;
    const vt_video_bytes *bytes; /**< read from these instead of the file; borrowed. NULL = the file */
} vt_video_options;
#define VT_VIDEO_OPTIONS_INIT { sizeof(vt_video_options), 0, 0, 0, NULL, NULL, NULL }

typedef struct vt_video_info {
    vt_size size;       /**< upright, pixels */
    double duration_s;  /**< as the container says; 0 = not known */
    double frames_per_s; /**< mean; 0 = not known */
    bool has_audio;
} vt_video_info;

/** Opens a file. VT_ENOTFOUND: no such file; VT_EFORMAT: no known container, or damaged; VT_ELIMIT: longer or larger than
 *  `options` allow; VT_EUNSUPPORTED: a codec that this build cannot decode; VT_ECANCELLED; VT_ENOMEM. Free with
 *  vt_video_close, which allows NULL. */
VT_API vt_status vt_video_open(vt_video **out, const char *path, const vt_video_options *options, vt_error *err);
VT_API void vt_video_close(vt_video *video);

/** What the container says. Cannot fail. */
VT_API vt_video_info vt_video_get_info(const vt_video *video);

/** Goes to the next frame; *more is false at the end. VT_EFORMAT where the file is damaged or cut off; VT_ELIMIT; VT_ECANCELLED
 *  where options->cancelled said so; VT_ENOMEM. */
VT_API vt_status vt_video_next(bool *more, vt_video *video, vt_error *err);

/** Number of the present frame (from 0) and its time, seconds from where the file begins (sound may
 *  begin before the picture). Valid after a vt_video_next that gave one. */
VT_API int64_t vt_video_frame(const vt_video *video);
VT_API double vt_video_time_s(const vt_video *video);

/** The present frame, upright, RGB, its longer side at most `max_side_px` (0 = full size). The caller frees with
 *  vt_pixels_free. VT_EINVAL: no frame was read yet; VT_EUNSUPPORTED: a pixel format that cannot be converted; VT_ENOMEM. */
VT_API vt_status vt_video_pixels(vt_pixels *out, vt_video *video, int max_side_px, vt_error *err);

/** Where a face was in one frame. */
typedef struct vt_sighting {
    int64_t frame;
    double time_s;
    vt_box box;   /**< upright full-size pixels */
    float score;  /**< the detector's; 0 where the box was filled in between or beside detections */
} vt_sighting;

/** One face from its first frame to its last: a sighting for every frame between. */
typedef struct vt_track {
    uint32_t id; /**< from 1, in order of first frame */
    vt_sighting *sightings; /**< NULL where vt_tracker_options.on_sightings got them */
    size_t count;
    size_t best;       /**< sighting that shows the face best: large, sharp in score, frontal */
    float best_quality;
    int64_t first_frame;
    double first_s, last_s, best_s; /**< times of the first, last and best sighting */
} vt_track;

typedef struct vt_tracks {
    vt_track *items;
    size_t count;
} vt_tracks;

/** Gets sightings of a track once they are settled, without a gap and in order, a few at a time; `track` is a provisional
 *  number. They live for the call. A status other than VT_OK ends what called it. */
typedef vt_status (*vt_on_sightings)(void *payload, uint32_t track, const vt_sighting *sightings, size_t count, vt_error *err);

typedef struct vt_tracker_options {
    size_t struct_size;
    float start_score;  /**< a track needs one detection of this score; 0 = 0.6 */
    float follow_score; /**< what continues one, or leads up to it; 0 = 0.3 */
    double gap_s;       /**< longest time unseen that is bridged; 0 = 1.0 */
    double extend_s;    /**< held before the first and after the last detection, never over a cut; 0 = none */
    vt_on_sightings on_sightings; /**< gets sightings instead of the tracks, so that memory does not grow with the video */
    void *payload;
} vt_tracker_options;
#define VT_TRACKER_OPTIONS_INIT { sizeof(vt_tracker_options), 0, 0, 0, 0, NULL, NULL }

typedef struct vt_tracker vt_tracker;

/** Joins detections to tracks, the best fitting pair first, by overlap with where motion leads, else by distance; a track
 *  counts once one detection is strong. No template is made or used. VT_ENOMEM. Free with vt_tracker_close, which allows
 *  NULL. */
VT_API vt_status vt_tracker_open(vt_tracker **out, const vt_tracker_options *options, vt_error *err);
VT_API void vt_tracker_close(vt_tracker *tracker);

/** Adds one frame, in order. `faces` may be NULL for a frame that was not looked at. `cut`: a new shot begins with it.
 *  `track_of` (may be NULL) receives, for each face, a number of the track it went to, or 0: provisional numbers, as
 *  vt_tracker_number maps them. VT_EINVAL: a frame out of order; VT_ELIMIT: too many sightings; VT_ENOMEM. */
VT_API vt_status vt_tracker_add(uint32_t *track_of, vt_tracker *tracker, int64_t frame, double time_s,
                                const vt_faces *faces, bool cut, vt_error *err);

/** Ends all tracks and hands them over, gaps filled and boxes smoothed. VT_ENOMEM. Free with vt_tracks_free, which a cleared
 *  struct does no harm. */
VT_API vt_status vt_tracker_finish(vt_tracks *out, vt_tracker *tracker, vt_error *err);
VT_API void vt_tracks_free(vt_tracks *tracks);

/** After vt_tracker_finish: the id that a provisional number got, 0 if it was dropped as never sure. */
VT_API uint32_t vt_tracker_number(const vt_tracker *tracker, uint32_t provisional);

/** How well a detection shows its face, for choosing the best shot: grows with size, score and frontality (from points5).
 *  At least 0, without a unit: only to be compared within one track. Cannot fail. Any thread. */
VT_API float vt_face_shot_quality(const vt_face *face);

#ifdef __cplusplus
}
#endif
#endif
