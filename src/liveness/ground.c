/* Whether what surrounds the face grew along with it, as it does in a picture that is brought nearer. */
#include <math.h>
#include <string.h>

#include "liveness/inside.h"
#include "liveness/thresholds.h"

/* The mean of some frames: brightness, and where the face was, in thumb pixels. */
typedef struct scene {
    float light[VT_LIVENESS_THUMB_HEIGHT][VT_LIVENESS_THUMB_WIDTH];
    vt_box face;
    float n;
} scene;

static void gather(scene *out, const vt_liveness *l, int64_t from_ms, int64_t to_ms)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < l->count; i++) {
        const vt_liveness_frame *f = &l->frames[i];
        int64_t t = vt__elapsed_ms(l, i);
        if (!f->faces || t < from_ms || t > to_ms) continue;
        float sx = VT_LIVENESS_THUMB_WIDTH / (float)f->size.width, sy = VT_LIVENESS_THUMB_HEIGHT / (float)f->size.height;
        for (int y = 0; y < VT_LIVENESS_THUMB_HEIGHT; y++)
            for (int x = 0; x < VT_LIVENESS_THUMB_WIDTH; x++) out->light[y][x] += (float)f->thumb[y][x];
        out->face.left += f->face.box.left * sx;
        out->face.top += f->face.box.top * sy;
        out->face.width += f->face.box.width * sx;
        out->face.height += f->face.box.height * sy;
        out->n += 1;
    }
    if (out->n < 1) return;
    for (int y = 0; y < VT_LIVENESS_THUMB_HEIGHT; y++)
        for (int x = 0; x < VT_LIVENESS_THUMB_WIDTH; x++) out->light[y][x] /= out->n;
    out->face = (vt_box){ out->face.left / out->n, out->face.top / out->n, out->face.width / out->n, out->face.height / out->n };
}

static bool sample(float *out, const scene *s, float x, float y)
{
    int left = (int)floorf(x), top = (int)floorf(y);
    if (left < 0 || top < 0 || left + 1 >= VT_LIVENESS_THUMB_WIDTH || top + 1 >= VT_LIVENESS_THUMB_HEIGHT) return false;
    float fx = x - (float)left, fy = y - (float)top;
    *out = (1 - fy) * ((1 - fx) * s->light[top][left] + fx * s->light[top][left + 1]) +
           fy * ((1 - fx) * s->light[top + 1][left] + fx * s->light[top + 1][left + 1]);
    return true;
}

/* Beside and above the head: hair and shoulders come near with the face. */
static bool is_ground(const vt_box *face, int x, int y)
{
    float dx = fabsf((float)x - face->left - face->width / 2) / face->width, below = ((float)y - face->top) / face->height;
    return below < 1.0f && (dx > 0.75f || below < -0.35f);
}

typedef struct sums {
    float n, a, b, aa, bb, ab;
} sums;

static void add(sums *s, float a, float b)
{
    s->n += 1;
    s->a += a;
    s->b += b;
    s->aa += a * a;
    s->bb += b * b;
    s->ab += a * b;
}

/* Correlation; 0 where there is nothing to see but noise. */
static float correlation(const sums *s)
{
    float aa = s->aa - s->a * s->a / s->n, bb = s->bb - s->b * s->b / s->n, ab = s->ab - s->a * s->b / s->n;
    return aa > 4 * s->n && bb > 4 * s->n ? ab / sqrtf(aa * bb) : 0;
}

/* How much better the ground of the near frames fits that of the far ones left where it was, than grown with the face. */
float vt__check_ground(const vt_liveness *l)
{
    const vt_liveness_step *hold = vt__find_step(l, VT_LIVENESS_HOLD), *closer = vt__find_step(l, VT_LIVENESS_CLOSER);
    scene far, near;
    sums still = { 0 }, grown = { 0 };
    if (!hold || !closer) return 0;
    gather(&far, l, hold->start_ms, hold->end_ms);
    gather(&near, l, closer->end_ms - (closer->end_ms - closer->start_ms) / 6, closer->end_ms + vt__act_size.least_ms);
    if (far.n < 1 || near.n < 1 || far.face.width < 1) return NAN;
    float scale = near.face.width / far.face.width;
    float from_x = near.face.left + near.face.width / 2, from_y = near.face.top + near.face.height / 2;
    float to_x = far.face.left + far.face.width / 2, to_y = far.face.top + far.face.height / 2;
    for (int y = 0; y < VT_LIVENESS_THUMB_HEIGHT; y++)
        for (int x = 0; x < VT_LIVENESS_THUMB_WIDTH; x++) {
            float one;
            if (!is_ground(&near.face, x, y) || !sample(&one, &far, to_x + ((float)x - from_x) / scale, to_y + ((float)y - from_y) / scale)) continue;
            add(&grown, near.light[y][x], one);
            add(&still, near.light[y][x], far.light[y][x]);
        }
    return grown.n < 60 ? 0 : correlation(&still) - correlation(&grown);
}
