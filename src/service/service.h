/* The product on C structs: one vt__service a data folder, used by any number of threads.
 *
 * Every call takes the caller, answers a vt__code and, on failure, fills `err` with one line. Texts given in are
 * borrowed for the call; what comes out is the caller's and is freed with the function named beside it. Picture
 * operations take the calling thread's vt_session. No HTTP status and no JSON here. */
#ifndef VT_SERVICE_SERVICE_H
#define VT_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/face.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "service/code.h"

typedef struct vt__service vt__service;

#define VT__COLLECTION_ID_MAX 64
#define VT__DEFAULT_TENANT "default"

/* Scopes of a key. */
enum {
    VT__SCOPE_DETECT = 1 << 0,
    VT__SCOPE_RECOGNIZE = 1 << 1,
    VT__SCOPE_MANAGE = 1 << 2,
    VT__SCOPE_LIVENESS = 1 << 3,
    VT__SCOPE_ADMIN = 1 << 4,
    VT__SCOPE_ALL = (1 << 5) - 1, /* of a tenant's own matters */
    VT__SCOPE_OPERATOR = 1 << 5   /* makes, suspends and deletes tenants; keys of the default tenant only */
};

/* Who asks. Nothing of one tenant can be reached by another. */
typedef struct vt__caller {
    const char *tenant;     /* tenant id, "default" */
    const char *key_id;     /* names the key in the audit, never the key itself */
    uint32_t scopes;        /* VT__SCOPE_ bits */
    const char *camera;     /* label of the camera or stream, may be NULL */
    const char *request_id; /* may be NULL */
} vt__caller;

/* Jobs on videos (job.h); a 0 means the default. */
typedef struct vt__job_options {
    int workers;               /* threads that work on them; 0 = none: jobs are not served */
    size_t most_jobs;          /* of a tenant, kept ones too; 100 */
    uint64_t most_upload_bytes; /* one video; 2 GiB */
    uint64_t most_stored_bytes; /* uploads and results of all tenants; 20 GiB */
    int64_t keep_ms;           /* from its end, or from its begin while it waits; 24 hours */
    const char *archive_root;  /* videos of tenant T that may be indexed where they lie are below archive_root/T; NULL = none */
} vt__job_options;

typedef struct vt__service_options {
    size_t struct_size;
    const char *data_folder; /* made when absent, mode 0700; locked against a second process */
    const char *key_folder;  /* NULL = data_folder/keys */
    const char *master_key;  /* 64 hex digits; NULL = environment VULTUS_MASTER_KEY, else key_folder/master.key (made) */
    vt_engine *engine;       /* borrowed; NULL: picture operations answer UNSUPPORTED */
    vt__clock clock;         /* all zero = the system's */
    vt__log *log;            /* may be NULL */
    bool evaluation;         /* registers a 30-day evaluation use for every tenant */
    bool sweep;              /* run the expiry sweeper in a thread of its own */
    size_t open_galleries;   /* collections whose search index is kept open; 0 = 128 */
    bool search_by_float;    /* 1:N compares with every template in float; for checking, the answers are the same */
    float search_recall;     /* of vt__index_query, in galleries of VT__LARGE_GALLERY faces and more; 1 = exact */
    vt__job_options jobs;
} vt__service_options;
enum { VT__LARGE_GALLERY = 100000 };
#define VT__SERVICE_OPTIONS_INIT                                                                                     \
    { sizeof(vt__service_options), NULL, NULL, NULL, NULL, { NULL, NULL }, NULL, false, true, 0, false, 1, { 0, 0, 0, 0, 0, NULL } }

/* VT_EBUSY: another process has the folder. VT_EINTEGRITY: another master key. Close with vt__service_close. */
vt_status vt__service_open(vt__service **out, const vt__service_options *options, vt_error *err);
void vt__service_close(vt__service *service);

vt_engine *vt__service_engine(const vt__service *service); /* borrowed, may be NULL */
int64_t vt__service_now_ms(const vt__service *service);

/* Removes what has expired (face ids, operations, sessions) and what retention rules end. *removed may be NULL. */
vt_status vt__service_sweep(size_t *removed, vt__service *service, vt_error *err);

typedef struct vt__service_counts {
    uint64_t collections;
    uint64_t persons;
    uint64_t faces;
    uint64_t face_ids;
} vt__service_counts;
/* Over all tenants, for the status page. */
vt_status vt__service_count(vt__service_counts *out, vt__service *service, vt_error *err);

/* Copies the database of a data folder, also while a server works on it, to PATH and the data keys to PATH.keys; neither may
 * exist yet. What is in them stays sealed under the master key. */
vt_status vt__service_backup(const char *data_folder, const char *path, vt_error *err);
/* Puts a backup into a data folder that has no database. */
vt_status vt__service_restore(const char *data_folder, const char *path, const char *keys_path, vt_error *err);

/* ---- API keys: two a tenant ("1" and "2"), kept as digests only ---- */
#define VT__API_KEY_TEXT_BYTES 65

typedef struct vt__api_key_info {
    char tenant[VT__COLLECTION_ID_MAX + 1];
    char id[VT__COLLECTION_ID_MAX + 1];
    uint32_t scopes;
    int64_t created_ms;
    bool suspended; /* its tenant is: nobody is let in with it */
} vt__api_key_info;

/* Makes (or rotates) a tenant's key `id`; its text is shown this once. `given` (may be NULL) is used as the key's text. */
vt_status vt__service_key_make(char out[VT__API_KEY_TEXT_BYTES], vt__service *service, const char *tenant,
                               const char *id, uint32_t scopes, const char *given, vt_error *err);
vt_status vt__service_key_revoke(vt__service *service, const char *tenant, const char *id, vt_error *err);
/* Whose key a text is: VT_EDENIED for nobody's and for a suspended tenant's. Looked up by its digest. */
vt_status vt__service_key_find(vt__api_key_info *out, vt__service *service, const char *text, vt_error *err);
/* The key of that name: VT_ENOTFOUND. */
vt_status vt__service_key_get(vt__api_key_info *out, vt__service *service, const char *tenant, const char *id, vt_error *err);
/* All tenants' keys; free with vt__free. */
vt_status vt__service_key_list(vt__api_key_info **out, size_t *out_count, vt__service *service, vt_error *err);

#endif
