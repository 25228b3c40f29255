#include <math.h>
#include <string.h>

#include <vultus/redact.h>

#include "base/error.h"
#include "base/memory.h"

enum { default_cells = 6, least_cells = 2, most_cells = 12 };
static const float default_margin = 0.15f;

/* Mean colours of a grid over the mask's rectangle. */
typedef struct grid {
    int left, top, right, bottom; /* of the rectangle, cut to the picture */
    float box_left, box_top, box_width, box_height;
    int columns, rows;
    float mean[most_cells][most_cells][3];
} grid;

static bool place(grid *g, const vt_pixels *pixels, const vt_box *box, float margin, int cells)
{
    g->box_left = box->left - box->width * margin;
    g->box_top = box->top - box->height * margin;
    g->box_width = box->width * (1 + 2 * margin);
    g->box_height = box->height * (1 + 2 * margin);
    float right = g->box_left + g->box_width, bottom = g->box_top + g->box_height;
    if (!(right > 0) || !(bottom > 0) || !(g->box_left < (float)pixels->size.width) || !(g->box_top < (float)pixels->size.height))
        return false;
    g->left = (int)fmaxf(0, floorf(g->box_left));
    g->top = (int)fmaxf(0, floorf(g->box_top));
    g->right = (int)fminf((float)pixels->size.width, ceilf(right));
    g->bottom = (int)fminf((float)pixels->size.height, ceilf(bottom));
    g->columns = g->rows = cells;
    return g->right > g->left && g->bottom > g->top;
}

static int cell_of(float position, float start, float length, int cells)
{
    int cell = (int)((position - start) / length * (float)cells);
    return cell < 0 ? 0 : cell >= cells ? cells - 1 : cell;
}

static void average(grid *g, const vt_pixels *pixels)
{
    static const float none[3] = { 128, 128, 128 };
    double sums[most_cells][most_cells][4];
    memset(sums, 0, sizeof sums);
    for (int y = g->top; y < g->bottom; y++) {
        int row = cell_of((float)y + 0.5f, g->box_top, g->box_height, g->rows);
        const uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)g->left * 3;
        for (int x = g->left; x < g->right; x++, p += 3) {
            double *sum = sums[row][cell_of((float)x + 0.5f, g->box_left, g->box_width, g->columns)];
            for (int c = 0; c < 3; c++) sum[c] += p[c];
            sum[3]++;
        }
    }
    for (int row = 0; row < g->rows; row++)
        for (int column = 0; column < g->columns; column++)
            for (int c = 0; c < 3; c++) {
                const double *sum = sums[row][column];
                g->mean[row][column][c] = sum[3] > 0 ? (float)(sum[c] / sum[3]) : none[c];
            }
}

/* Between the centres of cells, bilinear: the blur of a pixelated picture, with no step left to see. */
static void smooth(float rgb[3], const grid *g, float x, float y)
{
    float u = (x - g->box_left) / g->box_width * (float)g->columns - 0.5f, v = (y - g->box_top) / g->box_height * (float)g->rows - 0.5f;
    u = fminf(fmaxf(u, 0), (float)(g->columns - 1));
    v = fminf(fmaxf(v, 0), (float)(g->rows - 1));
    int column = (int)u, row = (int)v;
    int next_column = column + 1 < g->columns ? column + 1 : column, next_row = row + 1 < g->rows ? row + 1 : row;
    float wx = u - (float)column, wy = v - (float)row;
    for (int c = 0; c < 3; c++)
        rgb[c] = (1 - wy) * ((1 - wx) * g->mean[row][column][c] + wx * g->mean[row][next_column][c]) +
                 wy * ((1 - wx) * g->mean[next_row][column][c] + wx * g->mean[next_row][next_column][c]);
}

static bool in_oval(const grid *g, float x, float y)
{
    float u = (x - g->box_left) / g->box_width * 2 - 1, v = (y - g->box_top) / g->box_height * 2 - 1;
    return u * u + v * v <= 1;
}

static void colour_at(float rgb[3], const grid *g, const vt_redact_options *options, float x, float y)
{
    if (options->method == VT_REDACT_BLUR) {
        smooth(rgb, g, x, y);
        return;
    }
    const float *mean = g->mean[cell_of(y, g->box_top, g->box_height, g->rows)][cell_of(x, g->box_left, g->box_width, g->columns)];
    for (int c = 0; c < 3; c++) rgb[c] = options->method == VT_REDACT_BLOCK ? options->colour[c] : mean[c];
}

static void cover(vt_pixels *pixels, const grid *g, const vt_redact_options *options)
{
    for (int y = g->top; y < g->bottom; y++) {
        uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)g->left * 3;
        for (int x = g->left; x < g->right; x++, p += 3) {
            float px = (float)x + 0.5f, py = (float)y + 0.5f, rgb[3];
            if (options->shape == VT_REDACT_OVAL && !in_oval(g, px, py)) continue;
            colour_at(rgb, g, options, px, py);
            for (int c = 0; c < 3; c++) p[c] = (uint8_t)lrintf(rgb[c]);
        }
    }
}

/* An oval drawn into the box would leave its corners bare: it is widened so that the box's sides' middles and most of
 * the corners are inside. */
static const float oval_extra = 0.12f;

vt_status vt_redact_pixels(vt_pixels *pixels, const vt_box *boxes, size_t count, const vt_redact_options *options, vt_error *err)
{
    static const vt_redact_options defaults = VT_REDACT_OPTIONS_INIT;
    if (!options) options = &defaults;
    int cells = options->cells ? options->cells : default_cells;
    float margin = options->margin > 0 ? options->margin : default_margin;
    if (cells < least_cells || cells > most_cells) return vt__fail(err, VT_EINVAL, "%d cells; %d to %d are allowed", cells, least_cells, most_cells);
    if (!(options->margin >= 0 && options->margin <= 1)) return vt__fail(err, VT_EINVAL, "a margin of %g; 0 to 1 are allowed", (double)options->margin);
    if (options->shape == VT_REDACT_OVAL) margin += oval_extra;
    for (size_t i = 0; i < count; i++) {
        grid g;
        if (!place(&g, pixels, &boxes[i], margin, cells)) continue;
        average(&g, pixels);
        cover(pixels, &g, options);
    }
    return VT_OK;
}
