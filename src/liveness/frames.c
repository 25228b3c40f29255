/* Checks of the frames themselves: how many faces, at what times, one person, no picture twice. */
#include <math.h>
#include <stdlib.h>

#include "liveness/inside.h"
#include "liveness/thresholds.h"

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

float vt__median(float *values, size_t count)
{
    if (!count) return NAN;
    qsort(values, count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static bool has_yaw(const vt_liveness_frame *f)
{
    return f->faces && (f->face.have & VT_WANT_POSE);
}

float vt__yaw_deg(const vt_liveness *l, size_t frame)
{
    size_t before = frame, after = frame;
    while (before > 0 && !has_yaw(&l->frames[before])) before--;
    while (after + 1 < l->count && !has_yaw(&l->frames[after])) after++;
    const vt_liveness_frame *a = &l->frames[before], *b = &l->frames[after];
    if (!has_yaw(a)) a = b;
    if (!has_yaw(b)) b = a;
    if (!has_yaw(a)) return NAN;
    int64_t apart = b->time_ms - a->time_ms;
    float part = apart > 0 ? (float)(l->frames[frame].time_ms - a->time_ms) / (float)apart : 0;
    part = fminf(fmaxf(part, 0), 1); /* times may fall */
    return a->face.pose.yaw_deg + part * (b->face.pose.yaw_deg - a->face.pose.yaw_deg);
}

float vt__check_attack(const vt_liveness *l)
{
    float live[VT_LIVENESS_MAX_FRAMES];
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        if (l->frames[i].faces && !isnan(l->frames[i].live)) live[n++] = l->frames[i].live;
    return vt__median(live, n);
}

float vt__check_surround(const vt_liveness *l)
{
    size_t valid = 0, lacking = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (!l->frames[i].faces) continue;
        valid += !isnan(l->frames[i].live);
        lacking += l->frames[i].surround_lacking;
    }
    return valid + lacking ? (float)valid / (float)(valid + lacking) : 0;
}

float vt__check_one_face(const vt_liveness *l)
{
    size_t single = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (l->frames[i].faces > 1) return 0;
        single += l->frames[i].faces == 1;
    }
    return l->count ? (float)single / (float)l->count : 0;
}

float vt__check_times(const vt_liveness *l)
{
    if (l->count < 2) return 0;
    for (size_t i = 1; i < l->count; i++) {
        int64_t gap = l->frames[i].time_ms - l->frames[i - 1].time_ms;
        if (gap <= 0 || (float)gap > vt__act_size.longest_gap_ms) return 0;
    }
    int64_t lasted = vt__elapsed_ms(l, l->count - 1);
    if (lasted + 500 < l->script.steps[l->script.count - 1].end_ms) return 0;
    return (float)(l->count - 1) * 1000 / (float)lasted;
}

static size_t differing_bits(const uint8_t *a, const uint8_t *b)
{
    size_t n = 0;
    for (size_t i = 0; i < VT_LIVENESS_FINGERPRINT_BYTES; i++) n += (size_t)__builtin_popcount((unsigned)(a[i] ^ b[i]));
    return n;
}

/* A picture counts when one far enough in time before it looks the same and its landmarks lie on the same places: a
 * camera never sees exactly the same twice. */
static bool repeats(const vt_liveness *l, size_t at)
{
    const vt_liveness_frame *f = &l->frames[at];
    for (size_t i = 0; i < at; i++) {
        const vt_liveness_frame *e = &l->frames[i];
        if (f->time_ms - e->time_ms < vt__act_size.duplicate_apart_ms) break;
        if (differing_bits(f->fingerprint, e->fingerprint) > vt__act_size.duplicate_bits) continue;
        float moved = 0;
        for (int p = 0; p < VT_POINTS68; p++)
            moved += fabsf(f->face.points68[p].x - e->face.points68[p].x) + fabsf(f->face.points68[p].y - e->face.points68[p].y);
        if (moved < 0.02f * VT_POINTS68) return true;
    }
    return false;
}

float vt__check_duplicates(const vt_liveness *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) n += l->frames[i].faces && repeats(l, i);
    return l->count ? (float)n / (float)l->count : 0;
}

float vt__check_same_face(const vt_liveness *l)
{
    const vt_liveness_frame *first = NULL;
    float least = NAN, second = NAN;
    for (size_t i = 0; i < l->count; i++) {
        const vt_liveness_frame *f = &l->frames[i];
        if (!f->has_template || !(fabsf(l->turns_deg[i]) <= vt__act_size.turn_deg)) continue; /* a turned face looks little like itself */
        if (!first) {
            first = f;
            continue;
        }
        float cosine = 0;
        for (uint32_t d = 0; d < f->face_template.dimension; d++)
            cosine += f->face_template.values[d] * first->face_template.values[d];
        if (isnan(least) || cosine < least) {
            second = least;
            least = cosine;
        } else if (isnan(second) || cosine < second) {
            second = cosine;
        }
    }
    return isnan(second) ? least : second; /* one frame may be blurred */
}
