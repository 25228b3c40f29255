/**
 * The engine: faces in a picture, their landmarks, pose, attributes, and templates for recognition.
 *
 * `vt_engine` holds a pack's networks; immutable once open and shared by all threads. `vt_session` is one
 * thread's scratch memory. Detection and attributes never make a template: only vt_session_template does.
 * Terms follow ISO/IEC 2382-37: template, comparison score, verification, identification.
 */
#ifndef VULTUS_FACE_H
#define VULTUS_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/image.h>
#include <vultus/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VT_POINTS5 5
#define VT_POINTS68 68
#define VT_TEMPLATE_MAX_DIMENSION 1024

typedef struct vt_engine vt_engine;
typedef struct vt_session vt_session;

/** What is wanted beside the box; detection alone costs least. */
typedef enum vt_want {
    VT_WANT_BOX = 0,
    VT_WANT_LANDMARKS = 1 << 0,
    VT_WANT_POSE = 1 << 1,
    VT_WANT_MASK = 1 << 2,
    VT_WANT_QUALITY = 1 << 3,   /**< blur, exposure, noise, quality for recognition */
    VT_WANT_OCCLUSION = 1 << 4, /**< forehead, eyes, mouth */
    VT_WANT_GLASSES = 1 << 5,
    VT_WANT_HEADWEAR = 1 << 6,
    VT_WANT_ALL = (1 << 7) - 1
} vt_want;

/** Degrees. Signs as in the published REST contract: yaw > 0 when the face is turned to the right of the
 *  image, pitch > 0 when it looks up, roll > 0 when the eye on the right of the image is higher. */
typedef struct vt_pose {
    float pitch_deg;
    float roll_deg;
    float yaw_deg;
} vt_pose;

typedef enum vt_mask { VT_MASK_UNCERTAIN = 0, VT_MASK_NONE, VT_MASK_FACE, VT_MASK_OTHER } vt_mask;
typedef enum vt_glasses { VT_GLASSES_NONE = 0, VT_GLASSES_READING, VT_GLASSES_SUN, VT_GLASSES_SWIMMING } vt_glasses;
typedef enum vt_level { VT_LEVEL_LOW = 0, VT_LEVEL_MEDIUM, VT_LEVEL_HIGH } vt_level;

typedef struct vt_attributes {
    vt_mask mask;
    bool nose_and_mouth_covered;
    float mask_confidence; /**< 0..1 */
    vt_glasses glasses;
    float glasses_confidence;  /**< 0..1, that the stated kind is worn */
    float headwear_confidence; /**< 0..1, that headwear is worn */
    float blur;                /**< 0 sharp .. 1 blurred */
    float exposure;            /**< 0 dark .. 1 bright; good from 0.25 to 0.75 */
    float noise;               /**< 0 clean .. 1 noisy */
    bool forehead_occluded;
    bool eye_occluded;
    bool mouth_occluded;
    vt_level quality; /**< for recognition */
} vt_attributes;

typedef struct vt_face {
    vt_box box;                     /**< upright full-size pixels */
    float score;                    /**< detector's, 0..1 */
    vt_point points5[VT_POINTS5];   /**< image-left eye, image-right eye, nose, mouth left, mouth right */
    uint32_t have;                  /**< vt_want bits that are filled */
    vt_point points68[VT_POINTS68]; /**< iBUG order, if VT_WANT_LANDMARKS */
    vt_pose pose;                   /**< if VT_WANT_POSE */
    vt_attributes attributes;       /**< the members whose bit is set in `have` */
} vt_face;

/** Owned by the caller; largest box first. Free with vt_faces_free. */
typedef struct vt_faces {
    vt_face *items;
    size_t count;
} vt_faces;

typedef struct vt_template {
    uint32_t dimension;                      /**< of the pack's recognizer, e.g. 512 */
    float values[VT_TEMPLATE_MAX_DIMENSION]; /**< L2-normalised; the rest is zero */
} vt_template;

typedef struct vt_engine_options {
    size_t struct_size;
    bool commercial;          /**< refuse packs whose licence forbids commercial use */
    const char *runtime_path; /**< ONNX Runtime library; NULL = beside the pack, then the loader's own search */
} vt_engine_options;
#define VT_ENGINE_OPTIONS_INIT { sizeof(vt_engine_options), false, NULL }

typedef struct vt_detect_options {
    size_t struct_size;
    uint32_t want;       /**< vt_want bits */
    float min_face_px;   /**< smallest face asked for, full-size pixels; 0 = 36 */
    float min_score;     /**< 0 = the pack's threshold */
    size_t max_faces;    /**< 0 = no ceiling but the limits table's 1,000 */
} vt_detect_options;
#define VT_DETECT_OPTIONS_INIT { sizeof(vt_detect_options), 0, 0, 0, 0 }

/** Opens a pack folder (docs/packs.md): reads manifest.json, checks ONNX Runtime by SHA-256 and loads it. Each network is
 *  checked and loaded when it is first needed (20 to 60 ms), so a later call may fail for it. VT_ENOTFOUND: no pack;
 *  VT_EFORMAT: a damaged manifest; VT_EINTEGRITY: a changed file; VT_EMODEL: no detector, or a runtime that is none or too old;
 *  VT_EUNSUPPORTED: a detector family not built in; VT_EDENIED: licence refused; VT_ENOMEM. Free with vt_engine_close. */
VT_API vt_status vt_engine_open(vt_engine **out, const char *pack_folder, const vt_engine_options *options, vt_error *err);

/** Closes; all its sessions must be closed before. NULL is allowed. */
VT_API void vt_engine_close(vt_engine *engine);

/** Hex SHA-256 of the pack's manifest, 64 characters; lives as long as the engine. Any thread. */
VT_API const char *vt_engine_digest(const vt_engine *engine);

/** Floats in the templates that the pack makes, 0 if it has no recognizer. Any thread. */
VT_API uint32_t vt_engine_dimension(const vt_engine *engine);

/** One per thread; holds scratch memory, which grows with the largest picture looked at, and keeps the engine borrowed.
 *  VT_ENOMEM. Free with vt_session_close, which allows NULL. */
VT_API vt_status vt_session_open(vt_session **out, vt_engine *engine, vt_error *err);
VT_API void vt_session_close(vt_session *session);

/** Finds faces, largest area first, and fills what options->want names. No face is VT_OK with count 0. By default YuNet (Wu,
 *  Peng, Yu 2023) at a size chosen from the picture and min_face_px, once more at small scale for a face that fills the
 *  picture, and in tiles past 2,048 px. VT_EINVAL: options out of range; VT_EFORMAT: a damaged picture; VT_EUNSUPPORTED: the
 *  pack lacks a network that was asked for; VT_EINTEGRITY, VT_EMODEL: it cannot be used; VT_ENOMEM. Free with vt_faces_free. */
VT_API vt_status vt_session_detect(vt_faces *out, vt_session *session, vt_picture *picture,
                                   const vt_detect_options *options, vt_error *err);
/** Frees and clears; a cleared one is fine. */
VT_API void vt_faces_free(vt_faces *faces);

/** Fills what `want` (vt_want bits) names and a face has not yet: cheaper than asking for it of every face. `picture` is the
 *  one that the face was found in. docs/attributes.md says how each value is made and how often it is right. Errors as
 *  vt_session_detect; what was filled before an error stays, and `have` says so. */
VT_API vt_status vt_session_complete(vt_face *face, vt_session *session, vt_picture *picture, uint32_t want, vt_error *err);

/** Makes the template of one detected face (landmarks are computed if missing), aligned to the ArcFace 112 template by a
 *  least-squares similarity (Umeyama 1991). Two templates compare only if they come from one pack. VT_EUNSUPPORTED: the pack
 *  has no recognizer or no landmarks; VT_EINVAL: the face's points coincide; else as vt_session_detect. */
VT_API vt_status vt_session_template(vt_template *out, vt_session *session, vt_picture *picture, const vt_face *face,
                                     vt_error *err);

/** Presentation attack score of one face in one picture: 1 live .. 0 attack. *valid is false when the picture
 *  holds too little surround (less than 1.5 x the face box) for the score to mean anything. Alone it is no decision
 *  (liveness.h weighs it). Errors as vt_session_detect. */
VT_API vt_status vt_session_attack_score(float *live, bool *valid, vt_session *session, vt_picture *picture,
                                         const vt_face *face, vt_error *err);

/** Whether the eyes of a face are open: 1 open .. 0 shut, the mean of both (in log odds). Needs the face's landmarks (VT_EINVAL
 *  without). A network that looks at a square of 1.6 x each eye's width; VT_EUNSUPPORTED: the pack has none; else as
 *  vt_session_detect. */
VT_API vt_status vt_session_eyes_open(float *open, vt_session *session, vt_picture *picture, const vt_face *face, vt_error *err);

/** Calibrated confidence of a cosine: c means a false match rate of 10^(-10 c). 0..1, monotone, 1 at cosine 1.
 *  Measured on impostor pairs by `vultus pack calibrate`, with a fitted tail beyond them. Cannot fail. Any thread. */
VT_API float vt_engine_confidence(const vt_engine *engine, float cosine);

/** The cosine at which a confidence (0..1) is reached (inverse of vt_engine_confidence). Cannot fail. Any thread. */
VT_API float vt_engine_cosine(const vt_engine *engine, float confidence);

/** Confidence from which two templates count as one person. */
#define VT_IDENTICAL_CONFIDENCE 0.5f

#ifdef __cplusplus
}
#endif
#endif
