#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

_Static_assert(sizeof(vt__sha256_state) >= sizeof(struct sha256_ctx), "state does not fit");
_Static_assert(VT__SEAL_EXTRA_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
                                           crypto_aead_xchacha20poly1305_ietf_ABYTES, "seal size");

/* sodium_init is idempotent and thread-safe; random bytes and CPU dispatch need it once. */
static void ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, (void (*)(void))sodium_init);
}

void vt__random_bytes(void *out, size_t size_bytes)
{
    ready();
    randombytes_buf(out, size_bytes);
}

void vt__uuid_make(char out[VT__UUID_TEXT_BYTES])
{
    uint8_t b[16];
    char hex[33];
    vt__random_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* variant 10 */
    vt__hex_encode(hex, b, sizeof b);
    snprintf(out, VT__UUID_TEXT_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool vt__uuid_valid(const char *text)
{
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return text[36] == 0;
}

/* By nettle, which uses the processor's SHA instructions where it has them. */
void vt__sha256(uint8_t out[VT__SHA256_BYTES], const void *bytes, size_t size_bytes)
{
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, size_bytes, bytes);
    sha256_digest(&state, VT__SHA256_BYTES, out);
}

static struct sha256_ctx *state_of(vt__sha256_state *state)
{
    return (struct sha256_ctx *)(void *)state;
}

void vt__sha256_begin(vt__sha256_state *state) { sha256_init(state_of(state)); }

void vt__sha256_add(vt__sha256_state *state, const void *bytes, size_t size_bytes)
{
    sha256_update(state_of(state), size_bytes, bytes);
}

void vt__sha256_end(uint8_t out[VT__SHA256_BYTES], vt__sha256_state *state)
{
    sha256_digest(state_of(state), VT__SHA256_BYTES, out);
}

vt_status vt__sha256_file(uint8_t out[VT__SHA256_BYTES], const char *path, vt_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EIO, errno, "cannot open %s", path);
    vt__sha256_state state;
    vt__sha256_begin(&state);
    uint8_t piece[16384];
    ssize_t n;
    while ((n = read(descriptor, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) vt__sha256_add(&state, piece, (size_t)n);
    int number = errno;
    close(descriptor);
    if (n < 0) return vt__fail_errno(err, VT_EIO, number, "cannot read %s", path);
    vt__sha256_end(out, &state);
    return VT_OK;
}

void vt__hmac_sha256(uint8_t out[VT__SHA256_BYTES], const void *key, size_t key_bytes, const void *bytes, size_t size_bytes)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_bytes);
    crypto_auth_hmacsha256_update(&state, bytes, size_bytes);
    crypto_auth_hmacsha256_final(&state, out);
    vt__wipe(&state, sizeof state);
}

void vt__hex_encode(char *out, const void *bytes, size_t size_bytes)
{
    sodium_bin2hex(out, 2 * size_bytes + 1, bytes, size_bytes);
}

bool vt__hex_decode(void *out, size_t size_bytes, const char *text)
{
    size_t length = strlen(text), got = 0;
    return length == 2 * size_bytes && sodium_hex2bin(out, size_bytes, text, length, NULL, &got, NULL) == 0 &&
           got == size_bytes;
}

size_t vt__base64url_length(size_t size_bytes)
{
    return sodium_base64_encoded_len(size_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING) - 1;
}

void vt__base64url_encode(char *out, const void *bytes, size_t size_bytes)
{
    sodium_bin2base64(out, vt__base64url_length(size_bytes) + 1, bytes, size_bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

char *vt__base64_text(size_t *length, const void *bytes, size_t size_bytes)
{
    size_t room = sodium_base64_encoded_len(size_bytes, sodium_base64_VARIANT_ORIGINAL);
    char *text = vt__malloc(room, 1);
    if (!text) return NULL;
    sodium_bin2base64(text, room, bytes, size_bytes, sodium_base64_VARIANT_ORIGINAL);
    *length = room - 1;
    return text;
}

bool vt__base64url_decode(void *out, size_t capacity_bytes, size_t *out_size_bytes, const char *text, size_t text_bytes)
{
    const char *end = NULL;
    return sodium_base642bin(out, capacity_bytes, text, text_bytes, NULL, out_size_bytes, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 && end == text + text_bytes;
}

void vt__seal(uint8_t *out, const void *bytes, size_t size_bytes, const void *context, size_t context_bytes,
              const uint8_t key[VT__KEY_BYTES])
{
    vt__random_bytes(out, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, NULL, bytes,
                                               size_bytes, context, context_bytes, NULL, out, key);
}

vt_status vt__open(void *out, const uint8_t *sealed, size_t sealed_bytes, const void *context, size_t context_bytes,
                   const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    ready();
    if (sealed_bytes < VT__SEAL_EXTRA_BYTES)
        return vt__fail(err, VT_EINTEGRITY, "a sealed value of %zu bytes is too short", sealed_bytes);
    const size_t nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + nonce, sealed_bytes - nonce, context,
                                                   context_bytes, sealed, key))
        return vt__fail(err, VT_EINTEGRITY, "a sealed value was changed, or its key is another");
    return VT_OK;
}

void vt__sign_keypair(uint8_t public_key[VT__SIGN_PUBLIC_BYTES], uint8_t secret_key[VT__SIGN_SECRET_BYTES])
{
    ready();
    crypto_sign_keypair(public_key, secret_key);
}

void vt__sign(uint8_t out[VT__SIGNATURE_BYTES], const void *bytes, size_t size_bytes,
              const uint8_t secret_key[VT__SIGN_SECRET_BYTES])
{
    crypto_sign_detached(out, NULL, bytes, size_bytes, secret_key);
}

bool vt__signature_valid(const uint8_t signature[VT__SIGNATURE_BYTES], const void *bytes, size_t size_bytes,
                         const uint8_t public_key[VT__SIGN_PUBLIC_BYTES])
{
    return crypto_sign_verify_detached(signature, bytes, size_bytes, public_key) == 0;
}

void vt__key_derive(uint8_t out[VT__KEY_BYTES], const uint8_t key[VT__KEY_BYTES], const char *purpose, const char *id)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, VT__KEY_BYTES, VT__KEY_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1); /* the zero separates */
    crypto_generichash_update(&state, (const uint8_t *)id, strlen(id));
    crypto_generichash_final(&state, out, VT__KEY_BYTES);
    vt__wipe(&state, sizeof state);
}

bool vt__equal_secret(const void *a, const void *b, size_t size_bytes)
{
    return sodium_memcmp(a, b, size_bytes) == 0;
}

void vt__wipe(void *memory, size_t size_bytes)
{
    explicit_bzero(memory, size_bytes);
}

/* Fresh pages; large ones begin where the kernel can give huge pages, 2 MiB each. */
static void *map_pages(size_t size_bytes)
{
    const size_t huge = 2u << 20, extra = size_bytes >= 2 * huge ? huge : 0;
    uint8_t *memory = mmap(NULL, size_bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || !extra) return memory == MAP_FAILED ? NULL : memory;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = (size_bytes + page - 1) / page * page;
    size_t before = (huge - (uintptr_t)memory % huge) % huge;
    if (before) munmap(memory, before);
    if (before < extra) munmap(memory + before + used, extra - before);
    return memory + before;
}

void *vt__locked_alloc(size_t size_bytes, bool *locked)
{
    if (locked) *locked = false;
    void *memory = map_pages(size_bytes ? size_bytes : 1);
    if (!memory) return NULL;
    madvise(memory, size_bytes, MADV_DONTDUMP);
    madvise(memory, size_bytes, MADV_HUGEPAGE);
    if (mlock(memory, size_bytes) == 0 && locked) *locked = true;
    return memory;
}

void vt__locked_free(void *memory, size_t size_bytes)
{
    if (!memory) return;
    vt__wipe(memory, size_bytes);
    munmap(memory, size_bytes ? size_bytes : 1);
}
