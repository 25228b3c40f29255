#include "video/join.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "video/overlap.h"

static const float least_overlap = 0.25f;   /* of predicted and found box, as intersection over union */
static const float most_distance = 0.7f;    /* of their centres, in face sizes, where they do not overlap so much */
static const float most_growth = 1.8f;      /* of a face from one sighting to the next */

void vt__joiner_begin(vt__joiner *out, const vt_tracker_options *options)
{
    *out = (vt__joiner){ .follow_score = options->follow_score > 0 ? options->follow_score : 0.3f, .gap_s = options->gap_s > 0 ? options->gap_s : 1.0 };
}

void vt__joiner_free(vt__joiner *joiner)
{
    vt__free(joiner->open);
    *joiner = (vt__joiner){ 0 };
}

vt_status vt__room_for(void **list, size_t *capacity, size_t needed, size_t size_bytes, vt_error *err)
{
    if (needed <= *capacity) return VT_OK;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    if (wanted < needed) wanted = needed;
    void *bigger = vt__realloc(*list, wanted, size_bytes);
    if (!bigger) return vt__fail_memory(err, wanted * size_bytes);
    *list = bigger;
    *capacity = wanted;
    return VT_OK;
}

static vt_box predict(const vt__open_track *t, double time_s)
{
    float dt = fminf((float)(time_s - t->time_s), 0.4f); /* a face soon changes its way */
    return (vt_box){ t->box.left + t->speed_x * dt, t->box.top + t->speed_y * dt, t->box.width, t->box.height };
}

/* How well a detection goes on with a track; 0 = not at all. */
static float affinity(const vt__open_track *t, const vt_face *face, double time_s)
{
    vt_box expected = predict(t, time_s);
    float growth = sqrtf(face->box.width * face->box.height / (expected.width * expected.height));
    if (growth > most_growth || growth < 1 / most_growth) return 0;
    float iou = vt__overlap(&expected, &face->box);
    if (iou >= least_overlap) return 1 + iou;
    float dx = face->box.left + face->box.width / 2 - expected.left - expected.width / 2;
    float dy = face->box.top + face->box.height / 2 - expected.top - expected.height / 2;
    float distance = hypotf(dx, dy) / sqrtf(expected.width * expected.height);
    return distance < most_distance ? 1 - distance : 0;
}

static void see(vt__open_track *t, int64_t frame, double time_s, const vt_box *box, bool first)
{
    if (!first) {
        float dt = fmaxf((float)(time_s - t->time_s), 0.001f);
        t->speed_x = 0.5f * (t->speed_x + (box->left + box->width / 2 - t->box.left - t->box.width / 2) / dt);
        t->speed_y = 0.5f * (t->speed_y + (box->top + box->height / 2 - t->box.top - t->box.height / 2) / dt);
    }
    t->frame = frame;
    t->time_s = time_s;
    t->box = *box;
}

static void close_old(vt__joiner *joiner, double time_s, bool all)
{
    size_t kept = 0;
    for (size_t i = 0; i < joiner->count && !all; i++)
        if (time_s - joiner->open[i].time_s <= joiner->gap_s) joiner->open[kept++] = joiner->open[i];
    joiner->count = kept;
}

/* The best pair of a track without a sighting in this frame and a face without a track. */
static bool best_pair(size_t *track, size_t *face, const vt__joiner *joiner, const vt_faces *faces, const uint32_t *taken, int64_t frame, double time_s)
{
    float best = 0;
    for (size_t t = 0; t < joiner->count; t++) {
        const vt__open_track *candidate = &joiner->open[t];
        if (candidate->frame == frame) continue;
        for (size_t f = 0; f < faces->count; f++) {
            float fit = taken[f] || faces->items[f].score < joiner->follow_score ? 0 : affinity(candidate, &faces->items[f], time_s);
            if (fit <= best) continue;
            best = fit;
            *track = t;
            *face = f;
        }
    }
    return best > 0;
}

static vt_status begin_track(uint32_t *number, vt__joiner *joiner, int64_t frame, double time_s, const vt_box *box, vt_error *err)
{
    void *open = joiner->open;
    vt_status status = vt__room_for(&open, &joiner->capacity, joiner->count + 1, sizeof *joiner->open, err);
    joiner->open = open;
    if (status) return status;
    vt__open_track *t = &joiner->open[joiner->count++];
    *t = (vt__open_track){ .number = *number = ++joiner->given };
    see(t, frame, time_s, box, true);
    return VT_OK;
}

vt_status vt__join(uint32_t *number_of, vt__joiner *joiner, int64_t frame, double time_s, const vt_faces *faces, bool cut, vt_error *err)
{
    size_t t = 0, f = 0;
    vt_status status = VT_OK;
    memset(number_of, 0, faces->count * sizeof *number_of);
    close_old(joiner, time_s, cut);
    while (best_pair(&t, &f, joiner, faces, number_of, frame, time_s)) {
        number_of[f] = joiner->open[t].number;
        see(&joiner->open[t], frame, time_s, &faces->items[f].box, false);
    }
    for (f = 0; f < faces->count && !status; f++)
        if (!number_of[f] && faces->items[f].score >= joiner->follow_score)
            status = begin_track(&number_of[f], joiner, frame, time_s, &faces->items[f].box, err);
    return status;
}
