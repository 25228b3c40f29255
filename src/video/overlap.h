/* How much two boxes share. */
#ifndef VT_VIDEO_OVERLAP_H
#define VT_VIDEO_OVERLAP_H

#include <vultus/image.h>

/* Intersection over union. */
float vt__overlap(const vt_box *a, const vt_box *b);

#endif
