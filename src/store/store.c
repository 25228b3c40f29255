#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/backend.h"
#include "store/records.h"

/* The record that proves the master key. */
enum { PROOF_KIND = 1000000 };
#define PROOF_TEXT "vultus master key"

struct vt__store {
    const vt__backend *backend;
    void *self;
    char *folder;
    /* locked memory: the master key, and the one that a rotation comes to. Held for reading while a wrapped key is looked up and
     * opened, so that none was read before a rotation and is opened after it. */
    uint8_t *master, *next;
    bool rotating;
    pthread_rwlock_t keys;
    pthread_mutex_t writing; /* so that a data key looked up for sealing is still there when the commit runs */
};

enum { CONTEXT_BYTES = 512 };

/* What a sealed body is bound to, so that it cannot be moved to another record. */
static size_t record_context(char out[CONTEXT_BYTES], const vt__record *r)
{
    int n = snprintf(out, CONTEXT_BYTES, "%u\n%s\n%s\n%s\n%s", r->kind, r->tenant, r->scope, r->owner, r->id);
    return n < 0 ? 0 : n < CONTEXT_BYTES ? (size_t)n : CONTEXT_BYTES - 1;
}

static size_t key_context(char out[CONTEXT_BYTES], const vt__record *r)
{
    int n = snprintf(out, CONTEXT_BYTES, "key\n%s\n%s\n%s", r->tenant, r->scope, r->owner);
    return n < 0 ? 0 : n < CONTEXT_BYTES ? (size_t)n : CONTEXT_BYTES - 1;
}

static vt_status find_key(uint8_t out[VT__KEY_BYTES], vt__store *store, const vt__record *r, vt_error *err)
{
    uint8_t wrapped[VT__WRAPPED_KEY_BYTES];
    char context[CONTEXT_BYTES];
    pthread_rwlock_rdlock(&store->keys);
    vt_status status = store->backend->key(wrapped, store->self, r->tenant, r->scope, r->owner, err);
    if (status == VT_OK) {
        size_t bytes = key_context(context, r);
        status = vt__open(out, wrapped, sizeof wrapped, context, bytes, store->master, err);
        if (status && store->rotating) status = vt__open(out, wrapped, sizeof wrapped, context, bytes, store->next, err);
    }
    pthread_rwlock_unlock(&store->keys);
    return status;
}

/* A commit being sealed: the changes for the backend, with the key changes that they need in front of them. */
typedef struct sealing {
    vt__change *changes;
    size_t count;
    size_t *origin; /* index of the caller's change */
    uint8_t (*new_keys)[VT__KEY_BYTES];
    uint32_t *made; /* places of the new keys + 1 by hash of their owner, open addressing; 0 = free */
    size_t made_size;
} sealing;

static vt_status sealing_begin(sealing *s, size_t count, vt_error *err)
{
    *s = (sealing){ .changes = vt__calloc(2 * count, sizeof *s->changes), .origin = vt__calloc(2 * count, sizeof *s->origin),
                    .new_keys = vt__calloc(2 * count, sizeof *s->new_keys), .made_size = 16 };
    while (s->made_size < 4 * count) s->made_size *= 2;
    s->made = vt__calloc(s->made_size, sizeof *s->made);
    return s->changes && s->origin && s->new_keys && s->made ? VT_OK : vt__fail_memory(err, count * sizeof *s->changes);
}

static void sealing_free(sealing *s, size_t given)
{
    for (size_t i = 0; i < s->count; i++) {
        vt__change_op op = s->changes[i].op;
        if (op <= VT__PUT || op == VT__NEW_KEY) vt__free((uint8_t *)s->changes[i].record.body);
    }
    vt__free(s->changes);
    vt__free(s->origin);
    vt__free(s->made);
    vt__free_secret(s->new_keys, s->new_keys ? 2 * given * VT__KEY_BYTES : 0);
}

static bool same_key(const vt__record *a, const vt__record *b)
{
    return !strcmp(a->owner, b->owner) && !strcmp(a->scope, b->scope) && !strcmp(a->tenant, b->tenant); /* owners differ most */
}

/* Where the record's new key is noted, or belongs. */
static uint32_t *made_place(const sealing *s, const vt__record *r)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = r->owner; *c; c++) hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    size_t at = (size_t)(hash ^ hash >> 32) & (s->made_size - 1);
    while (s->made[at] && !same_key(&s->changes[s->made[at] - 1].record, r)) at = (at + 1) & (s->made_size - 1);
    return &s->made[at];
}

/* Key of a record: made earlier in this commit, in the database, or new. */
static vt_status key_for(uint8_t out[VT__KEY_BYTES], sealing *s, vt__store *store, const vt__record *r, size_t origin,
                         vt_error *err)
{
    uint32_t *made = made_place(s, r);
    if (*made) {
        memcpy(out, s->new_keys[*made - 1], VT__KEY_BYTES);
        return VT_OK;
    }
    vt_status status = find_key(out, store, r, err);
    if (status != VT_ENOTFOUND) return status;
    uint8_t *wrapped = vt__malloc(VT__WRAPPED_KEY_BYTES, 1);
    if (!wrapped) return vt__fail_memory(err, VT__WRAPPED_KEY_BYTES);
    char context[CONTEXT_BYTES];
    vt__random_bytes(out, VT__KEY_BYTES);
    memcpy(s->new_keys[s->count], out, VT__KEY_BYTES);
    vt__seal(wrapped, out, VT__KEY_BYTES, context, key_context(context, r), store->master);
    s->changes[s->count] = (vt__change){ VT__NEW_KEY, *r, 0 };
    s->changes[s->count].record.body = wrapped;
    s->changes[s->count].record.body_bytes = VT__WRAPPED_KEY_BYTES;
    s->origin[s->count++] = origin;
    *made = (uint32_t)s->count;
    return VT_OK;
}

static vt_status seal_change(sealing *s, vt__store *store, const vt__change *change, size_t origin, vt_error *err)
{
    vt__change sealed = *change;
    const vt__record *r = &change->record;
    if (change->op <= VT__PUT) {
        uint8_t key[VT__KEY_BYTES];
        vt_status status = key_for(key, s, store, r, origin, err);
        if (status != VT_OK) return status;
        uint8_t *body = vt__malloc(r->body_bytes + VT__SEAL_EXTRA_BYTES, 1);
        if (body) {
            char context[CONTEXT_BYTES];
            vt__seal(body, r->body, r->body_bytes, context, record_context(context, r), key);
        }
        vt__wipe(key, sizeof key);
        if (!body) return vt__fail_memory(err, r->body_bytes);
        sealed.record.body = body;
        sealed.record.body_bytes = r->body_bytes + VT__SEAL_EXTRA_BYTES;
    }
    s->changes[s->count] = sealed;
    s->origin[s->count++] = origin;
    return VT_OK;
}

vt_status vt__store_commit(uint64_t *revision, size_t *failed, vt__store *store, const vt__change *changes,
                           size_t count, vt_error *err)
{
    uint64_t unused_revision;
    size_t refused = 0;
    sealing s;
    vt_status status = sealing_begin(&s, count, err);
    pthread_mutex_lock(&store->writing);
    for (size_t i = 0; i < count && status == VT_OK; i++) status = seal_change(&s, store, &changes[i], i, err);
    if (status == VT_OK)
        status = store->backend->commit(revision ? revision : &unused_revision, &refused, store->self, s.changes,
                                        s.count, err);
    pthread_mutex_unlock(&store->writing);
    if (failed) *failed = refused < s.count ? s.origin[refused] : 0;
    sealing_free(&s, count);
    return status;
}

static vt_status open_body(vt__record *r, vt__store *store, vt_error *err)
{
    uint8_t key[VT__KEY_BYTES];
    vt_status status = find_key(key, store, r, err);
    if (status != VT_OK) return status;
    char context[CONTEXT_BYTES];
    size_t bytes = record_context(context, r);
    uint8_t *plain = vt__malloc(r->body_bytes + 1, 1);
    if (!plain) status = vt__fail_memory(err, r->body_bytes);
    if (status == VT_OK) status = vt__open(plain, r->body, r->body_bytes, context, bytes, key, err);
    if (status == VT_OK) {
        r->body_bytes -= VT__SEAL_EXTRA_BYTES;
        memcpy((uint8_t *)r->body, plain, r->body_bytes);
        ((uint8_t *)r->body)[r->body_bytes] = '\0';
    }
    vt__free_secret(plain, status == VT_OK ? r->body_bytes : 0);
    vt__wipe(key, sizeof key);
    return status;
}

vt_status vt__store_find(vt__records *out, vt__store *store, const vt__query *query, vt_error *err)
{
    vt_status status = store->backend->find(out, store->self, query, err);
    size_t kept = 0, i = 0;
    for (; i < out->count && status == VT_OK && !query->without_body; i++) {
        vt__record *r = &out->items[i];
        status = open_body(r, store, err);
        if (status == VT_OK) out->items[kept++] = *r;
        /* deleted by another thread between the two reads */
        else if (status == VT_ENOTFOUND) vt__record_release(r), status = VT_OK;
        else break;
    }
    if (status != VT_OK) {
        for (size_t k = i; k < out->count; k++) vt__record_release(&out->items[k]);
        out->count = kept;
        vt__records_free(out);
    } else if (!query->without_body) {
        out->count = kept;
    }
    return status;
}

vt_status vt__store_get(vt__records *out, vt__store *store, const vt__query *query, vt_error *err)
{
    vt_status status = vt__store_find(out, store, query, err);
    if (status == VT_OK && out->count == 0) {
        vt__records_free(out);
        return vt__fail(err, VT_ENOTFOUND, "not found");
    }
    return status;
}

vt_status vt__store_count(uint64_t *out, vt__store *store, const vt__query *query, vt_error *err)
{
    return store->backend->count(out, store->self, query, err);
}

vt_status vt__store_revision(uint64_t *out, vt__store *store, const char *tenant, const char *scope, vt_error *err)
{
    return store->backend->revision(out, store->self, tenant, scope, err);
}

vt_status vt__store_changed(uint64_t *out, vt__store *store, const vt__query *query, vt_error *err)
{
    return store->backend->changed(out, store->self, query, err);
}

vt_status vt__store_sweep(uint64_t *removed, vt__store *store, int64_t now_ms, vt_error *err)
{
    uint64_t unused;
    pthread_mutex_lock(&store->writing);
    vt_status status = store->backend->sweep(removed ? removed : &unused, store->self, now_ms, err);
    pthread_mutex_unlock(&store->writing);
    return status;
}

vt_status vt__store_check(vt__store *store, vt_error *err)
{
    return store->backend->check(store->self, err);
}

static vt_status prove_master(vt__store *store, vt_error *err)
{
    const vt__query query = { .kind = PROOF_KIND, .tenant = "", .scope = "", .owner = "", .id = "master" };
    vt__records found = { NULL, 0 };
    vt_status status = vt__store_get(&found, store, &query, err);
    vt__records_free(&found);
    if (status == VT_EINTEGRITY)
        return vt__fail(err, status, "this data was made with another master key; give the right one");
    if (status != VT_ENOTFOUND) return status;
    const vt__change proof = { VT__ADD,
                               { .kind = PROOF_KIND, .tenant = "", .scope = "", .owner = "", .id = "master",
                                 .body = (const uint8_t *)PROOF_TEXT, .body_bytes = sizeof PROOF_TEXT },
                               0 };
    return vt__store_commit(NULL, NULL, store, &proof, 1, err);
}

/* ---- another master key ---- */

static vt_status rewrap(uint8_t wrapped[VT__WRAPPED_KEY_BYTES], void *context, const char *tenant, const char *scope, const char *owner,
                        vt_error *err)
{
    const vt__store *store = context;
    const vt__record of = { .tenant = tenant, .scope = scope, .owner = owner };
    uint8_t key[VT__KEY_BYTES];
    char about[CONTEXT_BYTES];
    size_t bytes = key_context(about, &of);
    if (vt__open(key, wrapped, VT__WRAPPED_KEY_BYTES, about, bytes, store->next, NULL) == VT_OK) { /* done before a kill */
        vt__wipe(key, sizeof key);
        return VT_OK;
    }
    vt_status status = vt__open(key, wrapped, VT__WRAPPED_KEY_BYTES, about, bytes, store->master, err);
    if (status == VT_OK) vt__seal(wrapped, key, sizeof key, about, bytes, store->next);
    vt__wipe(key, sizeof key);
    return status;
}

/* From here to the end both keys open what is read. */
static void begin_rotation(vt__store *store, const uint8_t next[VT__KEY_BYTES])
{
    pthread_rwlock_wrlock(&store->keys);
    memcpy(store->next, next, VT__KEY_BYTES);
    store->rotating = true;
    pthread_rwlock_unlock(&store->keys);
}

static void end_rotation(vt__store *store)
{
    pthread_rwlock_wrlock(&store->keys);
    memcpy(store->master, store->next, VT__KEY_BYTES);
    vt__wipe(store->next, VT__KEY_BYTES);
    store->rotating = false;
    pthread_rwlock_unlock(&store->keys);
}

static vt_status rewrap_backups(vt__backup_keys **backups, size_t *count, vt__store *store, vt_error *err)
{
    vt_status status = vt__store_backups(backups, count, store->folder, err);
    for (size_t i = 0; i < *count && !status; i++)
        (*backups)[i].forgotten = vt__file_exists((*backups)[i].path) &&
                                  store->backend->rewrap_backup((*backups)[i].path, rewrap, store, NULL) == VT_OK;
    return status;
}

vt_status vt__store_rotate(vt__backup_keys **backups, size_t *count, vt__store *store, const uint8_t next[VT__KEY_BYTES], vt_error *err)
{
    int lock;
    *backups = NULL;
    *count = 0;
    vt_status status = vt__backups_lock(&lock, store->folder, err);
    if (status == VT_OK) {
        pthread_mutex_lock(&store->writing); /* a commit wraps its new keys before it runs */
        begin_rotation(store, next);
        status = store->backend->rewrap(store->self, rewrap, store, err);
        if (status == VT_OK) status = rewrap_backups(backups, count, store, err);
        if (status == VT_OK) end_rotation(store);
        pthread_mutex_unlock(&store->writing);
    }
    vt__backups_unlock(lock);
    return status;
}

vt_status vt__store_open(vt__store **out, const vt__store_options *options, vt_error *err)
{
    *out = NULL;
    vt__store *store = vt__calloc(1, sizeof *store);
    if (!store) return vt__fail_memory(err, sizeof *store);
    pthread_mutex_init(&store->writing, NULL);
    pthread_rwlock_init(&store->keys, NULL);
    store->backend = options->backend;
    store->folder = vt__strdup(options->folder);
    store->master = vt__locked_alloc(VT__KEY_BYTES, NULL);
    store->next = vt__locked_alloc(VT__KEY_BYTES, NULL);
    vt_status status = store->folder && store->master && store->next ? VT_OK : vt__fail_memory(err, VT__KEY_BYTES);
    if (status == VT_OK) {
        memcpy(store->master, options->master_key, VT__KEY_BYTES);
        store->rotating = options->next_key != NULL;
        if (options->next_key) memcpy(store->next, options->next_key, VT__KEY_BYTES);
        status = store->backend->open(&store->self, options->folder, err);
    }
    if (status == VT_OK) status = prove_master(store, err);
    if (status != VT_OK) {
        vt__store_close(store);
        return status;
    }
    *out = store;
    return VT_OK;
}

void vt__store_close(vt__store *store)
{
    if (!store) return;
    if (store->self) store->backend->close(store->self);
    if (store->master) vt__locked_free(store->master, VT__KEY_BYTES);
    if (store->next) vt__locked_free(store->next, VT__KEY_BYTES);
    vt__free(store->folder);
    pthread_rwlock_destroy(&store->keys);
    pthread_mutex_destroy(&store->writing);
    vt__free(store);
}
