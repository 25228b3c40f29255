#include "match/index.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "match/index_rows.h"
#include "match/vault.h"

vt_status vt__index_open(vt__index **out, const vt__axes *axes, vt_error *err)
{
    bool fits = axes->dimension && axes->dimension <= VT__CODE_MAX_DIMENSION && axes->width && axes->width <= axes->dimension;
    if (!fits || axes->width % VT__PIECE || (!axes->axes && axes->width != axes->dimension))
        return vt__fail(err, VT_EINVAL, "an index of %u dimensions, %u of them scanned", axes->dimension, axes->width);
    vt__index *index = vt__calloc(1, sizeof *index);
    if (!index) return vt__fail_memory(err, sizeof *index);
    pthread_mutex_init(&index->writing, NULL);
    size_t floats = (size_t)axes->width * axes->dimension;
    index->axes = *axes;
    index->kernel = vt__scan_choose();
    if (axes->axes) {
        index->axes_own = vt__malloc(floats, sizeof(float));
        if (index->axes_own) memcpy(index->axes_own, axes->axes, floats * sizeof(float));
        index->axes.axes = index->axes_own;
    }
    if (axes->axes && !index->axes_own) {
        vt__index_close(index);
        return vt__fail_memory(err, floats * sizeof(float));
    }
    *out = index;
    return VT_OK;
}

static size_t lower_bytes(const vt__index *index) /* of a segment */
{
    return VT__SEGMENT_ROWS * vt__lower_bytes(index->axes.width);
}

static size_t slab_bytes(const vt__index *index)
{
    return VT__SLAB_SEGMENTS * (vt__upper_bytes(index->axes.width) + lower_bytes(index));
}

/* The codes of a small index lie segment by segment, those of a large one in slabs, for huge pages: a scan that walks
 * through 4 KiB pages waits for their addresses. */
static void codes_alloc(vt__segment *segment, vt__index *index, size_t number)
{
    size_t upper = vt__upper_bytes(index->axes.width), lower = lower_bytes(index), place = number % VT__SLAB_SEGMENTS;
    if (number < VT__SLAB_SEGMENTS) {
        segment->upper = vt__locked_alloc(upper, NULL);
        segment->lower = vt__locked_alloc(lower, NULL);
        return;
    }
    uint8_t **slab = &index->slabs[number / VT__SLAB_SEGMENTS];
    if (!*slab) *slab = vt__locked_alloc(slab_bytes(index), NULL);
    if (!*slab) return;
    segment->upper = *slab + place * upper;
    segment->lower = *slab + VT__SLAB_SEGMENTS * upper + place * lower;
}

/* Those of a slab go with it, or are cleared while it stays. */
static void codes_free(vt__segment *segment, vt__index *index, size_t number)
{
    if (number < VT__SLAB_SEGMENTS) {
        vt__locked_free(segment->upper, vt__upper_bytes(index->axes.width));
        vt__locked_free(segment->lower, lower_bytes(index));
    } else if (index->slabs[number / VT__SLAB_SEGMENTS] && segment->upper) {
        vt__wipe(segment->upper, vt__upper_bytes(index->axes.width));
        vt__wipe(segment->lower, lower_bytes(index));
    }
}

static void segment_free(vt__segment *segment, vt__index *index, size_t number)
{
    if (!segment) return;
    size_t floats = (size_t)VT__SEGMENT_ROWS * index->axes.dimension;
    codes_free(segment, index, number);
    if (segment->values) vt__free_secret(segment->values, floats * sizeof(float));
    if (segment->sealed) vt__vault_unmap(segment->sealed, index->vault);
    vt__free(segment);
}

/* A file that did not open whole may have left segments with gaps between them. */
void vt__index_free_segments(vt__index *index, size_t first)
{
    for (size_t slab = (first + VT__SLAB_SEGMENTS - 1) / VT__SLAB_SEGMENTS; slab < VT__MAX_SEGMENTS / VT__SLAB_SEGMENTS; slab++) {
        vt__locked_free(index->slabs[slab], slab_bytes(index));
        index->slabs[slab] = NULL;
    }
    for (size_t number = first; number < VT__MAX_SEGMENTS; number++) segment_free(atomic_exchange(&index->segments[number], NULL), index, number);
}

void vt__index_close(vt__index *index)
{
    if (!index) return;
    vt__index_free_segments(index, 0);
    vt__index_file_close(index);
    vt__free(index->axes_own);
    vt__tables_free(index);
    vt__free(index->wiping.items);
    vt__free(index->free_rows.items);
    pthread_mutex_destroy(&index->writing);
    vt__free(index);
}

size_t vt__index_count(const vt__index *index)
{
    return atomic_load(&index->live);
}

size_t vt__index_scan_bytes(const vt__index *index)
{
    return vt__strip_bytes(index->axes.width) / VT__STRIP;
}

size_t vt__index_row_bytes(const vt__index *index)
{
    return vt__index_scan_bytes(index) + vt__lower_bytes(index->axes.width) + sizeof(uint32_t) + 2; /* group, hint, live bit */
}

vt_status vt__index_new_segment(vt__index *index, size_t number, vt_error *err)
{
    if (number >= VT__MAX_SEGMENTS) return vt__fail(err, VT_ELIMIT, "the index is full at %zu rows", number * VT__SEGMENT_ROWS);
    vt__segment *segment = vt__calloc_aligned(1, sizeof *segment);
    if (!segment) return vt__fail_memory(err, sizeof *segment);
    size_t floats = (size_t)VT__SEGMENT_ROWS * index->axes.dimension * sizeof(float);
    codes_alloc(segment, index, number);
    if (!index->vault) segment->values = vt__calloc_aligned(floats, 1);
    vt_status status = segment->upper && segment->lower && (index->vault || segment->values) ? VT_OK : vt__fail_memory(err, floats);
    if (!status && index->vault) status = vt__vault_map(&segment->sealed, index->vault, number, err);
    if (status) {
        segment_free(segment, index, number);
        return status;
    }
    atomic_store_explicit(&index->segments[number], segment, memory_order_release);
    return VT_OK;
}

/* A dead row is overwritten before it may serve again. */
static void wipe_row(vt__index *index, uint32_t number)
{
    vt__row row = vt__row_at(index, number);
    vt__row_codes_put(row, NULL, NULL, index->axes.width);
    if (!index->vault) vt__wipe(row.segment->values + (size_t)row.place * index->axes.dimension, index->axes.dimension * sizeof(float));
    memset(&row.segment->ids[row.place], 0, sizeof(vt__index_id));
    memset(&row.segment->persons[row.place], 0, sizeof(vt__index_id));
}

vt_status vt__row_list_push(vt__row_list *list, uint32_t number, vt_error *err)
{
    if (list->count == list->capacity) {
        size_t wider = list->capacity ? list->capacity * 2 : 64;
        uint32_t *items = vt__realloc(list->items, wider, sizeof *items);
        if (!items) return vt__fail_memory(err, wider * sizeof *items);
        list->items = items;
        list->capacity = wider;
    }
    list->items[list->count++] = number;
    return VT_OK;
}

/* Searches enter one of two rooms. Rows that died wait until the room of their time is empty; then they are wiped and the
 * rooms change over. Never waits: a writer that finds the room busy leaves the work to the next. */
void vt__index_wipe_dead(vt__index *index)
{
    for (int turn = 0; turn < 2; turn++) {
        unsigned room = atomic_load(&index->room);
        if (atomic_load(&index->readers[room ^ 1])) return;
        for (size_t i = 0; i < index->ready_count; i++) {
            wipe_row(index, index->wiping.items[i]);
            if (vt__row_list_push(&index->free_rows, index->wiping.items[i], NULL)) continue; /* lost to reuse only */
        }
        size_t rest = index->wiping.count - index->ready_count;
        if (rest) memmove(index->wiping.items, index->wiping.items + index->ready_count, rest * sizeof *index->wiping.items);
        index->wiping.count = index->ready_count = rest;
        if (!rest) return;
        atomic_store(&index->room, room ^ 1);
    }
}

/* Room for one more row: a wiped one, else the next. */
static vt_status take_row(uint32_t *out, vt__index *index, vt_error *err)
{
    if (index->free_rows.count) {
        *out = index->free_rows.items[--index->free_rows.count];
        return VT_OK;
    }
    size_t next = atomic_load(&index->rows);
    vt_status status = atomic_load(&index->segments[next / VT__SEGMENT_ROWS]) ? VT_OK : vt__index_new_segment(index, next / VT__SEGMENT_ROWS, err);
    if (!status) *out = (uint32_t)next;
    return status;
}

/* A row ready to be put in its place: made outside the lock. */
typedef struct new_row {
    const vt__index_id *id, *person;
    uint32_t group;
    const float *values;
    vt__row_bound bound;
    int8_t codes[VT__CODE_MAX_DIMENSION];
} new_row;

static vt_status fill_row(vt__index *index, uint32_t number, const new_row *from, vt_error *err)
{
    vt__row row = vt__row_at(index, number);
    vt_status status = index->vault ? vt__vault_put(index->vault, number, from->id, from->values, err) : VT_OK;
    if (status) return status;
    if (!index->vault)
        memcpy(row.segment->values + (size_t)row.place * index->axes.dimension, from->values, index->axes.dimension * sizeof(float));
    vt__row_codes_put(row, from->codes, &from->bound, index->axes.width);
    row.segment->ids[row.place] = *from->id;
    row.segment->persons[row.place] = *from->person;
    vt__row_group_put(row, from->group);
    return VT_OK;
}

static vt_status add_locked(vt__index *index, const new_row *from, vt_error *err)
{
    uint32_t number;
    vt_status status = vt__tables_reserve(index, err);
    if (status) return status;
    if (vt__tables_find(index, from->id)) return vt__fail(err, VT_EEXISTS, "this id is in the index already");
    status = take_row(&number, index, err);
    if (status) return status;
    status = fill_row(index, number, from, err);
    if (status) return status; /* the file is full: the caller has no use for the index any more */
    vt__row row = vt__row_at(index, number);
    vt__tables_add(index, number);
    vt__row_live_set(row);
    atomic_fetch_add(&index->live, 1);
    if (number == atomic_load(&index->rows)) atomic_store_explicit(&index->rows, number + 1, memory_order_release);
    vt__index_file_touch(index, number);
    return VT_OK;
}

vt_status vt__index_add(vt__index *index, const vt__index_id *id, const vt__index_id *person, uint32_t group,
                        const float *values, vt_error *err)
{
    new_row fresh = { .id = id, .person = person, .group = group, .values = values };
    vt__code_row(fresh.codes, &fresh.bound, &index->axes, values);
    pthread_mutex_lock(&index->writing);
    if (index->wiping.count) vt__index_wipe_dead(index);
    vt_status status = add_locked(index, &fresh, err);
    pthread_mutex_unlock(&index->writing);
    vt__wipe(fresh.codes, index->axes.width);
    return status;
}

vt_status vt__index_bury(vt__index *index, uint32_t number, vt_error *err)
{
    vt_status status = vt__row_list_push(&index->wiping, number, err);
    if (status) return status;
    vt__row row = vt__row_at(index, number);
    vt__tables_remove(index, number);
    vt__row_live_clear(row);
    atomic_fetch_sub(&index->live, 1);
    if (index->vault) vt__vault_wipe(index->vault, number); /* not later: a kill must not leave it in the file */
    vt__index_file_touch(index, number);
    return VT_OK;
}

vt_status vt__index_remove(vt__index *index, const vt__index_id *id, vt_error *err)
{
    pthread_mutex_lock(&index->writing);
    vt_status status = index->tables_late ? vt__tables_reserve(index, err) : VT_OK;
    uint32_t entry = status ? 0 : vt__tables_find(index, id);
    if (entry) status = vt__index_bury(index, entry - 1, err);
    else if (!status) status = vt__fail(err, VT_ENOTFOUND, "this id is not in the index");
    if (!status) vt__index_wipe_dead(index);
    pthread_mutex_unlock(&index->writing);
    return status;
}

vt_status vt__index_remove_person(vt__index *index, const vt__index_id *person, vt_error *err)
{
    pthread_mutex_lock(&index->writing);
    vt_status status = index->tables_late ? vt__tables_reserve(index, err) : VT_OK;
    uint32_t entry = status ? 0 : vt__tables_person(index, person);
    if (!status && !entry) status = vt__fail(err, VT_ENOTFOUND, "this person is not in the index");
    for (; entry && !status; entry = vt__tables_person(index, person)) status = vt__index_bury(index, entry - 1, err);
    if (!status) vt__index_wipe_dead(index);
    pthread_mutex_unlock(&index->writing);
    return status;
}

const float *vt__row_values(float room[VT__CODE_MAX_DIMENSION], const vt__index *index, vt__row row)
{
    if (row.segment->values) return row.segment->values + (size_t)row.place * index->axes.dimension;
    return vt__vault_get(room, index->vault, row.segment->sealed, row.place, &row.segment->ids[row.place]) ? room : NULL;
}

const char *vt__index_kernel(const vt__index *index)
{
    return vt__cpu_level_name(index->kernel->level);
}
