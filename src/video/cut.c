#include "video/cut.h"

#include <math.h>
#include <string.h>

static const float least_cell_change = 22; /* mean over the grid, of 255 */
static const float least_spread_change = 0.35f; /* half the sum of differences: 0 same .. 1 nothing alike */

static void measure(vt__cut_state *out, const vt_pixels *pixels)
{
    int counts[VT__CUT_CELLS][VT__CUT_CELLS] = { 0 };
    *out = (vt__cut_state){ .filled = true };
    for (int y = 0; y < pixels->size.height; y++) {
        const uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + 1;
        int row = y * VT__CUT_CELLS / pixels->size.height;
        for (int x = 0; x < pixels->size.width; x++, p += 3) {
            int column = x * VT__CUT_CELLS / pixels->size.width;
            out->cells[row][column] += *p;
            counts[row][column]++;
            out->bins[*p * VT__CUT_BINS / 256]++;
        }
    }
    float total = (float)pixels->size.width * (float)pixels->size.height;
    for (int i = 0; i < VT__CUT_BINS; i++) out->bins[i] /= total;
    for (int row = 0; row < VT__CUT_CELLS; row++)
        for (int column = 0; column < VT__CUT_CELLS; column++)
            if (counts[row][column]) out->cells[row][column] /= (float)counts[row][column];
}

bool vt__cut_seen(vt__cut_state *state, const vt_pixels *pixels)
{
    vt__cut_state next;
    measure(&next, pixels);
    float cells = 0, bins = 0;
    for (int row = 0; row < VT__CUT_CELLS; row++)
        for (int column = 0; column < VT__CUT_CELLS; column++) cells += fabsf(next.cells[row][column] - state->cells[row][column]);
    for (int i = 0; i < VT__CUT_BINS; i++) bins += fabsf(next.bins[i] - state->bins[i]);
    bool cut = state->filled && cells / (VT__CUT_CELLS * VT__CUT_CELLS) > least_cell_change && bins / 2 > least_spread_change;
    *state = next;
    return cut;
}
