/* Blocks of an index file: 64 rows as they lie in memory. */
#ifndef VT_MATCH_INDEX_BLOCK_H
#define VT_MATCH_INDEX_BLOCK_H

#include "base/crypto.h"
#include "match/index_file.h"
#include "match/index_rows.h"

enum {
    VT__BLOCK_ROWS = 64,
    VT__BLOCKS_AT = 4096, /* where the first begins in the file */
    VT__BLOCK_STRIPS = VT__BLOCK_ROWS / VT__STRIP,
    VT__BLOCK_ROW_BYTES = 2 * sizeof(vt__index_id) + sizeof(uint32_t), /* beside the codes */
    VT__BLOCK_LIVE_BYTES = VT__BLOCK_ROWS / VT__QUAD,
    VT__BLOCK_MAX_BYTES = VT__BLOCK_ROWS * (VT__CODE_MAX_DIMENSION + 2 * sizeof(float) + VT__BLOCK_ROW_BYTES) + VT__BLOCK_LIVE_BYTES,
    VT__BLOCK_EXTRA_BYTES = sizeof(uint64_t) + VT__SEAL_EXTRA_BYTES /* version and seal */
};

/* In clear at the front of the file, and bound to all that is sealed in it. */
typedef struct vt__index_head {
    char magic[8];
    uint32_t format, byte_order, dimension, width, block_rows, reserved;
    uint8_t id[16]; /* random, of this file and its partner */
    uint8_t more[16];
} vt__index_head;

/* What a block is bound to. */
typedef struct vt__block_context {
    uint8_t file[16];
    uint64_t version, block;
} vt__block_context;

typedef struct vt__index_file {
    int descriptor;
    char *path, *temporary; /* as vt__vault's */
    uint8_t *key;           /* locked memory */
    vt__index_head head;
    uint8_t axes[VT__SHA256_BYTES]; /* digest of the axes */
    vt__index_stamp stamp;
    uint64_t *versions; /* of each block: raised with every writing */
    uint64_t sum;       /* of them all; sealed in the head, so that no block of an earlier time passes */
    uint64_t floor;     /* highest version of blocks that are gone */
    uint8_t *touched;   /* blocks to be written */
    uint32_t *touched_list;
    size_t touched_count, capacity;
    bool lost; /* unlinked */
} vt__index_file;

static inline size_t vt__block_bytes(size_t width)
{
    return VT__BLOCK_STRIPS * vt__strip_bytes(width) + VT__BLOCK_ROWS * (vt__lower_bytes(width) + VT__BLOCK_ROW_BYTES) + VT__BLOCK_LIVE_BYTES;
}

static inline size_t vt__block_stride(size_t width)
{
    return vt__block_bytes(width) + VT__BLOCK_EXTRA_BYTES;
}

static inline vt__block_context vt__block_context_of(const uint8_t id[16], uint64_t block, uint64_t version)
{
    vt__block_context context = { .version = version, .block = block };
    for (int i = 0; i < 16; i++) context.file[i] = id[i];
    return context;
}

/* The block's rows out of the index, dead ones as zeros; and back. */
void vt__block_gather(uint8_t *out, const vt__index *index, uint32_t block);
void vt__block_spread(const vt__index *index, uint32_t block, const uint8_t *plain);

#endif
