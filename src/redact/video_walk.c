#include "redact/video_walk.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

/* A piece that holds the present frame. */
typedef struct opened {
    vt__piece piece;
    vt_sighting *sightings;
} opened;

struct vt__walk {
    const vt__plan *plan;
    vt__piece *pieces; /* of hidden tracks, by first frame */
    size_t count, next;
    opened *open;
    size_t open_count, open_capacity;
    vt_box *found; /* room for open_capacity */
};

static int by_frame(const void *a, const void *b)
{
    const vt__piece *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

vt_status vt__walk_open(vt__walk **out, const vt__plan *plan, vt_error *err)
{
    size_t count;
    const vt__piece *all = vt__boxes_all(&count, plan->boxes);
    vt__walk *walk = *out = vt__calloc(1, sizeof *walk);
    if (walk) walk->pieces = vt__malloc(count + 1, sizeof *walk->pieces);
    if (!walk || !walk->pieces) {
        vt__free(walk);
        *out = NULL;
        return vt__fail_memory(err, count * sizeof *all);
    }
    walk->plan = plan;
    for (size_t i = 0; i < count; i++)
        if (plan->hidden[all[i].track - 1]) walk->pieces[walk->count++] = all[i];
    if (walk->count) qsort(walk->pieces, walk->count, sizeof *walk->pieces, by_frame);
    return VT_OK;
}

void vt__walk_close(vt__walk *walk)
{
    if (!walk) return;
    for (size_t i = 0; i < walk->open_count; i++) vt__free(walk->open[i].sightings);
    vt__free(walk->open);
    vt__free(walk->found);
    vt__free(walk->pieces);
    vt__free(walk);
}

static void leave_behind(vt__walk *walk, int64_t frame)
{
    size_t kept = 0;
    for (size_t i = 0; i < walk->open_count; i++) {
        opened *o = &walk->open[i];
        if (frame < o->piece.first + (int64_t)o->piece.count) walk->open[kept++] = *o;
        else vt__free(o->sightings);
    }
    walk->open_count = kept;
}

static vt_status make_room(vt__walk *walk, vt_error *err)
{
    if (walk->open_count < walk->open_capacity) return VT_OK;
    size_t wanted = walk->open_capacity ? walk->open_capacity * 2 : 16;
    opened *open = vt__realloc(walk->open, wanted, sizeof *open);
    if (open) walk->open = open;
    vt_box *found = open ? vt__realloc(walk->found, wanted, sizeof *found) : NULL;
    if (!found) return vt__fail_memory(err, wanted * sizeof *open);
    walk->found = found;
    walk->open_capacity = wanted;
    return VT_OK;
}

static vt_status open_piece(vt__walk *walk, const vt__piece *piece, vt_error *err)
{
    vt_status status = make_room(walk, err);
    if (status) return status;
    opened *o = &walk->open[walk->open_count];
    *o = (opened){ *piece, vt__malloc(piece->count, sizeof *o->sightings) };
    if (!o->sightings) return vt__fail_memory(err, piece->count * sizeof *o->sightings);
    walk->open_count++;
    return vt__boxes_read(o->sightings, walk->plan->boxes, piece, err);
}

vt_status vt__walk_to(const vt_box **boxes, size_t *count, vt__walk *walk, int64_t frame, vt_error *err)
{
    vt_status status = VT_OK;
    leave_behind(walk, frame);
    for (; walk->next < walk->count && walk->pieces[walk->next].first <= frame && !status; walk->next++) {
        const vt__piece *piece = &walk->pieces[walk->next];
        if (frame < piece->first + (int64_t)piece->count) status = open_piece(walk, piece, err);
    }
    for (size_t i = 0; i < walk->open_count && !status; i++) walk->found[i] = walk->open[i].sightings[frame - walk->open[i].piece.first].box;
    *boxes = walk->found;
    *count = status ? 0 : walk->open_count;
    return status;
}
