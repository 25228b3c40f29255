/* The scan over all segments, and the best rows out of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "match/index_rows.h"

enum { tile_quads = 64 }; /* scanned at a time: their scores and bounds stay in the nearest cache */

/* A row that may belong to the best. */
typedef struct candidate {
    uint32_t row;
    float most; /* its cosine is at most this */
} candidate;

/* The k highest lower bounds seen so far, each of another person where persons are asked for: a heap, smallest on top. */
typedef struct floor_heap {
    float *bounds;
    vt__index_id *persons;
    size_t count, k;
} floor_heap;

typedef struct probe_work {
    const float *values;
    vt__probe_code code;
    floor_heap sure;
    candidate *candidates;
    size_t count, capacity;
    float cut; /* below this a row cannot be among the best */
} probe_work;

typedef struct search_work {
    vt__index *index;
    const vt__index_query *query;
    probe_work *probes;
    uint8_t *packed;   /* the codes of up to four probes, for the kernel */
    uint32_t *chosen;  /* rows named by id or person, sorted; NULL: all */
    size_t chosen_count;
    uint8_t *chosen_bits; /* the same, four bits a quad in a byte each, where they are many */
    vt_status status;
} search_work;

static const vt__index_id nobody;

static bool same_id(const vt__index_id *a, const vt__index_id *b)
{
    return !memcmp(a, b, sizeof *a);
}

static void sift_down(floor_heap *heap, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && heap->bounds[child + 1] < heap->bounds[child]) child++;
        if (heap->bounds[at] <= heap->bounds[child]) return;
        float bound = heap->bounds[at];
        heap->bounds[at] = heap->bounds[child];
        heap->bounds[child] = bound;
        vt__index_id person = heap->persons[at];
        heap->persons[at] = heap->persons[child];
        heap->persons[child] = person;
    }
}

static void sift_up(floor_heap *heap, size_t at)
{
    while (at && heap->bounds[at] < heap->bounds[(at - 1) / 2]) {
        size_t parent = (at - 1) / 2;
        float bound = heap->bounds[at];
        heap->bounds[at] = heap->bounds[parent];
        heap->bounds[parent] = bound;
        vt__index_id person = heap->persons[at];
        heap->persons[at] = heap->persons[parent];
        heap->persons[parent] = person;
        at = parent;
    }
}

/* Notes that somebody surely reaches `bound`; raises the cut once k do. */
static void note_sure(probe_work *p, float bound, const vt__index_id *person, bool by_person)
{
    floor_heap *heap = &p->sure;
    if (heap->count == heap->k && bound <= heap->bounds[0]) return;
    if (by_person && !same_id(person, &nobody))
        for (size_t i = 0; i < heap->count; i++) {
            if (!same_id(&heap->persons[i], person)) continue;
            if (bound > heap->bounds[i]) {
                heap->bounds[i] = bound;
                sift_down(heap, i);
            }
            if (heap->count == heap->k && heap->bounds[0] > p->cut) p->cut = heap->bounds[0];
            return;
        }
    if (heap->count < heap->k) {
        heap->bounds[heap->count] = bound;
        heap->persons[heap->count] = *person;
        sift_up(heap, heap->count++);
    } else {
        heap->bounds[0] = bound;
        heap->persons[0] = *person;
        sift_down(heap, 0);
    }
    if (heap->count == heap->k && heap->bounds[0] > p->cut) p->cut = heap->bounds[0];
}

static void drop_hopeless(probe_work *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->candidates[i].most >= p->cut) p->candidates[kept++] = p->candidates[i];
    p->count = kept;
}

static vt_status add_candidate(probe_work *p, uint32_t row, float most)
{
    if (p->count == p->capacity) {
        drop_hopeless(p);
        if (p->count * 2 >= p->capacity) {
            size_t capacity = p->capacity ? p->capacity * 2 : 256;
            candidate *items = vt__realloc(p->candidates, capacity, sizeof *items);
            if (!items) return VT_ENOMEM;
            p->candidates = items;
            p->capacity = capacity;
        }
    }
    p->candidates[p->count++] = (candidate){ row, most };
    return VT_OK;
}

/* One row whose score is known to within `bound`. */
static inline void judge(search_work *s, probe_work *p, const vt__segment *segment, uint32_t place, uint32_t number, float score, float bound)
{
    if (score + bound < p->cut || s->status) return;
    if (s->query->admits && !s->query->admits(&segment->persons[place], s->query->admits_context)) return;
    note_sure(p, score - bound, &segment->persons[place], s->query->by_person);
    if (score + bound >= p->cut) s->status = add_candidate(p, number, score + bound);
}

static inline bool wanted(const search_work *s, const vt__segment *segment, uint32_t place)
{
    if (s->query->group && segment->groups[place] != *s->query->group) return false;
    return !s->query->most_group || segment->groups[place] <= *s->query->most_group;
}

/* The live rows of a quad that the group filter lets through. Read before the codes: whoever is live now has them whole. */
static unsigned wanted_of_quad(const search_work *s, const vt__segment *segment, size_t number, size_t quad, size_t rows)
{
    unsigned mask = s->chosen_bits ? s->chosen_bits[number * (VT__SEGMENT_ROWS / VT__QUAD) + quad] : 15;
    if (mask) mask &= atomic_load_explicit(&((vt__segment *)segment)->live[quad], memory_order_acquire);
    size_t left = rows - quad * VT__QUAD;
    if (left < VT__QUAD) mask &= (1u << left) - 1;
    bool by_group = mask && (s->query->group || s->query->most_group);
    for (uint32_t r = 0; by_group && r < VT__QUAD; r++)
        if (mask >> r & 1 && !wanted(s, segment, (uint32_t)quad * VT__QUAD + r)) mask &= ~(1u << r);
    return mask;
}

/* A run of neighbouring quads, for up to four probes. */
static void scan_run(search_work *s, size_t first_probe, size_t probe_count, vt__segment *segment, size_t segment_number,
                     size_t quad, size_t quads, const uint8_t *masks)
{
    int32_t dots[VT__SCAN_MAX_PROBES][tile_quads * VT__QUAD];
    size_t width = s->index->axes.width;
    s->index->kernel->scan(dots[0], tile_quads * VT__QUAD, s->packed + first_probe * ((width + 63) & ~(size_t)63), probe_count,
                           segment->codes + quad * vt__quad_bytes(width), quads, width);
    size_t place = quad * VT__QUAD;
    vt__row_bounds bounds = { segment->scale + place, segment->length + place, segment->error + place, segment->rest + place, segment->sum + place };
    /* whole blocks: what stands behind the last quad is the segment's too, and masked out */
    size_t count = (quads * VT__QUAD + VT__JUDGE_BLOCK - 1) & ~(size_t)(VT__JUDGE_BLOCK - 1);
    for (size_t k = 0; k < probe_count; k++) {
        float score[tile_quads * VT__QUAD], bound[tile_quads * VT__QUAD], highest[tile_quads * VT__QUAD / VT__JUDGE_BLOCK];
        probe_work *p = &s->probes[first_probe + k];
        vt__probe_bound probe = { p->code.scale, p->code.length, p->code.error, p->code.rest };
        s->index->judge(score, bound, highest, &probe, &bounds, dots[k], count);
        for (size_t block = 0; block < count / VT__JUDGE_BLOCK; block++) {
            if (highest[block] < p->cut) continue;
            uint32_t end = (uint32_t)(block + 1) * VT__JUDGE_BLOCK;
            for (uint32_t i = end - VT__JUDGE_BLOCK; i < end && i < quads * VT__QUAD; i++)
                if (score[i] + bound[i] >= p->cut && masks[i / VT__QUAD] >> i % VT__QUAD & 1)
                    judge(s, p, segment, (uint32_t)place + i, (uint32_t)(segment_number * VT__SEGMENT_ROWS + place) + i, score[i], bound[i]);
        }
    }
}

/* Runs of quads that hold anything wanted; empty ones are not read. */
static void scan_segment(search_work *s, size_t first_probe, size_t probe_count, vt__segment *segment, size_t number, size_t rows)
{
    size_t quads = (rows + VT__QUAD - 1) / VT__QUAD;
    uint8_t masks[tile_quads];
    for (size_t quad = 0; quad < quads && !s->status;) {
        size_t run = 0;
        while (quad + run < quads && run < tile_quads && (masks[run] = (uint8_t)wanted_of_quad(s, segment, number, quad + run, rows))) run++;
        if (run) scan_run(s, first_probe, probe_count, segment, number, quad, run, masks);
        quad += run < tile_quads ? run + 1 : run;
    }
}

static void scan_floats(search_work *s, probe_work *p, vt__segment *segment, size_t number, size_t rows)
{
    float room[VT__CODE_MAX_DIMENSION];
    size_t dimension = s->index->axes.dimension;
    for (uint32_t place = 0; place < rows && !s->status; place++) {
        if (!(wanted_of_quad(s, segment, number, place / VT__QUAD, rows) >> place % VT__QUAD & 1)) continue;
        const float *values = vt__row_values(room, s->index, (vt__row){ segment, place });
        if (!values) s->status = VT_EINTEGRITY;
        else judge(s, p, segment, place, (uint32_t)(number * VT__SEGMENT_ROWS) + place, vt_cosine(values, p->values, dimension), 0);
    }
}

static void scan_all(search_work *s, size_t rows)
{
    for (size_t number = 0; number * VT__SEGMENT_ROWS < rows && !s->status; number++) {
        vt__segment *segment = atomic_load_explicit(&s->index->segments[number], memory_order_acquire);
        size_t here = rows - number * VT__SEGMENT_ROWS;
        if (here > VT__SEGMENT_ROWS) here = VT__SEGMENT_ROWS;
        for (size_t p = 0; p < s->query->count; p += VT__SCAN_MAX_PROBES) {
            size_t count = s->query->count - p < VT__SCAN_MAX_PROBES ? s->query->count - p : VT__SCAN_MAX_PROBES;
            for (size_t k = 0; s->query->by_float && k < count; k++) scan_floats(s, &s->probes[p + k], segment, number, here);
            if (!s->query->by_float) scan_segment(s, p, count, segment, number, here);
        }
    }
}

/* Few rows named by id or person, compared in float one by one. */
static void compare_chosen(search_work *s)
{
    float room[VT__CODE_MAX_DIMENSION];
    size_t dimension = s->index->axes.dimension;
    for (size_t i = 0; i < s->chosen_count && !s->status; i++) {
        uint32_t place = s->chosen[i] % VT__SEGMENT_ROWS;
        vt__segment *segment = atomic_load_explicit(&s->index->segments[s->chosen[i] / VT__SEGMENT_ROWS], memory_order_acquire);
        if (!(atomic_load_explicit(&segment->live[place / VT__QUAD], memory_order_acquire) >> place % VT__QUAD & 1) || !wanted(s, segment, place)) continue;
        const float *values = vt__row_values(room, s->index, (vt__row){ segment, place });
        if (!values) s->status = VT_EINTEGRITY;
        for (size_t p = 0; values && p < s->query->count; p++)
            judge(s, &s->probes[p], segment, place, s->chosen[i], vt_cosine(values, s->probes[p].values, dimension), 0);
    }
}

static int hit_order(const void *a, const void *b)
{
    const vt__index_hit *x = a, *y = b;
    if (x->cosine != y->cosine) return x->cosine < y->cosine ? 1 : -1;
    return memcmp(&x->id, &y->id, sizeof x->id);
}

/* Keeps each person's first of hits in order. */
static size_t one_a_person(vt__index_hit *hits, size_t count, size_t k)
{
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < k; i++) {
        size_t earlier = 0;
        while (earlier < kept && (same_id(&hits[i].person, &nobody) || !same_id(&hits[earlier].person, &hits[i].person))) earlier++;
        if (earlier == kept) hits[kept++] = hits[i];
    }
    return kept;
}

/* Float scores of all candidates, at full width, in order. */
static vt_status rescore(vt__index_hit *out, size_t *found, const search_work *s, probe_work *p)
{
    drop_hopeless(p);
    vt_status status = VT_OK;
    vt__index_hit *hits = vt__malloc(p->count, sizeof *hits);
    if (!hits) return VT_ENOMEM;
    float room[VT__CODE_MAX_DIMENSION];
    size_t count = 0, dimension = s->index->axes.dimension;
    for (size_t i = 0; i < p->count; i++) {
        vt__row row = vt__row_at(s->index, p->candidates[i].row);
        const float *values = vt__row_values(room, s->index, row);
        float cosine = values ? vt_cosine(values, p->values, dimension) : -2;
        if (!values) status = VT_EINTEGRITY;
        if (cosine >= s->query->min_cosine)
            hits[count++] = (vt__index_hit){ row.segment->ids[row.place], row.segment->persons[row.place], cosine };
    }
    if (count) qsort(hits, count, sizeof *hits, hit_order);
    if (s->query->by_person) count = one_a_person(hits, count, s->query->k);
    *found = count < s->query->k ? count : s->query->k;
    memcpy(out, hits, *found * sizeof *hits);
    vt__free(hits);
    return status;
}

/* So many rows named are scanned by their codes, as all rows are. */
enum { many_chosen = 64 };

static vt_status choose_rows(search_work *s, size_t rows)
{
    if (!s->query->ids && !s->query->persons) return VT_OK;
    vt_status status = vt__index_rows_of(&s->chosen, &s->chosen_count, s->index, s->query);
    if (status || s->chosen_count < many_chosen) return status;
    s->chosen_bits = vt__calloc(rows / VT__QUAD + 1, 1);
    if (!s->chosen_bits) return VT_ENOMEM;
    for (size_t i = 0; i < s->chosen_count && s->chosen[i] < rows; i++)
        s->chosen_bits[s->chosen[i] / VT__QUAD] |= (uint8_t)(1u << s->chosen[i] % VT__QUAD);
    return VT_OK;
}

static vt_status prepare(search_work *s, size_t rows)
{
    const vt__index_query *q = s->query;
    size_t stride = (s->index->axes.width + 63) & ~(size_t)63;
    s->probes = vt__calloc_aligned(q->count, sizeof *s->probes);
    s->packed = vt__calloc_aligned(q->count + VT__SCAN_MAX_PROBES, stride);
    if (!s->probes || !s->packed) return VT_ENOMEM;
    for (size_t p = 0; p < q->count; p++) {
        probe_work *w = &s->probes[p];
        w->values = q->probes + p * s->index->axes.dimension;
        w->cut = q->min_cosine;
        w->sure = (floor_heap){ vt__malloc(q->k, sizeof(float)), vt__malloc(q->k, sizeof(vt__index_id)), 0, q->k };
        if (!w->sure.bounds || !w->sure.persons) return VT_ENOMEM;
        vt__code_probe(&w->code, &s->index->axes, w->values);
        memcpy(s->packed + p * stride, w->code.codes, s->index->axes.width);
    }
    return choose_rows(s, rows);
}

static void finish(search_work *s)
{
    for (size_t p = 0; s->probes && p < s->query->count; p++) {
        vt__free(s->probes[p].sure.bounds);
        vt__free(s->probes[p].sure.persons);
        vt__free(s->probes[p].candidates);
    }
    vt__free(s->probes);
    vt__free(s->packed);
    vt__free(s->chosen);
    vt__free(s->chosen_bits);
}

/* Searches count themselves into the room of their time, and look again: the room may have changed meanwhile. */
static unsigned enter(vt__index *index)
{
    for (;;) {
        unsigned room = atomic_load(&index->room);
        atomic_fetch_add(&index->readers[room], 1);
        if (atomic_load(&index->room) == room) return room;
        atomic_fetch_sub(&index->readers[room], 1);
    }
}

vt_status vt__index_search(vt__index_hit *hits, size_t *found, vt__index *index, const vt__index_query *query, vt_error *err)
{
    if (!query->k || query->k > VT__INDEX_MAX_HITS) return vt__fail(err, VT_EINVAL, "%zu hits wanted; 1 to %d", query->k, VT__INDEX_MAX_HITS);
    search_work s = { .index = index, .query = query };
    unsigned room = enter(index);
    size_t rows = atomic_load_explicit(&index->rows, memory_order_acquire);
    s.status = prepare(&s, rows);
    if (!s.status && s.chosen && !s.chosen_bits) compare_chosen(&s);
    else if (!s.status) scan_all(&s, rows);
    for (size_t p = 0; !s.status && p < query->count; p++) s.status = rescore(hits + p * query->k, &found[p], &s, &s.probes[p]);
    atomic_fetch_sub(&index->readers[room], 1);
    finish(&s);
    if (s.status == VT_EINTEGRITY) return vt__fail(err, s.status, "a template in the index file is damaged");
    return s.status ? vt__fail(err, s.status, "no memory for a search of %zu rows", rows) : VT_OK;
}
