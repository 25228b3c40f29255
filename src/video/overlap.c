#include "video/overlap.h"

#include <math.h>

float vt__overlap(const vt_box *a, const vt_box *b)
{
    float w = fminf(a->left + a->width, b->left + b->width) - fmaxf(a->left, b->left);
    float h = fminf(a->top + a->height, b->top + b->height) - fmaxf(a->top, b->top);
    if (w <= 0 || h <= 0) return 0;
    return w * h / (a->width * a->height + b->width * b->height - w * h);
}
