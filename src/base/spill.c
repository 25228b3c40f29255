#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { first_bytes = 4096, path_bytes = 4096 };

struct vt__spill {
    uint8_t *memory;
    size_t used, capacity, limit;
    int file; /* -1 = none yet */
    uint64_t file_bytes;
};

vt_status vt__spill_open(vt__spill **out, size_t in_memory_bytes, vt_error *err)
{
    vt__spill *spill = *out = vt__calloc(1, sizeof *spill);
    if (!spill) return vt__fail_memory(err, sizeof *spill);
    spill->limit = in_memory_bytes;
    spill->file = -1;
    return VT_OK;
}

void vt__spill_close(vt__spill *spill)
{
    if (!spill) return;
    if (spill->file >= 0) close(spill->file);
    vt__free(spill->memory);
    vt__free(spill);
}

static int nameless_file(const char *folder)
{
    char path[path_bytes];
    int length = snprintf(path, sizeof path, "%s/vultus-XXXXXX", folder);
    if (length < 0 || length >= path_bytes) return -1;
    int file = mkostemp(path, O_CLOEXEC);
    if (file >= 0) unlink(path);
    return file;
}

static vt_status open_file(vt__spill *spill, vt_error *err)
{
    const char *wanted = getenv("TMPDIR"), *const folders[] = { wanted && *wanted ? wanted : "/var/tmp", "/var/tmp", "/tmp" };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && spill->file < 0; i++) spill->file = nameless_file(folders[i]);
    return spill->file < 0 ? vt__fail_errno(err, VT_EIO, errno, "no temporary file can be made in %s; name a folder in TMPDIR", folders[0]) : VT_OK;
}

static vt_status append_to_memory(uint64_t *at, vt__spill *spill, const void *bytes, size_t size_bytes, vt_error *err)
{
    size_t wanted = spill->capacity ? spill->capacity : first_bytes;
    while (wanted < spill->used + size_bytes) wanted *= 2;
    if (wanted > spill->limit) wanted = spill->limit;
    if (wanted > spill->capacity) {
        uint8_t *bigger = vt__realloc(spill->memory, wanted, 1);
        if (!bigger) return vt__fail_memory(err, wanted);
        spill->memory = bigger;
        spill->capacity = wanted;
    }
    memcpy(spill->memory + spill->used, bytes, size_bytes);
    *at = spill->used;
    spill->used += size_bytes;
    return VT_OK;
}

vt_status vt__spill_append(uint64_t *at, vt__spill *spill, const void *bytes, size_t size_bytes, vt_error *err)
{
    if (spill->file < 0 && size_bytes <= spill->limit - spill->used) return append_to_memory(at, spill, bytes, size_bytes, err);
    vt_status status = spill->file < 0 ? open_file(spill, err) : VT_OK;
    if (!status) status = vt__file_write_at(spill->file, bytes, size_bytes, spill->file_bytes, "a temporary file", err);
    if (status) return status;
    *at = spill->limit + spill->file_bytes;
    spill->file_bytes += size_bytes;
    return VT_OK;
}

vt_status vt__spill_read(void *out, vt__spill *spill, uint64_t at, size_t size_bytes, vt_error *err)
{
    if (at < spill->limit && at + size_bytes <= spill->used) {
        memcpy(out, spill->memory + at, size_bytes);
        return VT_OK;
    }
    uint8_t *to = out;
    while (size_bytes) {
        ssize_t got = at < spill->limit ? 0 : pread(spill->file, to, size_bytes, (off_t)(at - spill->limit));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return vt__fail(err, VT_EIO, "a temporary file cannot be read back");
        to += got;
        at += (uint64_t)got;
        size_bytes -= (size_t)got;
    }
    return VT_OK;
}
