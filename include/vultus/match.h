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

/**
 * Groups `count` templates (rows of `dimension` floats, `stride_floats` apart) by person.
 * out[i] is the group of template i, numbered from 0 in order of falling group size (ties: first member first),
 * or VT_GROUP_MESSY when nothing is similar to it; *out_groups is their number. `out` holds `count` entries. Deterministic,
 * and independent of input order up to numbering. `cosine_threshold` (-1..1) is the mean cosine between members from
 * which two clusters count as one person (vt_engine_cosine of VT_IDENTICAL_CONFIDENCE is a good one).
 * Average linkage (UPGMA, Sokal and Michener 1958) by nearest-neighbour chains (Murtagh 1983): time and memory grow with
 * count squared (4 * count * count bytes). VT_ELIMIT over 16,384 templates; VT_EINVAL for a stride under the dimension;
 * VT_ENOMEM.
 */
VT_API vt_status vt_group(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                          size_t stride_floats, float cosine_threshold, vt_error *err);

#ifdef __cplusplus
}
#endif
#endif
