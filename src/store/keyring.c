#include "store/keyring.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { HEX_DIGITS = 2 * VT__KEY_BYTES };

static vt_status make_file(uint8_t out[VT__KEY_BYTES], const char *path, vt_error *err)
{
    char text[HEX_DIGITS + 2];
    vt__random_bytes(out, VT__KEY_BYTES);
    vt__hex_encode(text, out, VT__KEY_BYTES);
    text[HEX_DIGITS] = '\n';
    vt_status status = vt__file_write(path, text, HEX_DIGITS + 1, 0600, err);
    vt__wipe(text, sizeof text);
    return status;
}

static vt_status read_file(uint8_t out[VT__KEY_BYTES], const char *path, vt_error *err)
{
    struct stat info;
    if (stat(path, &info) == 0 && (info.st_mode & 077))
        return vt__fail(err, VT_EDENIED, "%s can be read by others; run chmod 600 on it", path);
    uint8_t *text = NULL;
    size_t size;
    vt_status status = vt__file_read(&text, &size, path, 4096, err);
    if (status != VT_OK) return status;
    if (size < HEX_DIGITS) status = VT_EFORMAT;
    if (status == VT_OK) {
        text[HEX_DIGITS] = '\0';
        if (!vt__hex_decode(out, VT__KEY_BYTES, (const char *)text)) status = VT_EFORMAT;
    }
    vt__free_secret(text, size);
    return status == VT_OK ? VT_OK : vt__fail(err, status, "%s holds no key (64 hex digits)", path);
}

vt_status vt__key_file_load(uint8_t out[VT__KEY_BYTES], const char *path, bool make, vt_error *err)
{
    return make && !vt__file_exists(path) ? make_file(out, path, err) : read_file(out, path, err);
}

vt_status vt__master_key_load(uint8_t out[VT__KEY_BYTES], const char *hex, const char *folder, vt_error *err)
{
    if (hex) {
        if (strlen(hex) == HEX_DIGITS && vt__hex_decode(out, VT__KEY_BYTES, hex)) return VT_OK;
        return vt__fail(err, VT_EINVAL, "the master key must be 64 hex digits");
    }
    vt_status status = vt__folder_make(folder, 0700, err);
    if (status != VT_OK) return status;
    char *path = vt__path_join(folder, "master.key");
    if (!path) return vt__fail_memory(err, strlen(folder));
    status = vt__key_file_load(out, path, true, err);
    vt__free(path);
    return status;
}
