#include "video/bytes_io.h"

#include <libavutil/error.h>
#include <libavutil/mem.h>

#include "base/error.h"
#include "base/memory.h"

enum { buffer_bytes = 65536 };

static int on_read(void *opaque, uint8_t *out, int wanted)
{
    vt__bytes_io *io = opaque;
    size_t size = (size_t)wanted;
    if (!io->bytes->read(io->bytes->payload, out, &size, io->at)) return AVERROR(EIO);
    io->at += size;
    return size ? (int)size : AVERROR_EOF;
}

static int on_write(void *opaque, uint8_t *bytes, int size)
{
    vt__bytes_io *io = opaque;
    if (!io->bytes->write(io->bytes->payload, bytes, (size_t)size, io->at)) return AVERROR(EIO);
    io->at += (uint64_t)size;
    if (io->at > io->end) io->end = io->at;
    return size;
}

static int64_t on_seek(void *opaque, int64_t offset, int whence)
{
    vt__bytes_io *io = opaque;
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE) return (int64_t)io->end;
    if (whence == SEEK_CUR) offset += (int64_t)io->at;
    else if (whence == SEEK_END) offset += (int64_t)io->end;
    else if (whence != SEEK_SET) return AVERROR(EINVAL);
    if (offset < 0) return AVERROR(EINVAL);
    io->at = (uint64_t)offset;
    return offset;
}

vt_status vt__bytes_io_open(vt__bytes_io *out, const vt_video_bytes *bytes, bool writing, vt_error *err)
{
    uint8_t *buffer = av_malloc(buffer_bytes);
    *out = (vt__bytes_io){ .bytes = bytes, .end = writing ? 0 : bytes->size_bytes };
    if (buffer) out->context = avio_alloc_context(buffer, buffer_bytes, writing, out, writing ? NULL : on_read, writing ? on_write : NULL, on_seek);
    if (out->context) return VT_OK;
    av_free(buffer);
    return vt__fail_memory(err, buffer_bytes);
}

bool vt__bytes_io_close(vt__bytes_io *io)
{
    if (!io->context) return true;
    if (io->context->write_flag) avio_flush(io->context);
    bool good = io->context->error >= 0;
    av_freep(&io->context->buffer);
    avio_context_free(&io->context);
    return good;
}

vt_status vt__bytes_digest(uint8_t out[VT__SHA256_BYTES], const char *path, const vt_video_bytes *bytes, vt_error *err)
{
    if (!bytes) return vt__sha256_file(out, path, err);
    vt__sha256_state state;
    uint8_t *piece = vt__malloc(buffer_bytes, 1);
    if (!piece) return vt__fail_memory(err, buffer_bytes);
    vt_status status = VT_OK;
    vt__sha256_begin(&state);
    for (uint64_t at = 0; at < bytes->size_bytes && !status;) {
        size_t size = buffer_bytes;
        if (!bytes->read(bytes->payload, piece, &size, at) || !size) status = vt__fail(err, VT_EIO, "%s: cannot be read", path);
        else vt__sha256_add(&state, piece, size);
        at += size;
    }
    vt__sha256_end(out, &state);
    vt__free(piece);
    return status;
}
