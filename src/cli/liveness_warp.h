/* A picture bent so that given points come to lie on others: thin-plate splines (Bookstein 1989). For simulations. */
#ifndef VT_CLI_LIVENESS_WARP_H
#define VT_CLI_LIVENESS_WARP_H

#include <vultus/face.h>

enum { VT__WARP_POINTS = 112, VT__WARP_CELL_PX = 16, VT__WARP_GRID = 40 };

/* Where in the source each knot of a grid over the output lies. */
typedef struct vt__warp {
    int columns, rows;
    vt_point knots[VT__WARP_GRID * VT__WARP_GRID];
} vt__warp;

/* `to` (output) and `from` (source), `count` each. False: the points are degenerate. */
bool vt__warp_make(vt__warp *out, vt_size size, const vt_point *to, const vt_point *from, size_t count);

/* Where an output pixel's centre comes from. */
vt_point vt__warp_at(const vt__warp *warp, int x, int y);

/* Bilinear; beyond the edges the nearest pixel. */
void vt__warp_sample(float rgb[3], const vt_pixels *pixels, vt_point at);

#endif
