/* Tenants: each has keys, collections, registered uses, settings and data keys of its own, and reaches nothing of another's. One
 * is there as soon as it is made or has a key. The default tenant is always there; its keys of scope operator, and the program,
 * make, suspend and delete the others. */
#ifndef VT_SERVICE_TENANT_H
#define VT_SERVICE_TENANT_H

#include "base/json.h"
#include "service/service.h"

struct vt__record;

/* All of these: SCOPE_MISSING without the operator's scope, whatever the id; then BAD_ID, TENANT_NOT_FOUND. What they do stands
 * in the default tenant's audit. */

/* TENANT_EXISTS. Its key "1" has `scopes`; its text is shown this once. */
vt__code vt__tenant_create(char key[VT__API_KEY_TEXT_BYTES], vt__service *service, const vt__caller *caller, const char *id, uint32_t scopes,
                           vt_error *err);
/* Makes or renews a key. BAD_ARGUMENT: no scopes, or the operator's for another tenant than the default one. */
vt__code vt__tenant_key_make(char key[VT__API_KEY_TEXT_BYTES], vt__service *service, const vt__caller *caller, const char *id, const char *key_id,
                             uint32_t scopes, vt_error *err);
/* BAD_ID: there is no such key. */
vt__code vt__tenant_key_revoke(vt__service *service, const vt__caller *caller, const char *id, const char *key_id, vt_error *err);
/* Nobody is let in with its keys, tokens and session tokens until it is resumed; nothing is lost. BAD_ARGUMENT: the default one. */
vt__code vt__tenant_suspend(vt__service *service, const vt__caller *caller, const char *id, bool suspended, vt_error *err);
/* Destroys every data key of the tenant, and with them all it has, also in backups; only its audit stays. TENANT_OPEN: it is not
 * suspended; HELD: something of it is under legal hold. */
vt__code vt__tenant_delete(vt__service *service, const vt__caller *caller, const char *id, vt_error *err);

/* An array of tenants by id, or the one with `id`: {"tenantId", "suspended", "keys": [{"keyId", "scopes", "made"}]}. */
vt__code vt__tenant_list(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err);

/* Whether it lets nobody in; also when that cannot be told. */
bool vt__tenant_suspended(vt__service *service, const char *id);
/* What its record says; one that is damaged says so, too. */
bool vt__tenant_is_suspended(const struct vt__record *record);

#endif
