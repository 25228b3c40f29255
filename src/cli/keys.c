/* vultus keys: another master key, also while a server runs. */
#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "store/keyring.h"
#include "store/store.h"

static const vt__option options[] = {
    { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" },
    { "new-key", "FILE", NULL, "file of mode 0600 with the new key, 64 hex digits (default: a new random key)" },
    { "leave-backups", NULL, NULL, "go on though key files of backups are not at hand; only the old master key restores those" },
    { "wait", "SECONDS", "600", "how long a running server may take" },
    { NULL, NULL, NULL, NULL },
};

/* The key files that were remembered must be there: their data could not be restored afterwards. */
static vt_status check_backups(const vt__args *args, const char *folder, vt_error *err)
{
    vt__backup_keys *backups;
    size_t count, missing = 0;
    vt_status status = vt__store_backups(&backups, &count, folder, err);
    for (size_t i = 0; i < count; i++) {
        if (vt__file_exists(backups[i].path)) continue;
        fprintf(stderr, "not at hand: %s\n", backups[i].path);
        missing++;
    }
    vt__backup_keys_free(backups, count);
    if (status || !missing || vt__args_on(args, "leave-backups")) return status;
    return vt__fail(err, VT_ENOTFOUND, "bring these key files back, or give --leave-backups: after it only the old master key restores them");
}

/* A server that has the folder sees the order within a second. */
static vt_status wait_for_server(const char *keys, double seconds, vt_error *err)
{
    const struct timespec pause = { 0, 100000000 };
    for (double waited = 0; vt__next_key_ordered(keys); waited += 0.1) {
        if (waited > seconds) return vt__fail(err, VT_EBUSY, "the running server has not ended the rotation yet; look at its log");
        nanosleep(&pause, NULL);
    }
    return VT_OK;
}

static vt_status carry_out(const char *folder, const char *keys, double seconds, vt_error *err)
{
    vt__service *service;
    vt__service_options open = VT__SERVICE_OPTIONS_INIT;
    open.data_folder = folder;
    open.sweep = false;
    vt_status status = vt__service_open(&service, &open, err); /* which carries out what is ordered */
    if (status == VT_EBUSY) return wait_for_server(keys, seconds, err);
    if (!status) vt__service_close(service);
    return status;
}

static int run(const vt__args *args)
{
    vt_error err;
    double seconds;
    if (!vt__args_number(&seconds, args, "wait", 1, 86400)) return EXIT_WRONG_USE;
    if (args->count) {
        fprintf(stderr, "vultus keys rotate-master: it takes no names; a new key is given in a file (--new-key)\n");
        return EXIT_WRONG_USE;
    }
    char *folder = vt__data_folder(args), *keys = folder ? vt__path_join(folder, "keys") : NULL;
    vt_status status = !keys                     ? vt__fail_memory(&err, 1)
                       : vt__folder_exists(keys) ? check_backups(args, folder, &err)
                                                 : vt__fail(&err, VT_ENOTFOUND, "%s: no data is here", folder);
    if (!status) status = vt__next_key_order(keys, vt__args_get(args, "new-key"), &err);
    if (!status) status = carry_out(folder, keys, seconds, &err);
    if (!status) printf("every data key is wrapped by the new master key, which is in %s/master.key; the old one opens nothing here\n", keys);
    vt__free(folder);
    vt__free(keys);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_keys_rotate_master = {
    "keys rotate-master", "", "change the master key, also while a server runs",
    "Wraps every data key anew, here and in the key files of the backups. A running server does it and goes on answering. Killed in\n"
    "the middle, the next start ends it. With VULTUS_MASTER_KEY: give that variable the new key before the next start, then remove\n"
    "keys/master.key.", options, run,
};
