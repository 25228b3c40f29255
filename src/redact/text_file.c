#include "redact/text_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { much_bytes = 1 << 16 };
static const size_t most_unwritten_bytes = (size_t)64 << 20;

vt_status vt__text_file_open(vt__text_file *out, const char *path, vt_error *err)
{
    *out = (vt__text_file){ .path = path, .file = -1, .temporary = vt__part_name(path) };
    vt__buffer_init(&out->text, most_unwritten_bytes);
    if (!out->temporary) return vt__fail_memory(err, strlen(path));
    vt_status status = vt__parts_drop(path, err);
    if (status) return status;
    out->file = vt__part_open(out->temporary, 0600);
    return out->file < 0 ? vt__fail_errno(err, VT_EIO, errno, "cannot write %s", path) : VT_OK;
}

void vt__text_file_over(vt__text_file *out, const vt_video_bytes *to)
{
    *out = (vt__text_file){ .path = "what was found", .file = -1, .to = to };
    vt__buffer_init(&out->text, most_unwritten_bytes);
}

static vt_status write_to(const vt__text_file *file, vt_error *err)
{
    return file->to->write(file->to->payload, file->text.data, file->text.size, file->written) ? VT_OK : vt__fail(err, VT_EIO, "%s cannot be written", file->path);
}

static vt_status write_out(vt__text_file *file, vt_error *err)
{
    if (file->text.status) return vt__fail(err, file->text.status, "%s: no memory for its text", file->path);
    vt_status status = file->to ? write_to(file, err) : vt__file_write_at(file->file, file->text.data, file->text.size, file->written, file->path, err);
    file->written += file->text.size;
    vt__buffer_clear(&file->text);
    return status;
}

vt_status vt__text_file_flush(vt__text_file *file, vt_error *err)
{
    return file->text.size < much_bytes && !file->text.status ? VT_OK : write_out(file, err);
}

vt_status vt__text_file_close(vt__text_file *file, vt_status status, vt_error *err)
{
    if (!status && (file->text.size || file->text.status)) status = write_out(file, err);
    if (!status && !file->to) status = vt__file_publish(file->file, file->temporary, file->path, err);
    if (file->file >= 0) close(file->file);
    if (status && file->file >= 0) unlink(file->temporary);
    vt__buffer_free(&file->text);
    vt__free(file->temporary);
    *file = (vt__text_file){ .file = -1 };
    return status;
}
