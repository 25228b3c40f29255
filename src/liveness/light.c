/* Whether the face answers the colours that the screen shows, and more than what is behind it. */
#include <math.h>
#include <string.h>

#include "liveness/inside.h"
#include "liveness/thresholds.h"

enum { settle_ms = 150 }; /* screen and camera lag */

static const vt_liveness_step *colour_at(const vt_liveness *l, int64_t ms)
{
    for (size_t i = 0; i < l->script.count; i++) {
        const vt_liveness_step *s = &l->script.steps[i];
        if (s->act == VT_LIVENESS_COLOUR && ms >= s->start_ms + settle_ms && ms <= s->end_ms) return s;
    }
    return NULL;
}

/* Shares of red and green in a colour: brightness cancels. */
static void chroma(double out[2], const float colour[3], double floor)
{
    double sum = (double)colour[0] + (double)colour[1] + (double)colour[2] + 3 * floor;
    for (int c = 0; c < 2; c++) out[c] = ((double)colour[c] + floor) / sum;
}

typedef struct moments {
    double n, s, f, g, ss, ff, gg, sf, sg; /* screen, face, ground */
} moments;

static void count(moments *m, double screen, double face, double ground)
{
    m->n += 1;
    m->s += screen;
    m->f += face;
    m->g += ground;
    m->ss += screen * screen;
    m->ff += face * face;
    m->gg += ground * ground;
    m->sf += screen * face;
    m->sg += screen * ground;
}

/* Correlation of the face with the screen; zero when the ground answers nearly as much, for then a picture was lit or tinted as
 * a whole: the screen stands near the face, and the wall far behind. */
float vt__check_light(const vt_liveness *l)
{
    moments m[2];
    memset(m, 0, sizeof m);
    for (size_t i = 0; i < l->count; i++) {
        const vt_liveness_step *step = colour_at(l, vt__elapsed_ms(l, i));
        if (!step || !l->frames[i].faces) continue;
        float shown[3] = { (float)step->colour[0] / 255, (float)step->colour[1] / 255, (float)step->colour[2] / 255 };
        double screen[2], face[2], ground[2];
        chroma(screen, shown, 0.1);
        chroma(face, l->frames[i].face_colour, 1e-4);
        chroma(ground, l->frames[i].ground_colour, 1e-4);
        for (int c = 0; c < 2; c++) count(&m[c], screen[c], face[c], ground[c]);
    }
    double worst = 1;
    for (int c = 0; c < 2; c++) {
        const moments *q = &m[c];
        if (q->n < 8) return 0;
        double ss = q->ss - q->s * q->s / q->n, ff = q->ff - q->f * q->f / q->n;
        double sf = q->sf - q->s * q->f / q->n, sg = q->sg - q->s * q->g / q->n;
        double r = ss > 1e-9 && ff > 1e-12 ? sf / sqrt(ss * ff) : 0;
        if (sf / fmax(ss, 1e-9) < 0.004 || sg >= (double)vt__act_size.ground_share * sf) r = 0;
        worst = fmin(worst, r);
    }
    return (float)worst;
}
