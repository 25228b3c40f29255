/* Durable records behind one interface. A record belongs to a tenant, a scope (its collection) and an owner (its
 * person, or "" = the collection itself); its body is sealed with the data key of (tenant, scope, owner), and the data
 * key with the master key. Destroying a data key destroys every record under it. A commit is atomic, durable when it
 * returns, and stamped with a rising revision, by which other readers of the database notice it. Any thread. */
#ifndef VT_STORE_STORE_H
#define VT_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#include "base/crypto.h"

typedef struct vt__store vt__store;
struct vt__backend;

/* The SQLite backend: DIR/vultus.db in WAL mode, one process at a time. */
extern const struct vt__backend vt__backend_sqlite;

/* `kind` is the user's number, at least 1, and is kept on disk. */
typedef struct vt__record {
    uint32_t kind;
    const char *tenant;
    const char *scope;
    const char *owner;
    const char *id;       /* one in (tenant, kind, scope) */
    int64_t created_ms;
    int64_t changed_ms;
    int64_t expires_ms;   /* 0 = never */
    uint64_t revision;    /* of the commit that added it; replacing keeps it */
    const uint8_t *body;
    size_t body_bytes;
} vt__record;

typedef struct vt__records {
    vt__record *items; /* one block each, held by `tenant` */
    size_t count;
} vt__records;
void vt__records_free(vt__records *records);

typedef enum vt__change_op {
    VT__ADD = 0,    /* VT_EEXISTS when there */
    VT__REPLACE,    /* VT_ENOTFOUND when not there; keeps created_ms and revision */
    VT__PUT,        /* either */
    VT__REMOVE,     /* VT_ENOTFOUND when not there */
    VT__DESTROY,    /* the data key of owner and all under it; owner NULL: the whole scope; scope NULL: the whole tenant */
    VT__REQUIRE,    /* VT_ENOTFOUND unless the record exists */
    VT__LIMIT,      /* VT_ELIMIT unless fewer than `limit` records of kind in scope (and owner); NULL = any */
    VT__NEW_KEY     /* the store's own: body is a wrapped key */
} vt__change_op;

typedef struct vt__change {
    vt__change_op op;
    vt__record record;
    uint64_t limit;
} vt__change;

/* NULL = any. Sorted by id, then scope. */
typedef struct vt__query {
    uint32_t kind;      /* 0 = any */
    const char *tenant;
    const char *scope;
    const char *owner;
    const char *id;
    const char *after;   /* ids greater than this */
    size_t limit;        /* 0 = all */
    bool without_body;
} vt__query;

typedef struct vt__store_options {
    size_t struct_size;
    const struct vt__backend *backend;
    const char *folder;
    const uint8_t *master_key; /* VT__KEY_BYTES, copied to locked memory */
    const uint8_t *next_key;   /* that a rotation begun may have come to; NULL = none */
} vt__store_options;

/* VT_EBUSY: in use by another process; VT_EINTEGRITY: made with another master key. */
vt_status vt__store_open(vt__store **out, const vt__store_options *options, vt_error *err);
void vt__store_close(vt__store *store);

/* All changes in order or none. *revision and *failed (index of the refusing change) may be NULL. */
vt_status vt__store_commit(uint64_t *revision, size_t *failed, vt__store *store, const vt__change *changes,
                           size_t count, vt_error *err);

/* Opened bodies. Records whose key is gone are left out. */
vt_status vt__store_find(vt__records *out, vt__store *store, const vt__query *query, vt_error *err);
/* Exactly one: VT_ENOTFOUND when there is none. Free with vt__records_free. */
vt_status vt__store_get(vt__records *out, vt__store *store, const vt__query *query, vt_error *err);
vt_status vt__store_count(uint64_t *out, vt__store *store, const vt__query *query, vt_error *err);
vt_status vt__store_revision(uint64_t *out, vt__store *store, const char *tenant, const char *scope, vt_error *err);

/* Revision at which records of the query's kind were last added to its scope or went from it; 0 where there are none. */
vt_status vt__store_changed(uint64_t *out, vt__store *store, const vt__query *query, vt_error *err);

/* Destroys what expired; a record whose owner is itself takes its key along. */
vt_status vt__store_sweep(uint64_t *removed, vt__store *store, int64_t now_ms, vt_error *err);
/* A backup is two files that must not exist yet: PATH, the database without what expires and without its data keys, and
 * PATH.keys, the wrapped data keys. Keeping them apart lets a key be destroyed in a backup: the key file is small, is kept
 * where it can be written, and its place is remembered in FOLDER/backups. The database may be in use. */
vt_status vt__store_backup(const struct vt__backend *backend, const char *folder, const char *path, vt_error *err);
/* Puts a backup into a folder that has no database; records whose key is gone are left out. VT_EEXISTS, VT_EFORMAT. */
vt_status vt__store_restore(const struct vt__backend *backend, const char *folder, const char *path, const char *keys_path,
                            vt_error *err);

typedef struct vt__backup_keys {
    char *path;    /* of a key file */
    bool forgotten; /* it was at hand and holds no such key any more */
} vt__backup_keys;
/* The key files remembered, none of them touched. */
vt_status vt__store_backups(vt__backup_keys **out, size_t *count, const char *folder, vt_error *err);
/* Takes the keys that were ever destroyed in the folder's store out of the key files of its backups. Free with
 * vt__backup_keys_free. A file that is gone is no failure: see `forgotten`. */
vt_status vt__store_forget(vt__backup_keys **out, size_t *count, const struct vt__backend *backend, const char *folder, vt_error *err);
/* Wraps every data key under `next` in place of the master key, here and in the key files of the backups (`forgotten`: the file
 * holds nothing under the old one any more), and forgets the old one. The database comes to it whole or not at all; who is
 * killed in the middle opens with both keys and calls it again. Readers go on, writers wait. Repeating it does nothing. */
vt_status vt__store_rotate(vt__backup_keys **backups, size_t *count, vt__store *store, const uint8_t next[VT__KEY_BYTES], vt_error *err);
void vt__backup_keys_free(vt__backup_keys *keys, size_t count);
/* The backend's own integrity check. */
vt_status vt__store_check(vt__store *store, vt_error *err);

#endif
