/* The inside of an index: rows in segments that never move. */
#ifndef VT_MATCH_INDEX_ROWS_H
#define VT_MATCH_INDEX_ROWS_H

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "match/index.h"
#include "match/kernel/scan.h"

enum { VT__SEGMENT_ROWS = 4096, VT__SEGMENT_STRIPS = VT__SEGMENT_ROWS / VT__STRIP, VT__MAX_SEGMENTS = 16384, VT__SLAB_SEGMENTS = 16 };
#define VT__TOMB UINT32_MAX /* a table entry whose row was removed */

typedef struct vt__segment {
    uint8_t *upper, *lower; /* halves of the codes, see kernel/scan.h; locked memory */
    float *values;         /* full width, row after row; NULL where they lie sealed in the vault */
    const uint8_t *sealed; /* the vault's part for this segment, or NULL */
    vt__index_id ids[VT__SEGMENT_ROWS], persons[VT__SEGMENT_ROWS];
    uint32_t groups[VT__SEGMENT_ROWS];
    uint16_t hints[VT__SEGMENT_ROWS]; /* of each row's group: vt__group_hint */
    uint32_t next[VT__SEGMENT_ROWS]; /* the person's next row + 1; 0 = none */
    _Atomic uint16_t live[VT__SEGMENT_STRIPS]; /* a bit a row; set last, cleared first */
} vt__segment;

typedef struct vt__row {
    vt__segment *segment;
    uint32_t place; /* in the segment */
} vt__row;

/* Row number + 1 by a row's id or person: open addressing; 0 = free. */
typedef struct vt__row_table {
    uint32_t *entries;
    size_t size, used;
} vt__row_table;

/* Row numbers, growing. */
typedef struct vt__row_list {
    uint32_t *items;
    size_t count, capacity;
} vt__row_list;
vt_status vt__row_list_push(vt__row_list *list, uint32_t number, vt_error *err);

struct vt__vault;
struct vt__index_file;

struct vt__index {
    vt__axes axes;
    float *axes_own;
    const vt__scan_kernel *kernel;
    _Atomic(vt__segment *) segments[VT__MAX_SEGMENTS];
    uint8_t *slabs[VT__MAX_SEGMENTS / VT__SLAB_SEGMENTS]; /* codes of so many segments each */
    _Atomic size_t rows; /* published, live or dead */
    _Atomic size_t live;
    _Atomic unsigned room;       /* where new searches enter */
    _Atomic unsigned readers[2]; /* searches in each room */
    _Atomic unsigned moves;      /* odd while rows are moved: a search that sees it change begins again */
    _Atomic unsigned still;      /* searches that began again: no row is moved while there are any */
    pthread_mutex_t writing;     /* guards all below */
    vt__row_table by_id, by_person; /* a person's entry is its first row */
    bool tables_late;            /* rows are there, the tables are still to be made */
    struct vt__index_file *file; /* index_block.h; NULL: in memory only */
    struct vt__vault *vault;     /* full-width vectors in a file; NULL: in memory */
    vt__row_list wiping;         /* dead rows; the first ready_count died before the rooms last changed */
    size_t ready_count;
    vt__row_list free_rows;
};

static inline size_t vt__upper_bytes(size_t width) /* of a segment */
{
    return VT__SEGMENT_ROWS / VT__STRIP * vt__strip_bytes(width);
}

static inline uint8_t *vt__row_strip(vt__row row, size_t width)
{
    return row.segment->upper + row.place / VT__STRIP * vt__strip_bytes(width);
}

static inline uint8_t *vt__row_lower(vt__row row, size_t width)
{
    return row.segment->lower + row.place * vt__lower_bytes(width);
}

/* Puts a row's codes and bound where the scan finds them; NULL: zeros. */
static inline void vt__row_codes_put(vt__row row, const int8_t *codes, const vt__row_bound *bound, size_t width)
{
    uint8_t *strip = vt__row_strip(row, width), *upper = strip + vt__upper_at(row.place % VT__STRIP, width), *lower = vt__row_lower(row, width);
    for (size_t piece = 0; piece < vt__pieces(width); piece++, upper += 64, lower += VT__PIECE)
        for (size_t k = 0; k < VT__PIECE; k++) {
            size_t first = piece * VT__PIECE_CODES + k, second = first + VT__PIECE;
            unsigned a = codes && first < width ? (uint8_t)(codes[first] + 128) : 0;
            unsigned b = codes && second < width ? (uint8_t)(codes[second] + 128) : 0;
            upper[k] = (uint8_t)(a >> 4 | (b & 0xF0));
            lower[k] = (uint8_t)((a & 15) | (b & 15) << 4);
        }
    uint32_t scale = 0, coarse = 0;
    float error = codes ? bound->error : 0;
    if (codes) {
        memcpy(&scale, &bound->scale, sizeof scale);
        memcpy(&coarse, &bound->coarse, sizeof coarse);
    }
    uint32_t mark = (scale & 0xFFFF0000u) | coarse >> 16;
    memcpy(strip + row.place % VT__STRIP * sizeof mark, &mark, sizeof mark);
    memcpy(lower, &error, sizeof error);
}

static inline vt__row vt__row_at(const vt__index *index, uint32_t number)
{
    vt__segment *segment = atomic_load_explicit(&index->segments[number / VT__SEGMENT_ROWS], memory_order_acquire);
    return (vt__row){ segment, number % VT__SEGMENT_ROWS };
}

static inline bool vt__row_lives(vt__row row)
{
    return atomic_load_explicit(&row.segment->live[row.place / VT__STRIP], memory_order_acquire) >> row.place % VT__STRIP & 1;
}

/* From now on searches see the row. */
static inline void vt__row_live_set(vt__row row)
{
    atomic_fetch_or_explicit(&row.segment->live[row.place / VT__STRIP], (uint16_t)(1u << row.place % VT__STRIP), memory_order_release);
}

static inline void vt__row_live_clear(vt__row row)
{
    atomic_fetch_and(&row.segment->live[row.place / VT__STRIP], (uint16_t)~(1u << row.place % VT__STRIP));
}

/* Half of a label's bits, by which nearly all rows of other labels are passed over without a look at theirs. */
static inline uint16_t vt__group_hint(uint32_t group)
{
    return (uint16_t)(group * 0x9E3779B1u >> 16);
}

static inline void vt__row_group_put(vt__row row, uint32_t group)
{
    row.segment->groups[row.place] = group;
    row.segment->hints[row.place] = vt__group_hint(group);
}

/* The row's template at full width: in place, or opened into `room`. NULL: its sealed bytes are damaged. */
const float *vt__row_values(float room[VT__CODE_MAX_DIMENSION], const vt__index *index, vt__row row);

/* The rows that a query names by id or person, sorted, in fresh memory: out of the tables, or, while a
 * writer is at work on these, by looking at every row. */
vt_status vt__index_rows_of(uint32_t **out, size_t *out_count, vt__index *index, const vt__index_query *query);

/* The next segment, empty; its slots in the vault where there is one. */
vt_status vt__index_new_segment(vt__index *index, size_t number, vt_error *err);

/* index_file.c; under the writers' lock. The row's block is to be written; nothing where there is no file. */
void vt__index_file_touch(vt__index *index, uint32_t number);
void vt__index_file_close(vt__index *index);
/* Writes touched blocks under the stamp there is; takes the blocks behind the last row away. */
void vt__index_file_write_touched(vt__index *index);
void vt__index_file_shorten(vt__index *index);

/* index.c; under the writers' lock. Overwrites what died before the searches that are under way. */
void vt__index_wipe_dead(vt__index *index);
/* Takes a row out of the tables and of every search that begins from now on. */
vt_status vt__index_bury(vt__index *index, uint32_t number, vt_error *err);
/* From the last to this. */
void vt__index_free_segments(vt__index *index, size_t first);

/* index_table.c; under the writers' lock. Room for one more row in both tables. */
vt_status vt__tables_reserve(vt__index *index, vt_error *err);
/* The id's row + 1, or 0. */
uint32_t vt__tables_find(const vt__index *index, const vt__index_id *id);
/* The person's first row + 1, or 0; others follow by `next`. */
uint32_t vt__tables_person(const vt__index *index, const vt__index_id *person);
void vt__tables_add(vt__index *index, uint32_t number);
void vt__tables_remove(vt__index *index, uint32_t number);
void vt__tables_free(vt__index *index);

#endif
