#include "cli/liveness_warp.h"

#include <math.h>

enum { unknowns = VT__WARP_POINTS + 3 };

typedef struct plate {
    double rows[unknowns][unknowns + 2]; /* the system, then the two solutions */
    size_t n;
} plate;

static double bend(double dx, double dy)
{
    double r2 = dx * dx + dy * dy;
    return r2 > 1e-12 ? r2 * log(r2) : 0;
}

static void fill(plate *p, const vt_point *to, const vt_point *from, size_t count)
{
    p->n = count + 3;
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n + 2; j++) p->rows[i][j] = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) p->rows[i][j] = bend((double)to[i].x - (double)to[j].x, (double)to[i].y - (double)to[j].y);
        p->rows[i][i] += 20; /* smooth: landmarks are a little off */
        const double affine[3] = { 1, (double)to[i].x, (double)to[i].y };
        for (size_t k = 0; k < 3; k++) p->rows[i][count + k] = p->rows[count + k][i] = affine[k];
        p->rows[i][p->n] = (double)from[i].x;
        p->rows[i][p->n + 1] = (double)from[i].y;
    }
}

static bool solve(plate *p)
{
    for (size_t c = 0; c < p->n; c++) {
        size_t pivot = c;
        for (size_t r = c + 1; r < p->n; r++)
            if (fabs(p->rows[r][c]) > fabs(p->rows[pivot][c])) pivot = r;
        if (fabs(p->rows[pivot][c]) < 1e-9) return false;
        for (size_t j = c; j < p->n + 2; j++) {
            double held = p->rows[c][j];
            p->rows[c][j] = p->rows[pivot][j];
            p->rows[pivot][j] = held;
        }
        for (size_t r = c + 1; r < p->n; r++) {
            double factor = p->rows[r][c] / p->rows[c][c];
            for (size_t j = c; j < p->n + 2 && factor != 0; j++) p->rows[r][j] -= factor * p->rows[c][j];
        }
    }
    for (size_t c = p->n; c-- > 0;)
        for (size_t k = 0; k < 2; k++) {
            for (size_t j = c + 1; j < p->n; j++) p->rows[c][p->n + k] -= p->rows[c][j] * p->rows[j][p->n + k];
            p->rows[c][p->n + k] /= p->rows[c][c];
        }
    return true;
}

static vt_point knot(const plate *p, const vt_point *to, size_t count, double x, double y)
{
    double sum[2];
    for (size_t k = 0; k < 2; k++) sum[k] = p->rows[count][p->n + k] + p->rows[count + 1][p->n + k] * x + p->rows[count + 2][p->n + k] * y;
    for (size_t i = 0; i < count; i++) {
        double u = bend(x - (double)to[i].x, y - (double)to[i].y);
        for (size_t k = 0; k < 2; k++) sum[k] += u * p->rows[i][p->n + k];
    }
    return (vt_point){ (float)sum[0], (float)sum[1] };
}

bool vt__warp_make(vt__warp *out, vt_size size, const vt_point *to, const vt_point *from, size_t count)
{
    plate p;
    out->columns = size.width / VT__WARP_CELL_PX + 2;
    out->rows = size.height / VT__WARP_CELL_PX + 2;
    if (count > VT__WARP_POINTS || out->columns > VT__WARP_GRID || out->rows > VT__WARP_GRID) return false;
    fill(&p, to, from, count);
    if (!solve(&p)) return false;
    for (int r = 0; r < out->rows; r++)
        for (int c = 0; c < out->columns; c++) out->knots[r * out->columns + c] = knot(&p, to, count, c * VT__WARP_CELL_PX, r * VT__WARP_CELL_PX);
    return true;
}

vt_point vt__warp_at(const vt__warp *warp, int x, int y)
{
    const vt_point *k = &warp->knots[y / VT__WARP_CELL_PX * warp->columns + x / VT__WARP_CELL_PX];
    const vt_point *below = k + warp->columns;
    float fx = (float)(x % VT__WARP_CELL_PX) / VT__WARP_CELL_PX, fy = (float)(y % VT__WARP_CELL_PX) / VT__WARP_CELL_PX;
    float a = (1 - fx) * (1 - fy), b = fx * (1 - fy), c = (1 - fx) * fy, d = fx * fy;
    return (vt_point){ a * k[0].x + b * k[1].x + c * below[0].x + d * below[1].x, a * k[0].y + b * k[1].y + c * below[0].y + d * below[1].y };
}

static int within(int i, int limit)
{
    return i < 0 ? 0 : i < limit ? i : limit - 1;
}

void vt__warp_sample(float rgb[3], const vt_pixels *pixels, vt_point at)
{
    float x = fminf(fmaxf(at.x, -20000), 20000), y = fminf(fmaxf(at.y, -20000), 20000);
    int left = (int)floorf(x), top = (int)floorf(y);
    float fx = x - (float)left, fy = y - (float)top;
    const float weights[4] = { (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy };
    rgb[0] = rgb[1] = rgb[2] = 0;
    for (int i = 0; i < 4; i++) {
        size_t column = (size_t)within(left + i % 2, pixels->size.width), row = (size_t)within(top + i / 2, pixels->size.height);
        const uint8_t *p = pixels->data + row * pixels->stride_bytes + column * 3;
        for (int c = 0; c < 3; c++) rgb[c] += weights[i] * (float)p[c];
    }
}
