#include "redact/video_boxes.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/spill.h"

static const size_t in_memory_bytes = (size_t)32 << 20; /* an hour and a half of two faces */

/* As it is put by. */
typedef struct stored {
    double time_s;
    vt_box box;
    float score;
} stored;

struct vt__boxes {
    vt__spill *spill;
    vt__piece *pieces;
    size_t count, capacity;
};

vt_status vt__boxes_open(vt__boxes **out, vt_error *err)
{
    vt__boxes *boxes = *out = vt__calloc(1, sizeof *boxes);
    if (!boxes) return vt__fail_memory(err, sizeof *boxes);
    vt_status status = vt__spill_open(&boxes->spill, in_memory_bytes, err);
    if (status) {
        vt__free(boxes);
        *out = NULL;
    }
    return status;
}

void vt__boxes_close(vt__boxes *boxes)
{
    if (!boxes) return;
    vt__spill_close(boxes->spill);
    vt__free(boxes->pieces);
    vt__free(boxes);
}

/* As exact as a manifest tells it, so that applying one renders the same. */
static float tenth(float value) { return roundf(value * 10) / 10; }

static vt_status add_piece(vt__boxes *boxes, uint32_t track, const vt_sighting *sightings, size_t count, vt_error *err)
{
    stored list[VT__PIECE_MOST] = { 0 };
    if (boxes->count == boxes->capacity) {
        size_t wanted = boxes->capacity ? boxes->capacity * 2 : 64;
        vt__piece *bigger = vt__realloc(boxes->pieces, wanted, sizeof *bigger);
        if (!bigger) return vt__fail_memory(err, wanted * sizeof *bigger);
        boxes->pieces = bigger;
        boxes->capacity = wanted;
    }
    for (size_t i = 0; i < count; i++) {
        list[i].time_s = sightings[i].time_s;
        const vt_box *box = &sightings[i].box;
        list[i].box = (vt_box){ tenth(box->left), tenth(box->top), tenth(box->width), tenth(box->height) };
        list[i].score = sightings[i].score;
    }
    vt__piece *piece = &boxes->pieces[boxes->count];
    *piece = (vt__piece){ track, (uint32_t)count, sightings[0].frame, 0 };
    vt_status status = vt__spill_append(&piece->at, boxes->spill, list, count * sizeof *list, err);
    if (!status) boxes->count++;
    return status;
}

vt_status vt__boxes_add(vt__boxes *boxes, uint32_t track, const vt_sighting *sightings, size_t count, vt_error *err)
{
    vt_status status = VT_OK;
    for (size_t done = 0; done < count && !status; done += VT__PIECE_MOST)
        status = add_piece(boxes, track, sightings + done, count - done < VT__PIECE_MOST ? count - done : VT__PIECE_MOST, err);
    return status;
}

const vt__piece *vt__boxes_all(size_t *count, const vt__boxes *boxes)
{
    *count = boxes->count;
    return boxes->pieces;
}

/* The first piece of a track at or above `track`. */
static size_t place_of(const vt__boxes *boxes, uint64_t track)
{
    size_t low = 0, high = boxes->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (boxes->pieces[middle].track < track) low = middle + 1;
        else high = middle;
    }
    return low;
}

const vt__piece *vt__boxes_of(size_t *count, const vt__boxes *boxes, uint32_t track)
{
    size_t first = place_of(boxes, track);
    *count = place_of(boxes, (uint64_t)track + 1) - first;
    return *count ? boxes->pieces + first : NULL;
}

void vt__boxes_shift(vt__boxes *boxes, size_t from, int64_t frames)
{
    for (size_t i = from; i < boxes->count; i++) boxes->pieces[i].first += frames;
}

static int by_track(const void *a, const void *b)
{
    const vt__piece *x = a, *y = b;
    if (x->track != y->track) return x->track < y->track ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

void vt__boxes_settle(vt__boxes *boxes, uint32_t (*number_of)(const void *context, uint32_t track), const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < boxes->count; i++) {
        vt__piece piece = boxes->pieces[i];
        if (number_of) piece.track = number_of(context, piece.track);
        if (piece.track) boxes->pieces[kept++] = piece;
    }
    boxes->count = kept;
    if (kept) qsort(boxes->pieces, kept, sizeof *boxes->pieces, by_track);
}

vt_status vt__boxes_read(vt_sighting *out, const vt__boxes *boxes, const vt__piece *piece, vt_error *err)
{
    stored list[VT__PIECE_MOST];
    vt_status status = vt__spill_read(list, boxes->spill, piece->at, piece->count * sizeof *list, err);
    for (size_t i = 0; i < piece->count && !status; i++)
        out[i] = (vt_sighting){ piece->first + (int64_t)i, list[i].time_s, list[i].box, list[i].score };
    return status;
}
