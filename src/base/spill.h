/* Bytes put by for later, in memory as long as they are few and in a nameless file of mode 0600 beyond. One thread. */
#ifndef VT_BASE_SPILL_H
#define VT_BASE_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

typedef struct vt__spill vt__spill;

/* `in_memory_bytes` at most stay in memory. The file lies in TMPDIR, else /var/tmp, else /tmp, is nameless from its first byte on and
 * gone when closed. VT_ENOMEM. Free with vt__spill_close, which allows NULL. */
vt_status vt__spill_open(vt__spill **out, size_t in_memory_bytes, vt_error *err);
void vt__spill_close(vt__spill *spill);

/* Puts bytes by; *at is where to ask for them. VT_ENOMEM; VT_EIO where no file can be made or the disk is full. */
vt_status vt__spill_append(uint64_t *at, vt__spill *spill, const void *bytes, size_t size_bytes, vt_error *err);
/* Reads what one append put by, or a part from its beginning. VT_EIO. */
vt_status vt__spill_read(void *out, vt__spill *spill, uint64_t at, size_t size_bytes, vt_error *err);

#endif
