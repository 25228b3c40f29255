#include "match/index_block.h"

#include <string.h>

/* The members of a segment that a block holds, in its order; codes and live bits go before and after. */
typedef struct part {
    void *at;
    size_t row_bytes;
} part;

enum { PARTS = 4 };

static void parts_of(part out[PARTS], vt__segment *segment, size_t place, size_t width)
{
    const part parts[PARTS] = {
        { segment->lower + place * vt__lower_bytes(width), vt__lower_bytes(width) },
        { segment->ids + place, sizeof *segment->ids },
        { segment->persons + place, sizeof *segment->persons },
        { segment->groups + place, sizeof *segment->groups },
    };
    memcpy(out, parts, sizeof parts);
}

static void clear_upper(uint8_t *strips, size_t place, size_t width)
{
    uint8_t *strip = strips + place / VT__STRIP * vt__strip_bytes(width), *row = strip + vt__upper_at(place % VT__STRIP, width);
    memset(strip + place % VT__STRIP * sizeof(uint32_t), 0, sizeof(uint32_t));
    for (size_t piece = 0; piece < vt__pieces(width); piece++, row += 64) memset(row, 0, VT__PIECE);
}

void vt__block_gather(uint8_t *out, const vt__index *index, uint32_t block)
{
    size_t width = index->axes.width, upper_bytes = VT__BLOCK_STRIPS * vt__strip_bytes(width);
    vt__row first = vt__row_at(index, block * VT__BLOCK_ROWS);
    part parts[PARTS];
    parts_of(parts, first.segment, first.place, width);
    uint8_t *at = out + upper_bytes;
    memcpy(out, vt__row_strip(first, width), upper_bytes);
    bool dead[VT__BLOCK_ROWS];
    for (uint32_t r = 0; r < VT__BLOCK_ROWS; r++) {
        dead[r] = !vt__row_lives((vt__row){ first.segment, first.place + r });
        if (dead[r]) clear_upper(out, r, width);
    }
    for (int p = 0; p < PARTS; p++) {
        memcpy(at, parts[p].at, VT__BLOCK_ROWS * parts[p].row_bytes);
        for (uint32_t r = 0; r < VT__BLOCK_ROWS; r++)
            if (dead[r]) memset(at + r * parts[p].row_bytes, 0, parts[p].row_bytes);
        at += VT__BLOCK_ROWS * parts[p].row_bytes;
    }
    for (uint32_t q = 0; q < VT__BLOCK_LIVE_BYTES; q++)
        at[q] = atomic_load(&first.segment->live[(first.place + q * VT__QUAD) / VT__STRIP]) >> q * VT__QUAD % VT__STRIP & 15;
}

void vt__block_spread(const vt__index *index, uint32_t block, const uint8_t *plain)
{
    size_t width = index->axes.width, upper_bytes = VT__BLOCK_STRIPS * vt__strip_bytes(width);
    vt__row first = vt__row_at(index, block * VT__BLOCK_ROWS);
    part parts[PARTS];
    parts_of(parts, first.segment, first.place, width);
    memcpy(vt__row_strip(first, width), plain, upper_bytes);
    const uint8_t *at = plain + upper_bytes;
    for (int p = 0; p < PARTS; p++) {
        memcpy(parts[p].at, at, VT__BLOCK_ROWS * parts[p].row_bytes);
        at += VT__BLOCK_ROWS * parts[p].row_bytes;
    }
    for (uint32_t strip = 0; strip < VT__BLOCK_STRIPS; strip++) {
        unsigned live = 0;
        for (unsigned q = 0; q < VT__STRIP / VT__QUAD; q++) live |= (at[strip * (VT__STRIP / VT__QUAD) + q] & 15u) << q * VT__QUAD;
        atomic_store_explicit(&first.segment->live[first.place / VT__STRIP + strip], (uint16_t)live, memory_order_relaxed);
    }
    for (uint32_t r = 0; r < VT__BLOCK_ROWS; r++) first.segment->hints[first.place + r] = vt__group_hint(first.segment->groups[first.place + r]);
}
