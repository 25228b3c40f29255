/* The API keys' digests in memory, so that a request costs no look into the store. What this process changes counts at
 * once; what another server on the same store changes, within a second. Any thread. */
#ifndef VT_SERVICE_KEY_RING_H
#define VT_SERVICE_KEY_RING_H

#include "service/service.h"
#include "store/store.h"

typedef struct vt__key_ring vt__key_ring;

vt_status vt__key_ring_open(vt__key_ring **out, vt__store *store, vt_error *err);
void vt__key_ring_close(vt__key_ring *ring);

/* The next look reads the store. */
void vt__key_ring_changed(vt__key_ring *ring);

/* VT_EDENIED: no such key, or its tenant is suspended. Looked up by its digest. */
vt_status vt__key_ring_find(vt__api_key_info *out, vt__key_ring *ring, const char *text, vt_error *err);

/* The key of that name. VT_ENOTFOUND, also where its tenant is suspended. */
vt_status vt__key_ring_get(vt__api_key_info *out, vt__key_ring *ring, const char *tenant, const char *id, vt_error *err);

/* Also true when that cannot be told. */
bool vt__key_ring_suspended(vt__key_ring *ring, const char *tenant);

/* All keys, for one who manages them; free *out with vt__free. */
vt_status vt__key_ring_list(vt__api_key_info **out, size_t *out_count, vt__key_ring *ring, vt_error *err);

#endif
