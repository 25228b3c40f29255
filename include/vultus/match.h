/**
 * Templates compared and grouped. Pure functions: any thread, any number at a time.
 */
#ifndef VULTUS_MATCH_H
#define VULTUS_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Dot product of two L2-normalised vectors of `dimension` floats: -1..1, the cosine of their angle. No alignment is needed;
 *  the sum may differ in its last bits between CPUs. Cannot fail. */
VT_API float vt_cosine(const float *a, const float *b, size_t dimension);

/** Marks a template that belongs to no group. */
#define VT_GROUP_MESSY UINT32_MAX

/** Templates that are grouped at most. */
#define VT_GROUPING_MAX 131071

/**
 * Groups `count` templates (rows of `dimension` floats, `stride_floats` apart) by person.
 * out[i] is the group of template i, numbered from 0 in order of falling group size (ties: first member first),
 * or VT_GROUP_MESSY when nothing is similar to it; *out_groups is their number. `out` holds `count` entries. Deterministic,
 * and independent of input order up to numbering. `cosine_threshold` (-1..1) is the mean cosine between members from
 * which two clusters count as one person (vt_engine_cosine of VT_IDENTICAL_CONFIDENCE is a good one).
 * Average linkage (UPGMA, Sokal and Michener 1958) by nearest-neighbour chains (Murtagh 1983) over templates rounded to
 * multiples of 2^-14: up to 4,096 of them in time and memory that grow with count squared (8 * count * count bytes), more one
 * by one as below. VT_ELIMIT over VT_GROUPING_MAX templates; VT_EINVAL for a stride under the dimension or a template that is
 * longer than 1; VT_ENOMEM.
 */
VT_API vt_status vt_group(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                          size_t stride_floats, float cosine_threshold, vt_error *err);

/**
 * Groups that are kept while templates come and go: at any time those that vt_group makes of the same templates. One thread
 * at a time. About 5 KB a template of 512 floats, and 8 bytes for each two templates of different groups that are alike.
 */
typedef struct vt_grouping vt_grouping;

/** No templates yet. dimension at most 1,024. */
VT_API vt_status vt_grouping_open(vt_grouping **out, size_t dimension, float cosine_threshold, vt_error *err);
/** NULL is fine. */
VT_API void vt_grouping_close(vt_grouping *grouping);

/** Adds a template (copied). *number names it from now on: the lowest that is free, so 0, 1, 2... while none is removed.
 *  VT_ELIMIT when there are VT_GROUPING_MAX; VT_EINVAL for a template longer than 1; VT_ENOMEM, after which the grouping can
 *  only be closed. */
VT_API vt_status vt_grouping_add(uint32_t *number, vt_grouping *grouping, const float *values, vt_error *err);
/** VT_ENOTFOUND; VT_ENOMEM as above. */
VT_API vt_status vt_grouping_remove(vt_grouping *grouping, uint32_t number, vt_error *err);

/** One above the highest number in use. */
VT_API size_t vt_grouping_count(const vt_grouping *grouping);
/** As vt_group: out[number], VT_GROUP_MESSY also for free numbers. VT_EINVAL when count is below vt_grouping_count. */
VT_API vt_status vt_grouping_read(uint32_t *out, uint32_t *out_groups, const vt_grouping *grouping, size_t count, vt_error *err);

#ifdef __cplusplus
}
#endif
#endif
