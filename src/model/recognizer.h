/* Recognizers with the ArcFace 112 template: an aligned face to a vector. */
#ifndef VT_MODEL_RECOGNIZER_H
#define VT_MODEL_RECOGNIZER_H

#include "infer/network.h"
#include "model/manifest.h"
#include "model/scratch.h"

/* The manifest's "dimension". 0 when absent or over the public ceiling. */
uint32_t vt__recognizer_dimension(const vt__model *model);

/* Whether the manifest wants alignment by the detector's five points rather than by the 68 landmarks. */
bool vt__recognizer_wants_points5(const vt__model *model);

/* The similarity (rotation, uniform scale, shift) that maps the ArcFace 112 template's five points onto `points` with
 * least squares (Umeyama 1991), as a map from template pixels to picture pixels. False for points that coincide. */
bool vt__arcface_map(vt__affine *out, const vt_point points[5]);

/* Runs the recognizer on the face under `map`. out: `dimension` floats, L2-normalised. */
vt_status vt__recognizer_run(float *out, uint32_t dimension, const vt__network *network, const vt__model *model,
                             const vt_pixels *pixels, const vt__affine *map, vt__scratch *scratch, vt_error *err);

/* Runs the feature network (a recognizer's first half, which makes no template) on the face under `map`. *out is the
 * caller's to free with vt__outputs_free: one tensor [1, channels, height, width]. */
vt_status vt__features_run(vt__outputs *out, const vt__network *network, const vt__model *model, const vt_pixels *pixels,
                           const vt__affine *map, vt__scratch *scratch, vt_error *err);

#endif
