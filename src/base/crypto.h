/* Random bytes, digests, sealing and signing over libsodium and nettle (SHA-256): the only door to them. All functions may be called from
 * any thread; the library initialises itself on first use. */
#ifndef VT_BASE_CRYPTO_H
#define VT_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#define VT__KEY_BYTES 32         /* XChaCha20-Poly1305 key */
#define VT__SEAL_EXTRA_BYTES 40  /* nonce 24 + tag 16 */
#define VT__SHA256_BYTES 32
#define VT__UUID_TEXT_BYTES 37   /* 36 and the zero */
#define VT__SIGN_PUBLIC_BYTES 32 /* Ed25519 */
#define VT__SIGN_SECRET_BYTES 64
#define VT__SIGNATURE_BYTES 64

/* The operating system's random source. */
void vt__random_bytes(void *out, size_t size_bytes);

/* A random (version 4) UUID, lower case, RFC 9562. */
void vt__uuid_make(char out[VT__UUID_TEXT_BYTES]);

/* 8-4-4-4-12 hexadecimal digits of either case. */
bool vt__uuid_valid(const char *text);

void vt__sha256(uint8_t out[VT__SHA256_BYTES], const void *bytes, size_t size_bytes);
/* Digest of a file read in pieces. */
vt_status vt__sha256_file(uint8_t out[VT__SHA256_BYTES], const char *path, vt_error *err);

/* SHA-256 in pieces. */
typedef struct vt__sha256_state { uint64_t opaque[16]; } vt__sha256_state;
void vt__sha256_begin(vt__sha256_state *state);
void vt__sha256_add(vt__sha256_state *state, const void *bytes, size_t size_bytes);
void vt__sha256_end(uint8_t out[VT__SHA256_BYTES], vt__sha256_state *state);

/* HMAC-SHA-256 (RFC 2104). */
void vt__hmac_sha256(uint8_t out[VT__SHA256_BYTES], const void *key, size_t key_bytes, const void *bytes, size_t size_bytes);

/* Lower-case hex with a terminating zero: out holds 2 * size + 1. */
void vt__hex_encode(char *out, const void *bytes, size_t size_bytes);
/* Exactly size bytes from 2 * size digits; false otherwise. */
bool vt__hex_decode(void *out, size_t size_bytes, const char *text);

/* Base64url without padding (RFC 4648 section 5): out holds vt__base64url_length + 1. */
size_t vt__base64url_length(size_t size_bytes);
void vt__base64url_encode(char *out, const void *bytes, size_t size_bytes);
/* Standard base64 with padding (section 4), zero-terminated, in fresh memory; NULL without. */
char *vt__base64_text(size_t *length, const void *bytes, size_t size_bytes);
bool vt__base64url_decode(void *out, size_t capacity_bytes, size_t *out_size_bytes, const char *text, size_t text_bytes);

/* XChaCha20-Poly1305. out holds size + VT__SEAL_EXTRA_BYTES: nonce, ciphertext, tag. `context` is authenticated,
 * not stored: the same bytes are needed to open, so that a sealed value cannot be moved elsewhere. */
void vt__seal(uint8_t *out, const void *bytes, size_t size_bytes, const void *context, size_t context_bytes,
              const uint8_t key[VT__KEY_BYTES]);
/* VT_EINTEGRITY when anything was changed or the key is another. out holds sealed size - VT__SEAL_EXTRA_BYTES. */
vt_status vt__open(void *out, const uint8_t *sealed, size_t sealed_bytes, const void *context, size_t context_bytes,
                   const uint8_t key[VT__KEY_BYTES], vt_error *err);

/* Ed25519 (RFC 8032). */
void vt__sign_keypair(uint8_t public_key[VT__SIGN_PUBLIC_BYTES], uint8_t secret_key[VT__SIGN_SECRET_BYTES]);
void vt__sign(uint8_t out[VT__SIGNATURE_BYTES], const void *bytes, size_t size_bytes,
              const uint8_t secret_key[VT__SIGN_SECRET_BYTES]);
bool vt__signature_valid(const uint8_t signature[VT__SIGNATURE_BYTES], const void *bytes, size_t size_bytes,
                         const uint8_t public_key[VT__SIGN_PUBLIC_BYTES]);

/* Key from key: a 32-byte subkey of `key` for a purpose (BLAKE2b keyed with the master, personalised by name and id). */
void vt__key_derive(uint8_t out[VT__KEY_BYTES], const uint8_t key[VT__KEY_BYTES], const char *purpose, const char *id);

/* Equal in time that does not depend on where they differ. */
bool vt__equal_secret(const void *a, const void *b, size_t size_bytes);
void vt__wipe(void *memory, size_t size_bytes);

/* Pages locked in memory, left out of core dumps, wiped when freed. Falls back to unlocked memory when the
 * system's lock limit is too small (*locked tells, may be NULL). NULL: no memory. */
void *vt__locked_alloc(size_t size_bytes, bool *locked);
void vt__locked_free(void *memory, size_t size_bytes);

#endif
