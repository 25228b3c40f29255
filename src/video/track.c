/* Faces of consecutive frames kept as tracks; join.c says which goes on with which. A track begins with any detection above the
 * lower threshold and counts only once one of its detections passes the upper one, so that a face's unsure beginning and end
 * belong to it. A sighting is settled once the next detection is known (what lies between is filled in, and the box evened out by
 * its neighbours), so that only the last moments of open tracks need to be kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/video.h>

#include "base/error.h"
#include "base/memory.h"
#include "video/join.h"

enum { most_kept_sightings = 5000000, most_tracks = 1000000, handed_at_once = 256 };

/* An open track. Sightings up to `settled` are as they will be, those behind as detected; the last one was detected. */
typedef struct live {
    uint32_t number;
    vt_sighting *list;
    size_t settled, count, capacity;
    vt_box before; /* as detected, of the sighting before list[settled] */
    bool begun;    /* there is one before */
} live;

/* What is kept of every track. */
typedef struct record {
    vt_track track;
    float strongest;
    int64_t best_frame;
} record;

struct vt_tracker {
    vt_tracker_options options;
    vt__joiner joiner;
    live *open;
    size_t open_count, open_capacity;
    record *records; /* by number - 1 */
    size_t count, capacity;
    uint32_t *numbers; /* provisional number - 1 -> id */
    size_t kept;       /* sightings, where nobody takes them */
    double *times;     /* of the last frames, from first_time on */
    int64_t first_time, frames;
    size_t times_capacity;
    int64_t shot_first; /* frame that began the present shot */
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
    if (!(o->extend_s > 0)) o->extend_s = 0;
    vt__joiner_begin(&tracker->joiner, o);
    return VT_OK;
}

void vt_tracker_close(vt_tracker *tracker)
{
    if (!tracker) return;
    for (size_t i = 0; i < tracker->open_count; i++) vt__free(tracker->open[i].list);
    for (size_t i = 0; i < tracker->count; i++) vt__free(tracker->records[i].track.sightings);
    vt__joiner_free(&tracker->joiner);
    vt__free(tracker->open);
    vt__free(tracker->records);
    vt__free(tracker->numbers);
    vt__free(tracker->times);
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

static double time_of(const vt_tracker *tracker, int64_t frame) { return tracker->times[frame - tracker->first_time]; }

/* The longest time that is ever looked back. */
static double window_s(const vt_tracker *tracker) { return fmax(tracker->joiner.gap_s, tracker->options.extend_s); }

static vt_status note_frame(vt_tracker *tracker, int64_t frame, double time_s, vt_error *err)
{
    if (frame != tracker->frames) return vt__fail(err, VT_EINVAL, "frame %lld where %lld was expected", (long long)frame, (long long)tracker->frames);
    int64_t needed = frame;
    for (size_t i = 0; i < tracker->open_count; i++) {
        const live *t = &tracker->open[i];
        if (t->count && t->list[t->count - 1].frame < needed) needed = t->list[t->count - 1].frame;
    }
    int64_t first = tracker->first_time;
    while (first < needed && time_s - time_of(tracker, first) > window_s(tracker)) first++;
    size_t count = (size_t)(frame - first);
    if (first - tracker->first_time > (int64_t)count) { /* moved seldom, so that it costs little */
        memmove(tracker->times, tracker->times + (first - tracker->first_time), count * sizeof *tracker->times);
        tracker->first_time = first;
    }
    void *times = tracker->times;
    vt_status status = vt__room_for(&times, &tracker->times_capacity, (size_t)(frame - tracker->first_time) + 1, sizeof *tracker->times, err);
    tracker->times = times;
    if (status) return status;
    tracker->times[frame - tracker->first_time] = time_s;
    tracker->frames++;
    return VT_OK;
}

/* ---- sightings of an open track ---- */

/* A small jitter of the detector is evened out over three frames; the box never shrinks below what was detected. */
static vt_box even_out(const vt_box *before, const vt_box *own, const vt_box *after)
{
    float left = (before->left + 2 * own->left + after->left) / 4, top = (before->top + 2 * own->top + after->top) / 4;
    float right = (before->left + before->width + 2 * (own->left + own->width) + after->left + after->width) / 4;
    float bottom = (before->top + before->height + 2 * (own->top + own->height) + after->top + after->height) / 4;
    left = fminf(left, own->left);
    top = fminf(top, own->top);
    return (vt_box){ left, top, fmaxf(right, own->left + own->width) - left, fmaxf(bottom, own->top + own->height) - top };
}

/* Settles what can be, or at the end of the track everything; the first and the last sighting stay as they are. */
static void settle(live *t, bool all)
{
    while (t->settled + 1 < t->count || (all && t->settled < t->count)) {
        vt_sighting *s = &t->list[t->settled];
        vt_box own = s->box;
        if (t->begun && t->settled + 1 < t->count) s->box = even_out(&t->before, &own, &t->list[t->settled + 1].box);
        t->before = own;
        t->begun = true;
        t->settled++;
    }
}

static vt_status hand_over(vt_tracker *tracker, live *t, vt_error *err)
{
    const vt_tracker_options *o = &tracker->options;
    if (!o->on_sightings || !t->settled) return VT_OK;
    vt_status status = o->on_sightings(o->payload, t->number, t->list, t->settled, err);
    memmove(t->list, t->list + t->settled, (t->count - t->settled) * sizeof *t->list);
    t->count -= t->settled;
    t->settled = 0;
    return status;
}

static vt_status put(vt_tracker *tracker, live *t, vt_sighting sighting, vt_error *err)
{
    if (!tracker->options.on_sightings && ++tracker->kept > most_kept_sightings)
        return vt__fail(err, VT_ELIMIT, "more than %d sightings of faces", most_kept_sightings);
    void *list = t->list;
    vt_status status = vt__room_for(&list, &t->capacity, t->count + 1, sizeof *t->list, err);
    t->list = list;
    if (status) return status;
    record *r = &tracker->records[t->number - 1];
    if (!r->track.count++) {
        r->track.first_frame = sighting.frame;
        r->track.first_s = sighting.time_s;
    }
    r->track.last_s = sighting.time_s;
    t->list[t->count++] = sighting;
    return VT_OK;
}

static vt_box between(const vt_sighting *a, const vt_sighting *b, double time_s)
{
    float w = b->time_s > a->time_s ? (float)((time_s - a->time_s) / (b->time_s - a->time_s)) : 0;
    return (vt_box){ a->box.left + w * (b->box.left - a->box.left), a->box.top + w * (b->box.top - a->box.top),
                     a->box.width + w * (b->box.width - a->box.width), a->box.height + w * (b->box.height - a->box.height) };
}

/* Fills in the frames between the last sighting of a track and `frame`. */
static vt_status fill_up(vt_tracker *tracker, live *t, const vt_sighting *next, vt_error *err)
{
    vt_status status = VT_OK;
    vt_sighting last = t->list[t->count - 1];
    for (int64_t frame = last.frame + 1; frame < next->frame && !status; frame++) {
        double time_s = time_of(tracker, frame);
        status = put(tracker, t, (vt_sighting){ frame, time_s, between(&last, next, time_s), 0 }, err);
    }
    return status;
}

static vt_status hold_before(vt_tracker *tracker, live *t, const vt_sighting *first, vt_error *err)
{
    vt_status status = VT_OK;
    int64_t from = first->frame;
    while (from > tracker->shot_first && from > tracker->first_time && first->time_s - time_of(tracker, from - 1) <= tracker->options.extend_s) from--;
    for (int64_t frame = from; frame < first->frame && !status; frame++)
        status = put(tracker, t, (vt_sighting){ frame, time_of(tracker, frame), first->box, 0 }, err);
    return status;
}

static vt_status hold_behind(vt_tracker *tracker, live *t, int64_t shot_last, vt_error *err)
{
    vt_status status = VT_OK;
    vt_sighting last = t->list[t->count - 1];
    for (int64_t frame = last.frame + 1; frame <= shot_last && time_of(tracker, frame) - last.time_s <= tracker->options.extend_s && !status; frame++)
        status = put(tracker, t, (vt_sighting){ frame, time_of(tracker, frame), last.box, 0 }, err);
    return status;
}

static vt_status see(vt_tracker *tracker, live *t, int64_t frame, double time_s, const vt_face *face, vt_error *err)
{
    vt_sighting sighting = { frame, time_s, face->box, fmaxf(face->score, 1e-6f) };
    vt_status status = t->count ? fill_up(tracker, t, &sighting, err) : hold_before(tracker, t, &sighting, err);
    if (!status) status = put(tracker, t, sighting, err);
    if (status) return status;
    record *r = &tracker->records[t->number - 1];
    float quality = vt_face_shot_quality(face);
    if (!(r->strongest > 0) || quality > r->track.best_quality) {
        r->track.best_quality = quality;
        r->track.best_s = time_s;
        r->best_frame = frame;
    }
    r->strongest = fmaxf(r->strongest, sighting.score);
    settle(t, false);
    return t->settled >= handed_at_once ? hand_over(tracker, t, err) : VT_OK;
}

/* ---- tracks ---- */

static vt_status end_track(vt_tracker *tracker, live *t, int64_t shot_last, vt_error *err)
{
    vt_status status = hold_behind(tracker, t, shot_last, err);
    if (status) return status;
    settle(t, true);
    if (tracker->options.on_sightings) {
        status = hand_over(tracker, t, err);
        vt__free(t->list);
    } else tracker->records[t->number - 1].track.sightings = t->list;
    t->list = NULL;
    return status;
}

/* Ends the tracks that nothing can go on with any more, or all. */
static vt_status end_tracks(vt_tracker *tracker, double time_s, bool all, int64_t shot_last, vt_error *err)
{
    vt_status status = VT_OK;
    size_t kept = 0;
    for (size_t i = 0; i < tracker->open_count; i++) {
        live *t = &tracker->open[i];
        bool over = !status && t->count && (all || time_s - t->list[t->count - 1].time_s > window_s(tracker));
        if (over) status = end_track(tracker, t, shot_last, err);
        if (!over || t->list) tracker->open[kept++] = *t;
    }
    tracker->open_count = kept;
    return status;
}

/* Room for the tracks that were begun just now. */
static vt_status begin_tracks(vt_tracker *tracker, vt_error *err)
{
    if (tracker->joiner.given > most_tracks) return vt__fail(err, VT_ELIMIT, "more than %d tracks of faces", most_tracks);
    void *records = tracker->records, *open = tracker->open;
    size_t new = tracker->joiner.given - tracker->count;
    vt_status status = vt__room_for(&records, &tracker->capacity, tracker->joiner.given, sizeof *tracker->records, err);
    tracker->records = records;
    if (!status) status = vt__room_for(&open, &tracker->open_capacity, tracker->open_count + new, sizeof *tracker->open, err);
    tracker->open = open;
    while (!status && tracker->count < tracker->joiner.given) {
        tracker->records[tracker->count++] = (record){ 0 };
        tracker->open[tracker->open_count++] = (live){ .number = (uint32_t)tracker->count };
    }
    return status;
}

static live *open_track(const vt_tracker *tracker, uint32_t number)
{
    for (size_t i = tracker->open_count; i-- > 0;)
        if (tracker->open[i].number == number) return &tracker->open[i];
    return NULL;
}

vt_status vt_tracker_add(uint32_t *track_of, vt_tracker *tracker, int64_t frame, double time_s, const vt_faces *faces, bool cut, vt_error *err)
{
    static const vt_faces none = { 0 };
    vt_status status = note_frame(tracker, frame, time_s, err);
    if (!status) status = end_tracks(tracker, time_s, cut, cut ? frame - 1 : frame, err);
    if (status) return status;
    if (cut) tracker->shot_first = frame;
    if (!faces) faces = &none;
    uint32_t *numbers = vt__calloc(faces->count + 1, sizeof *numbers);
    if (!numbers) return vt__fail_memory(err, faces->count * sizeof *numbers);
    status = vt__join(numbers, &tracker->joiner, frame, time_s, faces, cut, err);
    if (!status) status = begin_tracks(tracker, err);
    for (size_t f = 0; f < faces->count && !status; f++) {
        live *t = numbers[f] ? open_track(tracker, numbers[f]) : NULL;
        if (t) status = see(tracker, t, frame, time_s, &faces->items[f], err);
    }
    if (track_of) memcpy(track_of, numbers, faces->count * sizeof *numbers);
    vt__free(numbers);
    return status;
}

vt_status vt_tracker_finish(vt_tracks *out, vt_tracker *tracker, vt_error *err)
{
    *out = (vt_tracks){ 0 };
    vt_status status = end_tracks(tracker, 0, true, tracker->frames - 1, err);
    if (status) return status;
    *out = (vt_tracks){ vt__calloc(tracker->count + 1, sizeof *out->items), 0 };
    vt__free(tracker->numbers);
    tracker->numbers = vt__calloc(tracker->count + 1, sizeof *tracker->numbers);
    if (!out->items || !tracker->numbers) {
        vt_tracks_free(out);
        return vt__fail_memory(err, tracker->count * sizeof *out->items);
    }
    for (size_t i = 0; i < tracker->count; i++) {
        record *r = &tracker->records[i];
        if (r->strongest < tracker->options.start_score) continue;
        vt_track *track = &out->items[out->count++];
        *track = r->track;
        track->best = (size_t)(r->best_frame - track->first_frame);
        track->id = tracker->numbers[i] = (uint32_t)out->count;
        r->track.sightings = NULL;
    }
    return VT_OK;
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
