#include <stdio.h>

#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "service/consent.h"

#define DATA_OPTION { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" }, VT__TENANT_OPTION

static const vt__option set_options[] = {
    DATA_OPTION,
    { "how", "TEXT", NULL, "how it was given, as \"signed form, kept in HR\"" },
    { "text-version", "TEXT", NULL, "which text was agreed to" },
    { "given", "TIME", NULL, "when, as 2026-01-31T10:00:00Z (default: now)" },
    { "until", "TIME", NULL, "when it ends (default: it does not)" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option options[] = { DATA_OPTION, { NULL, NULL, NULL, NULL } };

typedef vt__code action(vt__json **out, vt__gallery_work *work, const vt__args *args, vt_error *err);

static int on_person(const vt__args *args, action *act)
{
    vt__gallery_work work;
    vt__json *json = NULL;
    vt_error err;
    if (args->count != 1) {
        fprintf(stderr, "vultus %s: name one person by its id\n", args->command->name);
        return EXIT_WRONG_USE;
    }
    int exit_code = vt__gallery_work_open(&work, args, false);
    if (exit_code) return exit_code;
    vt__code code = act(&json, &work, args, &err);
    char *text = json ? vt__json_text(json, !vt__args_on(args, "json")) : NULL;
    if (text) printf("%s\n", text);
    vt__free(text);
    vt__json_free(json);
    if (code) exit_code = code == VT__CODE_BAD_ARGUMENT ? (vt__complain(args, &err), EXIT_WRONG_USE) : vt__complain_code(args, code, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

static vt__code set(vt__json **out, vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    vt__json *given = vt__json_object();
    vt__json_set_string(given, "how", vt__args_get(args, "how"));
    vt__json_set_string(given, "textVersion", vt__args_get(args, "text-version"));
    vt__json_set_string(given, "given", vt__args_get(args, "given"));
    vt__json_set_string(given, "until", vt__args_get(args, "until"));
    vt__code code = vt__consent_set(out, work->service, &work->caller, args->operands[0], given, err);
    vt__json_free(given);
    return code;
}

static vt__code show(vt__json **out, vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    return vt__consent_get(out, work->service, &work->caller, args->operands[0], err);
}

static vt__code withdraw(vt__json **out, vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    vt__code code = vt__consent_withdraw(work->service, &work->caller, args->operands[0], err);
    return code ? code : show(out, work, args, err);
}

static int run_set(const vt__args *args)
{
    return on_person(args, set);
}

static int run_show(const vt__args *args)
{
    return on_person(args, show);
}

static int run_withdraw(const vt__args *args)
{
    return on_person(args, withdraw);
}

const vt__command vt__command_consent_set = {
    "consent set", "ID", "record a person's consent",
    "A person whose consent ended is neither identified nor verified; under a purpose that requires consent (vultus policy purposes)\n"
    "the same holds for persons without one. With a server at work use PUT /vultus/v1/consents/ID.", set_options, run_set,
};
const vt__command vt__command_consent_show = { "consent show", "ID", "print the consent recorded of a person", NULL, options, run_show };
const vt__command vt__command_consent_withdraw = { "consent withdraw", "ID", "end a person's consent at once",
                                                   "What was recorded stays as proof.", options, run_withdraw };
