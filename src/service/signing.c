#include "service/signing.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "service/state.h"

enum { PUBLIC_DIGITS = 2 * VT__SIGN_PUBLIC_BYTES, SIGNATURE_DIGITS = 2 * VT__SIGNATURE_BYTES };

static const vt__record key_record = { .kind = VT__RECORD_SIGNING, .tenant = "", .scope = "signing", .owner = "", .id = "1" };

static vt_status make_key(vt__signing *out, vt__store *store, vt_error *err)
{
    vt__change change = { VT__ADD, key_record, 0 };
    vt__sign_keypair(out->public_key, out->secret_key);
    change.record.body = out->secret_key;
    change.record.body_bytes = VT__SIGN_SECRET_BYTES;
    return vt__store_commit(NULL, NULL, store, &change, 1, err);
}

static vt_status load_key(vt__signing *out, vt__store *store, vt_error *err)
{
    const vt__query query = { .kind = key_record.kind, .tenant = key_record.tenant, .scope = key_record.scope, .id = key_record.id };
    vt__records found;
    vt_status status = vt__store_get(&found, store, &query, err);
    if (status == VT_ENOTFOUND) return make_key(out, store, err);
    if (status) return status;
    if (found.items[0].body_bytes == VT__SIGN_SECRET_BYTES) {
        memcpy(out->secret_key, found.items[0].body, VT__SIGN_SECRET_BYTES);
        /* RFC 8032: the secret is seed and public key */
        memcpy(out->public_key, out->secret_key + VT__SIGN_SECRET_BYTES - VT__SIGN_PUBLIC_BYTES, VT__SIGN_PUBLIC_BYTES);
    } else {
        status = vt__fail(err, VT_EFORMAT, "the signing key in the store is damaged");
    }
    vt__records_free(&found);
    return status;
}

static vt_status publish(const vt__signing *signing, const char *folder, vt_error *err)
{
    char text[PUBLIC_DIGITS + 2];
    uint8_t there[VT__SIGN_PUBLIC_BYTES];
    char *path = vt__path_join(folder, VT__SIGNING_PUBLIC_FILE);
    if (!path) return vt__fail_memory(err, strlen(folder));
    vt_status status = vt__folder_make(folder, 0700, err);
    bool same = !status && vt__signing_read_public(there, path, NULL) == VT_OK &&
                !memcmp(there, signing->public_key, sizeof there);
    if (!status && !same) {
        vt__hex_encode(text, signing->public_key, VT__SIGN_PUBLIC_BYTES);
        text[PUBLIC_DIGITS] = '\n';
        status = vt__file_write(path, text, PUBLIC_DIGITS + 1, 0644, err);
    }
    vt__free(path);
    return status;
}

vt_status vt__signing_open(vt__signing *out, vt__store *store, const char *key_folder, vt_error *err)
{
    out->secret_key = vt__locked_alloc(VT__SIGN_SECRET_BYTES, NULL);
    if (!out->secret_key) return vt__fail_memory(err, VT__SIGN_SECRET_BYTES);
    vt_status status = load_key(out, store, err);
    return status ? status : publish(out, key_folder, err);
}

void vt__signing_close(vt__signing *signing)
{
    if (signing->secret_key) vt__locked_free(signing->secret_key, VT__SIGN_SECRET_BYTES);
    signing->secret_key = NULL;
}

vt_status vt__signing_sign(vt__json *object, const vt__signing *signing, vt_error *err)
{
    uint8_t signature[VT__SIGNATURE_BYTES];
    char public_text[PUBLIC_DIGITS + 1], signature_text[SIGNATURE_DIGITS + 1];
    char *text = vt__json_text(object, false);
    if (!text) return vt__fail_memory(err, 1);
    vt__sign(signature, text, strlen(text), signing->secret_key);
    vt__free(text);
    vt__hex_encode(public_text, signing->public_key, VT__SIGN_PUBLIC_BYTES);
    vt__hex_encode(signature_text, signature, sizeof signature);
    vt__json_set_string(object, "publicKey", public_text);
    vt__json_set_string(object, "signature", signature_text);
    return VT_OK;
}

/* The object without the two members that signing added. */
static vt__json *signed_part(const vt__json *object)
{
    vt__json *part = vt__json_object();
    for (size_t i = 0; i < vt__json_count(object); i++) {
        const char *name = vt__json_key_at(object, i);
        if (strcmp(name, "publicKey") && strcmp(name, "signature")) vt__json_set(part, name, vt__json_copy(vt__json_value_at(object, i)));
    }
    return part;
}

bool vt__signing_valid(const vt__json *object, const uint8_t public_key[VT__SIGN_PUBLIC_BYTES])
{
    uint8_t named[VT__SIGN_PUBLIC_BYTES], signature[VT__SIGNATURE_BYTES];
    const char *public_text = vt__json_string_or(object, "publicKey", ""), *signature_text = vt__json_string_or(object, "signature", "");
    if (strlen(public_text) != PUBLIC_DIGITS || strlen(signature_text) != SIGNATURE_DIGITS ||
        !vt__hex_decode(named, sizeof named, public_text) || !vt__hex_decode(signature, sizeof signature, signature_text) ||
        memcmp(named, public_key, sizeof named) != 0)
        return false;
    vt__json *part = signed_part(object);
    char *text = vt__json_text(part, false);
    bool valid = text && vt__signature_valid(signature, text, strlen(text), public_key);
    vt__free(text);
    vt__json_free(part);
    return valid;
}

vt_status vt__signing_read_public(uint8_t out[VT__SIGN_PUBLIC_BYTES], const char *path, vt_error *err)
{
    uint8_t *text = NULL;
    size_t size;
    vt_status status = vt__file_read(&text, &size, path, 4096, err);
    if (status) return status;
    bool good = size >= PUBLIC_DIGITS;
    if (good) text[PUBLIC_DIGITS] = '\0';
    good = good && vt__hex_decode(out, VT__SIGN_PUBLIC_BYTES, (const char *)text);
    vt__free(text);
    return good ? VT_OK : vt__fail(err, VT_EFORMAT, "%s holds no public key (64 hex digits)", path);
}
