#include "redact/cover.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"

enum { default_cells = 3, least_cells = 2, most_cells = 12 };
static const float default_margin = 0.15f;
/* An oval drawn into the box would leave its corners bare: widened by this it holds the whole box. */
static const float oval_extra = 0.12f;

/* Mean values of a grid over the mask's rectangle. */
typedef struct grid {
    int left, top, right, bottom; /* of the rectangle, cut to the plane */
    vt_box box;
    int cells;
    float mean[most_cells][most_cells];
} grid;

vt_status vt__mask_settle(vt_redact_options *out, const vt_redact_options *options, vt_error *err)
{
    static const vt_redact_options defaults = VT_REDACT_OPTIONS_INIT;
    *out = options ? *options : defaults;
    if (!out->cells) out->cells = default_cells;
    if (out->cells < least_cells || out->cells > most_cells)
        return vt__fail(err, VT_EINVAL, "%d cells; %d to %d are allowed", out->cells, least_cells, most_cells);
    if (!(out->margin >= 0 && out->margin <= 1))
        return vt__fail(err, VT_EINVAL, "a margin of %g; 0 to 1 are allowed", (double)out->margin);
    if (!(out->margin > 0)) out->margin = default_margin;
    return VT_OK;
}

vt_box vt__mask_rectangle(const vt_box *face, const vt_redact_options *settled)
{
    float margin = settled->margin + (settled->shape == VT_REDACT_OVAL ? oval_extra : 0);
    return (vt_box){ face->left - face->width * margin, face->top - face->height * margin, face->width * (1 + 2 * margin),
                     face->height * (1 + 2 * margin) };
}

static bool place(grid *g, const vt__plane *plane, const vt_box *box, int cells)
{
    float right = box->left + box->width, bottom = box->top + box->height;
    g->box = *box;
    g->cells = cells;
    if (!(right > 0) || !(bottom > 0) || !(box->left < (float)plane->size.width) || !(box->top < (float)plane->size.height)) return false;
    g->left = (int)fmaxf(0, floorf(box->left));
    g->top = (int)fmaxf(0, floorf(box->top));
    g->right = (int)fminf((float)plane->size.width, ceilf(right));
    g->bottom = (int)fminf((float)plane->size.height, ceilf(bottom));
    return g->right > g->left && g->bottom > g->top;
}

static int cell_of(float position, float start, float length, int cells)
{
    int cell = (int)((position - start) / length * (float)cells);
    return cell < 0 ? 0 : cell >= cells ? cells - 1 : cell;
}

static int read_sample(const vt__plane *plane, const uint8_t *p)
{
    uint16_t wide = *p;
    if (plane->sample_bytes == 2) memcpy(&wide, p, sizeof wide);
    return (wide >> plane->shift) & ((1 << plane->depth) - 1);
}

static void write_sample(const vt__plane *plane, uint8_t *p, int value)
{
    int mask = ((1 << plane->depth) - 1) << plane->shift;
    uint16_t wide = *p;
    if (plane->sample_bytes == 2) memcpy(&wide, p, sizeof wide);
    wide = (uint16_t)((wide & ~mask) | ((value << plane->shift) & mask));
    if (plane->sample_bytes == 2) memcpy(p, &wide, sizeof wide);
    else *p = (uint8_t)wide;
}

static uint8_t *sample_at(const vt__plane *plane, int x, int y)
{
    return plane->data + (size_t)y * plane->stride_bytes + (size_t)x * plane->step_bytes;
}

static void average(grid *g, const vt__plane *plane)
{
    double sums[most_cells][most_cells] = { 0 };
    int counts[most_cells][most_cells] = { 0 };
    for (int y = g->top; y < g->bottom; y++) {
        int row = cell_of((float)y + 0.5f, g->box.top, g->box.height, g->cells);
        const uint8_t *p = sample_at(plane, g->left, y);
        float step = (float)g->cells / g->box.width, u = ((float)g->left + 0.5f - g->box.left) * step;
        for (int x = g->left; x < g->right; x++, p += plane->step_bytes, u += step) {
            int column = (int)u < g->cells ? (int)u : g->cells - 1;
            sums[row][column] += read_sample(plane, p);
            counts[row][column]++;
        }
    }
    for (int row = 0; row < g->cells; row++)
        for (int column = 0; column < g->cells; column++) {
            int n = counts[row][column];
            g->mean[row][column] = n ? (float)(sums[row][column] / n) : (float)(1 << (plane->depth - 1));
        }
}

/* One row of the grid's values, as seen at height y: blended between two rows of cells for a blur (so that no step is left
 * to see), one row of cells else. */
static void profile_of(float profile[most_cells], const grid *g, vt_redact_method method, int fill, float y)
{
    float v = fminf(fmaxf((y - g->box.top) / g->box.height * (float)g->cells - 0.5f, 0), (float)(g->cells - 1));
    int row = method == VT_REDACT_BLUR ? (int)v : cell_of(y, g->box.top, g->box.height, g->cells);
    int next = method == VT_REDACT_BLUR && row + 1 < g->cells ? row + 1 : row;
    float w = v - (float)row;
    for (int i = 0; i < g->cells; i++) {
        if (method == VT_REDACT_BLOCK) profile[i] = (float)fill;
        else profile[i] = next == row ? g->mean[row][i] : (1 - w) * g->mean[row][i] + w * g->mean[next][i];
    }
}

/* The columns of a row that are under the mask: a sample is, when its centre is. */
static void span_of(int *first, int *last, const grid *g, vt_redact_shape shape, float y)
{
    *first = g->left;
    *last = g->right - 1;
    if (shape != VT_REDACT_OVAL) return;
    float v = (y - g->box.top) / g->box.height * 2 - 1, half = v * v < 1 ? sqrtf(1 - v * v) * g->box.width / 2 : 0;
    float centre = g->box.left + g->box.width / 2 - 0.5f;
    *first = (int)fmaxf((float)*first, ceilf(centre - half));
    *last = (int)fminf((float)*last, floorf(centre + half));
}

static void cover_row(const vt__plane *plane, const grid *g, vt_redact_method method, const float profile[most_cells], int y, int first, int last)
{
    float step = (float)g->cells / g->box.width, u = ((float)first + 0.5f - g->box.left) * step, most = (float)(g->cells - 1);
    uint8_t *p = sample_at(plane, first, y);
    for (int x = first; x <= last; x++, p += plane->step_bytes, u += step) {
        float at = method == VT_REDACT_BLUR ? u - 0.5f : u;
        at = at < 0 ? 0 : at > most ? most : at;
        int cell = (int)at, next = cell + 1 < g->cells ? cell + 1 : cell;
        float value = profile[cell];
        if (method == VT_REDACT_BLUR) value += (at - (float)cell) * (profile[next] - value);
        write_sample(plane, p, (int)(value + 0.5f));
    }
}

void vt__mask_cover(const vt__plane *plane, const vt_box *rectangle, const vt_redact_options *settled, int fill)
{
    grid g;
    float profile[most_cells];
    if (!place(&g, plane, rectangle, settled->cells)) return;
    if (settled->method != VT_REDACT_BLOCK) average(&g, plane);
    for (int y = g.top; y < g.bottom; y++) {
        int first, last;
        span_of(&first, &last, &g, settled->shape, (float)y + 0.5f);
        profile_of(profile, &g, settled->method, fill, (float)y + 0.5f);
        cover_row(plane, &g, settled->method, profile, y, first, last);
    }
}
