/* The 27 landmarks that the wire names, out of the 68. Left and right are as seen in the image. */
#ifndef VT_SERVICE_LANDMARK_NAMES_H
#define VT_SERVICE_LANDMARK_NAMES_H

#include <vultus/face.h>

enum { VT__NAMED_LANDMARKS = 27 };

/* In the wire's order; NULL from 27 on. */
const char *vt__landmark_name(size_t index);

void vt__named_landmarks(vt_point out[VT__NAMED_LANDMARKS], const vt_point points68[VT_POINTS68]);

#endif
