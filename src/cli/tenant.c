/* Tenants: each has keys, collections, registrations and data keys of its own. One is there as soon as it has a key. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "service/scope.h"
#include "service/tenant.h"

#define DATA_OPTION { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" }

static const vt__option key_options[] = {
    DATA_OPTION,
    { "scopes", "LIST", "detect,recognize,manage,liveness,admin", "what the key may do" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option options[] = { DATA_OPTION, { NULL, NULL, NULL, NULL } };

/* Commands speak the library's status; its text is in err. */
static vt_status status_of(vt__code code, const vt__args *args, vt_error *err)
{
    const char *id = args->count ? args->operands[0] : "";
    switch (code) {
    case VT__CODE_OK: return VT_OK;
    case VT__CODE_TENANT_EXISTS: return vt__fail(err, VT_EEXISTS, "the tenant %s is there: vultus tenant key makes it another key", id);
    case VT__CODE_TENANT_NOT_FOUND: return vt__fail(err, VT_ENOTFOUND, "there is no tenant %s", id);
    case VT__CODE_TENANT_OPEN: return vt__fail(err, VT_EBUSY, "the tenant %s is at work: vultus tenant suspend it first", id);
    case VT__CODE_HELD: return vt__fail(err, VT_ECONFLICT, "something of the tenant %s is under legal hold", id);
    case VT__CODE_BAD_ID: return vt__fail(err, VT_EINVAL, "there is no such key, or an id is not 1 to 64 of a-z, 0-9, '-' and '_'");
    case VT__CODE_BAD_ARGUMENT: return vt__fail(err, VT_EINVAL, "the default tenant stays, and only it has keys of scope operator");
    default: return VT_EIO;
    }
}

static vt_status make_key(const vt__args *args, vt__gallery_work *work, const char *key_id, bool first, vt_error *err)
{
    char text[VT__API_KEY_TEXT_BYTES];
    uint32_t scopes;
    const char *names = vt__args_get(args, "scopes"), *tenant = args->operands[0];
    if (!vt__scope_parse(&scopes, names))
        return vt__fail(err, VT_EINVAL, "--scopes \"%s\": a list of detect, recognize, manage, liveness, admin and operator", names);
    vt__code code = first ? vt__tenant_create(text, work->service, &work->caller, tenant, scopes, err)
                          : vt__tenant_key_make(text, work->service, &work->caller, tenant, key_id, scopes, err);
    if (code) return status_of(code, args, err);
    printf("tenant %s, key %s, scopes %s, shown this once:\n%s\n", tenant, key_id, names, text);
    vt__wipe(text, sizeof text);
    return VT_OK;
}

static vt_status create(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return make_key(args, work, "1", true, err);
}

static vt_status key(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return make_key(args, work, args->operands[1], false, err);
}

static vt_status revoke(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return status_of(vt__tenant_key_revoke(work->service, &work->caller, args->operands[0], args->operands[1], err), args, err);
}

static vt_status suspend(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return status_of(vt__tenant_suspend(work->service, &work->caller, args->operands[0], true, err), args, err);
}

static vt_status resume(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return status_of(vt__tenant_suspend(work->service, &work->caller, args->operands[0], false, err), args, err);
}

static vt_status delete(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    return status_of(vt__tenant_delete(work->service, &work->caller, args->operands[0], err), args, err);
}

static vt_status list(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    (void)args;
    vt__api_key_info *keys;
    size_t count;
    vt_status status = vt__service_key_list(&keys, &count, work->service, err);
    for (size_t i = 0; !status && i < count; i++) {
        printf("%-20s  key %-12s ", keys[i].tenant, keys[i].id);
        for (uint32_t bit = 1; bit <= VT__SCOPE_OPERATOR; bit <<= 1)
            if (keys[i].scopes & bit) printf(" %s", vt__scope_name(bit));
        printf("%s\n", keys[i].suspended ? "  (suspended)" : "");
    }
    if (!status) vt__free(keys);
    return status;
}

static int with_service(const vt__args *args, int operands, vt_status (*act)(const vt__args *, vt__gallery_work *, vt_error *))
{
    vt__gallery_work work;
    vt_error err;
    if (args->count != operands) {
        fprintf(stderr, "vultus %s: it takes %s\n", args->command->name, *args->command->operands ? args->command->operands : "no names");
        return EXIT_WRONG_USE;
    }
    int exit_code = vt__gallery_work_open(&work, args, false);
    if (exit_code) return exit_code;
    work.caller.scopes |= VT__SCOPE_OPERATOR; /* whoever may open the data folder */
    vt_status status = act(args, &work, &err);
    if (status) exit_code = vt__complain(args, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

static int run_create(const vt__args *args)
{
    return with_service(args, 1, create);
}

static int run_key(const vt__args *args)
{
    return with_service(args, 2, key);
}

static int run_revoke(const vt__args *args)
{
    return with_service(args, 2, revoke);
}

static int run_suspend(const vt__args *args)
{
    return with_service(args, 1, suspend);
}

static int run_resume(const vt__args *args)
{
    return with_service(args, 1, resume);
}

static int run_delete(const vt__args *args)
{
    return with_service(args, 1, delete);
}

static int run_list(const vt__args *args)
{
    return with_service(args, 0, list);
}

const vt__command vt__command_tenant_create = {
    "tenant create", "ID", "make a tenant and its first key",
    "Nothing of one tenant can be reached with another's key. Its uses are registered with its own key of scope admin over REST, or with\n"
    "vultus policy register --tenant ID.", key_options, run_create,
};
const vt__command vt__command_tenant_key = { "tenant key", "ID KEY", "make or renew a key of a tenant", "The old text of the key ends at once.", key_options, run_key };
const vt__command vt__command_tenant_revoke = { "tenant revoke", "ID KEY", "end a key of a tenant", NULL, options, run_revoke };
const vt__command vt__command_tenant_list = { "tenant list", "", "list tenants, their keys and scopes", NULL, options, run_list };
const vt__command vt__command_tenant_suspend = { "tenant suspend", "ID", "let nobody in with a tenant's keys", "Nothing is lost; vultus tenant resume ID ends it.", options, run_suspend };
const vt__command vt__command_tenant_resume = { "tenant resume", "ID", "let a suspended tenant's keys in again", NULL, options, run_resume };
const vt__command vt__command_tenant_delete = {
    "tenant delete", "ID", "destroy all that a suspended tenant has", "Also in the backups' key files. Its audit stays in the folder audit/ID of the data.", options, run_delete,
};
