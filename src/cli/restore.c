#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "keys", "FILE", NULL, "the backup's key file (default: FILE.keys)" },
    { NULL, NULL, NULL, NULL },
};

static vt_status put_back(const vt__args *args, vt_error *err)
{
    const char *given = vt__args_get(args, "keys");
    char *folder = vt__data_folder(args);
    char *keys = given ? vt__strdup(given) : vt__format("%s.keys", args->operands[0]);
    vt_status status = folder && keys ? vt__service_restore(folder, args->operands[0], keys, err) : vt__fail_memory(err, 1);
    vt__free(folder);
    vt__free(keys);
    return status;
}

static int run(const vt__args *args)
{
    if (args->count != 1) {
        fprintf(stderr, "vultus restore: name one backup file\n");
        return EXIT_WRONG_USE;
    }
    vt_error err;
    vt_status status = put_back(args, &err);
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
