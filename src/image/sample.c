#include "image/sample.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static const float luma[3] = { 0.299f, 0.587f, 0.114f };

int vt__order_planes(vt__order order)
{
    return order == VT__ORDER_GREY ? 1 : 3;
}

/* One RGB triple into the planes at `at`. */
static inline void put(float *out, size_t plane_stride, const float rgb[3], const vt__planar *planar)
{
    if (planar->order == VT__ORDER_GREY) {
        float grey = luma[0] * rgb[0] + luma[1] * rgb[1] + luma[2] * rgb[2];
        out[0] = (grey - planar->mean[0]) * planar->scale[0];
        return;
    }
    for (size_t c = 0; c < 3; c++) {
        float value = rgb[planar->order == VT__ORDER_BGR ? 2 - c : c];
        out[c * plane_stride] = (value - planar->mean[c]) * planar->scale[c];
    }
}

static inline void sample(float rgb[3], const vt_pixels *pixels, float x, float y, float outside)
{
    int width = pixels->size.width, height = pixels->size.height;
    if (!(x > -1 && y > -1 && x < (float)width && y < (float)height)) {
        rgb[0] = rgb[1] = rgb[2] = outside;
        return;
    }
    float fx = floorf(x), fy = floorf(y);
    int x0 = (int)fx, y0 = (int)fy;
    float wx = x - fx, wy = y - fy;
    const float weights[4] = { (1 - wx) * (1 - wy), wx * (1 - wy), (1 - wx) * wy, wx * wy };
    if (x0 >= 0 && y0 >= 0 && x0 + 1 < width && y0 + 1 < height) {
        const uint8_t *p = pixels->data + (size_t)y0 * pixels->stride_bytes + (size_t)x0 * 3;
        const uint8_t *q = p + pixels->stride_bytes;
        for (int c = 0; c < 3; c++)
            rgb[c] = weights[0] * p[c] + weights[1] * p[c + 3] + weights[2] * q[c] + weights[3] * q[c + 3];
        return;
    }
    rgb[0] = rgb[1] = rgb[2] = 0;
    for (int i = 0; i < 4; i++) {
        int px = x0 + (i & 1), py = y0 + (i >> 1);
        bool inside = px >= 0 && py >= 0 && px < width && py < height;
        const uint8_t *p = pixels->data + (inside ? (size_t)py * pixels->stride_bytes + (size_t)px * 3 : 0);
        for (int c = 0; c < 3; c++) rgb[c] += weights[i] * (inside ? p[c] : outside);
    }
}

void vt__warp_planar(float *out, size_t out_stride, size_t plane_stride, vt_size size, const vt_pixels *pixels,
                     const vt__affine *map, const vt__planar *planar, float outside)
{
    const float *m = map->m;
    for (int y = 0; y < size.height; y++) {
        float *row = out + (size_t)y * out_stride;
        for (int x = 0; x < size.width; x++) {
            float rgb[3];
            sample(rgb, pixels, m[0] * (float)x + m[1] * (float)y + m[2], m[3] * (float)x + m[4] * (float)y + m[5], outside);
            put(row + x, plane_stride, rgb, planar);
        }
    }
}

/* Which source pixels an output pixel covers along one axis, and how much of each: a box filter as wide as the
 * shrinking factor convolved with the pixel, or the two neighbours when enlarging. */
typedef struct span {
    int first, count;
    size_t weights_at;
} span;

typedef struct axis {
    span *spans;
    float *weights;
} axis;

static void axis_free(axis *a)
{
    vt__free(a->spans);
    vt__free(a->weights);
    *a = (axis){ 0 };
}

/* Leaves out what has no weight: at its own size a picture is copied sample by sample. */
static void trim(span *s, const float *weights)
{
    while (s->count > 1 && weights[s->weights_at + (size_t)s->count - 1] == 0) s->count--;
    while (s->count > 1 && weights[s->weights_at] == 0) {
        s->first++;
        s->weights_at++;
        s->count--;
    }
}

static vt_status axis_make(axis *out, int size, float start, float length, vt_error *err)
{
    float step = length / (float)size, reach = step > 1 ? step / 2 + 0.5f : 1;
    size_t widest = (size_t)(2 * reach) + 3;
    *out = (axis){ vt__calloc((size_t)size, sizeof(span)), vt__calloc((size_t)size * widest, sizeof(float)) };
    if (!out->spans || !out->weights) {
        axis_free(out);
        return vt__fail_memory(err, (size_t)size * widest * sizeof(float));
    }
    for (int i = 0; i < size; i++) {
        float centre = start + ((float)i + 0.5f) * step - 0.5f, sum = 0;
        span *s = &out->spans[i];
        s->first = (int)ceilf(centre - reach);
        s->weights_at = (size_t)i * widest;
        float *w = out->weights + s->weights_at;
        for (int p = s->first; (float)p <= centre + reach && s->count < (int)widest; p++, s->count++) {
            float away = fabsf((float)p - centre);
            /* overlap of a box of width max(step, 1) with the unit pixel at distance `away` */
            float overlap = step > 1 ? fminf(1, step / 2 + 0.5f - away) : 1 - away;
            w[s->count] = overlap > 0 ? overlap : 0;
            sum += w[s->count];
        }
        for (int k = 0; k < s->count; k++) w[k] /= sum;
        trim(s, out->weights);
    }
    return VT_OK;
}

/* One source row squeezed along x into width * 3 floats. */
static void squeeze_row(float *out, const uint8_t *row, int row_width, const axis *xs, int width, float outside)
{
    for (int x = 0; x < width; x++, out += 3) {
        const span *s = &xs->spans[x];
        const float *w = xs->weights + s->weights_at;
        float rgb[3] = { 0, 0, 0 };
        if (s->first >= 0 && s->first + s->count <= row_width) {
            const uint8_t *p = row + (size_t)s->first * 3;
            for (int k = 0; k < s->count; k++, p += 3)
                for (int c = 0; c < 3; c++) rgb[c] += w[k] * (float)p[c];
        } else {
            for (int k = 0; k < s->count; k++) {
                int at = s->first + k;
                for (int c = 0; c < 3; c++)
                    rgb[c] += w[k] * (at >= 0 && at < row_width ? (float)row[(size_t)at * 3 + (size_t)c] : outside);
            }
        }
        memcpy(out, rgb, sizeof rgb);
    }
}

typedef struct squeezer {
    const vt_pixels *pixels;
    axis xs, ys;
    int width;
    float outside;
    float *row, *sum; /* width * 3 floats each */
    float *kept;      /* the last squeezed rows, so that enlarging squeezes each source row once */
    int kept_row[2];
} squeezer;

static vt_status squeezer_make(squeezer *s, vt_size size, const vt_pixels *pixels, vt_box box, float outside, vt_error *err)
{
    *s = (squeezer){ .pixels = pixels, .width = size.width, .outside = outside, .kept_row = { -1, -1 } };
    vt_status status = axis_make(&s->xs, size.width, box.left, box.width, err);
    if (status) return status;
    status = axis_make(&s->ys, size.height, box.top, box.height, err);
    s->row = status ? NULL : vt__malloc((size_t)size.width * 3 * 4, sizeof(float));
    if (!status && !s->row) status = vt__fail_memory(err, (size_t)size.width * 12);
    if (status) return status;
    s->sum = s->row + (size_t)size.width * 3;
    s->kept = s->sum + (size_t)size.width * 3;
    return VT_OK;
}

static void squeezer_free(squeezer *s)
{
    axis_free(&s->xs);
    axis_free(&s->ys);
    vt__free(s->row);
}

static const float *squeezed(squeezer *s, int y)
{
    size_t floats = (size_t)s->width * 3;
    if (y < 0 || y >= s->pixels->size.height) {
        for (size_t i = 0; i < floats; i++) s->row[i] = s->outside;
        return s->row;
    }
    float *slot = s->kept + (size_t)(y & 1) * floats;
    if (s->kept_row[y & 1] != y)
        squeeze_row(slot, s->pixels->data + (size_t)y * s->pixels->stride_bytes, s->pixels->size.width, &s->xs, s->width, s->outside);
    s->kept_row[y & 1] = y;
    return slot;
}

/* Output row y as width RGB float triples. */
static const float *resized_row(squeezer *s, int y)
{
    const span *v = &s->ys.spans[y];
    size_t floats = (size_t)s->width * 3;
    if (v->count == 1 && s->ys.weights[v->weights_at] == 1) return squeezed(s, v->first);
    memset(s->sum, 0, floats * sizeof(float));
    for (int k = 0; k < v->count; k++) {
        float weight = s->ys.weights[v->weights_at + (size_t)k];
        if (weight == 0) continue;
        const float *row = squeezed(s, v->first + k);
        for (size_t i = 0; i < floats; i++) s->sum[i] += weight * row[i];
    }
    return s->sum;
}

vt_status vt__resize_planar(float *out, size_t out_stride, size_t plane_stride, vt_size size, const vt_pixels *pixels,
                            vt_box box, const vt__planar *planar, float outside, vt_error *err)
{
    squeezer s;
    vt_status status = squeezer_make(&s, size, pixels, box, outside, err);
    for (int y = 0; !status && y < size.height; y++) {
        const float *row = resized_row(&s, y);
        for (int x = 0; x < size.width; x++) put(out + (size_t)y * out_stride + x, plane_stride, row + 3 * x, planar);
    }
    squeezer_free(&s);
    return status;
}

vt_status vt__resize(vt_pixels *out, const vt_pixels *pixels, vt_size size, vt_error *err)
{
    squeezer s;
    vt_box box = { 0, 0, (float)pixels->size.width, (float)pixels->size.height };
    vt_status status = vt_pixels_create(out, size, err);
    if (status) return status;
    status = squeezer_make(&s, size, pixels, box, 0, err);
    for (int y = 0; !status && y < size.height; y++) {
        const float *row = resized_row(&s, y);
        uint8_t *to = out->data + (size_t)y * out->stride_bytes;
        for (int i = 0; i < size.width * 3; i++) to[i] = (uint8_t)lrintf(fminf(fmaxf(row[i], 0), 255));
    }
    squeezer_free(&s);
    if (status) vt_pixels_free(out);
    return status;
}
