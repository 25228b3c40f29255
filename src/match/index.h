/* 1:N search. Exact: the hits are those of comparing the probe with every template in float (code.h has the proof),
 * in falling cosine, ties by id in byte order.
 *
 * One writer at a time (the index takes a lock for it); any number of readers, who never wait: rows are published by
 * raising a count, a deleted row's live bit is cleared, and what memory holds of it is overwritten at once when no search is
 * under way, else by the first writer after the searches of that time have ended. In the files it is overwritten at once: a
 * search that meets such a row begins again. */
#ifndef VT_MATCH_INDEX_H
#define VT_MATCH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#include "match/code.h"

enum { VT__INDEX_ID_BYTES = 16, VT__INDEX_MAX_HITS = 1000 };

typedef struct vt__index vt__index;

typedef struct vt__index_id {
    uint8_t bytes[VT__INDEX_ID_BYTES];
} vt__index_id;

/* `axes` is copied. dimension at most VT__CODE_MAX_DIMENSION; without axes it must be a multiple of 16. */
vt_status vt__index_open(vt__index **out, const vt__axes *axes, vt_error *err);
void vt__index_close(vt__index *index);

/* Adds a template (L2-normalised, `dimension` floats) under an id; `person` may be all zero (none); `group` is any
 * label. O(1). VT_EEXISTS. */
vt_status vt__index_add(vt__index *index, const vt__index_id *id, const vt__index_id *person, uint32_t group,
                        const float *values, vt_error *err);

/* O(1). VT_ENOTFOUND. */
vt_status vt__index_remove(vt__index *index, const vt__index_id *id, vt_error *err);

/* Removes all rows of a person; in the time of its rows. VT_ENOTFOUND when there is none. */
vt_status vt__index_remove_person(vt__index *index, const vt__index_id *person, vt_error *err);

/* To be called now and then, by any thread: overwrites what was removed while searches were under way, moves rows from the
 * end into the places of removed ones once those are many, and gives memory and file space behind the last row back.
 * Searches do not wait for it; one that a move ran across begins again, at most twice. */
void vt__index_tend(vt__index *index);

size_t vt__index_count(const vt__index *index); /* live rows */

/* "portable", "avx2", ...: the kernel that scans. */
const char *vt__index_kernel(const vt__index *index);

/* Bytes that a scan reads for each template, and all that it may have to read. */
size_t vt__index_scan_bytes(const vt__index *index);
size_t vt__index_row_bytes(const vt__index *index);

typedef struct vt__index_query {
    const float *probes; /* count rows of `dimension` floats */
    size_t count;
    size_t k;            /* hits wanted, 1..VT__INDEX_MAX_HITS */
    float min_cosine;    /* -1: all */
    bool by_person;      /* the best row of each person; rows without one count each */
    bool by_float;       /* compare every template in float, without codes */
    float recall;        /* 0 or 1: exact. Below: the first look passes over a row that is among the best with at most the
                          * probability 1 - recall, if what its upper bits leave out has no direction of its own */
    const uint32_t *group; /* only this label; NULL = all */
    const uint32_t *most_group; /* only labels up to this; NULL = all */
    const vt__index_id *ids; /* only these rows, any order; NULL = all */
    size_t ids_count;
    const vt__index_id *persons; /* only rows of these persons, any order; NULL = all. Not with ids */
    size_t persons_count;
    bool (*admits)(const vt__index_id *person, void *context); /* asked of every row that could be a hit; NULL = all */
    void *admits_context;
} vt__index_query;

typedef struct vt__index_hit {
    vt__index_id id, person;
    float cosine;
} vt__index_hit;

/* hits: count x k; found: how many of each probe. Probes share passes over memory, four at a time. */
vt_status vt__index_search(vt__index_hit *hits, size_t *found, vt__index *index, const vt__index_query *query, vt_error *err);

#endif
