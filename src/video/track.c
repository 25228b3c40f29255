/* Faces of consecutive frames kept as tracks; join.c says which goes on with which. A track begins with any detection above the
 * lower threshold and counts only once one of its detections passes the upper one, so that a face's unsure beginning and end
 * belong to it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/video.h>

#include "base/error.h"
#include "base/memory.h"
#include "video/join.h"

enum { most_sightings = 20000000 };

typedef struct live {
    vt_track track;
    size_t capacity;
    float strongest;
} live;

struct vt_tracker {
    vt_tracker_options options;
    vt__joiner joiner;
    live *tracks; /* by number - 1 */
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
    if (!(o->extend_s > 0)) o->extend_s = 0;
    vt__joiner_begin(&tracker->joiner, o);
    return VT_OK;
}

void vt_tracker_close(vt_tracker *tracker)
{
    if (!tracker) return;
    for (size_t i = 0; i < tracker->count; i++) vt__free(tracker->tracks[i].track.sightings);
    vt__joiner_free(&tracker->joiner);
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

static vt_status append(vt_tracker *tracker, live *t, int64_t frame, double time_s, const vt_face *face, vt_error *err)
{
    if (++tracker->sightings > most_sightings) return vt__fail(err, VT_ELIMIT, "more than %d sightings of faces", most_sightings);
    void *list = t->track.sightings;
    vt_status status = vt__room_for(&list, &t->capacity, t->track.count + 1, sizeof *t->track.sightings, err);
    t->track.sightings = list;
    if (status) return status;
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
    vt_status status = vt__room_for(&times, &tracker->frame_capacity, tracker->frames + 1, sizeof *tracker->times, err);
    tracker->times = times;
    if (!status && cut) status = vt__room_for(&cuts, &tracker->cut_capacity, tracker->cut_count + 1, sizeof *tracker->cuts, err);
    tracker->cuts = cuts;
    if (status) return status;
    tracker->times[tracker->frames++] = time_s;
    if (cut) tracker->cuts[tracker->cut_count++] = frame;
    return VT_OK;
}

/* Room for the tracks that were begun just now. */
static vt_status begin_tracks(vt_tracker *tracker, vt_error *err)
{
    void *tracks = tracker->tracks;
    vt_status status = vt__room_for(&tracks, &tracker->capacity, tracker->joiner.given, sizeof *tracker->tracks, err);
    tracker->tracks = tracks;
    while (!status && tracker->count < tracker->joiner.given) tracker->tracks[tracker->count++] = (live){ 0 };
    return status;
}

vt_status vt_tracker_add(uint32_t *track_of, vt_tracker *tracker, int64_t frame, double time_s, const vt_faces *faces, bool cut, vt_error *err)
{
    static const vt_faces none = { 0 };
    vt_status status = note_frame(tracker, frame, time_s, cut, err);
    if (status) return status;
    if (!faces) faces = &none;
    uint32_t *numbers = vt__calloc(faces->count + 1, sizeof *numbers);
    if (!numbers) return vt__fail_memory(err, faces->count * sizeof *numbers);
    status = vt__join(numbers, &tracker->joiner, frame, time_s, faces, cut, err);
    if (!status) status = begin_tracks(tracker, err);
    for (size_t f = 0; f < faces->count && !status; f++)
        if (numbers[f]) status = append(tracker, &tracker->tracks[numbers[f] - 1], frame, time_s, &faces->items[f], err);
    if (track_of) memcpy(track_of, numbers, faces->count * sizeof *numbers);
    vt__free(numbers);
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
