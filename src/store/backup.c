/* The store's side of backups, the same for every backend. */
#include <string.h>

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

static vt_status forget_in(vt__backup_keys **out, size_t *count, const vt__backend *backend, const char *folder, const char *path,
                           vt_error *err)
{
    vt__backup_keys *grown = vt__realloc(*out, *count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    *out = grown;
    grown[*count] = (vt__backup_keys){ vt__strdup(path), false };
    if (!grown[*count].path) return vt__fail_memory(err, strlen(path));
    /* opening would make a file that is not there */
    grown[*count].forgotten = vt__file_exists(path) && backend->forget(folder, path, NULL) == VT_OK;
    (*count)++;
    return VT_OK;
}

vt_status vt__store_forget(vt__backup_keys **out, size_t *count, const vt__backend *backend, const char *folder, vt_error *err)
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
        status = forget_in(out, count, backend, folder, line, err);
    vt__free(text);
    return status;
}

void vt__backup_keys_free(vt__backup_keys *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) vt__free(keys[i].path);
    vt__free(keys);
}
