/* The inside of a grouping: the tree that average linkage joins its templates into.
 *
 * Every template is a leaf; every join that reached the threshold a node above its two parts; the trees' roots are the
 * groups. For each leaf the leaves of other trees that reach the threshold with it are kept (`alike`): two clusters can only
 * join where at least one pair of their members does.
 *
 * When a leaf comes or goes, the joins are replayed from the most alike pair down (grouping_replay.c). */
#ifndef VT_MATCH_GROUPING_TREE_H
#define VT_MATCH_GROUPING_TREE_H

#include <vultus/match.h>

#include "match/index.h"
#include "match/linkage.h"

#define VT__NO_NODE UINT32_MAX

typedef struct vt__node_list {
    uint32_t *items;
    size_t count, capacity;
} vt__node_list;

typedef struct vt__node {
    uint32_t parent, left, right; /* VT__NO_NODE for none */
    uint32_t root;   /* of a leaf: its tree, as the last change left it */
    uint32_t size;   /* leaves in it */
    uint32_t number; /* of a leaf */
    uint32_t seen;   /* at which look */
    bool loose;      /* in a replay: stands on its own, and what it joins next is not what it joined before */
    bool gone;       /* in a replay: is not formed again */
    bool fresh;      /* formed in this replay */
    uint64_t mark;
    vt__pair formed;     /* of its two parts */
    int16_t *values;     /* of a leaf */
    int32_t *sum;        /* of a joined one */
    vt__node_list alike; /* of a leaf */
} vt__node;

/* A loose cluster and the pair that it would join next. */
typedef struct vt__loose {
    uint32_t node, other; /* other VT__NO_NODE: none reaches the threshold */
    vt__pair pair;
} vt__loose;

/* A node whose sibling is taken away from it: loose from the time on at which the two were joined. */
typedef struct vt__orphan {
    uint32_t node, parent;
} vt__orphan;

struct vt_grouping {
    size_t dimension, padded; /* padded as the index wants it */
    int64_t threshold;
    float least_cosine;       /* below which no pair reaches the threshold */
    vt__index *index;         /* of the leaves, by their number */
    float *padding;
    vt__index_hit *hits;
    vt__node *nodes;
    size_t node_count, node_capacity;
    vt__node_list free_nodes;
    uint32_t *leaves; /* by number; VT__NO_NODE for free ones */
    size_t number_count, number_capacity;
    vt__node_list free_numbers;
    bool broken; /* memory ran out half-way */
    uint32_t look;
    /* of a replay: */
    vt__loose *loose;
    size_t loose_count, loose_capacity;
    vt__orphan *orphans;
    size_t orphan_count, orphan_capacity;
    vt__node_list gone, fresh, stack, members, path;
};

bool vt__node_list_push(vt__node_list *list, uint32_t item);

/* A new node in no tree. VT_ENOMEM. */
vt_status vt__grouping_take_node(uint32_t *out, vt_grouping *g);
void vt__grouping_free_node(vt_grouping *g, uint32_t node);

/* The leaves below a node, appended to `out`. */
bool vt__grouping_members(vt__node_list *out, vt_grouping *g, uint32_t node);

/* Whether two leaves reach the threshold; if so, each is in the other's list afterwards. False: no memory. */
bool vt__grouping_link(vt_grouping *g, uint32_t a, uint32_t b);

/* Replays the joins after a leaf has come, whose tree is itself only, or goes. VT_ENOMEM leaves the trees half-way. */
vt_status vt__grouping_replay_add(vt_grouping *g, uint32_t leaf);
vt_status vt__grouping_replay_remove(vt_grouping *g, uint32_t leaf);

#endif
