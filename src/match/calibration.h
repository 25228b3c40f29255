/* Confidence of a cosine: c means a false match rate of 10^(-10 c) between different persons. */
#ifndef VT_MATCH_CALIBRATION_H
#define VT_MATCH_CALIBRATION_H

#include <stddef.h>

#include <vultus/status.h>

enum { VT__CALIBRATION_MAX_POINTS = 64 };

/* Cosines with their confidences, both strictly rising; the last is (1, 1). Between points the line; below the first the
 * line through (-1, 0). */
typedef struct vt__calibration {
    size_t count;
    float cosine[VT__CALIBRATION_MAX_POINTS];
    float confidence[VT__CALIBRATION_MAX_POINTS];
} vt__calibration;

/* VT_EFORMAT unless the points rise strictly within -1..1 and 0..1; (1, 1) is added when it is not there. */
vt_status vt__calibration_make(vt__calibration *out, const float *cosine, const float *confidence, size_t count, vt_error *err);

float vt__calibration_confidence(const vt__calibration *calibration, float cosine);
float vt__calibration_cosine(const vt__calibration *calibration, float confidence);

/* Learns points from the cosines of pairs of different persons (sorted in place). Rates that at least 20 pairs support
 * are read off; beyond, an exponential tail is fitted to the highest 0.1 % of scores (peaks over threshold with shape 0,
 * Pickands 1975) and drawn to the rate of 10^-10. VT_EINVAL with fewer than 10,000 pairs. */
vt_status vt__calibration_learn(vt__calibration *out, float *impostor_cosines, size_t count, vt_error *err);

#endif
