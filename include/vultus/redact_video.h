/**
 * Redaction of whole videos. A face is hidden from the first to the last frame in which any frame of its track was seen.
 * No template is made unless people are named to be kept or to be hidden alone.
 */
#ifndef VULTUS_REDACT_VIDEO_H
#define VULTUS_REDACT_VIDEO_H

#include <vultus/redact.h>
#include <vultus/video.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum vt_redact_whom {
    VT_REDACT_EVERYONE = 0,
    VT_REDACT_ALL_BUT, /**< the people given stay visible, where recognised surely */
    VT_REDACT_ONLY     /**< the people given are hidden, where recognised at least doubtfully */
} vt_redact_whom;

typedef struct vt_redact_video_options {
    size_t struct_size;
    vt_redact_options masks;
    vt_video_options video;
    float min_face_px; /**< smallest face looked for; 0 = 20 */
    float min_score;   /**< a face is hidden if one frame reaches this detector score; 0 = 0.45 */
    bool lossless;     /**< pixels outside of the masks stay bit for bit */
    int quality;       /**< of the encoder, as constant rate factor; 0 = 20 */
    bool no_hardware;  /**< never use encoders of the graphics card */
    bool drop_audio;
    vt_redact_whom whom;
    const vt_template *people; /**< for VT_REDACT_ALL_BUT and VT_REDACT_ONLY; borrowed */
    size_t people_count;
    const char *manifest_path; /**< JSON written beside; NULL = none */
    const char *review_path;   /**< HTML sheet written beside; shows faces unhidden; NULL = none */
    void (*on_progress)(void *payload, int pass, double share); /**< pass 1 and 2; share 0..1, or -1 if not known */
    void *payload;
    const vt_video_bytes *out; /**< written to these instead of the file, whose name still says the container; NULL = the file */
    bool beep_audio;           /**< a tone in the place of the sound, as long as it was */
    const vt_video_bytes *plan_out; /**< what the first pass found is written to these, as a manifest; NULL = nowhere */
    bool (*on_planned)(void *payload); /**< all of plan_out is written; false ends the work with VT_EIO. May be NULL */
    const vt_video_bytes *plan_in; /**< what plan_out took in an earlier run of the same work, which is gone on with: the second
                                        pass alone is run. Of another video or pack, or damaged: as if NULL */
} vt_redact_video_options;
#define VT_REDACT_VIDEO_OPTIONS_INIT                                                                                   \
    { sizeof(vt_redact_video_options), VT_REDACT_OPTIONS_INIT, VT_VIDEO_OPTIONS_INIT, 0, 0, false, 0, false, false,   \
      VT_REDACT_EVERYONE, NULL, 0, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL }

typedef struct vt_redact_video_report {
    int64_t frames;
    size_t tracks, hidden_tracks;
    char encoder[64];
} vt_redact_video_report;

/**
 * Writes `to` (its ending names the container) from `from`. Sound, subtitles, chapters, rotation and frame times are
 * kept; place, camera and cover pictures are dropped. On failure nothing is left behind. `out` may be NULL. Two passes: faces
 * are tracked over the whole video first, then each frame is covered and encoded. One thread a session. VT_EINVAL: options
 * out of range or an ending that names no container; VT_EUNSUPPORTED: what the container cannot hold, or people named and no
 * recognizer in the pack; VT_ECANCELLED; VT_EIO; else as vt_video_open, vt_video_next and vt_session_detect.
 */
VT_API vt_status vt_redact_video(vt_redact_video_report *out, const char *to, const char *from, const vt_engine *engine,
                                 vt_session *session, const vt_redact_video_options *options, vt_error *err);

/** Renders a manifest, as written or as edited by a person: no detector is run. VT_EINTEGRITY if it was made of another
 *  video; VT_EFORMAT if it is no manifest. Of the options, masks come from the manifest,
 *  but for masks.image. */
VT_API vt_status vt_redact_video_apply(vt_redact_video_report *out, const char *to, const char *from, const char *manifest_path,
                                       const vt_redact_video_options *options, vt_error *err);

#ifdef __cplusplus
}
#endif
#endif
