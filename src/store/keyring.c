#include "store/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { HEX_DIGITS = 2 * VT__KEY_BYTES };

static vt_status write_file(const char *path, const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    char text[HEX_DIGITS + 2];
    vt__hex_encode(text, key, VT__KEY_BYTES);
    text[HEX_DIGITS] = '\n';
    vt_status status = vt__file_write(path, text, HEX_DIGITS + 1, 0600, err);
    vt__wipe(text, sizeof text);
    return status;
}

static vt_status make_file(uint8_t out[VT__KEY_BYTES], const char *path, vt_error *err)
{
    vt__random_bytes(out, VT__KEY_BYTES);
    return write_file(path, out, err);
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

/* ---- the next one ---- */

#define NEXT_FILE "master.key.next"

vt_status vt__next_key_order(const char *folder, const char *given, vt_error *err)
{
    uint8_t key[VT__KEY_BYTES];
    char *path = vt__path_join(folder, NEXT_FILE);
    vt_status status = !path                   ? vt__fail_memory(err, strlen(folder))
                       : vt__file_exists(path) ? vt__fail(err, VT_EEXISTS, "%s is there: a rotation is under way, or the next start ends it", path)
                                               : VT_OK;
    if (!status && given) status = vt__key_file_load(key, given, false, err);
    if (!status) status = given ? write_file(path, key, err) : make_file(key, path, err);
    vt__wipe(key, sizeof key);
    vt__free(path);
    return status;
}

bool vt__next_key_ordered(const char *folder)
{
    char *path = vt__path_join(folder, NEXT_FILE);
    bool ordered = path && vt__file_exists(path);
    vt__free(path);
    return ordered;
}

vt_status vt__next_key_load(uint8_t out[VT__KEY_BYTES], const char *folder, vt_error *err)
{
    char *path = vt__path_join(folder, NEXT_FILE);
    vt_status status = path ? read_file(out, path, err) : vt__fail_memory(err, strlen(folder));
    vt__free(path);
    return status;
}

/* As far as the disk overwrites in place. */
static void overwrite(int file)
{
    char zeros[HEX_DIGITS + 1];
    memset(zeros, '0', sizeof zeros);
    if (file >= 0 && pwrite(file, zeros, sizeof zeros, 0) == (ssize_t)sizeof zeros) fsync(file);
}

static vt_status change_names(const char *folder, const char *from, const char *to, vt_error *err)
{
    int old = open(to, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), in = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    vt_status status = rename(from, to) == 0 ? VT_OK : vt__fail_errno(err, VT_EIO, errno, "cannot rename %s", from);
    if (!status) {
        if (in >= 0) fsync(in); /* the new name first: a power cut may not leave the folder with zeros for a key */
        overwrite(old);
    }
    if (old >= 0) close(old);
    if (in >= 0) close(in);
    return status;
}

vt_status vt__next_key_adopt(const char *folder, vt_error *err)
{
    char *from = vt__path_join(folder, NEXT_FILE), *to = vt__path_join(folder, "master.key");
    vt_status status = from && to ? change_names(folder, from, to, err) : vt__fail_memory(err, strlen(folder));
    vt__free(from);
    vt__free(to);
    return status;
}
