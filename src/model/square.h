/* Networks that look at a square around a face or an eye: head pose, presentation attack, eye state. */
#ifndef VT_MODEL_SQUARE_H
#define VT_MODEL_SQUARE_H

#include "infer/network.h"
#include "model/manifest.h"
#include "model/scratch.h"

/* A square of side `factor` x the longer side of the face box, centred on it. */
vt_box vt__square_around(vt_box face, float factor);

/* The same, shrunk to fit and moved into a picture of `size`: never padded. */
vt_box vt__square_inside(vt_box face, float factor, vt_size size);

/* Resizes the square into the model's input and runs it; outputs are the model's first `count`. */
vt_status vt__square_run(vt__outputs *out, size_t count, const vt__network *network, const vt__model *model,
                         const vt_pixels *pixels, vt_box square, vt__scratch *scratch, vt_error *err);

/* The same for a square that reaches outside of the pixels: what lies beyond them is their mirror image. `flipped` swaps
 * the sides. */
vt_status vt__square_run_mirrored(vt__outputs *out, size_t count, const vt__network *network, const vt__model *model,
                                  const vt_pixels *pixels, vt_box square, bool flipped, vt__scratch *scratch, vt_error *err);

/* Expected angles from three rows of 66 bins of 3 degrees (Ruiz, Chong, Rehg, "Fine-Grained Head Pose Estimation
 * Without Keypoints", 2018): yaw, pitch, roll as the network means them. */
vt_status vt__pose66_read(float yaw_pitch_roll[3], const vt__outputs *outputs, vt_error *err);

/* The first output's class at the manifest's `index_name` (or `index`) as log odds against all others. */
vt_status vt__class_read(float *logit, const vt__outputs *outputs, const vt__model *model, const char *index_name, int64_t index, vt_error *err);

#endif
