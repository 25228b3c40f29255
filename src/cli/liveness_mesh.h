/* A head as a net of triangles over a picture: turned in space, its near parts hide the far ones. For simulations. */
#ifndef VT_CLI_LIVENESS_MESH_H
#define VT_CLI_LIVENESS_MESH_H

#include <vultus/face.h>

enum { VT__MESH_POINTS = 112, VT__MESH_TRIANGLES = 2 * VT__MESH_POINTS + 8 };

typedef struct vt__mesh {
    size_t count;
    uint8_t corners[VT__MESH_TRIANGLES][3]; /* places of points */
} vt__mesh;

/* A point of the picture, and where the camera sees it. */
typedef struct vt__mesh_point {
    vt_point from, to;
    float distance; /* from the camera */
    float inside;   /* 1 on the head .. 0 at its rim */
} vt__mesh_point;

/* What each pixel of an output shows. */
typedef struct vt__mesh_view {
    vt_size size;
    vt_point *from;
    float *distance; /* infinite where no triangle lies */
    float *inside;
} vt__mesh_view;

/* Delaunay's triangles, up to VT__MESH_POINTS points of no three on one line (Bowyer, Watson 1981). */
void vt__mesh_make(vt__mesh *out, const vt_point *points, size_t count);

bool vt__mesh_view_open(vt__mesh_view *out, vt_size size);
void vt__mesh_view_close(vt__mesh_view *view);

/* Draws every triangle; the nearest counts. */
void vt__mesh_draw(vt__mesh_view *out, const vt__mesh *mesh, const vt__mesh_point *points);

#endif
