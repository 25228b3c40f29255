#include "rest/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define TOKEN_PREFIX "vt1."
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

/* vt1.<scopes>.<end in seconds>.<tenant, base64url>.<HMAC-SHA-256 of what is before the last dot, base64url> */
static void sign(char *out, const vt__token_key *key, const char *text, size_t size)
{
    uint8_t mac[VT__SHA256_BYTES];
    vt__hmac_sha256(mac, key->bytes, sizeof key->bytes, text, size);
    vt__base64url_encode(out, mac, sizeof mac);
}

char *vt__token_make(const vt__token_key *key, const vt__token *token)
{
    char tenant[2 * VT__TENANT_BYTES], mac[64];
    vt__base64url_encode(tenant, token->tenant, strlen(token->tenant));
    char *claim = vt__format(TOKEN_PREFIX "%u.%lld.%s", token->scopes, (long long)(token->expires_ms / 1000), tenant);
    if (!claim) return NULL;
    sign(mac, key, claim, strlen(claim));
    char *out = vt__format("%s.%s", claim, mac);
    vt__free(claim);
    return out;
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
    char *end = NULL;
    memset(out, 0, sizeof *out);
    out->scopes = (uint32_t)strtoul(text + strlen(TOKEN_PREFIX), &end, 10);
    if (*end != '.') return false;
    out->expires_ms = strtoll(end + 1, &end, 10) * 1000;
    size_t tenant_bytes;
    if (*end != '.' || !vt__base64url_decode(out->tenant, sizeof out->tenant - 1, &tenant_bytes, end + 1, (size_t)(dot - end - 1)))
        return false;
    return now_ms < out->expires_ms;
}
