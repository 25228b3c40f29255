#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"

static vt_status code_of_errno(int number)
{
    static const struct {
        int number;
        vt_status code;
    } codes[] = { { ENOENT, VT_ENOTFOUND }, { ENOTDIR, VT_ENOTFOUND }, { EACCES, VT_EDENIED },
                  { EPERM, VT_EDENIED },    { EEXIST, VT_EEXISTS },    { ENOMEM, VT_ENOMEM } };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].number == number) return codes[i].code;
    return VT_EIO;
}

static vt_status read_exactly(int descriptor, uint8_t *out, size_t *size_bytes)
{
    size_t got = 0;
    while (got < *size_bytes) {
        ssize_t n = read(descriptor, out + got, *size_bytes - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return VT_EIO;
        if (n == 0) break;
        got += (size_t)n;
    }
    *size_bytes = got;
    return VT_OK;
}

static vt_status size_of_regular(size_t *out, int descriptor, const char *path, size_t max_bytes, vt_error *err)
{
    struct stat info;
    if (fstat(descriptor, &info)) return vt__fail_errno(err, VT_EIO, errno, "%s", path);
    if (!S_ISREG(info.st_mode)) return vt__fail(err, VT_EIO, "%s is not a regular file", path);
    if ((uint64_t)info.st_size > max_bytes)
        return vt__fail(err, VT_ELIMIT, "%s has %lld bytes, more than the %zu allowed", path, (long long)info.st_size,
                        max_bytes);
    *out = (size_t)info.st_size;
    return VT_OK;
}

vt_status vt__file_read(uint8_t **out, size_t *out_size_bytes, const char *path, size_t max_bytes, vt_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return vt__fail_errno(err, code_of_errno(errno), errno, "cannot open %s", path);
    size_t size = 0;
    uint8_t *bytes = NULL;
    vt_status status = size_of_regular(&size, descriptor, path, max_bytes, err);
    if (status) goto done;
    bytes = vt__malloc(size + 1, 1);
    if (!bytes) {
        status = vt__fail_memory(err, size);
        goto done;
    }
    status = read_exactly(descriptor, bytes, &size);
    if (status) {
        vt__fail_errno(err, status, errno, "cannot read %s", path);
        goto done;
    }
    bytes[size] = 0;
    *out = bytes;
    if (out_size_bytes) *out_size_bytes = size;
    bytes = NULL;
done:
    vt__free(bytes);
    close(descriptor);
    return status;
}

static int write_fully(int descriptor, const uint8_t *bytes, size_t size_bytes)
{
    while (size_bytes) {
        ssize_t n = write(descriptor, bytes, size_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        bytes += n;
        size_bytes -= (size_t)n;
    }
    return fsync(descriptor);
}

static void sync_folder_of(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash) snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    fsync(descriptor);
    close(descriptor);
}

vt_status vt__file_write(const char *path, const void *bytes, size_t size_bytes, unsigned mode, vt_error *err)
{
    uint8_t salt[6];
    char hex[2 * sizeof salt + 1];
    vt__random_bytes(salt, sizeof salt);
    vt__hex_encode(hex, salt, sizeof salt);
    char *temporary = vt__format("%s.%s.tmp", path, hex);
    if (!temporary) return vt__fail_memory(err, strlen(path));
    vt_status status = VT_OK;
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (descriptor < 0) {
        status = vt__fail_errno(err, code_of_errno(errno), errno, "cannot create %s", temporary);
        goto done;
    }
    int failed = write_fully(descriptor, bytes, size_bytes);
    int number = errno;
    if (close(descriptor) && !failed) failed = -1, number = errno;
    if (!failed && rename(temporary, path)) failed = -1, number = errno;
    if (failed) {
        unlink(temporary);
        status = vt__fail_errno(err, VT_EIO, number, "cannot write %s", path);
        goto done;
    }
    sync_folder_of(path);
done:
    vt__free(temporary);
    return status;
}

vt_status vt__file_write_at(int descriptor, const void *bytes, size_t size_bytes, uint64_t offset, const char *path, vt_error *err)
{
    const uint8_t *from = bytes;
    while (size_bytes) {
        ssize_t n = pwrite(descriptor, from, size_bytes, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return vt__fail_errno(err, VT_EIO, n ? errno : ENOSPC, "cannot write %s", path);
        from += n;
        offset += (uint64_t)n;
        size_bytes -= (size_t)n;
    }
    return VT_OK;
}

vt_status vt__file_publish(int descriptor, const char *temporary, const char *path, vt_error *err)
{
    if (fsync(descriptor) || rename(temporary, path)) return vt__fail_errno(err, VT_EIO, errno, "cannot write %s", path);
    sync_folder_of(path);
    return VT_OK;
}

char *vt__part_name(const char *path) { return vt__format("%s.%ld.part", path, (long)getpid()); }

int vt__part_open(const char *part, unsigned mode)
{
    int descriptor = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (descriptor >= 0) flock(descriptor, LOCK_EX | LOCK_NB);
    return descriptor;
}

/* Whether `name` is that of a part of `base`. */
static bool is_part_of(const char *name, const char *base)
{
    size_t length = strlen(base);
    if (strncmp(name, base, length) != 0 || name[length] != '.') return false;
    const char *number = name + length + 1, *end = number + strspn(number, "0123456789");
    return end > number && !strcmp(end, ".part");
}

static void drop_if_left(const char *path)
{
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return;
    if (!flock(descriptor, LOCK_EX | LOCK_NB)) unlink(path);
    close(descriptor);
}

vt_status vt__parts_drop(const char *path, vt_error *err)
{
    vt__names names = { 0 };
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *folder = slash ? vt__format("%.*s", (int)(slash - path + 1), path) : vt__strdup(".");
    vt_status status = folder ? vt__folder_list(&names, folder, err) : vt__fail_memory(err, strlen(path));
    for (size_t i = 0; i < names.count && !status; i++) {
        if (!is_part_of(names.items[i], base)) continue;
        char *part = vt__path_join(folder, names.items[i]);
        if (part) drop_if_left(part);
        else status = vt__fail_memory(err, strlen(path));
        vt__free(part);
    }
    vt__names_free(&names);
    vt__free(folder);
    return status == VT_ENOMEM ? status : VT_OK; /* a folder that cannot be read is told of by whoever writes there */
}

static vt_status make_one(const char *path, unsigned mode, vt_error *err)
{
    if (mkdir(path, (mode_t)mode) == 0) return VT_OK;
    int number = errno;
    if (vt__folder_exists(path)) return VT_OK;
    return vt__fail_errno(err, code_of_errno(number), number, "cannot make the folder %s", path);
}

vt_status vt__folder_make(const char *path, unsigned mode, vt_error *err)
{
    char *copy = vt__strdup(path);
    if (!copy) return vt__fail_memory(err, strlen(path));
    vt_status status = VT_OK;
    for (char *c = copy + 1; *copy && *c && !status; c++) {
        if (*c != '/') continue;
        *c = 0;
        status = make_one(copy, 0755, err);
        *c = '/';
    }
    if (!status) status = make_one(copy, mode, err);
    vt__free(copy);
    return status;
}

bool vt__file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool vt__folder_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

char *vt__path_join(const char *folder, const char *name)
{
    if (name[0] == '/' || !folder[0]) return vt__strdup(name);
    size_t length = strlen(folder);
    return vt__format("%s%s%s", folder, folder[length - 1] == '/' ? "" : "/", name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool append_name(vt__names *names, size_t *capacity, const char *name)
{
    if (names->count == *capacity) {
        size_t wider = *capacity ? *capacity * 2 : 32;
        char **items = vt__realloc(names->items, wider, sizeof *items);
        if (!items) return false;
        names->items = items;
        *capacity = wider;
    }
    names->items[names->count] = vt__strdup(name);
    return names->items[names->count] && ++names->count;
}

vt_status vt__folder_list(vt__names *out, const char *path, vt_error *err)
{
    *out = (vt__names){ 0 };
    DIR *folder = opendir(path);
    if (!folder) return vt__fail_errno(err, code_of_errno(errno), errno, "cannot list %s", path);
    vt_status status = VT_OK;
    size_t capacity = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (!append_name(out, &capacity, entry->d_name)) {
            status = vt__fail_memory(err, capacity * sizeof(char *));
            break;
        }
    }
    closedir(folder);
    if (status) vt__names_free(out);
    if (out->count) qsort(out->items, out->count, sizeof out->items[0], compare_names);
    return status;
}

void vt__names_free(vt__names *names)
{
    for (size_t i = 0; i < names->count; i++) vt__free(names->items[i]);
    vt__free(names->items);
    *names = (vt__names){ 0 };
}
