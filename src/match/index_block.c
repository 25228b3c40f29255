#include "match/index_block.h"

#include <string.h>

/* The members of a segment that a block holds, in its order; codes and live bits go before and after. */
typedef struct part {
    void *at;
    size_t row_bytes;
} part;

enum { PARTS = 8 };

static void parts_of(part out[PARTS], vt__segment *segment, size_t place)
{
    const part parts[PARTS] = {
        { segment->scale + place, sizeof *segment->scale }, { segment->length + place, sizeof *segment->length },
        { segment->error + place, sizeof *segment->error }, { segment->rest + place, sizeof *segment->rest },
        { segment->sum + place, sizeof *segment->sum },     { segment->ids + place, sizeof *segment->ids },
        { segment->persons + place, sizeof *segment->persons }, { segment->groups + place, sizeof *segment->groups },
    };
    memcpy(out, parts, sizeof parts);
}

static void clear_codes(uint8_t *codes, size_t place, size_t width)
{
    uint8_t *quad = codes + place / VT__QUAD * vt__quad_bytes(width);
    for (size_t piece = 0; piece < width; piece += VT__PIECE)
        memset(quad + piece * VT__QUAD + place % VT__QUAD * VT__PIECE, 0, VT__PIECE);
}

void vt__block_gather(uint8_t *out, const vt__index *index, uint32_t block)
{
    size_t width = index->axes.width;
    vt__row first = vt__row_at(index, block * VT__BLOCK_ROWS);
    part parts[PARTS];
    parts_of(parts, first.segment, first.place);
    uint8_t *codes = out, *at = out + VT__BLOCK_ROWS * width;
    memcpy(codes, first.segment->codes + first.place / VT__QUAD * vt__quad_bytes(width), VT__BLOCK_ROWS * width);
    bool dead[VT__BLOCK_ROWS];
    for (uint32_t r = 0; r < VT__BLOCK_ROWS; r++) {
        dead[r] = !vt__row_lives((vt__row){ first.segment, first.place + r });
        if (dead[r]) clear_codes(codes, r, width);
    }
    for (int p = 0; p < PARTS; p++) {
        memcpy(at, parts[p].at, VT__BLOCK_ROWS * parts[p].row_bytes);
        for (uint32_t r = 0; r < VT__BLOCK_ROWS; r++)
            if (dead[r]) memset(at + r * parts[p].row_bytes, 0, parts[p].row_bytes);
        at += VT__BLOCK_ROWS * parts[p].row_bytes;
    }
    for (uint32_t q = 0; q < VT__BLOCK_LIVE_BYTES; q++) at[q] = atomic_load(&first.segment->live[first.place / VT__QUAD + q]);
}

bool vt__block_spread(const vt__index *index, uint32_t block, const uint8_t *plain)
{
    size_t width = index->axes.width;
    vt__row first = vt__row_at(index, block * VT__BLOCK_ROWS);
    part parts[PARTS];
    parts_of(parts, first.segment, first.place);
    memcpy(first.segment->codes + first.place / VT__QUAD * vt__quad_bytes(width), plain, VT__BLOCK_ROWS * width);
    const uint8_t *at = plain + VT__BLOCK_ROWS * width;
    for (int p = 0; p < PARTS; p++) {
        memcpy(parts[p].at, at, VT__BLOCK_ROWS * parts[p].row_bytes);
        at += VT__BLOCK_ROWS * parts[p].row_bytes;
    }
    for (uint32_t q = 0; q < VT__BLOCK_LIVE_BYTES; q++)
        atomic_store_explicit(&first.segment->live[first.place / VT__QUAD + q], at[q] & 15, memory_order_relaxed);
    int32_t most = 127 * (int32_t)width;
    for (uint32_t r = 0; r < VT__BLOCK_ROWS; r++)
        if (first.segment->sum[first.place + r] > most || first.segment->sum[first.place + r] < -most) return false;
    return true;
}
