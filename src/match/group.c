/* Average linkage (UPGMA, Sokal and Michener 1958) by nearest-neighbour chains (Murtagh 1983): two clusters join while
 * the mean cosine between their members reaches the threshold, so that one bridge face cannot join two persons. The
 * result does not depend on the order of joining. n^2 floats of memory, n^2 time. */
#include <stdbool.h>
#include <stdlib.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"

enum { most_templates = 16384 };

typedef struct linkage {
    float *similar; /* count x count, of clusters by their first member */
    uint32_t *size; /* 0: joined into another */
    uint32_t *into; /* the cluster a template is in */
    uint32_t *chain;
    size_t count;
} linkage;

static float *cell(const linkage *l, size_t a, size_t b)
{
    return &l->similar[a * l->count + b];
}

static void join(linkage *l, uint32_t keep, uint32_t gone)
{
    float total = (float)(l->size[keep] + l->size[gone]);
    for (size_t k = 0; k < l->count; k++) {
        if (!l->size[k] || k == keep || k == gone) continue;
        float mean = (*cell(l, keep, k) * (float)l->size[keep] + *cell(l, gone, k) * (float)l->size[gone]) / total;
        *cell(l, keep, k) = *cell(l, k, keep) = mean;
    }
    l->size[keep] += l->size[gone];
    l->size[gone] = 0;
    for (size_t i = 0; i < l->count; i++)
        if (l->into[i] == gone) l->into[i] = keep;
}

/* The most similar living cluster; `before` wins ties so that chains end, then the lowest number. */
static uint32_t nearest(const linkage *l, uint32_t from, uint32_t before)
{
    uint32_t best = before;
    float most = before == UINT32_MAX ? -2 : *cell(l, from, before);
    for (uint32_t k = 0; k < l->count; k++)
        if (l->size[k] && k != from && *cell(l, from, k) > most) most = *cell(l, from, k), best = k;
    return best;
}

/* A cluster whose nearest is below the threshold can never join anything: its chain is dropped. */
static void link_all(linkage *l, float threshold)
{
    bool *closed = (bool *)(l->chain + l->count);
    for (uint32_t start = 0; start < l->count; start++) {
        size_t length = 0;
        if (l->size[start] && !closed[start]) l->chain[length++] = start;
        while (length) {
            uint32_t top = l->chain[length - 1], before = length > 1 ? l->chain[length - 2] : UINT32_MAX;
            uint32_t next = nearest(l, top, before);
            if (next == UINT32_MAX || *cell(l, top, next) < threshold) {
                closed[top] = true;
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
    l->similar = vt__malloc(count * count, sizeof *l->similar);
    l->size = vt__calloc(count, sizeof *l->size);
    l->into = vt__calloc(count, sizeof *l->into);
    l->chain = vt__calloc(count, sizeof *l->chain + sizeof(bool));
    if (!l->similar || !l->size || !l->into || !l->chain) return vt__fail_memory(err, count * count * sizeof *l->similar);
    for (size_t a = 0; a < count; a++) {
        l->size[a] = 1;
        l->into[a] = (uint32_t)a;
        for (size_t b = 0; b < a; b++)
            *cell(l, a, b) = *cell(l, b, a) = vt_cosine(templates + a * stride_floats, templates + b * stride_floats, dimension);
        *cell(l, a, a) = -2;
    }
    return VT_OK;
}

vt_status vt_group(uint32_t *out, uint32_t *out_groups, const float *templates, size_t count, size_t dimension,
                   size_t stride_floats, float cosine_threshold, vt_error *err)
{
    *out_groups = 0;
    if (!count) return VT_OK;
    if (count > most_templates) return vt__fail(err, VT_ELIMIT, "%zu templates; at most %d are grouped at once", count, most_templates);
    if (stride_floats < dimension) return vt__fail(err, VT_EINVAL, "a stride of %zu floats for %zu", stride_floats, dimension);
    linkage l = { .count = count };
    vt_status status = fill(&l, templates, dimension, stride_floats, err);
    if (!status) {
        link_all(&l, cosine_threshold);
        status = number(out, out_groups, &l, err);
    }
    vt__free(l.similar);
    vt__free(l.size);
    vt__free(l.into);
    vt__free(l.chain);
    return status;
}
