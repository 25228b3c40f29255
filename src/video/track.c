/* Faces of consecutive frames joined to tracks. A track begins with any detection above the lower threshold and counts
 * only once one of its detections passes the upper one, so that a face's unsure beginning and end belong to it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/video.h>

#include "base/error.h"
#include "base/memory.h"

enum { most_sightings = 20000000 };
static const float least_overlap = 0.25f;   /* of predicted and found box, as intersection over union */
static const float most_distance = 0.7f;    /* of their centres, in face sizes, where they do not overlap so much */
static const float most_growth = 1.8f;      /* of a face from one sighting to the next */

typedef struct live {
    vt_track track;
    size_t capacity;
    float strongest;
    float speed_x, speed_y, speed_size; /* per second */
    bool open;
} live;

struct vt_tracker {
    vt_tracker_options options;
    live *tracks;
    size_t count, capacity;
    uint32_t *numbers; /* provisional number - 1 -> id */
    size_t sightings;
    double *times;     /* of every frame, for filling in */
    size_t frames, frame_capacity;
    int64_t *cuts;
    size_t cut_count, cut_capacity;
};

vt_status vt_tracker_open(vt_tracker **out, const vt_tracker_options *options, vt_error *err)
{
    static const vt_tracker_options defaults = VT_TRACKER_OPTIONS_INIT;
    vt_tracker *tracker = vt__calloc(1, sizeof *tracker);
    *out = tracker;
    if (!tracker) return vt__fail_memory(err, sizeof *tracker);
    tracker->options = options ? *options : defaults;
    vt_tracker_options *o = &tracker->options;
    if (!(o->start_score > 0)) o->start_score = 0.6f;
    if (!(o->follow_score > 0)) o->follow_score = 0.3f;
    if (!(o->gap_s > 0)) o->gap_s = 1.0;
    if (!(o->extend_s > 0)) o->extend_s = 0;
    return VT_OK;
}

void vt_tracker_close(vt_tracker *tracker)
{
    if (!tracker) return;
    for (size_t i = 0; i < tracker->count; i++) vt__free(tracker->tracks[i].track.sightings);
    vt__free(tracker->tracks);
    vt__free(tracker->numbers);
    vt__free(tracker->times);
    vt__free(tracker->cuts);
    vt__free(tracker);
}

float vt_face_shot_quality(const vt_face *face)
{
    const vt_point *p = face->points5;
    float eyes = hypotf(p[1].x - p[0].x, p[1].y - p[0].y), middle = (p[0].x + p[1].x) / 2;
    float turned = eyes > 0 ? fminf(fabsf(p[2].x - middle) / eyes, 1) : 1; /* the nose beside the eyes' middle */
    float size = fminf(sqrtf(face->box.width * face->box.height) / 112, 1.5f);
    return face->score * (1 - 0.7f * turned) * (0.25f + size);
}

static float overlap(const vt_box *a, const vt_box *b)
{
    float w = fminf(a->left + a->width, b->left + b->width) - fmaxf(a->left, b->left);
    float h = fminf(a->top + a->height, b->top + b->height) - fmaxf(a->top, b->top);
    if (w <= 0 || h <= 0) return 0;
    return w * h / (a->width * a->height + b->width * b->height - w * h);
}

static vt_box moved(const vt_box *box, float dx, float dy, float grow)
{
    float w = box->width * grow, h = box->height * grow;
    return (vt_box){ box->left + dx + (box->width - w) / 2, box->top + dy + (box->height - h) / 2, w, h };
}

static const vt_sighting *last_of(const live *t) { return &t->track.sightings[t->track.count - 1]; }

static vt_box predict(const live *t, double time_s)
{
    float dt = fminf((float)(time_s - last_of(t)->time_s), 0.4f); /* a face soon changes its way */
    return moved(&last_of(t)->box, t->speed_x * dt, t->speed_y * dt, 1);
}

/* How well a detection goes on with a track; 0 = not at all. */
static float affinity(const live *t, const vt_face *face, double time_s)
{
    vt_box expected = predict(t, time_s);
    float growth = sqrtf(face->box.width * face->box.height / (expected.width * expected.height));
    if (growth > most_growth || growth < 1 / most_growth) return 0;
    float iou = overlap(&expected, &face->box);
    if (iou >= least_overlap) return 1 + iou;
    float dx = face->box.left + face->box.width / 2 - expected.left - expected.width / 2;
    float dy = face->box.top + face->box.height / 2 - expected.top - expected.height / 2;
    float distance = hypotf(dx, dy) / sqrtf(expected.width * expected.height);
    return distance < most_distance ? 1 - distance : 0;
}

static vt_status grow(void **list, size_t *capacity, size_t needed, size_t size_bytes, vt_error *err)
{
    if (needed <= *capacity) return VT_OK;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *bigger = vt__realloc(*list, wanted, size_bytes);
    if (!bigger) return vt__fail_memory(err, wanted * size_bytes);
    *list = bigger;
    *capacity = wanted;
    return VT_OK;
}

static vt_status append(vt_tracker *tracker, live *t, int64_t frame, double time_s, const vt_face *face, vt_error *err)
{
    if (++tracker->sightings > most_sightings) return vt__fail(err, VT_ELIMIT, "more than %d sightings of faces", most_sightings);
    void *list = t->track.sightings;
    vt_status status = grow(&list, &t->capacity, t->track.count + 1, sizeof *t->track.sightings, err);
    t->track.sightings = list;
    if (status) return status;
    if (t->track.count) {
        const vt_sighting *before = last_of(t);
        float dt = fmaxf((float)(time_s - before->time_s), 0.001f);
        float vx = (face->box.left + face->box.width / 2 - before->box.left - before->box.width / 2) / dt;
        float vy = (face->box.top + face->box.height / 2 - before->box.top - before->box.height / 2) / dt;
        t->speed_x = 0.5f * (t->speed_x + vx);
        t->speed_y = 0.5f * (t->speed_y + vy);
    }
    float quality = vt_face_shot_quality(face);
    if (!t->track.count || quality > t->track.best_quality) {
        t->track.best_quality = quality;
        t->track.best = t->track.count;
    }
    t->strongest = fmaxf(t->strongest, face->score);
    t->track.sightings[t->track.count++] = (vt_sighting){ frame, time_s, face->box, fmaxf(face->score, 1e-6f) };
    return VT_OK;
}

static vt_status note_frame(vt_tracker *tracker, int64_t frame, double time_s, bool cut, vt_error *err)
{
    if (frame != (int64_t)tracker->frames) return vt__fail(err, VT_EINVAL, "frame %lld where %zu was expected", (long long)frame, tracker->frames);
    void *times = tracker->times, *cuts = tracker->cuts;
    vt_status status = grow(&times, &tracker->frame_capacity, tracker->frames + 1, sizeof *tracker->times, err);
    tracker->times = times;
    if (!status && cut) status = grow(&cuts, &tracker->cut_capacity, tracker->cut_count + 1, sizeof *tracker->cuts, err);
    tracker->cuts = cuts;
    if (status) return status;
    tracker->times[tracker->frames++] = time_s;
    if (!cut) return VT_OK;
    tracker->cuts[tracker->cut_count++] = frame;
    for (size_t i = 0; i < tracker->count; i++) tracker->tracks[i].open = false;
    return VT_OK;
}

static void close_old(vt_tracker *tracker, double time_s)
{
    for (size_t i = 0; i < tracker->count; i++)
        if (tracker->tracks[i].open && time_s - last_of(&tracker->tracks[i])->time_s > tracker->options.gap_s) tracker->tracks[i].open = false;
}

/* The best pair of an open track without a sighting in this frame and a face without a track. */
static bool best_pair(size_t *track, size_t *face, const vt_tracker *tracker, const vt_faces *faces, const uint32_t *taken, int64_t frame, double time_s)
{
    float best = 0;
    for (size_t t = 0; t < tracker->count; t++) {
        const live *candidate = &tracker->tracks[t];
        if (!candidate->open || last_of(candidate)->frame == frame) continue;
        for (size_t f = 0; f < faces->count; f++) {
            float fit = taken[f] || faces->items[f].score < tracker->options.follow_score ? 0 : affinity(candidate, &faces->items[f], time_s);
            if (fit <= best) continue;
            best = fit;
            *track = t;
            *face = f;
        }
    }
    return best > 0;
}

static vt_status begin_track(size_t *out, vt_tracker *tracker, vt_error *err)
{
    void *tracks = tracker->tracks;
    vt_status status = grow(&tracks, &tracker->capacity, tracker->count + 1, sizeof *tracker->tracks, err);
    tracker->tracks = tracks;
    if (status) return status;
    tracker->tracks[tracker->count] = (live){ .open = true };
    *out = tracker->count++;
    return VT_OK;
}

static vt_status join(uint32_t *taken, vt_tracker *tracker, int64_t frame, double time_s, const vt_faces *faces, vt_error *err)
{
    size_t t = 0, f = 0;
    vt_status status = VT_OK;
    while (!status && best_pair(&t, &f, tracker, faces, taken, frame, time_s)) {
        taken[f] = (uint32_t)t + 1;
        status = append(tracker, &tracker->tracks[t], frame, time_s, &faces->items[f], err);
    }
    for (f = 0; f < faces->count && !status; f++) {
        if (taken[f] || faces->items[f].score < tracker->options.follow_score) continue;
        status = begin_track(&t, tracker, err);
        if (!status) status = append(tracker, &tracker->tracks[t], frame, time_s, &faces->items[f], err);
        taken[f] = (uint32_t)t + 1;
    }
    return status;
}

vt_status vt_tracker_add(uint32_t *track_of, vt_tracker *tracker, int64_t frame, double time_s, const vt_faces *faces, bool cut, vt_error *err)
{
    vt_status status = note_frame(tracker, frame, time_s, cut, err);
    close_old(tracker, time_s);
    if (status || !faces || !faces->count) return status;
    uint32_t *taken = vt__calloc(faces->count, sizeof *taken);
    if (!taken) return vt__fail_memory(err, faces->count * sizeof *taken);
    status = join(taken, tracker, frame, time_s, faces, err);
    if (track_of) memcpy(track_of, taken, faces->count * sizeof *taken);
    vt__free(taken);
    return status;
}

/* First and last frame of the shot that a frame is in. */
static void shot_of(int64_t *first, int64_t *last, const vt_tracker *tracker, int64_t frame)
{
    *first = 0;
    *last = (int64_t)tracker->frames - 1;
    for (size_t i = 0; i < tracker->cut_count; i++) {
        if (tracker->cuts[i] <= frame) *first = tracker->cuts[i];
        else {
            *last = tracker->cuts[i] - 1;
            return;
        }
    }
}

static vt_box between(const vt_sighting *a, const vt_sighting *b, double time_s)
{
    float w = b->time_s > a->time_s ? (float)((time_s - a->time_s) / (b->time_s - a->time_s)) : 0;
    return (vt_box){ a->box.left + w * (b->box.left - a->box.left), a->box.top + w * (b->box.top - a->box.top),
                     a->box.width + w * (b->box.width - a->box.width), a->box.height + w * (b->box.height - a->box.height) };
}

/* Frames from `first` to `last`: found ones as they are, others in between, and held before and behind. */
static void fill(vt_sighting *out, const vt_tracker *tracker, const vt_track *t, int64_t first, int64_t last)
{
    size_t next = 0;
    for (int64_t frame = first; frame <= last; frame++) {
        double time_s = tracker->times[frame];
        while (next < t->count && t->sightings[next].frame < frame) next++;
        vt_sighting *s = &out[frame - first];
        if (next < t->count && t->sightings[next].frame == frame) *s = t->sightings[next];
        else if (!next) *s = (vt_sighting){ frame, time_s, t->sightings[0].box, 0 };
        else if (next == t->count) *s = (vt_sighting){ frame, time_s, t->sightings[t->count - 1].box, 0 };
        else *s = (vt_sighting){ frame, time_s, between(&t->sightings[next - 1], &t->sightings[next], time_s), 0 };
    }
}

/* A small jitter of the detector is evened out over three frames; the box never shrinks below what was detected. */
static void smooth(vt_sighting *s, size_t count)
{
    vt_box before = s[0].box;
    for (size_t i = 1; i + 1 < count; i++) {
        vt_box own = s[i].box, *b = &s[i].box;
        const vt_box *after = &s[i + 1].box;
        float left = (before.left + 2 * own.left + after->left) / 4, top = (before.top + 2 * own.top + after->top) / 4;
        float right = (before.left + before.width + 2 * (own.left + own.width) + after->left + after->width) / 4;
        float bottom = (before.top + before.height + 2 * (own.top + own.height) + after->top + after->height) / 4;
        left = fminf(left, own.left);
        top = fminf(top, own.top);
        *b = (vt_box){ left, top, fmaxf(right, own.left + own.width) - left, fmaxf(bottom, own.top + own.height) - top };
        before = own;
    }
}

static vt_status complete(vt_track *out, const vt_tracker *tracker, const vt_track *t, vt_error *err)
{
    int64_t shot_first, shot_last, first = t->sightings[0].frame, last = t->sightings[t->count - 1].frame;
    double begin_s = t->sightings[0].time_s - tracker->options.extend_s, end_s = t->sightings[t->count - 1].time_s + tracker->options.extend_s;
    int64_t best = t->sightings[t->best].frame;
    shot_of(&shot_first, &shot_last, tracker, first);
    while (first > shot_first && tracker->times[first - 1] >= begin_s) first--;
    while (last < shot_last && tracker->times[last + 1] <= end_s) last++;
    *out = (vt_track){ 0, vt__calloc((size_t)(last - first + 1), sizeof *out->sightings), (size_t)(last - first + 1), (size_t)(best - first), t->best_quality };
    if (!out->sightings) return vt__fail_memory(err, out->count * sizeof *out->sightings);
    fill(out->sightings, tracker, t, first, last);
    smooth(out->sightings, out->count);
    return VT_OK;
}

vt_status vt_tracker_finish(vt_tracks *out, vt_tracker *tracker, vt_error *err)
{
    *out = (vt_tracks){ vt__calloc(tracker->count, sizeof *out->items), 0 };
    vt__free(tracker->numbers);
    tracker->numbers = vt__calloc(tracker->count, sizeof *tracker->numbers);
    if (!out->items || !tracker->numbers) {
        vt_tracks_free(out);
        return vt__fail_memory(err, tracker->count * sizeof *out->items);
    }
    vt_status status = VT_OK;
    for (size_t i = 0; i < tracker->count && !status; i++) {
        if (tracker->tracks[i].strongest < tracker->options.start_score) continue;
        status = complete(&out->items[out->count], tracker, &tracker->tracks[i].track, err);
        if (!status) {
            out->items[out->count].id = tracker->numbers[i] = (uint32_t)out->count + 1;
            out->count++;
        }
    }
    if (status) vt_tracks_free(out);
    return status;
}

uint32_t vt_tracker_number(const vt_tracker *tracker, uint32_t provisional)
{
    return provisional && provisional <= tracker->count && tracker->numbers ? tracker->numbers[provisional - 1] : 0;
}

void vt_tracks_free(vt_tracks *tracks)
{
    for (size_t i = 0; tracks->items && i < tracks->count; i++) vt__free(tracks->items[i].sightings);
    vt__free(tracks->items);
    *tracks = (vt_tracks){ 0 };
}
