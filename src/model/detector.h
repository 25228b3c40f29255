/* Face detectors: pixels to boxes with five points. Families: yunet, rfb, scrfd. */
#ifndef VT_MODEL_DETECTOR_H
#define VT_MODEL_DETECTOR_H

#include "infer/network.h"
#include "model/manifest.h"
#include "model/scratch.h"

typedef struct vt__candidate {
    vt_box box;
    float score;        /* 0..1 */
    vt_point points[5]; /* image-left eye, image-right eye, nose, mouth left, mouth right; estimated if the family has none */
} vt__candidate;

typedef struct vt__candidates {
    vt__candidate *items;
    size_t count, capacity;
} vt__candidates;

enum { VT__CANDIDATES_MAX = 20000 };

/* Appends; VT_ELIMIT past VT__CANDIDATES_MAX. */
vt_status vt__candidates_add(vt__candidates *list, const vt__candidate *candidate, vt_error *err);
void vt__box_candidates_free(vt__candidates *list);

/* Keeps, from the highest score down, what overlaps nothing kept by more than `iou`. Ties: the earlier one first. */
void vt__candidates_suppress(vt__candidates *list, float iou);

/* VT_EUNSUPPORTED when the manifest names a family that is not built in. */
vt_status vt__detector_check(const vt__model *model, vt_error *err);

/* Runs the detector over `region` of `pixels`, scaled to fit `input` (its sides are multiples of the model's pad_to, or
 * the model's fixed size), and appends what reaches `threshold`, in pixels of `pixels`. Nothing is suppressed. */
vt_status vt__detector_run(vt__candidates *out, const vt__network *network, const vt__model *model,
                           const vt_pixels *pixels, vt_box region, vt_size input, float threshold, vt__scratch *scratch,
                           vt_error *err);

#endif
