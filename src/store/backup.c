/* The store's side of backups, the same for every backend. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/backend.h"

enum { LIST_BYTES = 1 << 20 };

vt_status vt__store_backup(const vt__backend *backend, const char *folder, const char *path, vt_error *err)
{
    return backend->backup(folder, path, err);
}

vt_status vt__store_restore(const vt__backend *backend, const char *folder, const char *path, const char *keys_path, vt_error *err)
{
    return backend->restore(folder, path, keys_path, err);
}

static vt_status add_path(vt__backup_keys **out, size_t *count, const char *path, vt_error *err)
{
    vt__backup_keys *grown = vt__realloc(*out, *count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    *out = grown;
    grown[*count] = (vt__backup_keys){ vt__strdup(path), false };
    return grown[(*count)++].path ? VT_OK : vt__fail_memory(err, strlen(path));
}

vt_status vt__store_backups(vt__backup_keys **out, size_t *count, const char *folder, vt_error *err)
{
    uint8_t *text = NULL;
    char *list = vt__path_join(folder, "backups"), *rest = NULL;
    *out = NULL;
    *count = 0;
    if (!list) return vt__fail_memory(err, 1);
    vt_status status = vt__file_read(&text, NULL, list, LIST_BYTES, err);
    vt__free(list);
    if (status == VT_ENOTFOUND) return VT_OK;
    for (char *line = status ? NULL : strtok_r((char *)text, "\n", &rest); line && !status; line = strtok_r(NULL, "\n", &rest))
        status = add_path(out, count, line, err);
    vt__free(text);
    return status;
}

vt_status vt__store_forget(vt__backup_keys **out, size_t *count, const vt__backend *backend, const char *folder, vt_error *err)
{
    vt_status status = vt__store_backups(out, count, folder, err);
    for (size_t i = 0; i < *count && !status; i++) /* opening would make a file that is not there */
        (*out)[i].forgotten = vt__file_exists((*out)[i].path) && backend->forget(folder, (*out)[i].path, NULL) == VT_OK;
    return status;
}

vt_status vt__backups_lock(int *lock, const char *folder, vt_error *err)
{
    char *path = vt__path_join(folder, "backups");
    *lock = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    vt_status status = !path ? vt__fail_memory(err, 1) : *lock < 0 || flock(*lock, LOCK_EX) ? vt__fail_errno(err, VT_EIO, errno, "%s", path) : VT_OK;
    vt__free(path);
    return status;
}

void vt__backups_unlock(int lock)
{
    if (lock >= 0) close(lock);
}

void vt__backup_keys_free(vt__backup_keys *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) vt__free(keys[i].path);
    vt__free(keys);
}
