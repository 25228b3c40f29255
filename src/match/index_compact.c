/* Rows from the end into the places of removed ones. */
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "match/index_rows.h"
#include "match/vault.h"

enum {
    BATCH_ROWS = 64,      /* moved at a time: what a search may have to begin again for */
    TURN_MS = 100,        /* one call works so long at most, and lets writers in between batches */
    LEAST_HOLES = 1024,
    HOLES_SHARE = 8       /* an eighth of the rows */
};

/* All of a row but its place in the tables and its live bit. Its codes are made anew, so that this knows no layout. */
static vt_status copy_row(vt__index *index, uint32_t to_number, uint32_t from_number)
{
    float room[VT__CODE_MAX_DIMENSION];
    int8_t codes[VT__CODE_MAX_DIMENSION];
    vt__row_bound bound;
    vt__row to = vt__row_at(index, to_number), from = vt__row_at(index, from_number);
    const vt__segment *s = from.segment;
    const float *values = vt__row_values(room, index, from);
    vt_status status = values ? VT_OK : VT_EINTEGRITY;
    if (!status && index->vault) status = vt__vault_put(index->vault, to_number, &s->ids[from.place], values, NULL);
    else if (!status) memcpy(to.segment->values + (size_t)to.place * index->axes.dimension, values, index->axes.dimension * sizeof(float));
    if (!status) {
        vt__code_row(codes, &bound, &index->axes, values);
        vt__row_codes_put(to, codes, &bound, index->axes.width);
    }
    vt__wipe(room, index->axes.dimension * sizeof(float));
    vt__wipe(codes, sizeof codes);
    if (status) return status;
    to.segment->ids[to.place] = s->ids[from.place];
    to.segment->persons[to.place] = s->persons[from.place];
    vt__row_group_put(to, s->groups[from.place]);
    return VT_OK;
}

static vt_status move_row(vt__index *index, uint32_t to_number, uint32_t from_number)
{
    vt__row to = vt__row_at(index, to_number);
    vt_status status = copy_row(index, to_number, from_number);
    if (!status) status = vt__index_bury(index, from_number, NULL);
    if (status) return status;
    vt__tables_add(index, to_number);
    vt__row_live_set(to);
    atomic_fetch_add(&index->live, 1);
    vt__index_file_touch(index, to_number);
    return VT_OK;
}

/* The last live row below a number, + 1; 0: none. */
static size_t last_live(const vt__index *index, size_t end)
{
    while (end && !vt__row_lives(vt__row_at(index, (uint32_t)end - 1))) end--;
    return end;
}

/* A free place in front of a row; those behind it need not be kept, as the end comes down to them. */
static bool take_hole(uint32_t *out, vt__index *index, uint32_t before)
{
    vt__row_list *list = &index->free_rows;
    for (size_t i = list->count; i-- > 0;) {
        if (list->items[i] >= before) continue;
        *out = list->items[i];
        list->items[i] = list->items[--list->count];
        return true;
    }
    return false;
}

/* Whether anything was moved. */
static bool move_batch(vt__index *index)
{
    size_t end = atomic_load(&index->rows), moved = 0;
    bool going = true;
    atomic_fetch_add(&index->moves, 1);
    while (going && moved < BATCH_ROWS) {
        uint32_t hole = 0;
        end = last_live(index, end);
        going = end && take_hole(&hole, index, (uint32_t)end - 1);
        if (!going) break;
        if (!(going = move_row(index, hole, (uint32_t)end - 1) == VT_OK)) vt__row_list_push(&index->free_rows, hole, NULL);
        else moved++;
    }
    atomic_fetch_add(&index->moves, 1);
    return moved > 0;
}

/* The end comes down to the last live row, when nothing behind it waits for a search to end. */
static void lower_end(vt__index *index)
{
    size_t rows = atomic_load(&index->rows), end = last_live(index, rows), kept = 0;
    if (index->wiping.count || end == rows) return;
    vt__row_list *list = &index->free_rows;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] < end) list->items[kept++] = list->items[i];
    list->count = kept;
    atomic_store(&index->rows, end);
    vt__index_file_shorten(index);
}

/* Whole segments behind the end, when no search can still look at them: whoever enters from now on sees the new end. */
static void free_segments(vt__index *index)
{
    size_t first = (atomic_load(&index->rows) + VT__SEGMENT_ROWS - 1) / VT__SEGMENT_ROWS;
    if (first >= VT__MAX_SEGMENTS || !atomic_load(&index->segments[first])) return;
    if (atomic_load(&index->readers[0]) || atomic_load(&index->readers[1])) return;
    vt__index_free_segments(index, first);
    if (index->vault) vt__vault_shorten(index->vault, first);
}

static bool worth_moving(const vt__index *index)
{
    size_t rows = atomic_load(&index->rows), holes = index->free_rows.count;
    return holes >= LEAST_HOLES && holes >= rows / HOLES_SHARE && !atomic_load(&index->still);
}

void vt__index_tend(vt__index *index)
{
    int64_t until = vt__monotonic_ns() + (int64_t)TURN_MS * 1000000;
    bool going = true;
    while (going && vt__monotonic_ns() < until) {
        pthread_mutex_lock(&index->writing);
        vt__index_wipe_dead(index);
        going = worth_moving(index) && vt__tables_reserve(index, NULL) == VT_OK && move_batch(index);
        lower_end(index);
        if (!going) free_segments(index);
        vt__index_file_write_touched(index);
        pthread_mutex_unlock(&index->writing);
    }
}
