#include "cli/liveness_mesh.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* ---- triangles ---- */

enum { hull_points = 3 }; /* of one triangle around all, taken away in the end */

typedef struct net {
    double x[VT__MESH_POINTS + hull_points], y[VT__MESH_POINTS + hull_points];
    size_t points, count;
    uint8_t corners[2 * VT__MESH_TRIANGLES][3];
} net;

/* Twice the area, above 0 when a, b, c turn left. */
static double turn(const net *n, size_t a, size_t b, size_t c)
{
    return (n->x[b] - n->x[a]) * (n->y[c] - n->y[a]) - (n->y[b] - n->y[a]) * (n->x[c] - n->x[a]);
}

static bool in_circle(const net *n, const uint8_t t[3], size_t p)
{
    double m[3][3];
    for (int i = 0; i < 3; i++) {
        m[i][0] = n->x[t[i]] - n->x[p];
        m[i][1] = n->y[t[i]] - n->y[p];
        m[i][2] = m[i][0] * m[i][0] + m[i][1] * m[i][1];
    }
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]) > 0;
}

typedef struct edge {
    uint8_t a, b;
} edge;

/* An edge that two removed triangles share lies within the hole: it goes. */
static size_t add_edge(edge *edges, size_t count, uint8_t a, uint8_t b)
{
    for (size_t i = 0; i < count; i++)
        if (edges[i].a == b && edges[i].b == a) {
            edges[i] = edges[count - 1];
            return count - 1;
        }
    edges[count] = (edge){ a, b };
    return count + 1;
}

static void insert(net *n, size_t p)
{
    edge edges[3 * VT__MESH_TRIANGLES];
    size_t rim = 0;
    for (size_t t = n->count; t-- > 0;) {
        uint8_t c[3];
        memcpy(c, n->corners[t], 3);
        if (!in_circle(n, c, p)) continue;
        for (int i = 0; i < 3; i++) rim = add_edge(edges, rim, c[i], c[(i + 1) % 3]);
        memcpy(n->corners[t], n->corners[--n->count], 3);
    }
    for (size_t i = 0; i < rim && n->count < 2 * VT__MESH_TRIANGLES; i++) {
        const uint8_t c[3] = { edges[i].a, edges[i].b, (uint8_t)p };
        if (turn(n, c[0], c[1], c[2]) > 0) memcpy(n->corners[n->count++], c, 3);
    }
}

void vt__mesh_make(vt__mesh *out, const vt_point *points, size_t count)
{
    net n = { .points = count, .count = 1, .corners = { { (uint8_t)count, (uint8_t)(count + 1), (uint8_t)(count + 2) } } };
    const double far = 1e5;
    const double hull[hull_points][2] = { { -far, -far }, { far, -far }, { 0, far } };
    for (size_t i = 0; i < count + hull_points; i++) {
        n.x[i] = i < count ? (double)points[i].x : hull[i - count][0];
        n.y[i] = i < count ? (double)points[i].y : hull[i - count][1];
    }
    for (size_t i = 0; i < count; i++) insert(&n, i);
    out->count = 0;
    for (size_t t = 0; t < n.count && out->count < VT__MESH_TRIANGLES; t++) {
        const uint8_t *c = n.corners[t];
        if (c[0] < count && c[1] < count && c[2] < count) memcpy(out->corners[out->count++], c, 3);
    }
}

/* ---- view ---- */

bool vt__mesh_view_open(vt__mesh_view *out, vt_size size)
{
    size_t pixels = (size_t)size.width * (size_t)size.height;
    *out = (vt__mesh_view){ size, vt__calloc(pixels, sizeof *out->from), vt__calloc(pixels, sizeof *out->distance), vt__calloc(pixels, sizeof *out->inside) };
    if (!out->from || !out->distance || !out->inside) {
        vt__mesh_view_close(out);
        return false;
    }
    for (size_t i = 0; i < pixels; i++) out->distance[i] = INFINITY;
    return true;
}

void vt__mesh_view_close(vt__mesh_view *view)
{
    vt__free(view->from);
    vt__free(view->distance);
    vt__free(view->inside);
    *view = (vt__mesh_view){ .from = NULL };
}

static int clamp(float value, int limit)
{
    return value < 0 ? 0 : value > (float)limit ? limit : (int)value;
}

static void draw_triangle(vt__mesh_view *out, const vt__mesh_point *a, const vt__mesh_point *b, const vt__mesh_point *c)
{
    float area = (b->to.x - a->to.x) * (c->to.y - a->to.y) - (b->to.y - a->to.y) * (c->to.x - a->to.x);
    if (fabsf(area) < 1e-3f) return;
    int left = clamp(fminf(a->to.x, fminf(b->to.x, c->to.x)), out->size.width);
    int right = clamp(fmaxf(a->to.x, fmaxf(b->to.x, c->to.x)) + 1, out->size.width);
    int top = clamp(fminf(a->to.y, fminf(b->to.y, c->to.y)), out->size.height);
    int bottom = clamp(fmaxf(a->to.y, fmaxf(b->to.y, c->to.y)) + 1, out->size.height);
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
            float px = (float)x, py = (float)y;
            float u = ((b->to.x - px) * (c->to.y - py) - (b->to.y - py) * (c->to.x - px)) / area;
            float v = ((c->to.x - px) * (a->to.y - py) - (c->to.y - py) * (a->to.x - px)) / area, w = 1 - u - v;
            size_t at = (size_t)y * (size_t)out->size.width + (size_t)x;
            float distance = u * a->distance + v * b->distance + w * c->distance;
            if (u < 0 || v < 0 || w < 0 || distance >= out->distance[at]) continue;
            out->distance[at] = distance;
            out->inside[at] = u * a->inside + v * b->inside + w * c->inside;
            out->from[at] = (vt_point){ u * a->from.x + v * b->from.x + w * c->from.x, u * a->from.y + v * b->from.y + w * c->from.y };
        }
}

void vt__mesh_draw(vt__mesh_view *out, const vt__mesh *mesh, const vt__mesh_point *points)
{
    for (size_t t = 0; t < mesh->count; t++)
        draw_triangle(out, &points[mesh->corners[t][0]], &points[mesh->corners[t][1]], &points[mesh->corners[t][2]]);
}
