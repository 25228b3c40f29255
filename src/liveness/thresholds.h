/* Every number that a decision depends on. Chosen on development data only (docs/liveness.md says how). */
#ifndef VT_LIVENESS_THRESHOLDS_H
#define VT_LIVENESS_THRESHOLDS_H

#include <vultus/liveness.h>

typedef enum vt__doubt { VT__MEANS_ATTACK, VT__MEANS_UNCERTAIN } vt__doubt;

typedef struct vt__threshold {
    const char *name;
    float value;
    bool at_least;   /* passes from the value up; else up to the value */
    vt__doubt means; /* what failing says */
} vt__threshold;

/* By vt_liveness_check_id. */
extern const vt__threshold vt__thresholds[VT_LIVENESS_CHECKS];

/* How large an act must be to count as seen. */
typedef struct vt__act_sizes {
    float closer_growth;   /* face width, near by far */
    float turn_deg;        /* by the landmarks (vt__read_turns), about 0.7 of the head's own angle */
    float ahead_deg;       /* who is turned no more looks ahead */
    float pose_deg;        /* by the pose network, from rest: turned, whether a head or a picture of one */
    float smile_growth;    /* mouth width by the resting width */
    float blink_share;     /* least eye opening by the resting opening */
    float ground_share;    /* of the face's answer to the screen's light: what is behind answers less */
    int32_t late_ms;       /* people need this long after the prompt's end */
    int32_t least_ms;      /* nobody answers a prompt faster */
    size_t duplicate_bits; /* fingerprints that differ in no more bits are one picture */
    int64_t duplicate_apart_ms;
    float longest_gap_ms;
} vt__act_sizes;

extern const vt__act_sizes vt__act_size;

#endif
