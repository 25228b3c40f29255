#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "match/grouping.h"
#include "match/grouping_tree.h"

enum { INDEX_STEP = 16 }; /* dimensions of an index come in so many */

bool vt__node_list_push(vt__node_list *list, uint32_t item)
{
    if (list->count == list->capacity) {
        size_t wider = list->capacity ? 2 * list->capacity : 8;
        uint32_t *items = vt__realloc(list->items, wider, sizeof *items);
        if (!items) return false;
        list->items = items;
        list->capacity = wider;
    }
    list->items[list->count++] = item;
    return true;
}

static void drop(vt__node_list *list, uint32_t item)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == item) list->items[i--] = list->items[--list->count];
}

/* ---- nodes ---- */

vt_status vt__grouping_take_node(uint32_t *out, vt_grouping *g)
{
    if (!g->free_nodes.count && g->node_count == g->node_capacity) {
        size_t wider = g->node_capacity ? 2 * g->node_capacity : 64;
        vt__node *nodes = vt__realloc(g->nodes, wider, sizeof *nodes);
        if (!nodes) return VT_ENOMEM;
        g->nodes = nodes;
        g->node_capacity = wider;
    }
    *out = g->free_nodes.count ? g->free_nodes.items[--g->free_nodes.count] : (uint32_t)g->node_count++;
    g->nodes[*out] = (vt__node){ .parent = VT__NO_NODE, .left = VT__NO_NODE, .right = VT__NO_NODE, .root = *out };
    return VT_OK;
}

static void empty_node(const vt_grouping *g, vt__node *n)
{
    if (n->values) vt__free_secret(n->values, g->dimension * sizeof *n->values);
    if (n->sum) vt__free_secret(n->sum, g->dimension * sizeof *n->sum);
    vt__free(n->alike.items);
    *n = (vt__node){ .parent = VT__NO_NODE };
}

void vt__grouping_free_node(vt_grouping *g, uint32_t node)
{
    empty_node(g, &g->nodes[node]);
    vt__node_list_push(&g->free_nodes, node); /* without memory the place is lost, no more */
}

bool vt__grouping_members(vt__node_list *out, vt_grouping *g, uint32_t node)
{
    g->path.count = 0;
    bool good = vt__node_list_push(&g->path, node);
    while (good && g->path.count) {
        uint32_t at = g->path.items[--g->path.count];
        const vt__node *n = &g->nodes[at];
        if (n->values) good = vt__node_list_push(out, at);
        else good = vt__node_list_push(&g->path, n->right) && vt__node_list_push(&g->path, n->left);
    }
    return good;
}

bool vt__grouping_link(vt_grouping *g, uint32_t a, uint32_t b)
{
    vt__node *x = &g->nodes[a], *y = &g->nodes[b];
    vt__pair pair = { vt__linkage_dot(x->values, y->values, g->dimension), 1, 0, 0 };
    if (!vt__pair_reaches(&pair, g->threshold)) return true;
    return vt__node_list_push(&x->alike, b) && vt__node_list_push(&y->alike, a);
}

/* ---- open, close ---- */

vt_status vt_grouping_open(vt_grouping **out, size_t dimension, float cosine_threshold, vt_error *err)
{
    const vt__axes plain = { .dimension = dimension > UINT32_MAX ? 0 : (uint32_t)dimension };
    return vt__grouping_open_along(out, &plain, cosine_threshold, err);
}

vt_status vt__grouping_open_along(vt_grouping **out, const vt__axes *axes, float cosine_threshold, vt_error *err)
{
    size_t dimension = axes->dimension;
    *out = NULL;
    if (!dimension || dimension > VT__CODE_MAX_DIMENSION || !(cosine_threshold >= -1 && cosine_threshold <= 1))
        return vt__fail(err, VT_EINVAL, "templates of %zu dimensions cannot be grouped from a cosine of %g", dimension, (double)cosine_threshold);
    vt_grouping *g = vt__calloc(1, sizeof *g);
    if (!g) return vt__fail_memory(err, sizeof *g);
    g->dimension = dimension;
    g->padded = axes->axes ? dimension : (dimension + INDEX_STEP - 1) / INDEX_STEP * INDEX_STEP;
    g->threshold = vt__linkage_threshold(cosine_threshold);
    /* each rounded template is off by half a unit a dimension at most; lengths are at most 1.005 */
    g->least_cosine = cosine_threshold - 1.1f * sqrtf((float)dimension) / VT__LINKAGE_UNIT - 1e-4f;
    g->padding = vt__calloc_aligned(g->padded, sizeof *g->padding);
    g->hits = vt__calloc(VT__INDEX_MAX_HITS, sizeof *g->hits);
    const vt__axes plain = { (uint32_t)g->padded, (uint32_t)g->padded, NULL };
    vt_status status = g->padding && g->hits ? vt__index_open(&g->index, axes->axes ? axes : &plain, err) : vt__fail_memory(err, VT__INDEX_MAX_HITS * sizeof *g->hits);
    if (status) vt_grouping_close(g);
    else *out = g;
    return status;
}

void vt_grouping_close(vt_grouping *g)
{
    if (!g) return;
    for (size_t i = 0; i < g->node_count; i++) empty_node(g, &g->nodes[i]);
    vt__index_close(g->index);
    if (g->padding) vt__free_secret(g->padding, g->padded * sizeof *g->padding);
    vt__free(g->hits);
    vt__free(g->nodes);
    vt__free(g->leaves);
    vt__free(g->loose);
    vt__free(g->orphans);
    vt__node_list *const lists[] = { &g->free_nodes, &g->free_numbers, &g->gone, &g->fresh, &g->stack, &g->members, &g->path };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) vt__free(lists[i]->items);
    vt__free(g);
}

/* ---- adding ---- */

static vt__index_id id_of(uint32_t number)
{
    vt__index_id id = { { 1 } };
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static uint32_t number_of(const vt__index_id *id)
{
    uint32_t number;
    memcpy(&number, id->bytes + 8, sizeof number);
    return number;
}

static vt_status link_all(vt_grouping *g, uint32_t leaf)
{
    for (size_t i = 0; i < g->number_count; i++)
        if (g->leaves[i] != VT__NO_NODE && g->leaves[i] != leaf && !vt__grouping_link(g, leaf, g->leaves[i])) return VT_ENOMEM;
    return VT_OK;
}

/* Who is alike: by the index, and where these are too many for it one after the other. */
static vt_status link_near(vt_grouping *g, uint32_t leaf, vt_error *err)
{
    size_t found = 0;
    const vt__index_query query = { .probes = g->padding, .count = 1, .k = VT__INDEX_MAX_HITS, .min_cosine = g->least_cosine };
    vt_status status = vt__index_search(g->hits, &found, g->index, &query, err);
    if (status) return status;
    if (found == VT__INDEX_MAX_HITS) return link_all(g, leaf);
    for (size_t i = 0; i < found; i++)
        if (!vt__grouping_link(g, leaf, g->leaves[number_of(&g->hits[i].id)])) return VT_ENOMEM;
    return VT_OK;
}

static vt_status take_number(uint32_t *out, vt_grouping *g)
{
    if (g->free_numbers.count) {
        *out = g->free_numbers.items[--g->free_numbers.count];
        return VT_OK;
    }
    if (g->number_count == g->number_capacity) {
        size_t wider = g->number_capacity ? 2 * g->number_capacity : 64;
        uint32_t *leaves = vt__realloc(g->leaves, wider, sizeof *leaves);
        if (!leaves) return VT_ENOMEM;
        g->leaves = leaves;
        g->number_capacity = wider;
    }
    g->leaves[g->number_count] = VT__NO_NODE;
    *out = (uint32_t)g->number_count++;
    return VT_OK;
}

static vt_status add(uint32_t *number, vt_grouping *g, int16_t *rounded, vt_error *err)
{
    uint32_t leaf;
    vt_status status = vt__grouping_take_node(&leaf, g);
    if (!status) g->nodes[leaf].values = rounded;
    else vt__free(rounded);
    if (!status) status = take_number(number, g);
    if (status) return status;
    vt__node *n = &g->nodes[leaf];
    n->number = *number;
    n->size = 1;
    n->mark = vt__linkage_mark(rounded, g->dimension, *number);
    status = link_near(g, leaf, err);
    g->leaves[*number] = leaf;
    const vt__index_id id = id_of(*number), nobody = { { 0 } };
    if (!status) status = vt__index_add(g->index, &id, &nobody, 0, g->padding, err);
    return status ? status : vt__grouping_replay_add(g, leaf);
}

static vt_status broken(vt_grouping *g, vt_error *err)
{
    g->broken = true;
    return vt__fail(err, VT_ENOMEM, "no memory to group %zu templates", g->number_count);
}

vt_status vt_grouping_add(uint32_t *number, vt_grouping *g, const float *values, vt_error *err)
{
    if (g->broken) return broken(g, err);
    if (g->number_count - g->free_numbers.count >= VT_GROUPING_MAX)
        return vt__fail(err, VT_ELIMIT, "at most %d templates are grouped", VT_GROUPING_MAX);
    int16_t *rounded = vt__malloc(g->dimension, sizeof *rounded);
    if (!rounded) return vt__fail_memory(err, g->dimension * sizeof *rounded);
    if (!vt__linkage_round(rounded, values, g->dimension)) {
        vt__free_secret(rounded, g->dimension * sizeof *rounded);
        return vt__fail(err, VT_EINVAL, "a template is no vector of length 1");
    }
    memcpy(g->padding, values, g->dimension * sizeof *values);
    vt_status status = add(number, g, rounded, err);
    return status ? broken(g, err) : VT_OK;
}

vt_status vt_grouping_remove(vt_grouping *g, uint32_t number, vt_error *err)
{
    if (g->broken) return broken(g, err);
    if (number >= g->number_count || g->leaves[number] == VT__NO_NODE) return vt__fail(err, VT_ENOTFOUND, "no template has number %u", number);
    uint32_t leaf = g->leaves[number];
    const vt__index_id id = id_of(number);
    vt_status status = vt__index_remove(g->index, &id, err);
    const vt__node_list *alike = &g->nodes[leaf].alike;
    for (size_t i = 0; i < alike->count; i++) drop(&g->nodes[alike->items[i]].alike, leaf);
    g->leaves[number] = VT__NO_NODE;
    if (!status && !vt__node_list_push(&g->free_numbers, number)) status = VT_ENOMEM;
    if (!status) status = vt__grouping_replay_remove(g, leaf);
    return status ? broken(g, err) : VT_OK;
}

/* ---- reading ---- */

size_t vt_grouping_count(const vt_grouping *g)
{
    return g->number_count;
}

typedef struct ranked {
    uint32_t root, size, first;
} ranked;

static int compare_size(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->size != y->size) return x->size < y->size ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

vt_status vt_grouping_read(uint32_t *out, uint32_t *out_groups, const vt_grouping *g, size_t count, vt_error *err)
{
    *out_groups = 0;
    if (g->broken) return vt__fail(err, VT_ENOMEM, "memory ran out while templates were grouped");
    if (count < g->number_count) return vt__fail(err, VT_EINVAL, "room for %zu templates of %zu", count, g->number_count);
    for (size_t i = 0; i < count; i++) out[i] = VT_GROUP_MESSY;
    ranked *order = vt__calloc(g->number_count + 1, sizeof *order);
    uint32_t *rank = vt__malloc(g->node_count + 1, sizeof *rank);
    vt_status status = order && rank ? VT_OK : vt__fail_memory(err, g->node_count * sizeof *rank);
    size_t groups = 0;
    for (size_t i = 0; i < g->node_count && !status; i++) rank[i] = VT_GROUP_MESSY;
    for (uint32_t i = 0; i < g->number_count && !status; i++) {
        uint32_t root = g->leaves[i] == VT__NO_NODE ? VT__NO_NODE : g->nodes[g->leaves[i]].root;
        if (root == VT__NO_NODE || g->nodes[root].size < 2 || rank[root] != VT_GROUP_MESSY) continue;
        order[groups++] = (ranked){ root, g->nodes[root].size, i };
        rank[root] = 0;
    }
    if (groups) qsort(order, groups, sizeof *order, compare_size);
    for (uint32_t k = 0; k < groups; k++) rank[order[k].root] = k;
    for (size_t i = 0; i < g->number_count && !status; i++)
        if (g->leaves[i] != VT__NO_NODE) out[i] = rank[g->nodes[g->leaves[i]].root];
    if (!status) *out_groups = (uint32_t)groups;
    vt__free(order);
    vt__free(rank);
    return status;
}
