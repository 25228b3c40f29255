/* How far the change between two views of 68 landmarks needs depth to be explained. */
#ifndef VT_LIVENESS_RELIEF_H
#define VT_LIVENESS_RELIEF_H

#include <vultus/liveness.h>

/* Beyond what any flat picture can show (a plane's homography, to first order): */
typedef struct vt__relief {
    float nearness; /* near points grow faster: 1/near - 1/far distance, in eye distances */
    float turn_x;   /* near points slide sideways, as the sine of a turn; > 0 towards the right of the image */
    float turn_y;
} vt__relief;

/* Least squares; all zero where the points are degenerate. */
vt__relief vt__relief_between(const vt_point from[VT_POINTS68], const vt_point to[VT_POINTS68]);

/* The mean head's depth behind the method, eye distances towards the viewer; x and y too, for simulation. */
extern const float vt__head_depth[VT_POINTS68];

#endif
