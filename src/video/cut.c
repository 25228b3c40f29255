#include "video/cut.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const float least_moved = 0.3f; /* of the light; cuts of the development clips 0.40 to 0.50, the fastest pan 0.20 */
static const float black = 4;          /* a mean of 255 below which a frame has no layout */
static const float least_rise = 12;    /* out of black or into it */

static int edge(int cell, int length) { return (cell * length + VT__CUT_CELLS - 1) / VT__CUT_CELLS; }

static int64_t sum_of(const uint8_t *green, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++, green += 3) sum += *green;
    return sum;
}

static void measure(vt__cut_state *out, const vt_pixels *pixels)
{
    int64_t sums[VT__CUT_CELLS][VT__CUT_CELLS] = { 0 };
    int width = pixels->size.width, height = pixels->size.height;
    for (int y = 0; y < height; y++) {
        const uint8_t *green = pixels->data + (size_t)y * pixels->stride_bytes + 1;
        int row = y * VT__CUT_CELLS / height;
        for (int i = 0; i < VT__CUT_CELLS; i++) sums[row][i] += sum_of(green + (size_t)edge(i, width) * 3, edge(i + 1, width) - edge(i, width));
    }
    *out = (vt__cut_state){ .filled = true };
    for (int row = 0; row < VT__CUT_CELLS; row++)
        for (int i = 0; i < VT__CUT_CELLS; i++) {
            int64_t count = (int64_t)(edge(row + 1, height) - edge(row, height)) * (edge(i + 1, width) - edge(i, width));
            if (count) out->cells[row][i] = (float)sums[row][i] / (float)count;
            out->mean += out->cells[row][i] / (VT__CUT_CELLS * VT__CUT_CELLS);
        }
}

/* The share of the light that would have to be moved to make one layout of the other. */
static float moved(const vt__cut_state *a, const vt__cut_state *b)
{
    float sum = 0;
    for (int row = 0; row < VT__CUT_CELLS; row++)
        for (int column = 0; column < VT__CUT_CELLS; column++) sum += fabsf(a->cells[row][column] / a->mean - b->cells[row][column] / b->mean);
    return sum / (2 * VT__CUT_CELLS * VT__CUT_CELLS);
}

bool vt__cut_seen(vt__cut_state *state, const vt_pixels *pixels)
{
    vt__cut_state next;
    measure(&next, pixels);
    bool has_layout = next.mean >= black && state->mean >= black;
    bool cut = has_layout ? moved(&next, state) >= least_moved : fabsf(next.mean - state->mean) >= least_rise;
    cut = cut && state->filled;
    *state = next;
    return cut;
}
