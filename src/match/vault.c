#include "match/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "match/index_rows.h"

static const char magic[8] = "VULTVEC";

enum { HEAD_BYTES = 4096, FORMAT = 1, BYTE_ORDER_MARK = 0x01020304 };

typedef struct head {
    char magic[8];
    uint32_t format, byte_order, dimension, reserved;
    uint8_t id[16];
} head;

/* What a slot is bound to. */
typedef struct context {
    uint8_t file[16];
    vt__index_id id;
    uint32_t row;
} context;

static size_t slot_bytes(const vt__vault *vault)
{
    return vault->dimension * sizeof(float) + VT__SEAL_EXTRA_BYTES;
}

static size_t segment_bytes(const vt__vault *vault)
{
    return VT__SEGMENT_ROWS * slot_bytes(vault); /* of whole pages */
}

static context context_of(const vt__vault *vault, uint32_t row, const vt__index_id *id)
{
    context c;
    memset(&c, 0, sizeof c);
    memcpy(c.file, vault->id, sizeof c.file);
    c.id = *id;
    c.row = row % VT__SEGMENT_ROWS;
    return c;
}

static vt_status begin(vt__vault **out, const char *path, uint32_t dimension, const uint8_t id[16],
                       const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    vt__vault *vault = vt__calloc(1, sizeof *vault);
    if (!vault) return vt__fail_memory(err, sizeof *vault);
    vault->descriptor = -1;
    vault->path = vt__strdup(path);
    vault->key = vt__locked_alloc(VT__KEY_BYTES, NULL);
    vault->dimension = dimension;
    memcpy(vault->id, id, sizeof vault->id);
    if (vault->key) memcpy(vault->key, key, VT__KEY_BYTES);
    *out = vault;
    return vault->path && vault->key ? VT_OK : vt__fail_memory(err, strlen(path));
}

vt_status vt__vault_make(vt__vault **out, const char *path, uint32_t dimension, const uint8_t id[16],
                         const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    vt__vault *vault = NULL;
    head h = { .format = FORMAT, .byte_order = BYTE_ORDER_MARK, .dimension = dimension };
    vt_status status = begin(&vault, path, dimension, id, key, err);
    memcpy(h.magic, magic, sizeof magic);
    memcpy(h.id, id, sizeof h.id);
    if (!status) vault->temporary = vt__format("%s.new", path);
    if (!status && !vault->temporary) status = vt__fail_memory(err, strlen(path));
    if (!status) {
        unlink(vault->temporary);
        vault->descriptor = open(vault->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (vault->descriptor < 0) status = vt__fail_errno(err, VT_EIO, errno, "cannot create %s", vault->temporary);
    }
    if (!status) status = vt__file_write_at(vault->descriptor, &h, sizeof h, 0, vault->temporary, err);
    if (!status && ftruncate(vault->descriptor, HEAD_BYTES)) status = vt__fail_errno(err, VT_EIO, errno, "%s", path);
    if (status) {
        vt__vault_discard(vault);
        vt__vault_close(vault);
        return status;
    }
    *out = vault;
    return VT_OK;
}

static vt_status check_head(const vt__vault *vault, size_t segments, vt_error *err)
{
    head h;
    struct stat info;
    if (fstat(vault->descriptor, &info) || pread(vault->descriptor, &h, sizeof h, 0) != (ssize_t)sizeof h)
        return vt__fail(err, VT_EINTEGRITY, "%s is too short", vault->path);
    bool fits = !memcmp(h.magic, magic, sizeof magic) && h.format == FORMAT && h.byte_order == BYTE_ORDER_MARK &&
                h.dimension == vault->dimension && !memcmp(h.id, vault->id, sizeof h.id);
    if (!fits) return vt__fail(err, VT_EINTEGRITY, "%s belongs to another index", vault->path);
    if ((uint64_t)info.st_size < HEAD_BYTES + segments * segment_bytes(vault))
        return vt__fail(err, VT_EINTEGRITY, "%s is cut off", vault->path);
    return VT_OK;
}

vt_status vt__vault_open(vt__vault **out, const char *path, uint32_t dimension, const uint8_t id[16],
                         const uint8_t key[VT__KEY_BYTES], size_t segments, vt_error *err)
{
    vt__vault *vault = NULL;
    vt_status status = begin(&vault, path, dimension, id, key, err);
    if (!status) {
        vault->descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (vault->descriptor < 0)
            status = vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EINTEGRITY, errno, "cannot open %s", path);
    }
    if (!status) status = check_head(vault, segments, err);
    if (status) {
        vt__vault_close(vault);
        return status;
    }
    *out = vault;
    return VT_OK;
}

vt_status vt__vault_publish(vt__vault *vault, vt_error *err)
{
    vt_status status = vt__file_publish(vault->descriptor, vault->temporary, vault->path, err);
    if (status) return status;
    vt__free(vault->temporary);
    vault->temporary = NULL;
    return VT_OK;
}

void vt__vault_discard(vt__vault *vault)
{
    if (!vault) return;
    const char *name = vault->temporary ? vault->temporary : vault->path;
    if (name) unlink(name);
}

void vt__vault_close(vt__vault *vault)
{
    if (!vault) return;
    if (vault->descriptor >= 0) close(vault->descriptor);
    vt__locked_free(vault->key, VT__KEY_BYTES);
    vt__free(vault->path);
    vt__free(vault->temporary);
    vt__free(vault);
}

vt_status vt__vault_map(const uint8_t **out, const vt__vault *vault, size_t segment, vt_error *err)
{
    size_t bytes = segment_bytes(vault);
    uint64_t offset = HEAD_BYTES + segment * bytes;
    struct stat info;
    bool grown = !fstat(vault->descriptor, &info) &&
                 ((uint64_t)info.st_size >= offset + bytes || !ftruncate(vault->descriptor, (off_t)(offset + bytes)));
    if (!grown) return vt__fail_errno(err, VT_EIO, errno, "cannot lengthen %s", vault->path);
    void *slots = mmap(NULL, bytes, PROT_READ, MAP_SHARED, vault->descriptor, (off_t)offset);
    if (slots == MAP_FAILED) return vt__fail_errno(err, VT_ENOMEM, errno, "cannot map %s", vault->path);
    madvise(slots, bytes, MADV_RANDOM);
    madvise(slots, bytes, MADV_DONTDUMP);
    *out = slots;
    return VT_OK;
}

void vt__vault_unmap(const uint8_t *slots, const vt__vault *vault)
{
    if (slots) munmap((void *)slots, segment_bytes(vault));
}

void vt__vault_shorten(const vt__vault *vault, size_t segments)
{
    if (ftruncate(vault->descriptor, (off_t)(HEAD_BYTES + segments * segment_bytes(vault)))) return; /* longer than need be */
}

vt_status vt__vault_put(const vt__vault *vault, uint32_t row, const vt__index_id *id, const float *values, vt_error *err)
{
    uint8_t sealed[VT__CODE_MAX_DIMENSION * sizeof(float) + VT__SEAL_EXTRA_BYTES];
    context c = context_of(vault, row, id);
    vt__seal(sealed, values, vault->dimension * sizeof(float), &c, sizeof c, vault->key);
    return vt__file_write_at(vault->descriptor, sealed, slot_bytes(vault), HEAD_BYTES + row * slot_bytes(vault), vault->path, err);
}

void vt__vault_wipe(const vt__vault *vault, uint32_t row)
{
    static const uint8_t zeros[VT__CODE_MAX_DIMENSION * sizeof(float) + VT__SEAL_EXTRA_BYTES];
    vt__file_write_at(vault->descriptor, zeros, slot_bytes(vault), HEAD_BYTES + row * slot_bytes(vault), vault->path, NULL);
}

bool vt__vault_get(float *out, const vt__vault *vault, const uint8_t *slots, uint32_t row, const vt__index_id *id)
{
    context c = context_of(vault, row, id);
    return vt__open(out, slots + row % VT__SEGMENT_ROWS * slot_bytes(vault), slot_bytes(vault), &c, sizeof c, vault->key, NULL) == VT_OK;
}
