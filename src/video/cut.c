#include "video/cut.h"

#include <math.h>
#include <string.h>

static const float least_cell_change = 22; /* mean over the grid, of 255 */
static const float least_spread_change = 0.35f; /* half the sum of differences: 0 same .. 1 nothing alike */

static int edge(int cell, int length) { return (cell * length + VT__CUT_CELLS - 1) / VT__CUT_CELLS; }

/* Green of `count` RGB pixels: its sum, and into `bins` how it is spread. */
static int64_t add_run(int bins[VT__CUT_BINS], const uint8_t *green, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++, green += 3) {
        sum += *green;
        bins[*green * VT__CUT_BINS / 256]++;
    }
    return sum;
}

static void measure(vt__cut_state *out, const vt_pixels *pixels)
{
    int bins[VT__CUT_BINS] = { 0 };
    int64_t sums[VT__CUT_CELLS][VT__CUT_CELLS] = { 0 };
    int width = pixels->size.width, height = pixels->size.height;
    for (int y = 0; y < height; y++) {
        const uint8_t *green = pixels->data + (size_t)y * pixels->stride_bytes + 1;
        int row = y * VT__CUT_CELLS / height;
        for (int i = 0; i < VT__CUT_CELLS; i++)
            sums[row][i] += add_run(bins, green + (size_t)edge(i, width) * 3, edge(i + 1, width) - edge(i, width));
    }
    *out = (vt__cut_state){ .filled = true };
    for (int i = 0; i < VT__CUT_BINS; i++) out->bins[i] = (float)bins[i] / ((float)width * (float)height);
    for (int row = 0; row < VT__CUT_CELLS; row++)
        for (int i = 0; i < VT__CUT_CELLS; i++) {
            int64_t count = (int64_t)(edge(row + 1, height) - edge(row, height)) * (edge(i + 1, width) - edge(i, width));
            if (count) out->cells[row][i] = (float)sums[row][i] / (float)count;
        }
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
