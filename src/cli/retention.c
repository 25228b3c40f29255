#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "service/hold.h"
#include "service/retention.h"

static const vt__option options[] = { VT__GALLERY_OPTIONS, { NULL, NULL, NULL, NULL } };
static const vt__option hold_options[] = {
    VT__GALLERY_OPTIONS,
    { "reason", "TEXT", NULL, "kept with the hold: a case number, not a story" },
    { NULL, NULL, NULL, NULL },
};

typedef vt__code (*act)(vt__gallery_work *work, const vt__args *args, vt_error *err);

static int with_operands(const vt__args *args, int count, const char *wanted, act run)
{
    vt__gallery_work work;
    vt_error err;
    if (args->count != count) {
        fprintf(stderr, "vultus %s: %s\n", args->command->name, wanted);
        return EXIT_WRONG_USE;
    }
    int exit_code = vt__gallery_work_open(&work, args, false);
    if (exit_code) return exit_code;
    vt__code code = run(&work, args, &err);
    if (code) exit_code = vt__complain_code(args, code, &err);
    vt__gallery_work_close(&work);
    return exit_code;
}

static vt__code set(vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    char *end;
    long days = strtol(args->operands[1], &end, 10);
    if (*end || end == args->operands[1]) days = -1;
    return vt__retention_set(work->service, &work->caller, args->operands[0], days, err);
}

static vt__code hold(vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    return vt__hold_set(work->service, &work->caller, args->operands[0], vt__args_get(args, "reason"), err);
}

static vt__code release(vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    return vt__hold_release(work->service, &work->caller, args->operands[0], err);
}

static void print_row(const vt__json *row)
{
    char kept[32] = "no rule";
    int64_t days = vt__json_integer_or(row, "keepDays", 0);
    if (!strcmp(vt__json_string_or(row, "kind", ""), "face")) snprintf(kept, sizeof kept, "as persons");
    if (days) snprintf(kept, sizeof kept, "%lld days", (long long)days);
    else if (vt__json_get(row, "nextRemoval")) snprintf(kept, sizeof kept, "by expiry");
    printf("%-17s %-24s %9lld  %-24s  %-10s  %s\n", vt__json_string_or(row, "kind", ""), vt__json_string_or(row, "collection", ""),
           (long long)vt__json_integer_or(row, "count", 0), vt__json_string_or(row, "oldest", ""), kept,
           vt__json_string_or(row, "nextRemoval", "-"));
}

static void print_report(const vt__json *report)
{
    const vt__json *rows = vt__json_get(report, "holdings"), *holds = vt__json_get(report, "holds");
    printf("%-17s %-24s %9s  %-24s  %-10s  %s\n", "kind", "collection", "count", "oldest", "kept", "next to go");
    for (size_t i = 0; i < vt__json_count(rows); i++) print_row(vt__json_at(rows, i));
    int64_t audit = vt__json_integer_or(report, "auditKeepDays", 0);
    if (audit) printf("the audit is kept %lld days\n", (long long)audit);
    else printf("the audit is kept without end (vultus retention set audit DAYS)\n");
    for (size_t i = 0; i < vt__json_count(holds); i++)
        printf("under hold: %s since %s%s%s\n", vt__json_string_or(vt__json_at(holds, i), "what", ""),
               vt__json_string_or(vt__json_at(holds, i), "since", ""), vt__json_get(vt__json_at(holds, i), "reason") ? ": " : "",
               vt__json_string_or(vt__json_at(holds, i), "reason", ""));
}

static vt__code report(vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    vt__json *json;
    vt__code code = vt__retention_report(&json, work->service, &work->caller, err);
    if (code) return code;
    char *text = vt__args_on(args, "json") ? vt__json_text(json, false) : NULL;
    if (text) printf("%s\n", text);
    else print_report(json);
    vt__free(text);
    vt__json_free(json);
    return VT__CODE_OK;
}

static int run_set(const vt__args *args)
{
    return with_operands(args, 2, "give what and how many days, as: retention set pg/staff 365", set);
}

static int run_report(const vt__args *args)
{
    return with_operands(args, 0, "it takes no operands", report);
}

static int run_hold(const vt__args *args)
{
    return with_operands(args, 1, "name a person id or a collection (pg/staff)", hold);
}

static int run_release(const vt__args *args)
{
    return with_operands(args, 1, "name what is under hold", release);
}

const vt__command vt__command_retention_set = {
    "retention set", "WHAT DAYS", "remove what is older than so many days; 0 ends the rule",
    "WHAT is persons (every collection without a rule of its own), audit, or a collection: pg/ID person group, lpg/ID large person\n"
    "group, fl/ID face list, lfl/ID large face list, dir the directory. Age counts from enrolment. Enforced at each start and every\n"
    "10 minutes by the server.",
    options, run_set,
};
const vt__command vt__command_retention_report = {
    "retention report", "", "what is held, how old it is, and what goes next", NULL, options, run_report,
};
const vt__command vt__command_retention_hold = {
    "retention hold", "WHAT", "put a person or a collection under legal hold",
    "What is under hold is neither deleted, erased nor removed by age until it is released.", hold_options, run_hold,
};
const vt__command vt__command_retention_release = {
    "retention release", "WHAT", "end a legal hold", NULL, options, run_release,
};
