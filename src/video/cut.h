/* Where one shot ends and the next begins. */
#ifndef VT_VIDEO_CUT_H
#define VT_VIDEO_CUT_H

#include <stdbool.h>

#include <vultus/image.h>

enum { VT__CUT_CELLS = 16, VT__CUT_BINS = 32 };

typedef struct vt__cut_state {
    float cells[VT__CUT_CELLS][VT__CUT_CELLS]; /* mean green of a grid over the frame before */
    float bins[VT__CUT_BINS];                  /* and how its values are spread */
    bool filled;
} vt__cut_state;

/* Looks at the next frame (any size); true when a new shot begins with it. Both the layout and the spread of brightness must
 * change at once, so that neither a moving camera nor a flash counts. Start with a zeroed state. */
bool vt__cut_seen(vt__cut_state *state, const vt_pixels *pixels);

#endif
