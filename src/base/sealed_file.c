#include "base/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { block_bytes = 65536, slot_bytes = block_bytes + VT__SEAL_EXTRA_BYTES };
static const uint64_t no_block = UINT64_MAX;

struct vt__sealed_file {
    int descriptor;
    char *path;
    uint8_t *key; /* locked memory */
    uint64_t size_bytes;
    uint64_t held; /* number of the block in `plain`, or no_block */
    bool dirty;    /* `plain` is newer than the disk */
    uint8_t plain[block_bytes]; /* zeros behind the end */
    uint8_t sealed[slot_bytes];
};

static vt_status open_as(vt__sealed_file **out, const char *path, int flags, uint64_t size_bytes, const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    *out = NULL;
    vt__sealed_file *file = vt__calloc(1, sizeof *file);
    if (!file) return vt__fail_memory(err, sizeof *file);
    file->held = no_block;
    file->size_bytes = size_bytes;
    file->path = vt__strdup(path);
    file->key = vt__locked_alloc(VT__KEY_BYTES, NULL);
    file->descriptor = file->path && file->key ? open(path, flags | O_CLOEXEC, 0600) : -1;
    vt_status status = VT_OK;
    if (!file->path || !file->key) status = vt__fail_memory(err, VT__KEY_BYTES);
    else if (file->descriptor < 0)
        status = vt__fail_errno(err, errno == EEXIST ? VT_EEXISTS : errno == ENOENT ? VT_ENOTFOUND : VT_EIO, errno, "%s", path);
    if (status) {
        vt__sealed_close(file);
        return status;
    }
    memcpy(file->key, key, VT__KEY_BYTES);
    *out = file;
    return VT_OK;
}

vt_status vt__sealed_create(vt__sealed_file **out, const char *path, const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    return open_as(out, path, O_RDWR | O_CREAT | O_EXCL, 0, key, err);
}

vt_status vt__sealed_open(vt__sealed_file **out, const char *path, uint64_t size_bytes, const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    vt_status status = open_as(out, path, O_RDONLY, size_bytes, key, err);
    struct stat info;
    uint64_t blocks = size_bytes / block_bytes + (size_bytes % block_bytes != 0);
    if (status) return status;
    if (!fstat((*out)->descriptor, &info) && (uint64_t)info.st_size == blocks * slot_bytes) return VT_OK;
    vt__sealed_close(*out);
    *out = NULL;
    return vt__fail(err, VT_EINTEGRITY, "%s: cut off or not the file that was written", path);
}

void vt__sealed_close(vt__sealed_file *file)
{
    if (!file) return;
    if (file->descriptor >= 0) close(file->descriptor);
    if (file->key) vt__locked_free(file->key, VT__KEY_BYTES);
    vt__free(file->path);
    vt__free_secret(file, sizeof *file);
}

uint64_t vt__sealed_size(const vt__sealed_file *file)
{
    return file->size_bytes;
}

static vt_status put_held(vt__sealed_file *file, vt_error *err)
{
    if (!file->dirty) return VT_OK;
    vt__seal(file->sealed, file->plain, block_bytes, &file->held, sizeof file->held, file->key);
    vt_status status = vt__file_write_at(file->descriptor, file->sealed, slot_bytes, file->held * slot_bytes, file->path, err);
    if (!status) file->dirty = false;
    return status;
}

static vt_status read_slot(vt__sealed_file *file, uint64_t block, vt_error *err)
{
    for (size_t got = 0; got < slot_bytes;) {
        ssize_t n = pread(file->descriptor, file->sealed + got, slot_bytes - got, (off_t)(block * slot_bytes + got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return vt__fail_errno(err, VT_EIO, errno, "%s", file->path);
        if (n == 0) return vt__fail(err, VT_EINTEGRITY, "%s: cut off", file->path);
        got += (size_t)n;
    }
    return VT_OK;
}

/* Makes `block` the one in file->plain; one that begins at the end of the file is all zeros. */
static vt_status hold(vt__sealed_file *file, uint64_t block, vt_error *err)
{
    if (file->held == block) return VT_OK;
    vt_status status = put_held(file, err);
    if (status) return status;
    file->held = no_block;
    if (block * block_bytes >= file->size_bytes) memset(file->plain, 0, block_bytes);
    else {
        status = read_slot(file, block, err);
        if (!status) status = vt__open(file->plain, file->sealed, slot_bytes, &block, sizeof block, file->key, err);
        if (status) return vt__error_prefix(err, status, "%s", file->path);
    }
    file->held = block;
    return VT_OK;
}

vt_status vt__sealed_read(void *out, size_t *size_bytes, vt__sealed_file *file, uint64_t offset, vt_error *err)
{
    uint64_t left = offset < file->size_bytes ? file->size_bytes - offset : 0;
    size_t wanted = *size_bytes < left ? *size_bytes : (size_t)left;
    *size_bytes = 0;
    while (*size_bytes < wanted) {
        uint64_t at = offset + *size_bytes;
        size_t inside = (size_t)(at % block_bytes), piece = block_bytes - inside;
        if (piece > wanted - *size_bytes) piece = wanted - *size_bytes;
        vt_status status = hold(file, at / block_bytes, err);
        if (status) return status;
        memcpy((uint8_t *)out + *size_bytes, file->plain + inside, piece);
        *size_bytes += piece;
    }
    return VT_OK;
}

vt_status vt__sealed_write(vt__sealed_file *file, const void *bytes, size_t size_bytes, uint64_t offset, vt_error *err)
{
    if (offset > file->size_bytes || size_bytes > UINT64_MAX - offset) return vt__fail(err, VT_EINVAL, "%s: a gap would be left", file->path);
    for (size_t done = 0; done < size_bytes;) {
        uint64_t at = offset + done;
        size_t inside = (size_t)(at % block_bytes), piece = block_bytes - inside;
        if (piece > size_bytes - done) piece = size_bytes - done;
        vt_status status = hold(file, at / block_bytes, err);
        if (status) return status;
        memcpy(file->plain + inside, (const uint8_t *)bytes + done, piece);
        file->dirty = true;
        done += piece;
        if (at + piece > file->size_bytes) file->size_bytes = at + piece;
    }
    return VT_OK;
}

vt_status vt__sealed_flush(vt__sealed_file *file, vt_error *err)
{
    vt_status status = put_held(file, err);
    if (!status && fsync(file->descriptor)) status = vt__fail_errno(err, VT_EIO, errno, "%s", file->path);
    return status;
}

vt_status vt__sealed_publish(vt__sealed_file *file, const char *path, vt_error *err)
{
    vt_status status = put_held(file, err);
    return status ? status : vt__file_publish(file->descriptor, file->path, path, err);
}
