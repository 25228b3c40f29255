/* Tenants: each has keys, collections, registrations and data keys of its own. One is there as soon as it has a key. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "rest/operation.h"

#define DATA_OPTION { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" }

static const vt__option key_options[] = {
    DATA_OPTION,
    { "scopes", "LIST", "detect,recognize,manage,liveness,admin", "what the key may do" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option options[] = { DATA_OPTION, { NULL, NULL, NULL, NULL } };

static bool has_keys(vt__service *service, const char *tenant)
{
    vt__api_key_info *keys = NULL;
    size_t count = 0;
    bool found = false;
    if (vt__service_key_list(&keys, &count, service, NULL)) return true;
    for (size_t i = 0; i < count; i++) found |= !strcmp(keys[i].tenant, tenant);
    vt__free(keys);
    return found;
}

static vt_status make_key(const vt__args *args, vt__gallery_work *work, const char *key_id, vt_error *err)
{
    char text[VT__API_KEY_TEXT_BYTES];
    uint32_t scopes;
    const char *names = vt__args_get(args, "scopes"), *tenant = args->operands[0];
    if (!vt__scope_parse(&scopes, names))
        return vt__fail(err, VT_EINVAL, "--scopes \"%s\": a list of detect, recognize, manage, liveness and admin", names);
    vt_status status = vt__service_key_make(text, work->service, tenant, key_id, scopes, NULL, err);
    if (status) return status;
    printf("tenant %s, key %s, scopes %s, shown this once:\n%s\n", tenant, key_id, names, text);
    vt__wipe(text, sizeof text);
    return VT_OK;
}

static vt_status create(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    if (has_keys(work->service, args->operands[0]))
        return vt__fail(err, VT_EEXISTS, "the tenant %s is there: vultus tenant key makes it another key", args->operands[0]);
    return make_key(args, work, "1", err);
}

static vt_status key(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    if (!has_keys(work->service, args->operands[0])) return vt__fail(err, VT_ENOTFOUND, "there is no tenant %s", args->operands[0]);
    return make_key(args, work, args->operands[1], err);
}

static vt_status revoke(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    vt_status status = vt__service_key_revoke(work->service, args->operands[0], args->operands[1], err);
    return status == VT_ENOTFOUND ? vt__fail(err, status, "the tenant %s has no key %s", args->operands[0], args->operands[1]) : status;
}

static vt_status list(const vt__args *args, vt__gallery_work *work, vt_error *err)
{
    (void)args;
    vt__api_key_info *keys;
    size_t count;
    vt_status status = vt__service_key_list(&keys, &count, work->service, err);
    for (size_t i = 0; !status && i < count; i++) {
        printf("%-20s  key %-12s ", keys[i].tenant, keys[i].id);
        for (uint32_t bit = 1; bit < VT__SCOPE_ALL; bit <<= 1)
            if (keys[i].scopes & bit) printf(" %s", vt__scope_name(bit));
        printf("\n");
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
