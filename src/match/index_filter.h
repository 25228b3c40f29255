/* Which rows a query lets through: live ones, of its group, up to its group, named by id or person. */
#ifndef VT_MATCH_INDEX_FILTER_H
#define VT_MATCH_INDEX_FILTER_H

#include "match/index_rows.h"

typedef struct vt__row_filter {
    const vt__index_query *query;
    uint32_t *chosen; /* rows named by id or person, sorted; NULL: all */
    size_t chosen_count;
    uint16_t *chosen_bits; /* the same, a bit a row, where they are many */
} vt__row_filter;

/* Of an index's first `rows` rows. VT_ENOMEM. To be closed in any case. */
vt_status vt__filter_open(vt__row_filter *out, vt__index *index, const vt__index_query *query, size_t rows);
void vt__filter_close(vt__row_filter *filter);

/* The rows of a segment, a bit each, and few that have no more than the hint of the group asked for; `rows` of it are
 * published. To be asked before their codes are read: whoever is live now has them whole as long as the search lasts.
 * `next`: whose turn comes after this one's (its hints are fetched meanwhile), or NULL. */
void vt__filter_rows(uint16_t masks[VT__SEGMENT_STRIPS], const vt__row_filter *filter, const vt__segment *segment, const vt__segment *next, size_t number,
                     size_t rows);

/* One row alone. */
bool vt__filter_lets(const vt__row_filter *filter, vt__row row);

#endif
