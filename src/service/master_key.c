#include "service/master_key.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/state.h"
#include "store/keyring.h"

vt_status vt__master_key_open(vt__service *service, const char *hex, vt_error *err)
{
    uint8_t master[VT__KEY_BYTES], next[VT__KEY_BYTES];
    if (!hex) hex = getenv("VULTUS_MASTER_KEY");
    vt_status status = vt__master_key_load(master, hex, service->key_folder, err);
    bool ordered = !status && vt__next_key_ordered(service->key_folder);
    if (ordered) status = vt__next_key_load(next, service->key_folder, err);
    const vt__store_options options = { sizeof options, &vt__backend_sqlite, service->data_folder, master, ordered ? next : NULL };
    if (!status) status = vt__store_open(&service->store, &options, err);
    vt__wipe(master, sizeof master);
    vt__wipe(next, sizeof next);
    if (status == VT_EINTEGRITY && hex)
        vt__fail(err, status, "VULTUS_MASTER_KEY is not the master key of this data; after a rotation the new one is in %s/master.key",
                 service->key_folder);
    return status;
}

static void tell(vt__service *service, const vt__backup_keys *backups, size_t count)
{
    int64_t missed = 0;
    for (size_t i = 0; i < count; i++) {
        if (backups[i].forgotten) continue;
        missed++;
        vt__log_text(service->log, VT__LOG_WARNING, "master key", "%s was not at hand: it can be restored with the old master key only",
                     backups[i].path);
    }
    vt__log_text(service->log, VT__LOG_INFO, "master key", "every data key is wrapped by the new master key; the old one opens nothing here");
    vt__json *fields = vt__json_object();
    vt__json_set_integer(fields, "backups", (int64_t)count);
    vt__json_set_integer(fields, "missed", missed);
    const vt__caller caller = { .tenant = VT__DEFAULT_TENANT, .key_id = "program" };
    vt__audit_event(service, &caller, "MASTER_KEY_ROTATE", fields, VT__CODE_OK);
}

vt_status vt__master_key_rotate(vt__service *service, vt_error *err)
{
    uint8_t next[VT__KEY_BYTES];
    vt__backup_keys *backups = NULL;
    size_t count = 0;
    if (!vt__next_key_ordered(service->key_folder)) return VT_OK;
    vt_status status = vt__next_key_load(next, service->key_folder, err);
    if (!status) status = vt__store_rotate(&backups, &count, service->store, next, err);
    vt__wipe(next, sizeof next);
    if (!status) status = vt__next_key_adopt(service->key_folder, err);
    if (!status) tell(service, backups, count);
    else vt__log_text(service->log, VT__LOG_ERROR, "master key", "not rotated: %s", err->text);
    vt__backup_keys_free(backups, count);
    return status;
}
