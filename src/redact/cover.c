#include "redact/cover.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"

enum { default_cells = 3, least_cells = 2, most_cells = 12 };
static const float default_margin = 0.15f;
/* An oval drawn into the box would leave its corners bare: widened by this it holds the whole box. */
static const float oval_extra = 0.12f;

/* Light above dark is what a detector still takes for a face; half of it is enough to see by (docs/redaction.md has counts). */
static const float kept_contrast = 0.5f;

/* Mean values of a grid over the mask's rectangle. */
typedef struct grid {
    int left, top, right, bottom; /* of the rectangle, cut to the plane */
    vt_box box;
    int cells;
    int column[most_cells + 1]; /* first x of each column of cells, and the end of the last */
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
    if (out->method == VT_REDACT_IMAGE && (!out->image || out->image->size.width < 1 || out->image->size.height < 1))
        return vt__fail(err, VT_EINVAL, "masks of an image are asked for, and no image is given");
    return VT_OK;
}

vt_box vt__mask_rectangle(const vt_box *face, const vt_redact_options *settled)
{
    float margin = settled->margin + (settled->shape == VT_REDACT_OVAL ? oval_extra : 0);
    return (vt_box){ face->left - face->width * margin, face->top - face->height * margin, face->width * (1 + 2 * margin),
                     face->height * (1 + 2 * margin) };
}

/* The first x whose centre lies `cells` cells or more from the rectangle's left side, cut to the plane. */
static int x_from(const grid *g, float cells)
{
    float x = ceilf(g->box.left + cells * g->box.width / (float)g->cells - 0.5f);
    return (int)fminf(fmaxf(x, (float)g->left), (float)g->right);
}

static bool place(grid *g, const vt__plane *plane, const vt_box *box, int cells)
{
    float right = box->left + box->width, bottom = box->top + box->height;
    g->box = *box;
    g->cells = cells;
    if (!(box->width > 0) || !(box->height > 0) || !(right > 0) || !(bottom > 0)) return false;
    if (!(box->left < (float)plane->size.width) || !(box->top < (float)plane->size.height)) return false;
    g->left = (int)fmaxf(0, floorf(box->left));
    g->top = (int)fmaxf(0, floorf(box->top));
    g->right = (int)fminf((float)plane->size.width, ceilf(right));
    g->bottom = (int)fminf((float)plane->size.height, ceilf(bottom));
    for (int i = 0; i <= cells; i++) g->column[i] = i == 0 ? g->left : i == cells ? g->right : x_from(g, (float)i);
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

static bool is_plain(const vt__plane *plane)
{
    return plane->sample_bytes == 1 && plane->step_bytes == 1 && plane->depth == 8 && !plane->shift;
}

static int64_t sum_of(const vt__plane *plane, int y, int first, int end)
{
    const uint8_t *p = sample_at(plane, first, y);
    int64_t sum = 0;
    uint32_t bytes = 0;
    if (is_plain(plane)) {
        for (int i = 0; i < end - first; i++) bytes += p[i];
        return bytes;
    }
    for (int x = first; x < end; x++, p += plane->step_bytes) sum += read_sample(plane, p);
    return sum;
}

static void average(grid *g, const vt__plane *plane)
{
    int64_t sums[most_cells][most_cells] = { 0 };
    int64_t counts[most_cells][most_cells] = { 0 };
    for (int y = g->top; y < g->bottom; y++) {
        int row = cell_of((float)y + 0.5f, g->box.top, g->box.height, g->cells);
        for (int i = 0; i < g->cells; i++) {
            if (g->column[i + 1] <= g->column[i]) continue;
            sums[row][i] += sum_of(plane, y, g->column[i], g->column[i + 1]);
            counts[row][i] += g->column[i + 1] - g->column[i];
        }
    }
    for (int row = 0; row < g->cells; row++)
        for (int column = 0; column < g->cells; column++) {
            int64_t n = counts[row][column];
            g->mean[row][column] = n ? (float)((double)sums[row][column] / (double)n) : (float)(1 << (plane->depth - 1));
        }
}

/* Brings the cells nearer to their common mean. */
static void soften(grid *g)
{
    float mean = 0;
    for (int i = 0; i < g->cells * g->cells; i++) mean += g->mean[i / g->cells][i % g->cells] / (float)(g->cells * g->cells);
    for (int row = 0; row < g->cells; row++)
        for (int column = 0; column < g->cells; column++) g->mean[row][column] = mean + kept_contrast * (g->mean[row][column] - mean);
}

/* One row of the grid's values, as seen at height y: blended between two rows of cells for a blur (so that no step is left
 * to see), one row of cells else. */
static void profile_of(float profile[most_cells], const grid *g, vt_redact_method method, int value, float y)
{
    float v = fminf(fmaxf((y - g->box.top) / g->box.height * (float)g->cells - 0.5f, 0), (float)(g->cells - 1));
    int row = method == VT_REDACT_BLUR ? (int)v : cell_of(y, g->box.top, g->box.height, g->cells);
    int next = method == VT_REDACT_BLUR && row + 1 < g->cells ? row + 1 : row;
    float w = v - (float)row;
    for (int i = 0; i < g->cells; i++) {
        if (method == VT_REDACT_BLOCK) profile[i] = (float)value;
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

/* Samples that go from `value` at `first` by `slope` each. */
static void write_ramp(const vt__plane *plane, int y, int first, int end, float value, float slope)
{
    uint8_t *p = sample_at(plane, first, y);
    if (is_plain(plane)) {
        for (int i = 0; i < end - first; i++) {
            float at = value + slope * (float)i;
            p[i] = (uint8_t)(int)(at < 0 ? 0 : at > 255 ? 255 : at);
        }
        return;
    }
    float most = (float)((1 << plane->depth) - 1);
    for (int i = 0; i < end - first; i++, p += plane->step_bytes) write_sample(plane, p, (int)fminf(fmaxf(value + slope * (float)i, 0), most));
}

/* A blur goes in a straight line from the middle of one cell to that of the next, and is even outside of the outer middles. */
static void blur_row(const vt__plane *plane, const grid *g, const float profile[most_cells], int y, int first, int end)
{
    float step = (float)g->cells / g->box.width;
    for (int i = 0; i <= g->cells; i++) {
        int from = i ? x_from(g, (float)i - 0.5f) : first, to = i < g->cells ? x_from(g, (float)i + 0.5f) : end;
        from = from < first ? first : from;
        to = to > end ? end : to;
        if (from >= to) continue;
        float left = profile[i ? i - 1 : 0], right = profile[i < g->cells ? i : i - 1];
        float share = ((float)from + 0.5f - g->box.left) * step - ((float)i - 0.5f);
        write_ramp(plane, y, from, to, left + share * (right - left) + 0.5f, (right - left) * step);
    }
}

static void even_row(const vt__plane *plane, const grid *g, const float profile[most_cells], int y, int first, int end)
{
    for (int i = 0; i < g->cells; i++) {
        int from = g->column[i] < first ? first : g->column[i], to = g->column[i + 1] > end ? end : g->column[i + 1];
        if (from < to) write_ramp(plane, y, from, to, profile[i] + 0.5f, 0);
    }
}

static int place_in(float position, float start, float length, int count)
{
    int place = (int)((position - start) / length * (float)count);
    return place < 0 ? 0 : place >= count ? count - 1 : place;
}

/* The nearest sample of the image: masks are seldom larger than it. */
static void image_row(const vt__plane *plane, const grid *g, const vt__mask_fill *fill, int y, int first, int end)
{
    const uint8_t *row = fill->texture + (size_t)place_in((float)y + 0.5f, g->box.top, g->box.height, fill->size.height) * fill->stride_bytes;
    uint8_t *p = sample_at(plane, first, y);
    for (int x = first; x < end; x++, p += plane->step_bytes) {
        int value = row[(size_t)place_in((float)x + 0.5f, g->box.left, g->box.width, fill->size.width) * fill->step_bytes];
        write_sample(plane, p, plane->depth > 8 ? value << (plane->depth - 8) : value);
    }
}

void vt__mask_cover(const vt__plane *plane, const vt_box *rectangle, const vt_redact_options *settled, const vt__mask_fill *fill)
{
    grid g;
    float profile[most_cells];
    bool averaged = settled->method == VT_REDACT_BLUR || settled->method == VT_REDACT_PIXELATE;
    if (!place(&g, plane, rectangle, settled->cells)) return;
    if (averaged) {
        average(&g, plane);
        soften(&g);
    }
    for (int y = g.top; y < g.bottom; y++) {
        int first, last;
        span_of(&first, &last, &g, settled->shape, (float)y + 0.5f);
        if (settled->method != VT_REDACT_IMAGE) profile_of(profile, &g, settled->method, fill->value, (float)y + 0.5f);
        if (settled->method == VT_REDACT_IMAGE) image_row(plane, &g, fill, y, first, last + 1);
        else if (settled->method == VT_REDACT_BLUR) blur_row(plane, &g, profile, y, first, last + 1);
        else even_row(plane, &g, profile, y, first, last + 1);
    }
}
