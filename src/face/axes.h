/* The recognizer's principal axes out of the pack, for the 1:N index. */
#ifndef VT_FACE_AXES_H
#define VT_FACE_AXES_H

#include <vultus/face.h>

#include "match/code.h"

/* "axes": {"file", "width", "dimension"} of the manifest; without it width = dimension and no turn. *own holds the floats
 * (vt__free; NULL when there are none). */
vt_status vt__engine_axes(vt__axes *out, float **own, const vt_engine *engine, vt_error *err);

#endif
