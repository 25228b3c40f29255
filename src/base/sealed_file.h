/* A file that is never plain on the disk: read and written at any place, sealed block by block (XChaCha20-Poly1305).
 *
 * A block that was changed, moved, or belongs to another file's key is found when it is read; how long the file is, is
 * the caller's to remember. One user at a time. */
#ifndef VT_BASE_SEALED_FILE_H
#define VT_BASE_SEALED_FILE_H

#include <stdint.h>

#include <vultus/status.h>

#include "base/crypto.h"

typedef struct vt__sealed_file vt__sealed_file;

/* Makes the file (mode 0600), which must not exist yet. The key is copied. VT_EEXISTS, VT_EIO, VT_ENOMEM. */
vt_status vt__sealed_create(vt__sealed_file **out, const char *path, const uint8_t key[VT__KEY_BYTES], vt_error *err);
/* Opens one of `size_bytes` for reading. VT_ENOTFOUND, VT_EIO, VT_EINTEGRITY when it is shorter, VT_ENOMEM. */
vt_status vt__sealed_open(vt__sealed_file **out, const char *path, uint64_t size_bytes, const uint8_t key[VT__KEY_BYTES], vt_error *err);
/* Frees; what was not flushed is lost. NULL is allowed. */
void vt__sealed_close(vt__sealed_file *file);

uint64_t vt__sealed_size(const vt__sealed_file *file);
/* *size_bytes: wanted, then got; fewer at the end. VT_EINTEGRITY, VT_EIO. */
vt_status vt__sealed_read(void *out, size_t *size_bytes, vt__sealed_file *file, uint64_t offset, vt_error *err);
/* Over what is there or at its end; VT_EINVAL beyond it. */
vt_status vt__sealed_write(vt__sealed_file *file, const void *bytes, size_t size_bytes, uint64_t offset, vt_error *err);
/* Makes all durable. */
vt_status vt__sealed_flush(vt__sealed_file *file, vt_error *err);
/* The same, and gives the file its lasting name. */
vt_status vt__sealed_publish(vt__sealed_file *file, const char *path, vt_error *err);

#endif
