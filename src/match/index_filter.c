#include "match/index_filter.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/memory.h"
#include "match/kernel/kernels.h"

enum {
    many_chosen = 64, /* so many rows named are scanned by their codes, as all rows are */
    BLOCK_STRIPS = 4, /* looked at together for a label */
    BLOCK_ROWS = BLOCK_STRIPS * VT__STRIP
};

vt_status vt__filter_open(vt__row_filter *out, vt__index *index, const vt__index_query *query, size_t rows)
{
    *out = (vt__row_filter){ .query = query };
    if (!query->ids && !query->persons) return VT_OK;
    vt_status status = vt__index_rows_of(&out->chosen, &out->chosen_count, index, query);
    if (status || out->chosen_count < many_chosen) return status;
    out->chosen_bits = vt__calloc(rows / VT__STRIP + 1, sizeof *out->chosen_bits);
    if (!out->chosen_bits) return VT_ENOMEM;
    for (size_t i = 0; i < out->chosen_count && out->chosen[i] < rows; i++)
        out->chosen_bits[out->chosen[i] / VT__STRIP] |= (uint16_t)(1u << out->chosen[i] % VT__STRIP);
    return VT_OK;
}

void vt__filter_close(vt__row_filter *filter)
{
    vt__free(filter->chosen);
    vt__free(filter->chosen_bits);
}

/* A bit for each row of a block with the hint. */
#if defined(__SSE2__)
RACES_WITH_DEAD_ROWS static uint64_t rows_with_hint(const uint16_t hints[BLOCK_ROWS], uint16_t hint)
{
    uint64_t bits = 0;
    for (unsigned part = 0; part < BLOCK_ROWS / 16; part++) {
        const __m128i *at = (const __m128i *)(const void *)(hints + part * 16);
        __m128i wanted = _mm_set1_epi16((short)hint);
        __m128i same = _mm_packs_epi16(_mm_cmpeq_epi16(_mm_loadu_si128(at), wanted), _mm_cmpeq_epi16(_mm_loadu_si128(at + 1), wanted));
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(same) << part * 16;
    }
    return bits;
}
#else
RACES_WITH_DEAD_ROWS static uint64_t rows_with_hint(const uint16_t hints[BLOCK_ROWS], uint16_t hint)
{
    uint64_t bits = 0;
    uint16_t any = 0;
    for (unsigned r = 0; r < BLOCK_ROWS; r++) any |= (uint16_t)(hints[r] == hint); /* the compiler makes vectors of it */
    for (unsigned r = 0; any && r < BLOCK_ROWS; r++) bits |= (uint64_t)(hints[r] == hint) << r;
    return bits;
}
#endif

/* The hints of a block of rows, for the time when its segment's turn comes. */
static void fetch_hints(const vt__segment *segment, size_t first_strip)
{
    const uint16_t *hints = segment->hints + first_strip * VT__STRIP;
    for (size_t at = 0; at < BLOCK_ROWS; at += 32) __builtin_prefetch(hints + at);
}

/* Live rows of a group, and now and then one of another with its hint: labels, a line of memory each, are read where the row
 * is among the best. */
RACES_WITH_DEAD_ROWS static void find_group(uint16_t *masks, const vt__segment *segment, const vt__segment *next, size_t strips, uint32_t group)
{
    uint16_t hint = vt__group_hint(group);
    for (size_t first = 0; first < strips; first += BLOCK_STRIPS) {
        if (next) fetch_hints(next, first);
        for (size_t i = 0; i < BLOCK_STRIPS; i++) masks[first + i] = 0;
        for (uint64_t bits = rows_with_hint(segment->hints + first * VT__STRIP, hint); bits; bits &= bits - 1) {
            size_t row = first * VT__STRIP + (size_t)__builtin_ctzll(bits);
            unsigned live = atomic_load_explicit(&segment->live[row / VT__STRIP], memory_order_acquire) >> row % VT__STRIP & 1;
            masks[row / VT__STRIP] |= (uint16_t)(live << row % VT__STRIP);
        }
    }
}

static void find_live(uint16_t *masks, const vt__segment *segment, size_t strips)
{
    for (size_t strip = 0; strip < strips; strip++) masks[strip] = atomic_load_explicit(&segment->live[strip], memory_order_acquire);
}

RACES_WITH_DEAD_ROWS static void keep_up_to(uint16_t *masks, const vt__segment *segment, size_t strips, uint32_t most)
{
    for (size_t strip = 0; strip < strips; strip++) {
        const uint32_t *groups = segment->groups + strip * VT__STRIP;
        unsigned over = 0;
        for (unsigned r = 0; r < VT__STRIP; r++) over |= (unsigned)(groups[r] > most) << r;
        masks[strip] &= (uint16_t)~over;
    }
}

void vt__filter_rows(uint16_t masks[VT__SEGMENT_STRIPS], const vt__row_filter *filter, const vt__segment *segment, const vt__segment *next, size_t number,
                     size_t rows)
{
    size_t strips = (rows + VT__STRIP - 1) / VT__STRIP;
    if (filter->query->group) find_group(masks, segment, next, strips, *filter->query->group);
    else find_live(masks, segment, strips);
    if (rows % VT__STRIP) masks[strips - 1] &= (uint16_t)((1u << rows % VT__STRIP) - 1);
    if (filter->chosen_bits)
        for (size_t strip = 0; strip < strips; strip++) masks[strip] &= filter->chosen_bits[number * VT__SEGMENT_STRIPS + strip];
    if (filter->query->most_group) keep_up_to(masks, segment, strips, *filter->query->most_group);
}

bool vt__filter_lets(const vt__row_filter *filter, vt__row row)
{
    uint32_t group = row.segment->groups[row.place];
    if (!vt__row_lives(row) || (filter->query->group && group != *filter->query->group)) return false;
    return !filter->query->most_group || group <= *filter->query->most_group;
}
