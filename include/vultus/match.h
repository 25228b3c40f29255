/**
 * Templates compared and grouped. (The 1:N index has its own header, index.h.)
 */
#ifndef VULTUS_MATCH_H
#define VULTUS_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Dot product of two L2-normalised vectors of `dimension` floats: -1..1. No alignment is needed. Any thread. */
VT_API float vt_cosine(const float *a, const float *b, size_t dimension);

/** Marks a template that belongs to no group. */
#define VT_GROUP_MESSY UINT32_MAX

/**
 * Groups `count` templates (rows of `dimension` floats, `stride_floats` apart) by person.
 * out[i] is the group of template i, numbered from 0 in order of falling group size (ties: first member first),
 * or VT_GROUP_MESSY when nothing is similar to it. Deterministic and independent of input order up to numbering.
 * `cosine_threshold` is the cosine from which two templates count as one person.
 */
VT_API vt_status vt_group(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                          size_t stride_floats, float cosine_threshold, vt_error *err);

#ifdef __cplusplus
}
#endif
#endif
