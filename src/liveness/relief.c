#include "liveness/relief.h"

#include <math.h>
#include <string.h>

/* Rough depth of the 68 points of a mean head, in eye distances before the plane of the eyes; only its shape matters,
 * since the fit scales it. */
const float vt__head_depth[VT_POINTS68] = {
    -1.20f, -1.20f, -1.15f, -1.00f, -0.75f, -0.50f, -0.25f, -0.08f, 0.00f,  -0.08f, -0.25f, -0.50f, -0.75f, -1.00f,
    -1.15f, -1.20f, -1.20f, -0.15f, 0.02f,  0.12f,  0.18f,  0.20f,  0.20f,  0.18f,  0.12f,  0.02f,  -0.15f, 0.15f,
    0.30f,  0.47f,  0.60f,  0.20f,  0.30f,  0.35f,  0.30f,  0.20f,  -0.14f, 0.02f,  0.03f,  -0.02f, 0.00f,  0.00f,
    -0.02f, 0.03f,  0.02f,  -0.14f, 0.00f,  0.00f,  0.08f,  0.22f,  0.30f,  0.31f,  0.30f,  0.22f,  0.08f,  0.20f,
    0.26f,  0.27f,  0.26f,  0.20f,  0.12f,  0.25f,  0.27f,  0.25f,  0.12f,  0.22f,  0.25f,  0.22f,
};

enum { unknowns = 11 };

/* Points about their own middle, in eye distances. */
static bool normalise(double out[VT_POINTS68][2], const vt_point points[VT_POINTS68])
{
    double x = 0, y = 0, eyes[2][2] = { { 0 } };
    for (int i = 0; i < VT_POINTS68; i++) {
        x += (double)points[i].x / VT_POINTS68;
        y += (double)points[i].y / VT_POINTS68;
    }
    for (int i = 0; i < 12; i++) {
        eyes[i / 6][0] += (double)points[36 + i].x / 6;
        eyes[i / 6][1] += (double)points[36 + i].y / 6;
    }
    double unit = hypot(eyes[1][0] - eyes[0][0], eyes[1][1] - eyes[0][1]);
    if (!(unit > 1e-3)) return false;
    for (int i = 0; i < VT_POINTS68; i++) {
        out[i][0] = ((double)points[i].x - x) / unit;
        out[i][1] = ((double)points[i].y - y) / unit;
    }
    return true;
}

/* Adds one equation row . solution = value to the normal equations. */
static void gather(double normal[unknowns][unknowns + 1], const double row[unknowns], double value)
{
    for (int i = 0; i < unknowns; i++) {
        for (int j = 0; j < unknowns; j++) normal[i][j] += row[i] * row[j];
        normal[i][unknowns] += row[i] * value;
    }
}

/* Gauss with pivots; false when singular. */
static bool solve(double solution[unknowns], double m[unknowns][unknowns + 1])
{
    for (int c = 0; c < unknowns; c++) {
        int pivot = c;
        for (int r = c + 1; r < unknowns; r++)
            if (fabs(m[r][c]) > fabs(m[pivot][c])) pivot = r;
        if (fabs(m[pivot][c]) < 1e-9) return false;
        for (int j = 0; j <= unknowns; j++) {
            double held = m[c][j];
            m[c][j] = m[pivot][j];
            m[pivot][j] = held;
        }
        for (int r = 0; r < unknowns; r++) {
            double factor = r == c ? 0 : m[r][c] / m[c][c];
            for (int j = c; j <= unknowns && factor != 0; j++) m[r][j] -= factor * m[c][j];
        }
    }
    for (int c = 0; c < unknowns; c++) solution[c] = m[c][unknowns] / m[c][c];
    return true;
}

/* An affine map (6), a plane's tilt under perspective (2), and what only depth gives: slide (2) and growth (1). */
vt__relief vt__relief_between(const vt_point from[VT_POINTS68], const vt_point to[VT_POINTS68])
{
    double a[VT_POINTS68][2], b[VT_POINTS68][2], normal[unknowns][unknowns + 1], solution[unknowns];
    memset(normal, 0, sizeof normal);
    if (!normalise(a, from) || !normalise(b, to)) return (vt__relief){ 0 };
    for (int i = 0; i < VT_POINTS68; i++) {
        double x = a[i][0], y = a[i][1], z = (double)vt__head_depth[i];
        gather(normal, (double[unknowns]){ 1, x, y, 0, 0, 0, x * x, x * y, z, 0, z * x }, b[i][0]);
        gather(normal, (double[unknowns]){ 0, 0, 0, 1, x, y, x * y, y * y, 0, z, z * y }, b[i][1]);
    }
    for (int i = 0; i < unknowns; i++) normal[i][i] += 1e-6;
    if (!solve(solution, normal)) return (vt__relief){ 0 };
    return (vt__relief){ (float)solution[10], (float)solution[8], (float)solution[9] };
}
