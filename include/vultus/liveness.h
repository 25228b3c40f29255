/**
 * Presentation attack detection (ISO/IEC 30107): frames and times to one decision.
 *
 * Pure: no clock, no storage, no randomness of its own. The caller draws a script from its own random bytes, has the
 * capture subject follow it before a camera, and hands over each frame with its time. `vt_liveness_look` turns a picture
 * into evidence; `vt_liveness_add` gathers it; `vt_liveness_decide` weighs it and states every check's value.
 *
 * Threads: a vt_liveness is used by one thread at a time.
 */
#ifndef VULTUS_LIVENESS_H
#define VULTUS_LIVENESS_H

#include <vultus/face.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the script: what the subject is asked to do, and when ---- */

typedef enum vt_liveness_mode { VT_LIVENESS_PASSIVE = 0, VT_LIVENESS_PASSIVE_ACTIVE } vt_liveness_mode;

/** Left and right are the subject's own. */
typedef enum vt_liveness_act {
    VT_LIVENESS_HOLD = 0, /**< hold still, face in the small oval */
    VT_LIVENESS_CLOSER,   /**< come closer until the face fills the large oval */
    VT_LIVENESS_LEFT,     /**< turn the head to the left and back */
    VT_LIVENESS_RIGHT,
    VT_LIVENESS_SMILE,
    VT_LIVENESS_BLINK,
    VT_LIVENESS_COLOUR, /**< the screen shows `colour` */
    VT_LIVENESS_ACTS
} vt_liveness_act;

typedef struct vt_liveness_step {
    vt_liveness_act act;
    int32_t start_ms;  /**< from the first frame */
    int32_t end_ms;
    uint8_t colour[3]; /**< VT_LIVENESS_COLOUR: red, green, blue of the screen; else 0 */
} vt_liveness_step;

#define VT_LIVENESS_MAX_STEPS 16
#define VT_LIVENESS_RANDOM_BYTES 32
#define VT_LIVENESS_SCRIPT_TEXT_BYTES 768

typedef struct vt_liveness_script {
    vt_liveness_mode mode;
    vt_liveness_step steps[VT_LIVENESS_MAX_STEPS]; /**< in time, not overlapping */
    size_t count;
} vt_liveness_script;

/** Draws a script from random bytes: order, sides, colours and times all depend on them. Without `flashes` there is no
 *  COLOUR step, and five head turns after random pauses are asked for in either mode. VT_EINVAL: no such mode. Any thread. */
VT_API vt_status vt_liveness_script_draw(vt_liveness_script *out, vt_liveness_mode mode, bool flashes,
                                         const uint8_t random[VT_LIVENESS_RANDOM_BYTES], vt_error *err);

/** One line of text, "1 passive hold:0-1500 closer:1500-4200 colour:4200-4900:ff0000". VT_ELIMIT: does not fit
 *  in `size_bytes` (VT_LIVENESS_SCRIPT_TEXT_BYTES always do). Any thread. */
VT_API vt_status vt_liveness_script_write(char *out, size_t size_bytes, const vt_liveness_script *script, vt_error *err);

/** Reads what vt_liveness_script_write wrote. VT_EFORMAT: anything else, or steps out of order;
 *  VT_ELIMIT: more than 16 steps. Any thread. */
VT_API vt_status vt_liveness_script_read(vt_liveness_script *out, const char *text, vt_error *err);

/** "hold", "closer", "left" ... Static storage; NULL for a number that is no act. */
VT_API const char *vt_liveness_act_name(vt_liveness_act act);

/* ---- evidence of one frame ---- */

#define VT_LIVENESS_FINGERPRINT_BYTES 32
#define VT_LIVENESS_THUMB_WIDTH 48
#define VT_LIVENESS_THUMB_HEIGHT 36

typedef enum vt_liveness_look_want {
    VT_LIVENESS_WANT_ATTACK = 1 << 0,   /**< the attack network, about 6 ms */
    VT_LIVENESS_WANT_TEMPLATE = 1 << 1, /**< template, and mask and occlusion; about 9 ms */
    VT_LIVENESS_WANT_POSE = 1 << 2,     /**< head pose, about 5 ms; turns are read between frames that lack it */
} vt_liveness_look_want;

typedef struct vt_liveness_frame {
    int64_t time_ms;  /**< rising; only differences count */
    vt_size size;     /**< of the picture */
    size_t faces;     /**< 0, 1, or how many of comparable size (at least half the largest's side) */
    vt_face face;     /**< the largest: box, points68, and pose if `have` says so */
    float live;       /**< attack network: 1 live .. 0 attack; NaN when not asked for or without enough surround */
    bool surround_lacking;  /**< asked for, but the picture holds less than 1.5 x the face */
    float eye_opening;      /**< height by width of the eyes, mean of both */
    float eyes_open;        /**< eye network: 1 open .. 0 shut; NaN where the pack has none */
    float mouth_width;      /**< by the distance between the eyes */
    float face_colour[3];   /**< mean of the cheeks and nose, linear light 0..1 */
    float ground_colour[3]; /**< mean outside of the face */
    uint8_t fingerprint[VT_LIVENESS_FINGERPRINT_BYTES]; /**< perceptual: signs of brightness steps of a 17 x 16 grid */
    uint8_t thumb[VT_LIVENESS_THUMB_HEIGHT][VT_LIVENESS_THUMB_WIDTH]; /**< brightness of the whole picture, stretched */
    bool has_template;
    vt_template face_template;
} vt_liveness_frame;

/** Finds and measures the largest face. `want` is a set of vt_liveness_look_want. No face is VT_OK with `faces` 0. Needs no
 *  vt_liveness, so frames can be looked at by several sessions at once. Errors as vt_session_detect. */
VT_API vt_status vt_liveness_look(vt_liveness_frame *out, vt_session *session, vt_picture *picture, int64_t time_ms,
                                  uint32_t want, vt_error *err);

/* ---- the decision ---- */

typedef enum vt_liveness_decision {
    VT_LIVENESS_UNCERTAIN = 0,
    VT_LIVENESS_REALFACE,
    VT_LIVENESS_SPOOFFACE
} vt_liveness_decision;

/** "uncertain", "realface", "spoofface". */
VT_API const char *vt_liveness_decision_name(vt_liveness_decision decision);

/** What a check's failure means: evidence of an attack, or that nothing can be said. */
typedef enum vt_liveness_check_id {
    VT_LIVENESS_CHECK_ATTACK = 0, /**< median of the attack network */
    VT_LIVENESS_CHECK_SURROUND,   /**< share of attack frames with enough surround */
    VT_LIVENESS_CHECK_ONE_FACE,   /**< share of frames with exactly one face */
    VT_LIVENESS_CHECK_TIMES,      /**< frames a second, or 0 when times fall, stall or do not last the script */
    VT_LIVENESS_CHECK_DUPLICATES, /**< share of frames whose fingerprint equals an earlier, distant one */
    VT_LIVENESS_CHECK_SAME_FACE,  /**< second least cosine of the frames that look ahead to the first */
    VT_LIVENESS_CHECK_MOTION,     /**< share of the script's acts seen in their time */
    VT_LIVENESS_CHECK_EARLY,      /**< frames that show an act outside of its time */
    VT_LIVENESS_CHECK_NEARNESS,   /**< growth of relief from far to near that no plane can show */
    VT_LIVENESS_CHECK_GROUND,     /**< above 0: what is behind the face stood still while it came near; below: it grew along */
    VT_LIVENESS_CHECK_RELIEF,     /**< parallax of a head turn that no plane can show */
    VT_LIVENESS_CHECK_LIGHT,      /**< correlation of the face's colour with the screen's */
    VT_LIVENESS_CHECKS
} vt_liveness_check_id;

typedef struct vt_liveness_check {
    const char *name; /**< "attack", "surround" ...; static */
    bool asked;       /**< the script calls for it */
    bool passed;
    float value;
    float threshold;
} vt_liveness_check;

typedef struct vt_liveness_result {
    vt_liveness_decision decision;
    const char *failure; /**< wire's name of why nothing could be decided ("FaceWithMaskDetected"), or NULL; static */
    vt_liveness_check checks[VT_LIVENESS_CHECKS]; /**< by vt_liveness_check_id */
    size_t frames;
    size_t best_frame; /**< place of the frame with the best view, for a session image and verification */
} vt_liveness_result;

typedef struct vt_liveness vt_liveness;

#define VT_LIVENESS_MAX_FRAMES 600

/** The script is copied. VT_EINVAL: not 1 to 16 steps; VT_ENOMEM. Free with vt_liveness_close, which allows NULL. */
VT_API vt_status vt_liveness_open(vt_liveness **out, const vt_liveness_script *script, vt_error *err);
VT_API void vt_liveness_close(vt_liveness *liveness);

/** Copies the evidence. VT_ELIMIT beyond VT_LIVENESS_MAX_FRAMES; VT_ENOMEM. */
VT_API vt_status vt_liveness_add(vt_liveness *liveness, const vt_liveness_frame *frame, vt_error *err);

/** Place of the frame with the best view so far; 0 when none was added. */
VT_API size_t vt_liveness_best(const vt_liveness *liveness);

/** Weighs what was added so far. Any failed check that shows an attack gives spoofface; one that leaves doubt,
 *  uncertain; realface needs every check asked for. */
VT_API vt_status vt_liveness_decide(vt_liveness_result *out, const vt_liveness *liveness, vt_error *err);

/** Decision on attack scores alone, for a picture or a clip without a script: `live` holds `count` scores, NaN = not
 *  valid. *score receives their median, NaN when none is valid. */
VT_API vt_liveness_decision vt_liveness_judge_scores(float *score, const float *live, size_t count);

#ifdef __cplusplus
}
#endif
#endif
