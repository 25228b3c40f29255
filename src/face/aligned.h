/* A face aligned to the ArcFace 112 template. */
#ifndef VT_FACE_ALIGNED_H
#define VT_FACE_ALIGNED_H

#include "face/view.h"
#include "image/sample.h"

/* Opens a view that holds the aligned crop, and the map from template pixels to the view's. Close with vt__view_close.
 * `points` (full size): eyes, nose, mouth corners. */
vt_status vt__aligned_open(vt__view *view, vt__affine *map, vt_picture *picture, const vt_point points[5], vt_error *err);

#endif
