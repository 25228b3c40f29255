/* How the detector looks at a picture. */
#ifndef VT_FACE_DETECT_H
#define VT_FACE_DETECT_H

#include <vultus/image.h>

/* The size of the detector's first input for a picture (0: the default smallest face), for measurements. */
vt_size vt__detector_input(vt_size picture, float min_face_px);

#endif
