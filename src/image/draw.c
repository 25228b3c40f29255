#include "image/draw.h"

#include <math.h>
#include <string.h>

static void put(vt_pixels *pixels, int x, int y, vt__colour colour)
{
    if (x < 0 || y < 0 || x >= pixels->size.width || y >= pixels->size.height) return;
    uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)x * 3;
    p[0] = colour.red;
    p[1] = colour.green;
    p[2] = colour.blue;
}

static int bounded(float value)
{
    return (int)fminf(fmaxf(value, -100000), 100000);
}

static void fill(vt_pixels *pixels, int left, int top, int right, int bottom, vt__colour colour)
{
    if (left < 0) left = 0;
    if (top < 0) top = 0;
    if (right > pixels->size.width) right = pixels->size.width;
    if (bottom > pixels->size.height) bottom = pixels->size.height;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) put(pixels, x, y, colour);
}

void vt__draw_box(vt_pixels *pixels, vt_box box, int thickness_px, vt__colour colour)
{
    int left = bounded(box.left), top = bounded(box.top), right = bounded(box.left + box.width), bottom = bounded(box.top + box.height);
    fill(pixels, left, top, right, top + thickness_px, colour);
    fill(pixels, left, bottom - thickness_px, right, bottom, colour);
    fill(pixels, left, top, left + thickness_px, bottom, colour);
    fill(pixels, right - thickness_px, top, right, bottom, colour);
}

void vt__draw_disc(vt_pixels *pixels, vt_point centre, float radius_px, vt__colour colour)
{
    int reach = bounded(ceilf(radius_px)), x0 = bounded(centre.x), y0 = bounded(centre.y);
    for (int y = y0 - reach; y <= y0 + reach; y++)
        for (int x = x0 - reach; x <= x0 + reach; x++) {
            float dx = (float)x + 0.5f - centre.x, dy = (float)y + 0.5f - centre.y;
            if (dx * dx + dy * dy <= radius_px * radius_px) put(pixels, x, y, colour);
        }
}

void vt__draw_digits(vt_pixels *pixels, vt_point top_left, int cell_px, const char *text, vt__colour colour)
{
    static const char known[] = "0123456789#.%";
    static const uint8_t rows[sizeof known - 1][7] = { /* five bits a row, the leftmost highest */
        { 14, 17, 19, 21, 25, 17, 14 }, { 4, 12, 4, 4, 4, 4, 14 },    { 14, 17, 1, 2, 4, 8, 31 },   { 31, 2, 4, 2, 1, 17, 14 },
        { 2, 6, 10, 18, 31, 2, 2 },     { 31, 16, 30, 1, 1, 17, 14 }, { 6, 8, 16, 30, 17, 17, 14 }, { 31, 1, 2, 4, 8, 8, 8 },
        { 14, 17, 17, 14, 17, 17, 14 }, { 14, 17, 17, 15, 1, 2, 12 }, { 10, 10, 31, 10, 31, 10, 10 }, { 0, 0, 0, 0, 0, 12, 12 },
        { 24, 25, 2, 4, 8, 19, 3 },
    };
    int left = bounded(top_left.x), top = bounded(top_left.y);
    fill(pixels, left, top, left + (int)strlen(text) * 6 * cell_px + cell_px, top + 9 * cell_px, (vt__colour){ 20, 20, 20 });
    for (const char *c = text; *c; c++, left += 6 * cell_px) {
        const char *at = strchr(known, *c);
        if (!at) continue;
        for (int y = 0; y < 7; y++)
            for (int x = 0; x < 5; x++)
                if (rows[at - known][y] >> (4 - x) & 1) {
                    int px = left + (x + 1) * cell_px, py = top + (y + 1) * cell_px;
                    fill(pixels, px, py, px + cell_px, py + cell_px, colour);
                }
    }
}
