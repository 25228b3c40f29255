/* An index's file of codes, from hostile hands, beside a file of vectors that goes with it. First byte 0: a file, whose key is
 * known, so that whole ones open. 1: what stands in a block, as if its seal had held. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match/index_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIMENSION = 16, ID_AT = 32, VECTORS_BYTES = 4096 + 2 * VT__SEGMENT_ROWS * (DIMENSION * 4 + 40) };

static const uint8_t key[VT__KEY_BYTES];
static const vt__axes axes = { DIMENSION, DIMENSION, NULL };

static void use(vt__index *index)
{
    float probe[DIMENSION] = { 1 };
    vt__index_hit hits[4];
    size_t found;
    vt__index_id id = { { 7 } };
    const vt__index_query query = { .probes = probe, .count = 1, .k = 4, .min_cosine = -1, .by_person = true };
    vt__index_search(hits, &found, index, &query, NULL);
    vt__index_add(index, &id, &id, 0, probe, NULL);
    vt__index_search(hits, &found, index, &query, NULL);
    vt__index_remove(index, &id, NULL);
}

static void open_file(const uint8_t *data, size_t size)
{
    char codes[] = "/tmp/vultus-fuzz-codes-XXXXXX", vectors[] = "/tmp/vultus-fuzz-vectors-XXXXXX";
    uint8_t head[40] = "VULTVEC";
    const uint32_t numbers[] = { 1, 0x01020304, DIMENSION };
    int a = mkstemp(codes), b = mkstemp(vectors);
    memcpy(head + 8, numbers, sizeof numbers);
    if (size >= ID_AT + 16) memcpy(head + 24, data + ID_AT, 16);
    if (a >= 0 && b >= 0 && write(a, data, size) == (ssize_t)size && write(b, head, sizeof head) > 0 && !ftruncate(b, VECTORS_BYTES)) {
        vt__index *index = NULL;
        vt__index_stamp stamp;
        uint32_t dimension;
        const vt__index_place place = { codes, vectors, key };
        if (!vt__index_file_open(&index, &stamp, &dimension, &axes, &place, NULL)) {
            use(index);
            vt__index_file_stamp(index, &stamp, NULL);
            vt__index_close(index);
        }
    }
    close(a);
    close(b);
    unlink(codes);
    unlink(vectors);
}

static void fill_block(const uint8_t *data, size_t size)
{
    uint8_t plain[VT__BLOCK_MAX_BYTES] = { 0 };
    vt__index *index = NULL;
    if (vt__index_open(&index, &axes, NULL)) return;
    memcpy(plain, data, size < vt__block_bytes(DIMENSION) ? size : vt__block_bytes(DIMENSION));
    if (!vt__index_new_segment(index, 0, NULL)) {
        vt__block_spread(index, 0, plain);
        atomic_store(&index->rows, VT__BLOCK_ROWS);
        atomic_store(&index->live, VT__BLOCK_ROWS);
        index->tables_late = true;
        use(index);
    }
    vt__index_close(index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    if (data[0] & 1) fill_block(data + 1, size - 1);
    else open_file(data + 1, size - 1);
    return 0;
}
