#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/packing.h"
#include "service/state.h"

enum { RANDOM_KEY_BYTES = 24 };

vt_status vt__service_key_make(char out[VT__API_KEY_TEXT_BYTES], vt__service *service, const char *tenant,
                               const char *id, uint32_t scopes, const char *given, vt_error *err)
{
    uint8_t random[RANDOM_KEY_BYTES], digest[VT__SHA256_BYTES];
    size_t length = given ? strlen(given) : 2 * RANDOM_KEY_BYTES;
    if (!vt__collection_id_valid(tenant) || !vt__collection_id_valid(id))
        return vt__fail(err, VT_EINVAL, "tenant and key id take 1 to 64 of a-z, 0-9, '-' and '_'");
    if (length < 16 || length >= VT__API_KEY_TEXT_BYTES)
        return vt__fail(err, VT_EINVAL, "an API key has 16 to %d characters", VT__API_KEY_TEXT_BYTES - 1);
    vt__random_bytes(random, sizeof random);
    if (given) vt__copy_text(out, VT__API_KEY_TEXT_BYTES, given);
    else vt__hex_encode(out, random, sizeof random);
    vt__wipe(random, sizeof random);
    vt__sha256(digest, out, strlen(out));
    vt__buffer body;
    vt__buffer_init(&body, 1024);
    vt__pack_bytes(&body, digest, sizeof digest);
    vt__pack_number(&body, scopes);
    int64_t now = vt__service_now_ms(service);
    const vt__change change = { VT__PUT,
                                { .kind = VT__RECORD_API_KEY, .tenant = tenant, .scope = VT__SCOPE_KEYS, .owner = "",
                                  .id = id, .created_ms = now, .changed_ms = now, .body = body.data,
                                  .body_bytes = body.size },
                                0 };
    vt_status status = body.status != VT_OK ? vt__fail_memory(err, 1024)
                                            : vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__buffer_free(&body);
    vt__key_ring_changed(service->keys);
    return status;
}

vt_status vt__service_key_revoke(vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    const vt__change change = {
        VT__REMOVE, { .kind = VT__RECORD_API_KEY, .tenant = tenant, .scope = VT__SCOPE_KEYS, .owner = "", .id = id }, 0
    };
    vt_status status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__key_ring_changed(service->keys);
    return status;
}

vt_status vt__service_key_find(vt__api_key_info *out, vt__service *service, const char *text, vt_error *err)
{
    return vt__key_ring_find(out, service->keys, text, err);
}

vt_status vt__service_key_get(vt__api_key_info *out, vt__service *service, const char *tenant, const char *id, vt_error *err)
{
    return vt__key_ring_get(out, service->keys, tenant, id, err);
}

vt_status vt__service_key_list(vt__api_key_info **out, size_t *out_count, vt__service *service, vt_error *err)
{
    return vt__key_ring_list(out, out_count, service->keys, err);
}
