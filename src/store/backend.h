/* What a database must do for the store: keep sealed bytes. A backend knows no key and no face. Every function is
 * called from any thread; several processes may share a database where the backend allows it. */
#ifndef VT_STORE_BACKEND_H
#define VT_STORE_BACKEND_H

#include "store/store.h"

/* Held while a backup is made or the key files of all are worked on. *lock is given to unlock also after a failure. */
vt_status vt__backups_lock(int *lock, const char *folder, vt_error *err);
void vt__backups_unlock(int lock);

#define VT__WRAPPED_KEY_BYTES (VT__KEY_BYTES + VT__SEAL_EXTRA_BYTES)

/* Wraps a data key anew, in place. The names are the key's. */
typedef vt_status (*vt__rewrap)(uint8_t wrapped[VT__WRAPPED_KEY_BYTES], void *context, const char *tenant, const char *scope,
                                const char *owner, vt_error *err);

typedef struct vt__backend {
    const char *name;
    /* Opens or makes the database in a folder and brings it to the newest migration. */
    vt_status (*open)(void **self, const char *folder, vt_error *err);
    void (*close)(void *self);
    /* All changes or none, durable on return. Bodies come sealed. *failed is the change that refused. */
    vt_status (*commit)(uint64_t *revision, size_t *failed, void *self, const vt__change *changes, size_t count,
                        vt_error *err);
    vt_status (*find)(vt__records *out, void *self, const vt__query *query, vt_error *err);
    vt_status (*count)(uint64_t *out, void *self, const vt__query *query, vt_error *err);
    /* VT_ENOTFOUND when there is none. */
    vt_status (*key)(uint8_t out[VT__WRAPPED_KEY_BYTES], void *self, const char *tenant, const char *scope,
                     const char *owner, vt_error *err);
    /* Revision of the last change in a scope, 0 if never. */
    vt_status (*revision)(uint64_t *out, void *self, const char *tenant, const char *scope, vt_error *err);
    /* Of a kind in a scope, see vt__store_changed. */
    vt_status (*changed)(uint64_t *out, void *self, const vt__query *query, vt_error *err);
    vt_status (*sweep)(uint64_t *removed, void *self, int64_t now_ms, vt_error *err);
    /* See vt__store_backup, vt__store_restore and vt__store_forget. */
    vt_status (*backup)(const char *folder, const char *path, vt_error *err);
    vt_status (*restore)(const char *folder, const char *path, const char *keys_path, vt_error *err);
    vt_status (*forget)(const char *folder, const char *keys_path, vt_error *err);
    /* All data keys or none, durable on return; the old bytes are in no file of the database any more. */
    vt_status (*rewrap)(void *self, vt__rewrap one, void *context, vt_error *err);
    /* The same in the key file of a backup. */
    vt_status (*rewrap_backup)(const char *keys_path, vt__rewrap one, void *context, vt_error *err);
    vt_status (*check)(void *self, vt_error *err);
} vt__backend;

#endif
