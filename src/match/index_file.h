/* An index that lives in two files: codes (with all that a scan needs, in sealed blocks) and vectors (match/vault.h). Opened,
 * not rebuilt; the format is in docs/formats.md.
 *
 * Made under temporary names; the first stamp syncs them and gives them their names. After that every change is written to
 * its block in place, and a stamp makes it count: a block that no stamp counts, a block of an earlier time, or a file of
 * another pair does not open. Whoever opens compares the stamp with the store and builds anew where they differ. */
#ifndef VT_MATCH_INDEX_FILE_H
#define VT_MATCH_INDEX_FILE_H

#include "base/crypto.h"
#include "match/index.h"

/* What the caller wants to know again. */
typedef struct vt__index_stamp {
    uint64_t revision; /* of the store, that the rows stand for */
    uint64_t base;     /* what row labels count from */
    uint64_t newest;   /* revision of the newest row */
    char model[16];
} vt__index_stamp;

typedef struct vt__index_place {
    const char *codes, *vectors; /* paths */
    const uint8_t *key;          /* VT__KEY_BYTES */
} vt__index_place;

/* `axes` serve where their dimension is the file's, else none. *stamp and *dimension are the file's. VT_ENOTFOUND: no file;
 * VT_EINTEGRITY: damaged, tampered with, another key or other axes; VT_EFORMAT: another version. */
vt_status vt__index_file_open(vt__index **out, vt__index_stamp *stamp, uint32_t *dimension, const vt__axes *axes,
                              const vt__index_place *place, vt_error *err);

/* An empty index in files that have temporary names. VT_EIO. */
vt_status vt__index_file_make(vt__index **out, const vt__axes *axes, const vt__index_place *place, vt_error *err);

/* Writes what changed, and the stamp. On failure the files are discarded, and the index goes on without their names. */
vt_status vt__index_file_stamp(vt__index *index, const vt__index_stamp *stamp, vt_error *err);

/* Unlinks the files; the index goes on. Fine for an index without files. */
void vt__index_file_discard(vt__index *index);

#endif
