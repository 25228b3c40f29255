/* Average linkage (UPGMA, Sokal and Michener 1958) by nearest-neighbour chains (Murtagh 1983): two clusters join while
 * the mean cosine between their members reaches the threshold, so that one bridge face cannot join two persons. Pairs stand
 * in a strict order (linkage.h) in which a joined cluster is to no other nearer than the nearer of its parts was, so the
 * result does not depend on the order of joining. n^2 totals of memory, n^2 time; larger sets are grouped face by face
 * (grouping.c), which comes to the same. */
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "match/linkage.h"

enum { MOST_AT_ONCE = 4096 };
#define NOBODY UINT32_MAX

typedef struct linkage {
    int64_t *totals; /* count x count, of clusters by their first member */
    int16_t *rows;
    uint64_t *marks;
    uint32_t *size; /* 0: joined into another */
    uint32_t *into; /* the cluster a template is in */
    uint32_t *chain;
    bool *closed;
    size_t count;
} linkage;

static int64_t *cell(const linkage *l, size_t a, size_t b)
{
    return &l->totals[a * l->count + b];
}

static vt__pair pair_of(const linkage *l, uint32_t a, uint32_t b)
{
    return vt__pair_of(*cell(l, a, b), l->size[a], l->marks[a], l->size[b], l->marks[b]);
}

static void join(linkage *l, uint32_t keep, uint32_t gone)
{
    for (size_t k = 0; k < l->count; k++)
        if (l->size[k] && k != keep && k != gone) *cell(l, k, keep) = *cell(l, keep, k) += *cell(l, gone, k);
    l->size[keep] += l->size[gone];
    l->size[gone] = 0;
    if (l->marks[gone] < l->marks[keep]) l->marks[keep] = l->marks[gone];
    for (size_t i = 0; i < l->count; i++)
        if (l->into[i] == gone) l->into[i] = keep;
}

/* The living cluster whose pair with this one stands first. */
static uint32_t nearest(vt__pair *best, const linkage *l, uint32_t from)
{
    uint32_t found = NOBODY;
    for (uint32_t k = 0; k < l->count; k++) {
        if (!l->size[k] || k == from) continue;
        vt__pair pair = pair_of(l, from, k);
        if (found != NOBODY && !vt__pair_before(&pair, best)) continue;
        *best = pair;
        found = k;
    }
    return found;
}

/* A cluster whose nearest is below the threshold can never join anything: its chain is dropped. */
static void link_all(linkage *l, int64_t threshold)
{
    for (uint32_t start = 0; start < l->count; start++) {
        size_t length = 0;
        if (l->size[start] && !l->closed[start]) l->chain[length++] = start;
        while (length) {
            vt__pair pair;
            uint32_t top = l->chain[length - 1], before = length > 1 ? l->chain[length - 2] : NOBODY;
            uint32_t next = nearest(&pair, l, top);
            if (next == NOBODY || !vt__pair_reaches(&pair, threshold)) {
                l->closed[top] = true;
                break;
            }
            if (next != before) {
                l->chain[length++] = next;
                continue;
            }
            join(l, top < before ? top : before, top < before ? before : top);
            length -= 2;
            if (!length && l->size[start]) l->chain[length++] = start;
        }
    }
}

typedef struct ranked {
    uint32_t cluster, size;
} ranked;

static int compare_size(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->size != y->size) return x->size < y->size ? 1 : -1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

/* Numbers clusters of two and more by falling size. */
static vt_status number(uint32_t *out, uint32_t *out_groups, const linkage *l, vt_error *err)
{
    ranked *order = vt__calloc(l->count, sizeof *order);
    if (!order) return vt__fail_memory(err, l->count * sizeof *order);
    size_t groups = 0;
    for (uint32_t k = 0; k < l->count; k++)
        if (l->size[k] > 1) order[groups++] = (ranked){ k, l->size[k] };
    if (groups) qsort(order, groups, sizeof *order, compare_size);
    for (size_t i = 0; i < l->count; i++) out[i] = VT_GROUP_MESSY;
    for (uint32_t g = 0; g < groups; g++)
        for (size_t i = 0; i < l->count; i++)
            if (l->into[i] == order[g].cluster) out[i] = g;
    *out_groups = (uint32_t)groups;
    vt__free(order);
    return VT_OK;
}

static vt_status fill(linkage *l, const float *templates, size_t dimension, size_t stride_floats, vt_error *err)
{
    size_t count = l->count;
    l->totals = vt__malloc(count * count, sizeof *l->totals);
    l->rows = vt__malloc(count * dimension, sizeof *l->rows);
    l->marks = vt__calloc(count, sizeof *l->marks);
    l->size = vt__calloc(count, sizeof *l->size);
    l->into = vt__calloc(count, sizeof *l->into);
    l->chain = vt__calloc(count, sizeof *l->chain);
    l->closed = vt__calloc(count, sizeof *l->closed);
    if (!l->totals || !l->rows || !l->marks || !l->size || !l->into || !l->chain || !l->closed)
        return vt__fail_memory(err, count * count * sizeof *l->totals);
    for (size_t a = 0; a < count; a++) {
        int16_t *row = l->rows + a * dimension;
        if (!vt__linkage_round(row, templates + a * stride_floats, dimension))
            return vt__fail(err, VT_EINVAL, "template %zu is no vector of length 1", a);
        l->size[a] = 1;
        l->into[a] = (uint32_t)a;
        l->marks[a] = vt__linkage_mark(row, dimension, (uint32_t)a);
        for (size_t b = 0; b < a; b++) *cell(l, a, b) = *cell(l, b, a) = vt__linkage_dot(row, l->rows + b * dimension, dimension);
    }
    return VT_OK;
}

static vt_status group_at_once(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                               size_t stride_floats, float cosine_threshold, vt_error *err)
{
    linkage l = { .count = count };
    vt_status status = fill(&l, templates, dimension, stride_floats, err);
    if (!status) {
        link_all(&l, vt__linkage_threshold(cosine_threshold));
        status = number(out, out_groups, &l, err);
    }
    vt__free(l.totals);
    if (l.rows) vt__free_secret(l.rows, count * dimension * sizeof *l.rows);
    vt__free(l.marks);
    vt__free(l.size);
    vt__free(l.into);
    vt__free(l.chain);
    vt__free(l.closed);
    return status;
}

static vt_status group_one_by_one(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                                  size_t stride_floats, float cosine_threshold, vt_error *err)
{
    vt_grouping *grouping = NULL;
    uint32_t number;
    vt_status status = vt_grouping_open(&grouping, dimension, cosine_threshold, err);
    for (size_t i = 0; i < count && !status; i++) status = vt_grouping_add(&number, grouping, templates + i * stride_floats, err);
    if (!status) status = vt_grouping_read(out, out_groups, grouping, count, err);
    vt_grouping_close(grouping);
    return status;
}

vt_status vt_group(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                   size_t stride_floats, float cosine_threshold, vt_error *err)
{
    *out_groups = 0;
    if (!count) return VT_OK;
    if (count > VT_GROUPING_MAX) return vt__fail(err, VT_ELIMIT, "%zu templates; at most %d are grouped", count, VT_GROUPING_MAX);
    if (stride_floats < dimension) return vt__fail(err, VT_EINVAL, "a stride of %zu floats for %zu", stride_floats, dimension);
    return (count <= MOST_AT_ONCE ? group_at_once : group_one_by_one)(out, out_groups, templates, count, dimension, stride_floats,
                                                                      cosine_threshold, err);
}
