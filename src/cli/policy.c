#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "service/registration.h"

#define DATA_OPTION { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" }, VT__TENANT_OPTION

static const vt__option register_options[] = {
    DATA_OPTION,
    { "file", "JSON", NULL, "all of the below as one JSON object, instead of options" },
    { "purpose", "ID", NULL, "what for; vultus policy purposes lists them" },
    { "keys", "ID,ID", "1,program", "whose use: API keys by name, and program for this program's own commands" },
    { "organisation", "TEXT", NULL, "who answers for the use" },
    { "contact", "TEXT", NULL, "whom data subjects and authorities reach, and how" },
    { "legal-basis", "TEXT", NULL, "the law or consent that permits it" },
    { "subjects-informed", "TEXT", NULL, "whether data subjects are told, and how" },
    { "consent-process", "TEXT", NULL, "how consent is asked, kept and withdrawn, or why none is needed" },
    { "secondary-way", "TEXT", NULL, "the non-biometric way for whoever does not want this one" },
    { "human-reviewer", "TEXT", NULL, "who reviews decisions that matter to a person" },
    { "authority", "TEXT", NULL, "for apprehended-suspects: under whose authority; never a minor" },
    { "retention-days", "N", NULL, "how long persons are kept; at most as the purpose says" },
    { "days", "N", "365", "until the registration ends, at most 730" },
    { "accept-terms", NULL, NULL, "the terms in the text above are kept" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option options[] = { DATA_OPTION, { NULL, NULL, NULL, NULL } };

/* Options and the members that they fill. */
static const struct {
    const char *option, *member;
} texts[] = {
    { "purpose", "purpose" },           { "organisation", "organisation" },         { "contact", "contact" },
    { "legal-basis", "legalBasis" },    { "subjects-informed", "subjectsInformed" }, { "consent-process", "consentProcess" },
    { "secondary-way", "secondaryWay" }, { "human-reviewer", "humanReviewer" },      { "authority", "authority" },
};

static vt__json *keys_json(const char *list)
{
    vt__json *keys = vt__json_array();
    for (const char *at = list; at && *at;) {
        size_t length = strcspn(at, ",");
        vt__json_append(keys, vt__json_string_n(at, length));
        at += length + (at[length] == ',');
    }
    return keys;
}

static bool form_of_options(vt__json **out, const vt__args *args)
{
    double kept = 0, days;
    if (!vt__args_number(&kept, args, "retention-days", 1, 36500) || !vt__args_number(&days, args, "days", 1, VT__POLICY_MAX_DAYS))
        return false;
    *out = vt__json_object();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) vt__json_set_string(*out, texts[i].member, vt__args_get(args, texts[i].option));
    vt__json_set(*out, "keys", keys_json(vt__args_get(args, "keys")));
    vt__json_set_integer(*out, "retentionDays", (int64_t)kept);
    vt__json_set_integer(*out, "days", (int64_t)days);
    vt__json_set_bool(*out, "termsAccepted", vt__args_on(args, "accept-terms"));
    return true;
}

static int read_form(vt__json **out, const vt__args *args)
{
    enum { FORM_BYTES = 1 << 20 };
    const char *path = vt__args_get(args, "file");
    if (!path) return form_of_options(out, args) ? EXIT_FINE : EXIT_WRONG_USE;
    vt_error err;
    uint8_t *text = NULL;
    size_t size;
    vt_status status = vt__file_read(&text, &size, path, FORM_BYTES, &err);
    if (!status) status = vt__json_parse(out, text, size, 0, &err);
    vt__free(text);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

static void print_registration(const vt__args *args, const vt__json *json)
{
    char *text = vt__json_text(json, !vt__args_on(args, "json"));
    if (text) printf("%s\n", text);
    vt__free(text);
}

static int with_service(const vt__args *args, vt__code (*act)(const vt__args *, vt__gallery_work *, vt__json *, vt_error *),
                        vt__json *given)
{
    vt__gallery_work work;
    vt_error err;
    int exit_code = vt__gallery_work_open(&work, args, false);
    if (exit_code) return exit_code;
    vt__code code = act(args, &work, given, &err);
    if (code) exit_code = code == VT__CODE_BAD_ARGUMENT ? (vt__complain(args, &err), EXIT_WRONG_USE) : vt__complain(args, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

static vt__code do_register(const vt__args *args, vt__gallery_work *work, vt__json *given, vt_error *err)
{
    vt__json *made;
    vt__code code = vt__policy_register(&made, work->service, &work->caller, given, err);
    if (code) return code;
    print_registration(args, made);
    vt__json_free(made);
    return VT__CODE_OK;
}

static void print_line(const vt__json *policy)
{
    char *keys = vt__json_text(vt__json_get(policy, "keys"), false);
    printf("%s  %-8s  %-28s  keys %-16s  until %s  %s\n", vt__json_string_or(policy, "policyId", ""), vt__json_string_or(policy, "state", ""),
           vt__json_string_or(policy, "purpose", ""), keys ? keys : "", vt__json_string_or(policy, "until", ""),
           vt__json_string_or(policy, "organisation", ""));
    vt__free(keys);
}

static vt__code do_list(const vt__args *args, vt__gallery_work *work, vt__json *given, vt_error *err)
{
    (void)given;
    vt__json *list;
    vt__code code = vt__policy_list(&list, work->service, &work->caller, err);
    if (code) return code;
    if (vt__args_on(args, "json")) print_registration(args, list);
    else if (vt__json_count(list) == 0) printf("no use is registered: recognition and liveness are off (vultus policy register --help)\n");
    for (size_t i = 0; i < vt__json_count(list) && !vt__args_on(args, "json"); i++) print_line(vt__json_at(list, i));
    vt__json_free(list);
    return VT__CODE_OK;
}

static vt__code do_show(const vt__args *args, vt__gallery_work *work, vt__json *given, vt_error *err)
{
    (void)given;
    vt__json *policy;
    vt__code code = vt__policy_show(&policy, work->service, &work->caller, args->operands[0], err);
    if (code) return code;
    print_registration(args, policy);
    vt__json_free(policy);
    return VT__CODE_OK;
}

static vt__code do_revoke(const vt__args *args, vt__gallery_work *work, vt__json *given, vt_error *err)
{
    (void)given;
    return vt__policy_revoke(work->service, &work->caller, args->operands[0], err);
}

static int run_register(const vt__args *args)
{
    vt__json *given = NULL;
    int exit_code = read_form(&given, args);
    if (exit_code == EXIT_FINE) exit_code = with_service(args, do_register, given);
    vt__json_free(given);
    return exit_code;
}

static int run_list(const vt__args *args)
{
    return with_service(args, do_list, NULL);
}

static int on_one(const vt__args *args, vt__code (*act)(const vt__args *, vt__gallery_work *, vt__json *, vt_error *))
{
    if (args->count == 1) return with_service(args, act, NULL);
    fprintf(stderr, "vultus %s: name one registration by its id (vultus policy list)\n", args->command->name);
    return EXIT_WRONG_USE;
}

static int run_show(const vt__args *args)
{
    return on_one(args, do_show);
}

static int run_revoke(const vt__args *args)
{
    return on_one(args, do_revoke);
}

static int run_purposes(const vt__args *args)
{
    (void)args;
    const char *sector = "";
    for (size_t i = 0; vt__purpose_at(i); i++) {
        const vt__purpose *p = vt__purpose_at(i);
        if (strcmp(sector, p->sector)) printf("%s%s\n", i ? "\n" : "", sector = p->sector);
        printf("  %-28s  %s\n  %-28s  %s, persons kept at most %lld days; permits", p->id, p->summary, "",
               p->consent_required ? "consent required" : "consent optional", (long long)p->retention_days);
        for (int a = 0; a < VT__ACTION_COUNT; a++)
            if (p->actions >> a & 1) printf(" %s", vt__action_name((vt__action)a));
        printf("\n");
    }
    return EXIT_FINE;
}

const vt__command vt__command_policy_register = {
    "policy register", "", "register a use of recognition or liveness",
    "Recognition and liveness are off for a key until a use is registered for it; detection, attributes and redaction need none.\n"
    "The terms: not used by or for state or local police in the United States; no real-time recognition on mobile cameras by law\n"
    "enforcement anywhere; no ongoing surveillance or persistent tracking; no inference of emotion, gender or age.\n"
    "With a server at work use POST /vultus/v1/policies.",
    register_options, run_register,
};
const vt__command vt__command_policy_list = { "policy list", "", "list the registered uses", NULL, options, run_list };
const vt__command vt__command_policy_show = { "policy show", "ID", "print a registered use", NULL, options, run_show };
const vt__command vt__command_policy_revoke = { "policy revoke", "ID", "end a registered use at once", NULL, options, run_revoke };
const vt__command vt__command_policy_purposes = { "policy purposes", "", "list the purposes and what each permits", NULL, options, run_purposes };
