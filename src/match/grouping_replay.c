/* Average linkage joins the pair that stands first (linkage.h), again and again. After a leaf has come or gone it would
 * mostly do the same joins again; these stand. Only clusters that are loose, because they hold the new leaf or because what they
 * joined next is not there for them any more, look for what to join now.
 *
 * A node of the tree lives from its own join, at `formed`, until its parent's. A loose cluster's next join is with the
 * first-standing pair of those it makes with other loose clusters, and with tree nodes at a time at which these live. When a
 * tree node is taken by a loose cluster, none of the nodes above it is formed again, and the siblings on the way up become
 * loose at the times at which they would have been joined. Joins are thus done in the very order in which linkage from
 * the start would do them, and those between nodes that are not loose are the old ones: docs/decisions/0007. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "match/grouping_tree.h"

/* ---- likeness ---- */

static vt__pair pair_of(const vt_grouping *g, uint32_t a, uint32_t b)
{
    const vt__node *x = &g->nodes[a], *y = &g->nodes[b];
    int64_t total;
    if (x->values && y->values) total = vt__linkage_dot(x->values, y->values, g->dimension);
    else if (x->values) total = vt__linkage_dot_sum(x->values, y->sum, g->dimension);
    else if (y->values) total = vt__linkage_dot_sum(y->values, x->sum, g->dimension);
    else total = vt__linkage_dot_sums(x->sum, y->sum, g->dimension);
    return vt__pair_of(total, x->size, x->mark, y->size, y->mark);
}

static bool seen(vt_grouping *g, uint32_t node)
{
    bool before = g->nodes[node].seen == g->look;
    g->nodes[node].seen = g->look;
    return before;
}

/* Whether a pair with this tree node would be joined while the node lives. */
static bool while_it_lives(const vt_grouping *g, uint32_t node, const vt__pair *pair)
{
    const vt__node *n = &g->nodes[node];
    if (n->loose) return true;
    if (!n->values && !vt__pair_before(&n->formed, pair)) return false;
    return n->parent == VT__NO_NODE || vt__pair_before(pair, &g->nodes[n->parent].formed);
}

static void consider(vt__loose *best, vt_grouping *g, uint32_t node)
{
    if (node == best->node || seen(g, node)) return;
    vt__pair pair = pair_of(g, best->node, node);
    if (!vt__pair_reaches(&pair, g->threshold) || (best->other != VT__NO_NODE && !vt__pair_before(&pair, &best->pair))) return;
    if (!while_it_lives(g, node, &pair)) return;
    best->other = node;
    best->pair = pair;
}

/* ---- who could be joined ---- */

/* Up to the loose cluster that holds the node, or to the last tree node that is formed again. */
static uint32_t top_of(const vt_grouping *g, uint32_t node)
{
    while (g->nodes[node].parent != VT__NO_NODE && !g->nodes[g->nodes[node].parent].gone) node = g->nodes[node].parent;
    return node;
}

static void consider_above(vt__loose *best, vt_grouping *g, uint32_t leaf)
{
    uint32_t top = top_of(g, leaf);
    if (g->nodes[top].loose) {
        consider(best, g, top);
        return;
    }
    for (uint32_t node = leaf; g->nodes[node].seen != g->look; node = g->nodes[node].parent) {
        consider(best, g, node);
        if (node == top) break;
    }
}

/* All of a tree as it was before the replay. */
static vt_status consider_tree(vt__loose *best, vt_grouping *g, uint32_t root)
{
    g->stack.count = 0;
    if (!vt__node_list_push(&g->stack, root)) return VT_ENOMEM;
    while (g->stack.count) {
        uint32_t node = g->stack.items[--g->stack.count];
        const vt__node *n = &g->nodes[node];
        bool taken = n->parent != VT__NO_NODE && g->nodes[n->parent].fresh;
        if (taken || n->loose) {
            consider(best, g, top_of(g, node));
            continue;
        }
        if (!n->gone) consider(best, g, node);
        if (n->left == VT__NO_NODE) continue;
        if (!vt__node_list_push(&g->stack, n->left) || !vt__node_list_push(&g->stack, n->right)) return VT_ENOMEM;
    }
    return VT_OK;
}

/* The pair that a loose cluster would join next. Leaves of the tree that a member comes from are not in its `alike`. */
static vt_status look_around(vt__loose *loose, vt_grouping *g)
{
    loose->other = VT__NO_NODE;
    g->look++;
    g->members.count = 0;
    if (!vt__grouping_members(&g->members, g, loose->node)) return VT_ENOMEM;
    vt_status status = VT_OK;
    uint32_t last = VT__NO_NODE;
    for (size_t i = 0; i < g->members.count && !status; i++) {
        const vt__node *leaf = &g->nodes[g->members.items[i]];
        for (size_t k = 0; k < leaf->alike.count; k++) consider_above(loose, g, leaf->alike.items[k]);
        if (leaf->root != last) status = consider_tree(loose, g, leaf->root);
        last = leaf->root;
    }
    return status;
}

/* ---- joins ---- */

static vt_status loosen(vt_grouping *g, uint32_t node)
{
    if (g->loose_count == g->loose_capacity) {
        size_t wider = g->loose_capacity ? 2 * g->loose_capacity : 64;
        vt__loose *items = vt__realloc(g->loose, wider, sizeof *items);
        if (!items) return VT_ENOMEM;
        g->loose = items;
        g->loose_capacity = wider;
    }
    vt__loose *l = &g->loose[g->loose_count++];
    l->node = node;
    g->nodes[node].loose = true;
    return look_around(l, g);
}

static void tighten(vt_grouping *g, uint32_t node)
{
    g->nodes[node].loose = false;
    for (size_t i = 0; i < g->loose_count; i++)
        if (g->loose[i].node == node) g->loose[i--] = g->loose[--g->loose_count];
}

static vt_status add_orphan(vt_grouping *g, uint32_t node, uint32_t parent)
{
    if (g->orphan_count == g->orphan_capacity) {
        size_t wider = g->orphan_capacity ? 2 * g->orphan_capacity : 64;
        vt__orphan *items = vt__realloc(g->orphans, wider, sizeof *items);
        if (!items) return VT_ENOMEM;
        g->orphans = items;
        g->orphan_capacity = wider;
    }
    g->orphans[g->orphan_count++] = (vt__orphan){ node, parent };
    return VT_OK;
}

/* A tree node is taken: nothing above it is formed again. */
static vt_status take_from_tree(vt_grouping *g, uint32_t node)
{
    vt_status status = VT_OK;
    uint32_t below = node, above = g->nodes[node].parent;
    for (; above != VT__NO_NODE && !g->nodes[above].gone && !status; below = above, above = g->nodes[above].parent) {
        vt__node *n = &g->nodes[above];
        n->gone = true;
        status = add_orphan(g, n->left == below ? n->right : n->left, above);
        if (!status && !vt__node_list_push(&g->gone, above)) status = VT_ENOMEM;
    }
    return status;
}

static void add_into(int32_t *sum, const vt__node *n, size_t dimension)
{
    if (n->values)
        for (size_t i = 0; i < dimension; i++) sum[i] += n->values[i];
    else
        for (size_t i = 0; i < dimension; i++) sum[i] += n->sum[i];
}

static vt_status join(vt_grouping *g, const vt__loose *l)
{
    uint32_t node;
    const vt__loose from = *l;
    vt_status status = take_from_tree(g, from.other);
    if (!status) status = vt__grouping_take_node(&node, g);
    if (status) return status;
    vt__node *n = &g->nodes[node], *a = &g->nodes[from.node], *b = &g->nodes[from.other];
    n->sum = vt__calloc(g->dimension, sizeof *n->sum);
    if (!n->sum || !vt__node_list_push(&g->fresh, node)) return VT_ENOMEM;
    add_into(n->sum, a, g->dimension);
    add_into(n->sum, b, g->dimension);
    n->left = from.node;
    n->right = from.other;
    n->size = a->size + b->size;
    n->mark = a->mark < b->mark ? a->mark : b->mark;
    n->formed = from.pair;
    n->fresh = true;
    a->parent = b->parent = node;
    tighten(g, from.node);
    tighten(g, from.other);
    return loosen(g, node);
}

/* ---- in order ---- */

/* What was to be joined may have been taken meanwhile. */
static bool stands(const vt_grouping *g, uint32_t node)
{
    const vt__node *n = &g->nodes[node];
    return !n->gone && (n->parent == VT__NO_NODE || !g->nodes[n->parent].fresh);
}

static vt__loose *first_loose(vt_grouping *g)
{
    vt__loose *best = NULL;
    for (size_t i = 0; i < g->loose_count; i++) {
        vt__loose *l = &g->loose[i];
        if (l->other != VT__NO_NODE && (!best || vt__pair_before(&l->pair, &best->pair))) best = l;
    }
    return best;
}

static vt__orphan *first_orphan(vt_grouping *g)
{
    vt__orphan *best = NULL;
    for (size_t i = 0; i < g->orphan_count; i++) {
        vt__orphan *o = &g->orphans[i];
        if (!best || vt__pair_before(&g->nodes[o->parent].formed, &g->nodes[best->parent].formed)) best = o;
    }
    return best;
}

static vt_status replay(vt_grouping *g)
{
    vt_status status = VT_OK;
    while (!status) {
        vt__loose *l = first_loose(g);
        vt__orphan *o = first_orphan(g);
        if (!l && !o) return VT_OK;
        if (o && (!l || vt__pair_before(&g->nodes[o->parent].formed, &l->pair))) {
            uint32_t node = o->node;
            bool still = g->nodes[node].parent == o->parent && !g->nodes[node].gone && !g->nodes[node].loose;
            *o = g->orphans[--g->orphan_count];
            if (still) status = loosen(g, node);
        } else {
            status = stands(g, l->other) ? join(g, l) : look_around(l, g);
        }
    }
    return status;
}

/* ---- afterwards ---- */

typedef struct moved {
    uint32_t before, now, leaf;
} moved;

static int compare_moved(const void *a, const void *b)
{
    const moved *x = a, *y = b;
    if (x->before != y->before) return x->before < y->before ? -1 : 1;
    if (x->now != y->now) return x->now < y->now ? -1 : 1;
    return (x->leaf > y->leaf) - (x->leaf < y->leaf);
}

/* Leaves that were in one tree and are not any more get into each other's lists. */
static vt_status link_parted(vt_grouping *g, const moved *all, size_t count)
{
    for (size_t from = 0, end; from < count; from = end) {
        for (end = from + 1; end < count && all[end].before == all[from].before;) end++;
        if (all[from].now == all[end - 1].now) continue;
        for (size_t a = from; a < end; a++)
            for (size_t b = a + 1; b < end; b++)
                if (all[a].now != all[b].now && !vt__grouping_link(g, all[a].leaf, all[b].leaf)) return VT_ENOMEM;
    }
    return VT_OK;
}

static void forget_joined(vt_grouping *g, uint32_t leaf)
{
    vt__node_list *alike = &g->nodes[leaf].alike;
    size_t kept = 0;
    for (size_t i = 0; i < alike->count; i++)
        if (g->nodes[alike->items[i]].root != g->nodes[leaf].root) alike->items[kept++] = alike->items[i];
    alike->count = kept;
}

static vt_status settle_members(vt_grouping *g)
{
    size_t count = 0, filled = 0;
    for (size_t i = 0; i < g->loose_count; i++) count += g->nodes[g->loose[i].node].size;
    moved *all = vt__malloc(count + 1, sizeof *all);
    if (!all) return VT_ENOMEM;
    vt_status status = VT_OK;
    for (size_t i = 0; i < g->loose_count && !status; i++) {
        g->members.count = 0;
        if (!vt__grouping_members(&g->members, g, g->loose[i].node)) status = VT_ENOMEM;
        for (size_t k = 0; k < g->members.count && !status; k++)
            all[filled++] = (moved){ g->nodes[g->members.items[k]].root, g->loose[i].node, g->members.items[k] };
    }
    if (filled) qsort(all, filled, sizeof *all, compare_moved);
    if (!status) status = link_parted(g, all, filled);
    for (size_t i = 0; i < filled; i++) g->nodes[all[i].leaf].root = all[i].now;
    for (size_t i = 0; i < filled; i++) forget_joined(g, all[i].leaf);
    vt__free(all);
    return status;
}

static vt_status settle(vt_grouping *g)
{
    vt_status status = settle_members(g);
    for (size_t i = 0; i < g->loose_count; i++) {
        vt__node *n = &g->nodes[g->loose[i].node];
        n->loose = false;
        n->parent = VT__NO_NODE;
    }
    for (size_t i = 0; i < g->fresh.count; i++) g->nodes[g->fresh.items[i]].fresh = false;
    for (size_t i = 0; i < g->gone.count; i++) vt__grouping_free_node(g, g->gone.items[i]);
    return status;
}

static void begin(vt_grouping *g)
{
    g->loose_count = g->orphan_count = g->gone.count = g->fresh.count = 0;
}

vt_status vt__grouping_replay_add(vt_grouping *g, uint32_t leaf)
{
    begin(g);
    vt_status status = loosen(g, leaf);
    if (!status) status = replay(g);
    return status ? status : settle(g);
}

vt_status vt__grouping_replay_remove(vt_grouping *g, uint32_t leaf)
{
    begin(g);
    vt_status status = take_from_tree(g, leaf);
    vt__node *n = &g->nodes[leaf];
    n->gone = true;
    n->parent = VT__NO_NODE;
    if (!status && !vt__node_list_push(&g->gone, leaf)) status = VT_ENOMEM;
    if (!status) status = replay(g);
    return status ? status : settle(g);
}
