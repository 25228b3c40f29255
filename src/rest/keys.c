#include "rest/keys.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define MAX_KEYS 3
#define TOKEN_PREFIX "vt1."
#define MAX_TOKEN_BYTES 512
#define MAX_FILE_BYTES 4096

struct vt__keys {
    pthread_rwlock_t lock;
    char *folder;
    char first[VT__API_KEY_BYTES];
    uint8_t digests[MAX_KEYS][VT__SHA256_BYTES]; /* digests, so that comparing takes no time by length */
    int count;
    uint8_t given[VT__SHA256_BYTES];
    bool has_given;
    uint8_t token_key[VT__KEY_BYTES];
};

static void new_key(char out[VT__API_KEY_BYTES])
{
    uint8_t bytes[32];
    vt__random_bytes(bytes, sizeof bytes);
    vt__hex_encode(out, bytes, sizeof bytes);
    vt__wipe(bytes, sizeof bytes);
}

static vt_status write_in(const char *folder, const char *name, const char *text, vt_error *err)
{
    char *path = vt__path_join(folder, name);
    if (!path) return vt__fail_memory(err, 0);
    vt_status status = vt__file_write(path, text, strlen(text), 0600, err);
    vt__free(path);
    return status;
}

static vt_status read_in(char **out, const char *folder, const char *name, vt_error *err)
{
    char *path = vt__path_join(folder, name);
    size_t size;
    if (!path) return vt__fail_memory(err, 0);
    vt_status status = vt__file_read((uint8_t **)out, &size, path, MAX_FILE_BYTES, err);
    vt__free(path);
    return status;
}

static bool exists_in(const char *folder, const char *name)
{
    char *path = vt__path_join(folder, name);
    bool there = path && vt__file_exists(path);
    vt__free(path);
    return there;
}

static bool key_usable(const char *key)
{
    size_t size = strlen(key);
    return size >= 16 && size < VT__API_KEY_BYTES && strspn(key, "0123456789abcdefghijklmnopqrstuvwxyz"
                                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~+/=") == size;
}

static vt_status write_keys(const char *folder, const char *one, const char *two, vt_error *err)
{
    char text[2 * VT__API_KEY_BYTES + 4];
    snprintf(text, sizeof text, "%s\n%s\n", one, two);
    vt_status status = write_in(folder, "api-keys", text, err);
    vt__wipe(text, sizeof text);
    return status;
}

static vt_status make_missing(bool *made, const char *folder, const char *given, vt_error *err)
{
    char one[VT__API_KEY_BYTES], two[VT__API_KEY_BYTES];
    vt_status status = vt__folder_make(folder, 0700, err);
    *made = !status && !exists_in(folder, "api-keys");
    if (*made) {
        new_key(one);
        new_key(two);
        if (given) snprintf(one, sizeof one, "%s", given);
        status = write_keys(folder, one, two, err);
    }
    if (!status && !exists_in(folder, "token-key")) {
        new_key(one);
        status = write_in(folder, "token-key", one, err);
    }
    return status;
}

/* Up to two keys, a line each; lines that are no usable key are left out. */
static int split_keys(const char *lines[2], char *text)
{
    int count = 0;
    for (char *rest = text, *line = strtok_r(rest, "\r\n", &rest); line && count < 2; line = strtok_r(NULL, "\r\n", &rest))
        if (key_usable(line)) lines[count++] = line;
    return count;
}

vt_status vt__keys_reload(vt__keys *keys, vt_error *err)
{
    char *text = NULL, *token = NULL;
    const char *lines[2];
    uint8_t token_key[VT__KEY_BYTES];
    vt_status status = read_in(&text, keys->folder, "api-keys", err);
    if (!status) status = read_in(&token, keys->folder, "token-key", err);
    int count = status ? 0 : split_keys(lines, text);
    if (!status && count == 0) status = vt__fail(err, VT_EFORMAT, "%s/api-keys holds no key of 16 to 64 letters", keys->folder);
    if (!status) {
        token[strcspn(token, "\r\n")] = 0;
        if (!vt__hex_decode(token_key, sizeof token_key, token))
            status = vt__fail(err, VT_EFORMAT, "%s/token-key is damaged; delete it to get a new one", keys->folder);
    }
    if (!status) {
        pthread_rwlock_wrlock(&keys->lock);
        snprintf(keys->first, sizeof keys->first, "%s", lines[0]);
        for (int i = 0; i < count; i++) vt__sha256(keys->digests[i], lines[i], strlen(lines[i]));
        keys->count = count;
        if (keys->has_given) memcpy(keys->digests[keys->count++], keys->given, VT__SHA256_BYTES);
        memcpy(keys->token_key, token_key, sizeof token_key);
        pthread_rwlock_unlock(&keys->lock);
    }
    if (text) vt__free_secret(text, strlen(text));
    if (token) vt__free_secret(token, strlen(token));
    return status;
}

vt_status vt__keys_open(vt__keys **out, bool *made, const char *folder, const char *given, vt_error *err)
{
    bool made_now;
    if (given && !key_usable(given))
        return vt__fail(err, VT_EINVAL, "VULTUS_API_KEY must have 16 to 64 letters, digits or any of -_.~+/=");
    vt_status status = make_missing(&made_now, folder, given, err);
    if (made) *made = made_now;
    if (status) return status;
    vt__keys *keys = vt__calloc(1, sizeof *keys);
    char *copy = vt__strdup(folder);
    if (!keys || !copy) {
        vt__free(keys);
        vt__free(copy);
        return vt__fail_memory(err, sizeof *keys);
    }
    keys->folder = copy;
    pthread_rwlock_init(&keys->lock, NULL);
    keys->has_given = given != NULL;
    if (given) vt__sha256(keys->given, given, strlen(given));
    status = vt__keys_reload(keys, err);
    if (status) vt__keys_close(keys);
    else *out = keys;
    return status;
}

void vt__keys_close(vt__keys *keys)
{
    if (!keys) return;
    pthread_rwlock_destroy(&keys->lock);
    vt__free(keys->folder);
    vt__free_secret(keys, sizeof *keys);
}

void vt__keys_first(char out[VT__API_KEY_BYTES], vt__keys *keys)
{
    pthread_rwlock_rdlock(&keys->lock);
    memcpy(out, keys->first, VT__API_KEY_BYTES);
    pthread_rwlock_unlock(&keys->lock);
}

vt_status vt__keys_rotate(char out[VT__API_KEY_BYTES], const char *folder, int number, vt_error *err)
{
    if (number != 1 && number != 2) return vt__fail(err, VT_EINVAL, "there are keys 1 and 2");
    char *text = NULL;
    const char *lines[2] = { "", "" };
    vt_status status = read_in(&text, folder, "api-keys", err);
    if (status) return status;
    split_keys(lines, text);
    new_key(out);
    lines[number - 1] = out;
    status = write_keys(folder, lines[0], lines[1], err);
    vt__free_secret(text, strlen(text));
    return status;
}

bool vt__keys_has(vt__keys *keys, const char *key)
{
    uint8_t digest[VT__SHA256_BYTES];
    vt__sha256(digest, key, strlen(key));
    bool found = false;
    pthread_rwlock_rdlock(&keys->lock);
    for (int i = 0; i < keys->count; i++) found |= vt__equal_secret(digest, keys->digests[i], sizeof digest);
    pthread_rwlock_unlock(&keys->lock);
    return found;
}

/* vt1.<scopes>.<end in seconds>.<tenant, base64url>.<HMAC-SHA-256 of what is before the last dot, base64url> */
static void sign(char *out, vt__keys *keys, const char *text, size_t size)
{
    uint8_t mac[VT__SHA256_BYTES];
    pthread_rwlock_rdlock(&keys->lock);
    vt__hmac_sha256(mac, keys->token_key, sizeof keys->token_key, text, size);
    pthread_rwlock_unlock(&keys->lock);
    vt__base64url_encode(out, mac, sizeof mac);
}

char *vt__token_make(vt__keys *keys, const vt__token *token)
{
    char tenant[2 * VT__TENANT_BYTES], mac[64];
    vt__base64url_encode(tenant, token->tenant, strlen(token->tenant));
    char *claim = vt__format(TOKEN_PREFIX "%u.%lld.%s", token->scopes, (long long)(token->expires_ms / 1000), tenant);
    if (!claim) return NULL;
    sign(mac, keys, claim, strlen(claim));
    char *out = vt__format("%s.%s", claim, mac);
    vt__free(claim);
    return out;
}

bool vt__token_read(vt__token *out, vt__keys *keys, const char *text, int64_t now_ms)
{
    size_t size = strnlen(text, MAX_TOKEN_BYTES);
    const char *dot = size < MAX_TOKEN_BYTES ? strrchr(text, '.') : NULL;
    char mac[64];
    if (!dot || strncmp(text, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0) return false;
    sign(mac, keys, text, (size_t)(dot - text));
    if (strlen(dot + 1) != strlen(mac) || !vt__equal_secret(dot + 1, mac, strlen(mac))) return false;
    /* signed by us from here on */
    char *end = NULL;
    memset(out, 0, sizeof *out);
    out->scopes = (unsigned)strtoul(text + strlen(TOKEN_PREFIX), &end, 10);
    if (*end != '.') return false;
    out->expires_ms = strtoll(end + 1, &end, 10) * 1000;
    size_t tenant_bytes;
    if (*end != '.' || !vt__base64url_decode(out->tenant, sizeof out->tenant - 1, &tenant_bytes, end + 1, (size_t)(dot - end - 1)))
        return false;
    return now_ms < out->expires_ms;
}
