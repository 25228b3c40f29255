#include "rest/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define TOKEN_PREFIX "vt2."
#define MAX_TOKEN_BYTES 512

struct vt__token_key {
    uint8_t bytes[VT__KEY_BYTES];
};

vt_status vt__token_key_open(vt__token_key **out, const char *path, vt_error *err)
{
    vt__token_key *key = vt__calloc(1, sizeof *key);
    if (!key) return vt__fail_memory(err, sizeof *key);
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = VT_OK;
    if (vt__file_exists(path)) {
        status = vt__file_read(&bytes, &size, path, sizeof key->bytes, err);
        if (!status && size != sizeof key->bytes)
            status = vt__fail(err, VT_EFORMAT, "%s is damaged; delete it to get a new one", path);
        if (!status) memcpy(key->bytes, bytes, size);
    } else {
        vt__random_bytes(key->bytes, sizeof key->bytes);
        status = vt__file_write(path, key->bytes, sizeof key->bytes, 0600, err);
    }
    vt__free_secret(bytes, size);
    if (status) vt__token_key_close(key);
    else *out = key;
    return status;
}

void vt__token_key_close(vt__token_key *key)
{
    if (key) vt__free_secret(key, sizeof *key);
}

/* vt2.<scopes>.<end in seconds>.<key made, ms>.<key id, base64url>.<tenant, base64url>.<HMAC-SHA-256 of what is before the last dot, base64url> */
static void sign(char *out, const vt__token_key *key, const char *text, size_t size)
{
    uint8_t mac[VT__SHA256_BYTES];
    vt__hmac_sha256(mac, key->bytes, sizeof key->bytes, text, size);
    vt__base64url_encode(out, mac, sizeof mac);
}

char *vt__token_make(const vt__token_key *key, const vt__token *token)
{
    char tenant[2 * VT__TENANT_BYTES], key_id[2 * VT__TENANT_BYTES], mac[64];
    vt__base64url_encode(tenant, token->tenant, strlen(token->tenant));
    vt__base64url_encode(key_id, token->key_id, strlen(token->key_id));
    char *claim = vt__format(TOKEN_PREFIX "%u.%lld.%lld.%s.%s", token->scopes, (long long)(token->expires_ms / 1000),
                             (long long)token->key_since_ms, key_id, tenant);
    if (!claim) return NULL;
    sign(mac, key, claim, strlen(claim));
    char *out = vt__format("%s.%s", claim, mac);
    vt__free(claim);
    return out;
}

/* A number and the dot behind it; moves *at past them. */
static bool read_number(int64_t *out, const char **at)
{
    char *end = NULL;
    *out = strtoll(*at, &end, 10);
    bool good = end != *at && *end == '.';
    *at = end + good;
    return good;
}

/* A base64url text up to the next dot, which is `at` the latest; moves *at past it. */
static bool read_text(char out[VT__TENANT_BYTES], const char **at)
{
    size_t size = strcspn(*at, "."), bytes = 0;
    if (!vt__base64url_decode(out, VT__TENANT_BYTES - 1, &bytes, *at, size)) return false;
    out[bytes] = '\0';
    *at += size + 1;
    return true;
}

bool vt__token_read(vt__token *out, const vt__token_key *key, const char *text, int64_t now_ms)
{
    size_t size = strnlen(text, MAX_TOKEN_BYTES);
    const char *dot = size < MAX_TOKEN_BYTES ? strrchr(text, '.') : NULL;
    char mac[64];
    if (!dot || strncmp(text, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0) return false;
    sign(mac, key, text, (size_t)(dot - text));
    if (strlen(dot + 1) != strlen(mac) || !vt__equal_secret(dot + 1, mac, strlen(mac))) return false;
    /* signed by us from here on */
    const char *at = text + strlen(TOKEN_PREFIX);
    int64_t scopes, end_s;
    memset(out, 0, sizeof *out);
    if (!read_number(&scopes, &at) || !read_number(&end_s, &at) || !read_number(&out->key_since_ms, &at) ||
        !read_text(out->key_id, &at) || !read_text(out->tenant, &at))
        return false;
    out->scopes = (uint32_t)scopes;
    out->expires_ms = end_s * 1000;
    return now_ms < out->expires_ms;
}
