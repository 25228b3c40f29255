/* The scan over all segments, and the best rows out of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "match/index_filter.h"

enum {
    tile_strips = 16, /* scanned at a time, by all probes, before the cut is looked at again */
    stream_share = 2, /* of a tile's strips, in one of so many */
    most_awaited = 2 * VT__STRIP,
    most_pending = 64
};

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

/* A row that passed the first look; its lower bits are on their way from memory. */
typedef struct pending_row {
    uint32_t probe, number;
} pending_row;

typedef struct search_work {
    vt__index *index;
    const vt__index_query *query;
    probe_work *probes;
    vt__scan_probe *scanned; /* the probes as the kernel takes them */
    uint32_t awaited[most_awaited]; /* a ring of rows whose upper bits are on their way */
    uint8_t *gathered;              /* a strip of such rows */
    size_t asked_for, looked_at;
    pending_row pending[most_pending];
    size_t pending_count;
    vt__row_filter filter;
    vt_status status;
} search_work;

static const vt__index_id nobody;
static const float rounding = 4e-6f; /* of the float arithmetic on both sides */

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
    if (s->query->group && segment->groups[place] != *s->query->group) return;
    if (s->query->admits && !s->query->admits(&segment->persons[place], s->query->admits_context)) return;
    note_sure(p, score - bound, &segment->persons[place], s->query->by_person);
    if (score + bound >= p->cut) s->status = add_candidate(p, number, score + bound);
}

/* A row by all its bits. */
static void weigh(search_work *s, pending_row at)
{
    size_t width = s->index->axes.width;
    probe_work *p = &s->probes[at.probe];
    vt__row row = vt__row_at(s->index, at.number);
    const uint8_t *lower = vt__row_lower(row, width), *strip = vt__row_strip(row, width);
    int32_t dot = s->index->kernel->row_dot(p->code.codes, strip + vt__upper_at(row.place % VT__STRIP, width), lower, width) - 128 * p->code.sum;
    uint32_t scale_bits;
    float scale, error;
    memcpy(&scale_bits, strip + row.place % VT__STRIP * sizeof scale_bits, sizeof scale_bits);
    scale_bits &= 0xFFFF0000u;
    memcpy(&scale, &scale_bits, sizeof scale);
    memcpy(&error, lower + vt__pieces(width) * VT__PIECE, sizeof error);
    const vt__scan_probe *scanned = &s->scanned[at.probe];
    float bound = (p->code.length + p->code.error) * error + scanned->slack;
    judge(s, p, row.segment, row.place, at.number, p->code.scale * scale * (float)dot, bound);
}

static void weigh_pending(search_work *s)
{
    for (size_t i = 0; i < s->pending_count; i++) weigh(s, s->pending[i]);
    s->pending_count = 0;
}

static void look_closer(search_work *s, size_t probe, uint32_t number)
{
    size_t bytes = vt__lower_bytes(s->index->axes.width);
    const uint8_t *lower = vt__row_lower(vt__row_at(s->index, number), s->index->axes.width);
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(lower + at);
    __builtin_prefetch(lower + bytes - 1); /* rows begin anywhere in a line */
    s->pending[s->pending_count++] = (pending_row){ (uint32_t)probe, number };
    if (s->pending_count == most_pending) weigh_pending(s);
}

/* Which rows of some strips may be among the best of probes first, first + 1, ... The number of these. */
static size_t look_first(uint16_t may[VT__SCAN_MAX_PROBES * tile_strips], search_work *s, size_t first, const uint8_t *upper, size_t strips)
{
    size_t count = s->query->count - first < VT__SCAN_MAX_PROBES ? s->query->count - first : VT__SCAN_MAX_PROBES;
    for (size_t k = first; k < first + count; k++) s->scanned[k].cut = s->probes[k].cut;
    s->index->kernel->scan(may, s->scanned + first, count, upper, strips, s->index->axes.width);
    return count;
}

/* Copies a row's upper bits to a place in the strip of awaited rows. */
static void gather(search_work *s, size_t to, uint32_t number)
{
    size_t width = s->index->axes.width;
    vt__row row = vt__row_at(s->index, number);
    size_t i = row.place % VT__STRIP;
    const uint8_t *strip = vt__row_strip(row, width), *from = strip + vt__upper_at(i, width);
    uint8_t *place = s->gathered + vt__upper_at(to, width);
    memcpy(s->gathered + to * sizeof(uint32_t), strip + i * sizeof(uint32_t), sizeof(uint32_t));
    for (size_t piece = 0; piece < vt__pieces(width); piece++) memcpy(place + piece * 64, from + piece * 64, VT__PIECE);
}

/* The oldest of the awaited rows, as a strip of their own: while they are looked at, the others come. */
static void look_at_awaited(search_work *s, size_t rows)
{
    uint16_t may[VT__SCAN_MAX_PROBES * tile_strips];
    const uint32_t *numbers = s->awaited + s->looked_at % most_awaited;
    for (size_t i = 0; i < rows; i++) gather(s, i, numbers[i]);
    for (size_t first = 0, count; first < s->query->count; first += count) {
        count = look_first(may, s, first, s->gathered, 1);
        for (size_t k = 0; k < count; k++)
            for (unsigned mask = may[k] & ((1u << rows) - 1); mask; mask &= mask - 1) look_closer(s, first + k, numbers[__builtin_ctz(mask)]);
    }
    s->looked_at += rows;
}

/* A few rows of a strip. */
static void scan_rows(search_work *s, const vt__segment *segment, size_t number, size_t strip, unsigned wanted_rows)
{
    size_t width = s->index->axes.width;
    const uint8_t *upper = segment->upper + strip * vt__strip_bytes(width);
    enum { second_level = 2 }; /* more lines can be on their way to that cache than to the first */
    __builtin_prefetch(upper, 0, second_level);
    for (unsigned mask = wanted_rows; mask; mask &= mask - 1) {
        size_t i = (size_t)__builtin_ctz(mask);
        for (size_t piece = 0; piece < vt__pieces(width); piece++) __builtin_prefetch(upper + vt__upper_at(i, width) + piece * 64, 0, second_level);
        if (s->asked_for - s->looked_at == most_awaited) look_at_awaited(s, VT__STRIP);
        s->awaited[s->asked_for++ % most_awaited] = (uint32_t)(number * VT__SEGMENT_ROWS + strip * VT__STRIP + i);
    }
}

/* A run of neighbouring strips, for all probes. */
static void scan_run(search_work *s, const vt__segment *segment, size_t number, size_t strip, size_t strips, const uint16_t *wanted_rows)
{
    uint16_t may[VT__SCAN_MAX_PROBES * tile_strips];
    const uint8_t *upper = segment->upper + strip * vt__strip_bytes(s->index->axes.width);
    uint32_t first_row = (uint32_t)(number * VT__SEGMENT_ROWS + strip * VT__STRIP);
    for (size_t first = 0, count; first < s->query->count; first += count) {
        count = look_first(may, s, first, upper, strips);
        for (size_t i = 0; i < count * strips; i++)
            for (unsigned mask = may[i] & wanted_rows[i % strips]; mask; mask &= mask - 1)
                look_closer(s, first + i / strips, first_row + (uint32_t)(i % strips * VT__STRIP) + (uint32_t)__builtin_ctz(mask));
    }
}

static size_t strips_that_hold(const uint16_t *masks, size_t strips)
{
    size_t holding = 0;
    for (size_t i = 0; i < strips; i++) holding += masks[i] != 0;
    return holding;
}

/* NULL behind the last. */
static vt__segment *segment_at(const search_work *s, size_t number)
{
    return number < VT__MAX_SEGMENTS ? atomic_load_explicit(&s->index->segments[number], memory_order_acquire) : NULL;
}

/* Where many strips of a tile hold wanted rows, all of it is read in one stream; else the rows are picked. */
static void scan_segment(search_work *s, vt__segment *segment, size_t number, size_t rows)
{
    size_t strips = (rows + VT__STRIP - 1) / VT__STRIP;
    uint16_t masks[VT__SEGMENT_STRIPS];
    vt__filter_rows(masks, &s->filter, segment, segment_at(s, number + 1), number, rows);
    for (size_t first = 0; first < strips && !s->status; first += tile_strips) {
        size_t count = strips - first < tile_strips ? strips - first : tile_strips, holding = strips_that_hold(masks + first, count);
        if (holding * stream_share > count) {
            scan_run(s, segment, number, first, count, masks + first);
            continue;
        }
        for (size_t strip = first; strip < first + count && holding; strip++) {
            if (!masks[strip]) continue;
            scan_rows(s, segment, number, strip, masks[strip]);
            holding--;
        }
    }
}

/* A row that cannot be read is damaged, unless it was removed meanwhile: its template is overwritten at once. */
static vt_status unreadable(vt__row row)
{
    return vt__row_lives(row) ? VT_EINTEGRITY : VT_EBUSY;
}

static void scan_floats(search_work *s, vt__segment *segment, size_t number, size_t rows)
{
    float room[VT__CODE_MAX_DIMENSION];
    uint16_t masks[VT__SEGMENT_STRIPS];
    size_t dimension = s->index->axes.dimension;
    vt__filter_rows(masks, &s->filter, segment, segment_at(s, number + 1), number, rows);
    for (uint32_t place = 0; place < rows && !s->status; place++) {
        if (!(masks[place / VT__STRIP] >> place % VT__STRIP & 1)) continue;
        const float *values = vt__row_values(room, s->index, (vt__row){ segment, place });
        if (!values && unreadable((vt__row){ segment, place }) == VT_EINTEGRITY) s->status = VT_EINTEGRITY;
        for (size_t p = 0; values && p < s->query->count; p++)
            judge(s, &s->probes[p], segment, place, (uint32_t)(number * VT__SEGMENT_ROWS) + place, vt_cosine(values, s->probes[p].values, dimension), 0);
    }
}

static void scan_all(search_work *s, size_t rows)
{
    for (size_t number = 0; number * VT__SEGMENT_ROWS < rows && !s->status; number++) {
        vt__segment *segment = segment_at(s, number);
        size_t here = rows - number * VT__SEGMENT_ROWS;
        if (here > VT__SEGMENT_ROWS) here = VT__SEGMENT_ROWS;
        if (s->query->by_float) scan_floats(s, segment, number, here);
        else scan_segment(s, segment, number, here);
    }
    while (s->looked_at < s->asked_for) look_at_awaited(s, s->asked_for - s->looked_at < VT__STRIP ? s->asked_for - s->looked_at : VT__STRIP);
    weigh_pending(s);
}

/* Few rows named by id or person, compared in float one by one. */
static void compare_chosen(search_work *s)
{
    float room[VT__CODE_MAX_DIMENSION];
    size_t dimension = s->index->axes.dimension;
    for (size_t i = 0; i < s->filter.chosen_count && !s->status; i++) {
        vt__row row = vt__row_at(s->index, s->filter.chosen[i]);
        if (!vt__filter_lets(&s->filter, row)) continue;
        const float *values = vt__row_values(room, s->index, row);
        if (!values && unreadable(row) == VT_EINTEGRITY) s->status = VT_EINTEGRITY;
        for (size_t p = 0; values && p < s->query->count; p++)
            judge(s, &s->probes[p], row.segment, row.place, s->filter.chosen[i], vt_cosine(values, s->probes[p].values, dimension), 0);
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
        if (!values && status != VT_EINTEGRITY) status = unreadable(row); /* busy: others were left out for it, so all begins again */
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

/* The share of the bound that the first look allows for. What the upper bits leave out of a row, e, is the rounding of `width`
 * codes; e . q of a direction that q does not know has the standard deviation |e| |q| / sqrt(width), close to normal. */
static float share_of_bound(float recall, size_t width)
{
    if (recall <= 0 || recall >= 1) return 1;
    double low = 0, high = 8;
    for (int i = 0; i < 40; i++) {
        double z = (low + high) / 2;
        if (erfc(z / sqrt(2)) / 2 > 1 - (double)recall) low = z;
        else high = z;
    }
    return fminf(1, (float)(high / sqrt((double)width)));
}

static vt_status prepare(search_work *s, size_t rows)
{
    const vt__index_query *q = s->query;
    float share = share_of_bound(q->recall, s->index->axes.width);
    s->probes = vt__calloc_aligned(q->count, sizeof *s->probes);
    s->scanned = vt__calloc(q->count, sizeof *s->scanned);
    s->gathered = vt__calloc_aligned(1, vt__strip_bytes(s->index->axes.width));
    if (!s->probes || !s->scanned || !s->gathered) return VT_ENOMEM;
    for (size_t p = 0; p < q->count; p++) {
        probe_work *w = &s->probes[p];
        w->values = q->probes + p * s->index->axes.dimension;
        w->cut = q->min_cosine;
        w->sure = (floor_heap){ vt__malloc(q->k, sizeof(float)), vt__malloc(q->k, sizeof(vt__index_id)), 0, q->k };
        if (!w->sure.bounds || !w->sure.persons) return VT_ENOMEM;
        vt__code_probe(&w->code, &s->index->axes, w->values);
        s->scanned[p] = (vt__scan_probe){ .codes = w->code.codes, .scale = w->code.scale / 2, .offset = 241 * w->code.sum,
                                          .length = share * (w->code.length + w->code.error), .slack = w->code.error + rounding };
    }
    return vt__filter_open(&s->filter, s->index, q, rows);
}

static void finish(search_work *s)
{
    for (size_t p = 0; s->probes && p < s->query->count; p++) {
        vt__free(s->probes[p].sure.bounds);
        vt__free(s->probes[p].sure.persons);
        vt__free(s->probes[p].candidates);
    }
    vt__free(s->probes);
    vt__free(s->scanned);
    if (s->gathered) vt__wipe(s->gathered, vt__strip_bytes(s->index->axes.width));
    vt__free(s->gathered);
    vt__filter_close(&s->filter);
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

static vt_status search_once(vt__index_hit *hits, size_t *found, vt__index *index, const vt__index_query *query)
{
    search_work s = { .index = index, .query = query };
    unsigned room = enter(index);
    size_t rows = atomic_load(&index->rows);
    s.status = prepare(&s, rows);
    if (!s.status && s.filter.chosen && !s.filter.chosen_bits) compare_chosen(&s);
    else if (!s.status) scan_all(&s, rows);
    for (size_t p = 0; !s.status && p < query->count; p++) s.status = rescore(hits + p * query->k, &found[p], &s, &s.probes[p]);
    atomic_fetch_sub(&index->readers[room], 1);
    finish(&s);
    return s.status;
}

vt_status vt__index_search(vt__index_hit *hits, size_t *found, vt__index *index, const vt__index_query *query, vt_error *err)
{
    if (!query->k || query->k > VT__INDEX_MAX_HITS) return vt__fail(err, VT_EINVAL, "%zu hits wanted; 1 to %d", query->k, VT__INDEX_MAX_HITS);
    vt_status status = VT_OK;
    bool moved = true, waited_for = false;
    while (moved) {
        unsigned moves = atomic_load(&index->moves);
        status = search_once(hits, found, index, query);
        bool shifted = moves & 1 || atomic_load(&index->moves) != moves; /* a row may have been seen twice, or not at all */
        moved = shifted || status == VT_EBUSY;
        if (shifted && !waited_for) {
            atomic_fetch_add(&index->still, 1);
            waited_for = true;
        }
    }
    if (waited_for) atomic_fetch_sub(&index->still, 1);
    if (status == VT_EINTEGRITY) return vt__fail(err, status, "a template in the index file is damaged");
    return status ? vt__fail(err, status, "no memory for a search of %zu rows", vt__index_count(index)) : VT_OK;
}
