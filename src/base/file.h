/* Files and folders. Paths are UTF-8 and zero-terminated. */
#ifndef VT_BASE_FILE_H
#define VT_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

/* Reads a whole regular file of at most max_bytes; one zero byte follows. Caller frees with vt__free.
 * VT_ENOTFOUND, VT_EIO, VT_ELIMIT, VT_ENOMEM. */
vt_status vt__file_read(uint8_t **out, size_t *out_size_bytes, const char *path, size_t max_bytes, vt_error *err);

/* Writes to a temporary name beside `path`, syncs, renames, syncs the folder: the old file or the new, never half. */
vt_status vt__file_write(const char *path, const void *bytes, size_t size_bytes, unsigned mode, vt_error *err);

/* All bytes at a place of an open file; `path` for the error. */
vt_status vt__file_write_at(int descriptor, const void *bytes, size_t size_bytes, uint64_t offset, const char *path, vt_error *err);

/* Syncs an open file, gives it its lasting name and syncs the folder. */
vt_status vt__file_publish(int descriptor, const char *temporary, const char *path, vt_error *err);

/* A name beside `path` to write to before it is published: PATH.PID.part. NULL: no memory. vt__free it. */
char *vt__part_name(const char *path);
/* Locks the file being written under such a name, for as long as the descriptor is open; -1: it cannot be made. What
 * is locked is not taken for left over by vt__parts_drop. */
int vt__part_open(const char *part, unsigned mode);
/* Drops what processes that died have left beside `path`, as far as that can be done. VT_ENOMEM alone. */
vt_status vt__parts_drop(const char *path, vt_error *err);

/* Makes a folder and its parents; fine when it is there. */
vt_status vt__folder_make(const char *path, unsigned mode, vt_error *err);

bool vt__file_exists(const char *path);
bool vt__folder_exists(const char *path);

/* folder + "/" + name in fresh memory (vt__free); a leading "/" in name is kept as it is. NULL: no memory. */
char *vt__path_join(const char *folder, const char *name);

typedef struct vt__names {
    char **items; /* sorted by byte order */
    size_t count;
} vt__names;

/* The names in a folder, without "." and "..", sorted. Free with vt__names_free. */
vt_status vt__folder_list(vt__names *out, const char *path, vt_error *err);
void vt__names_free(vt__names *names);

#endif
