#include "match/index_filter.h"

#include "base/memory.h"
#include "match/kernel/kernels.h"

enum {
    many_chosen = 64, /* so many rows named are scanned by their codes, as all rows are */
    block_strips = 4  /* looked at together for a label */
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

/* Whether any row of a block has the hint; the compiler makes vectors of it. */
RACES_WITH_DEAD_ROWS static bool has_hint(const uint8_t hints[block_strips * VT__STRIP], uint8_t hint)
{
    uint8_t any = 0;
    for (unsigned r = 0; r < block_strips * VT__STRIP; r++) any |= (uint8_t)(hints[r] == hint);
    return any;
}

/* A bit for each of eight rows with the hint. */
RACES_WITH_DEAD_ROWS static unsigned eight_hints(const uint8_t hints[8], uint8_t hint)
{
    uint64_t bytes = 0;
    for (unsigned r = 0; r < 8; r++) bytes |= (uint64_t)hints[r] << 8 * r;
    bytes ^= hint * 0x0101010101010101u;
    uint64_t same = ~(((bytes & 0x7F7F7F7F7F7F7F7Fu) + 0x7F7F7F7F7F7F7F7Fu) | bytes | 0x7F7F7F7F7F7F7F7Fu); /* 0x80 where the byte is 0 */
    return (unsigned)((same >> 7) * 0x0102040810204080u >> 56);
}

/* The rows of a strip, among those of `mask`, that have the label. */
RACES_WITH_DEAD_ROWS static unsigned of_group(const vt__segment *segment, size_t strip, unsigned mask, uint32_t group)
{
    const uint8_t *hints = segment->hints + strip * VT__STRIP;
    uint8_t hint = vt__group_hint(group);
    unsigned kept = mask & (eight_hints(hints, hint) | eight_hints(hints + 8, hint) << 8);
    for (unsigned left = kept; left; left &= left - 1) {
        unsigned r = (unsigned)__builtin_ctz(left);
        if (segment->groups[strip * VT__STRIP + r] != group) kept &= ~(1u << r);
    }
    return kept;
}

/* Live rows of a group: where no hint says so, not even the live bits are read. */
static void find_group(uint16_t *masks, const vt__segment *segment, size_t strips, uint32_t group)
{
    for (size_t first = 0; first < strips; first += block_strips) {
        bool some = has_hint(segment->hints + first * VT__STRIP, vt__group_hint(group));
        for (size_t strip = first; strip < first + block_strips; strip++) {
            unsigned live = some ? atomic_load_explicit(&segment->live[strip], memory_order_acquire) : 0;
            masks[strip] = (uint16_t)(live ? of_group(segment, strip, live, group) : 0);
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

void vt__filter_rows(uint16_t masks[VT__SEGMENT_STRIPS], const vt__row_filter *filter, const vt__segment *segment, size_t number, size_t rows)
{
    size_t strips = (rows + VT__STRIP - 1) / VT__STRIP;
    if (filter->query->group) find_group(masks, segment, strips, *filter->query->group);
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
