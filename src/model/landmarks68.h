/* 68 facial landmarks in iBUG order from a face box. */
#ifndef VT_MODEL_LANDMARKS68_H
#define VT_MODEL_LANDMARKS68_H

#include "infer/network.h"
#include "model/manifest.h"
#include "model/scratch.h"

/* A box turned by an angle about its centre. */
typedef struct vt__turned_box {
    vt_point centre;
    float width, height;
    float cosine, sine; /* of the angle by which its x axis is turned */
} vt__turned_box;

/* out: 68 points in pixels of `pixels`. */
vt_status vt__landmarks68_run(vt_point out[68], const vt__network *network, const vt__model *model, const vt_pixels *pixels,
                              const vt__turned_box *box, vt__scratch *scratch, vt_error *err);

/* The box for a second pass: level with the eyes of `points`, its sides the points' extents times the manifest's
 * "second_pass" factors. False when the manifest has none or the points are no face. */
bool vt__landmarks68_second_box(vt__turned_box *out, const vt__model *model, const vt_point points[68]);

#endif
