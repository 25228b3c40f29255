/* Where one shot ends and the next begins. */
#ifndef VT_VIDEO_CUT_H
#define VT_VIDEO_CUT_H

#include <stdbool.h>

#include <vultus/image.h>

enum { VT__CUT_CELLS = 16 };

typedef struct vt__cut_state {
    float cells[VT__CUT_CELLS][VT__CUT_CELLS]; /* mean green of a grid over the frame before */
    float mean;
    bool filled;
} vt__cut_state;

/* Looks at the next frame (any size); true when a new shot begins with it: when much of the light stands elsewhere than in
 * the frame before. Light is taken as a share of the frame's, so that a flash does not count and a dark hall does; a moving
 * camera moves less at once. Start with a zeroed state. */
bool vt__cut_seen(vt__cut_state *state, const vt_pixels *pixels);

#endif
