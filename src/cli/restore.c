#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"

static const vt__option options[] = { VT__GALLERY_OPTIONS, { NULL, NULL, NULL, NULL } };

/* Into a folder that has no database yet: what is there is never written over. */
static vt_status put_back(const char *folder, const char *from, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    char *path = vt__path_join(folder, "vultus.db");
    vt_status status = path ? vt__folder_make(folder, 0700, err) : vt__fail_memory(err, 1);
    if (!status && vt__file_exists(path))
        status = vt__fail(err, VT_EEXISTS, "%s is there already; move it and its -wal and -shm away first", path);
    if (!status) status = vt__file_read(&bytes, &size, from, SIZE_MAX / 2, err);
    if (!status) status = vt__file_write(path, bytes, size, 0600, err);
    vt__free(bytes);
    vt__free(path);
    return status;
}

static int run(const vt__args *args)
{
    if (args->count != 1) {
        fprintf(stderr, "vultus restore: name one backup file\n");
        return EXIT_WRONG_USE;
    }
    vt_error err;
    char *folder = vt__data_folder(args);
    vt_status status = folder ? put_back(folder, args->operands[0], &err) : vt__fail_memory(&err, 1);
    vt__free(folder);
    if (status) return vt__complain(args, &err);
    vt__gallery_work work; /* opening proves the master key and the migration */
    int exit_code = vt__gallery_work_open(&work, args, false);
    if (!exit_code) {
        printf("restored\n");
        vt__gallery_work_close(&work);
    }
    return exit_code;
}

const vt__command vt__command_restore = {
    "restore", "FILE", "put a backup in place", "The data folder must not hold a database; its keys/master.key must be the backup's.", options, run,
};
