/* The inside of an index: rows in segments that never move. */
#ifndef VT_MATCH_INDEX_ROWS_H
#define VT_MATCH_INDEX_ROWS_H

#include <pthread.h>
#include <stdatomic.h>

#include "match/index.h"
#include "match/kernel/judge.h"
#include "match/kernel/scan.h"

enum { VT__SEGMENT_ROWS = 4096, VT__MAX_SEGMENTS = 16384 };
#define VT__TOMB UINT32_MAX /* a table entry whose row was removed */

typedef struct vt__segment {
    int8_t *codes; /* in quads, see kernel/scan.h */
    float *values; /* full width, row after row */
    float scale[VT__SEGMENT_ROWS + VT__JUDGE_BLOCK], length[VT__SEGMENT_ROWS + VT__JUDGE_BLOCK]; /* vt__row_bound's */
    float error[VT__SEGMENT_ROWS + VT__JUDGE_BLOCK], rest[VT__SEGMENT_ROWS + VT__JUDGE_BLOCK];
    int32_t sum[VT__SEGMENT_ROWS + VT__JUDGE_BLOCK]; /* a block behind, for judging in whole blocks */
    vt__index_id ids[VT__SEGMENT_ROWS], persons[VT__SEGMENT_ROWS];
    uint32_t groups[VT__SEGMENT_ROWS];
    _Atomic uint8_t live[VT__SEGMENT_ROWS / VT__QUAD]; /* a bit a row; set last, cleared first */
} vt__segment;

typedef struct vt__row {
    vt__segment *segment;
    uint32_t place; /* in the segment */
} vt__row;

struct vt__index {
    vt__axes axes;
    float *axes_own;
    const vt__scan_kernel *kernel;
    vt__judge judge;
    _Atomic(vt__segment *) segments[VT__MAX_SEGMENTS];
    _Atomic size_t rows; /* published, live or dead */
    _Atomic size_t live;
    _Atomic unsigned room;       /* where new searches enter */
    _Atomic unsigned readers[2]; /* searches in each room */
    pthread_mutex_t writing;     /* guards all below */
    uint32_t *table;             /* id to row number + 1, open addressing */
    size_t table_size, table_used;
    uint32_t *wiping; /* dead rows; the first ready_count died before the rooms last changed */
    size_t wiping_count, wiping_capacity, ready_count;
    uint32_t *free_rows;
    size_t free_count, free_capacity;
};

static inline void vt__row_bound_put(vt__row row, const vt__row_bound *bound)
{
    row.segment->scale[row.place] = bound->scale;
    row.segment->length[row.place] = bound->length;
    row.segment->error[row.place] = bound->error;
    row.segment->rest[row.place] = bound->rest;
    row.segment->sum[row.place] = bound->sum;
}

/* Puts a row's codes into its quad. */
static inline void vt__row_codes_put(vt__row row, const int8_t *codes, size_t width)
{
    int8_t *quad = row.segment->codes + row.place / VT__QUAD * vt__quad_bytes(width);
    for (size_t piece = 0; piece < width; piece += VT__PIECE)
        for (size_t i = 0; i < VT__PIECE; i++) quad[piece * VT__QUAD + row.place % VT__QUAD * VT__PIECE + i] = codes[piece + i];
}

/* Row numbers of the ids that are in the index; takes the writers' lock for as long as the table is looked up. Returns
 * how many were found; out holds `count`. */
size_t vt__index_rows_of(uint32_t *out, vt__index *index, const vt__index_id *ids, size_t count);

#endif
