#include "service/key_ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/packing.h"
#include "service/state.h"
#include "service/tenant.h"

#define FRESH_NS INT64_C(1000000000)

typedef struct kept_key {
    vt__api_key_info info;
    uint8_t digest[VT__SHA256_BYTES];
} kept_key;

typedef struct tenant_name {
    char id[VT__COLLECTION_ID_MAX + 1];
} tenant_name;

struct vt__key_ring {
    vt__store *store;
    pthread_rwlock_t lock;
    kept_key *keys; /* sorted by digest */
    size_t count;
    tenant_name *suspended;
    size_t suspended_count;
    int64_t read_ns;             /* when, on the monotonic clock */
    unsigned generation;         /* that `keys` are of */
    atomic_uint last_generation; /* a change starts another */
};

static bool key_of(kept_key *out, const vt__record *r)
{
    vt__unpacking from = vt__unpack_begin(r);
    size_t size_bytes;
    const uint8_t *digest = vt__unpack_bytes(&size_bytes, &from);
    out->info.scopes = (uint32_t)vt__unpack_number(&from);
    out->info.created_ms = r->changed_ms;
    vt__copy_text(out->info.tenant, sizeof out->info.tenant, r->tenant);
    vt__copy_text(out->info.id, sizeof out->info.id, r->id);
    if (from.bad || !digest || size_bytes != sizeof out->digest) return false;
    memcpy(out->digest, digest, sizeof out->digest);
    return true;
}

/* What a text's digest is nobody can choose, so the order tells nothing of the keys. */
static int compare_digests(const void *a, const void *b)
{
    return memcmp(((const kept_key *)a)->digest, ((const kept_key *)b)->digest, VT__SHA256_BYTES);
}

static bool is_suspended(const tenant_name *names, size_t count, const char *tenant)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i].id, tenant)) return true;
    return false;
}

/* A store that cannot be read is no reason to let somebody in: the reading fails. */
static vt_status read_suspended(tenant_name **out, size_t *count, vt__store *store, vt_error *err)
{
    vt__records tenants;
    *count = 0;
    vt_status status = vt__store_find(&tenants, store, &(vt__query){ .kind = VT__RECORD_TENANT }, err);
    if (status) return status;
    *out = vt__calloc(tenants.count + 1, sizeof **out);
    for (size_t i = 0; *out && i < tenants.count; i++)
        if (vt__tenant_is_suspended(&tenants.items[i])) vt__copy_text((*out)[(*count)++].id, sizeof (*out)->id, tenants.items[i].tenant);
    vt__records_free(&tenants);
    return *out ? VT_OK : vt__fail_memory(err, sizeof **out);
}

/* What was read takes the place of what was there. */
static void take(vt__key_ring *ring, kept_key *keys, size_t count, tenant_name *suspended, size_t suspended_count)
{
    for (size_t i = 0; i < count; i++) keys[i].info.suspended = is_suspended(suspended, suspended_count, keys[i].info.tenant);
    qsort(keys, count, sizeof *keys, compare_digests);
    vt__free(ring->keys);
    vt__free(ring->suspended);
    ring->keys = keys;
    ring->count = count;
    ring->suspended = suspended;
    ring->suspended_count = suspended_count;
    ring->read_ns = vt__monotonic_ns();
}

static vt_status read_keys(vt__key_ring *ring, vt_error *err)
{
    unsigned generation = atomic_load(&ring->last_generation);
    vt__records found;
    tenant_name *suspended = NULL;
    size_t suspended_count = 0, count = 0;
    vt_status status = vt__store_find(&found, ring->store, &(vt__query){ .kind = VT__RECORD_API_KEY }, err);
    if (status) return status;
    kept_key *keys = vt__calloc(found.count + 1, sizeof *keys);
    for (size_t i = 0; keys && i < found.count; i++) count += key_of(&keys[count], &found.items[i]);
    vt__records_free(&found);
    status = keys ? read_suspended(&suspended, &suspended_count, ring->store, err) : vt__fail_memory(err, sizeof *keys);
    if (status) {
        vt__free(keys);
        return status;
    }
    take(ring, keys, count, suspended, suspended_count);
    ring->generation = generation;
    return VT_OK;
}

static bool is_fresh(vt__key_ring *ring)
{
    return ring->keys && ring->generation == atomic_load(&ring->last_generation) && vt__monotonic_ns() - ring->read_ns < FRESH_NS;
}

/* Locks the ring with keys that are fresh; nothing is locked on failure. */
static vt_status lock_fresh(vt__key_ring *ring, vt_error *err)
{
    pthread_rwlock_rdlock(&ring->lock);
    if (is_fresh(ring)) return VT_OK;
    pthread_rwlock_unlock(&ring->lock);
    pthread_rwlock_wrlock(&ring->lock);
    vt_status status = is_fresh(ring) ? VT_OK : read_keys(ring, err);
    if (status) pthread_rwlock_unlock(&ring->lock);
    return status;
}

vt_status vt__key_ring_open(vt__key_ring **out, vt__store *store, vt_error *err)
{
    *out = vt__calloc(1, sizeof **out);
    if (!*out) return vt__fail_memory(err, sizeof **out);
    (*out)->store = store;
    pthread_rwlock_init(&(*out)->lock, NULL);
    return VT_OK;
}

void vt__key_ring_close(vt__key_ring *ring)
{
    if (!ring) return;
    pthread_rwlock_destroy(&ring->lock);
    vt__free(ring->keys);
    vt__free(ring->suspended);
    vt__free(ring);
}

void vt__key_ring_changed(vt__key_ring *ring)
{
    atomic_fetch_add(&ring->last_generation, 1);
}

vt_status vt__key_ring_find(vt__api_key_info *out, vt__key_ring *ring, const char *text, vt_error *err)
{
    kept_key asked;
    vt__sha256(asked.digest, text, strlen(text));
    vt_status status = lock_fresh(ring, err);
    if (status) return status;
    const kept_key *found = bsearch(&asked, ring->keys, ring->count, sizeof asked, compare_digests);
    if (found && found->info.suspended) found = NULL;
    if (found) *out = found->info;
    pthread_rwlock_unlock(&ring->lock);
    return found ? VT_OK : vt__fail(err, VT_EDENIED, "unknown API key");
}

vt_status vt__key_ring_get(vt__api_key_info *out, vt__key_ring *ring, const char *tenant, const char *id, vt_error *err)
{
    vt_status status = lock_fresh(ring, err);
    if (status) return status;
    const kept_key *found = NULL;
    for (size_t i = 0; i < ring->count && !found; i++)
        if (!strcmp(ring->keys[i].info.tenant, tenant) && !strcmp(ring->keys[i].info.id, id)) found = &ring->keys[i];
    if (found && found->info.suspended) found = NULL;
    if (found) *out = found->info;
    pthread_rwlock_unlock(&ring->lock);
    return found ? VT_OK : vt__fail(err, VT_ENOTFOUND, "no API key of this name");
}

bool vt__key_ring_suspended(vt__key_ring *ring, const char *tenant)
{
    if (lock_fresh(ring, NULL)) return true;
    bool suspended = is_suspended(ring->suspended, ring->suspended_count, tenant);
    pthread_rwlock_unlock(&ring->lock);
    return suspended;
}

vt_status vt__key_ring_list(vt__api_key_info **out, size_t *out_count, vt__key_ring *ring, vt_error *err)
{
    vt_status status = lock_fresh(ring, err);
    if (status) return status;
    *out_count = ring->count;
    *out = vt__calloc(ring->count + 1, sizeof **out);
    for (size_t i = 0; *out && i < ring->count; i++) (*out)[i] = ring->keys[i].info;
    if (!*out) status = vt__fail_memory(err, ring->count * sizeof **out);
    pthread_rwlock_unlock(&ring->lock);
    return status;
}
