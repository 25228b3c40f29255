/* The full-width vectors of an index in a file of their own: a slot a row, each sealed by itself, so that only the few that
 * are compared are ever opened. Written with pwrite, read through a mapping; the format is in docs/formats.md. Readers in any
 * thread, one writer. */
#ifndef VT_MATCH_VAULT_H
#define VT_MATCH_VAULT_H

#include <stdbool.h>

#include "base/crypto.h"
#include "match/index.h"

typedef struct vt__vault {
    int descriptor;
    char *path;      /* its lasting name */
    char *temporary; /* the name that it has until then; NULL = published */
    uint8_t *key;    /* locked memory */
    uint8_t id[16];  /* of this file and its partner */
    uint32_t dimension;
} vt__vault;

/* A new file under a temporary name. `key` is of this pair of files. */
vt_status vt__vault_make(vt__vault **out, const char *path, uint32_t dimension, const uint8_t id[16],
                         const uint8_t key[VT__KEY_BYTES], vt_error *err);
/* VT_ENOTFOUND; VT_EINTEGRITY: not that partner, or too short for `segments`. */
vt_status vt__vault_open(vt__vault **out, const char *path, uint32_t dimension, const uint8_t id[16],
                         const uint8_t key[VT__KEY_BYTES], size_t segments, vt_error *err);
vt_status vt__vault_publish(vt__vault *vault, vt_error *err);
/* Takes the file's name away; what is mapped stays good until closed. */
void vt__vault_discard(vt__vault *vault);
void vt__vault_close(vt__vault *vault);

/* The slots of a segment, the file lengthened to hold them. */
vt_status vt__vault_map(const uint8_t **out, const vt__vault *vault, size_t segment, vt_error *err);
void vt__vault_unmap(const uint8_t *slots, const vt__vault *vault);
/* Cuts the file off behind so many segments. */
void vt__vault_shorten(const vt__vault *vault, size_t segments);

vt_status vt__vault_put(const vt__vault *vault, uint32_t row, const vt__index_id *id, const float *values, vt_error *err);
void vt__vault_wipe(const vt__vault *vault, uint32_t row);
/* false: damaged, moved, or of another id. */
bool vt__vault_get(float *out, const vt__vault *vault, const uint8_t *slots, uint32_t row, const vt__index_id *id);

#endif
