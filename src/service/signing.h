/* The installation's Ed25519 key (RFC 8032): it signs the audit's heads and the receipts. The secret rests sealed in the
 * store; the public half lies readable in DATA/keys/signing.pub, so that anybody can check without the service. */
#ifndef VT_SERVICE_SIGNING_H
#define VT_SERVICE_SIGNING_H

#include "base/crypto.h"
#include "base/json.h"
#include "store/store.h"

#define VT__SIGNING_PUBLIC_FILE "signing.pub"

typedef struct vt__signing {
    uint8_t public_key[VT__SIGN_PUBLIC_BYTES];
    uint8_t *secret_key; /* VT__SIGN_SECRET_BYTES in locked memory */
} vt__signing;

/* Loads the key from the store, or makes it; writes the public half into `key_folder` when it is not there. */
vt_status vt__signing_open(vt__signing *out, vt__store *store, const char *key_folder, vt_error *err);
void vt__signing_close(vt__signing *signing);

/* Adds "publicKey" and "signature" (hex) over the compact text of the object as it stands. */
vt_status vt__signing_sign(vt__json *object, const vt__signing *signing, vt_error *err);
/* Whether "signature" is `public_key`'s over the object without those two members, and "publicKey" is that key. */
bool vt__signing_valid(const vt__json *object, const uint8_t public_key[VT__SIGN_PUBLIC_BYTES]);

/* 64 hex digits from a file. VT_ENOTFOUND, VT_EFORMAT. */
vt_status vt__signing_read_public(uint8_t out[VT__SIGN_PUBLIC_BYTES], const char *path, vt_error *err);

#endif
