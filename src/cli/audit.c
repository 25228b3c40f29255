#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/json_out.h"
#include "service/audit_verify.h"

#define AUDIT_OPTIONS                                                                                                  \
    { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" },                         \
    { "tenant", "ID", VT__DEFAULT_TENANT, "whose audit" }

static const vt__option verify_options[] = {
    AUDIT_OPTIONS,
    { "public-key", "FILE", NULL, "the installation's public key (default: keys/signing.pub of the data folder, or signing.pub "
                                  "of the export)" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option show_options[] = {
    AUDIT_OPTIONS,
    { "last", "N", "50", "only the newest N that fit" },
    { "since", "TIME", NULL, "only from this time on, as 2026-11-23 or 2026-11-23T08:00:00Z" },
    { "operation", "NAME", NULL, "only these, as IDENTIFY" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option export_options[] = { AUDIT_OPTIONS, { NULL, NULL, NULL, NULL } };

/* Where the audit lies: the folder named, or the tenant's in the data folder. */
static char *audit_folder(const vt__args *args, const char *named)
{
    if (named) return vt__strdup(named);
    char *data = vt__data_folder(args);
    char *folder = data ? vt__audit_folder(data, vt__args_get(args, "tenant")) : NULL;
    vt__free(data);
    return folder;
}

static char *public_key_path(const vt__args *args, const char *exported)
{
    const char *given = vt__args_get(args, "public-key");
    if (given) return vt__strdup(given);
    if (exported) return vt__path_join(exported, VT__SIGNING_PUBLIC_FILE);
    char *data = vt__data_folder(args);
    char *path = data ? vt__path_join(data, "keys/" VT__SIGNING_PUBLIC_FILE) : NULL;
    vt__free(data);
    return path;
}

static void print_json(vt__json *json)
{
    vt__json_print(json, false);
    vt__json_free(json);
}

static void print_verdict(const vt__args *args, const vt__audit_verdict *verdict)
{
    char sealed[VT__TIME_TEXT_BYTES];
    vt__time_text(sealed, verdict->sealed_ms);
    if (vt__args_on(args, "json")) {
        vt__json *json = vt__json_object();
        vt__json_set_bool(json, "sound", verdict->sound);
        vt__json_set_integer(json, "records", verdict->records);
        vt__json_set_integer(json, "removedByRetention", verdict->removed);
        vt__json_set_integer(json, "unsealed", verdict->unsealed);
        vt__json_set_string(json, "sealed", verdict->sealed_ms ? sealed : NULL);
        vt__json_set_string(json, "wrong", verdict->sound ? NULL : verdict->wrong);
        print_json(json);
    } else if (!verdict->sound) {
        printf("NOT SOUND: %s\n", verdict->wrong);
    } else {
        printf("sound: %lld records in %zu files, signed up to %s, %zu ended days compared\n", (long long)verdict->records,
               verdict->files, sealed, verdict->days);
        if (verdict->removed) printf("%lld older ones were removed by retention\n", (long long)verdict->removed);
        if (verdict->unsealed)
            printf("%lld stand behind the signed head: written within the last second, or before a kill; run it again\n",
                   (long long)verdict->unsealed);
    }
}

static int run_verify(const vt__args *args)
{
    const char *named = args->count ? args->operands[0] : NULL;
    uint8_t public_key[VT__SIGN_PUBLIC_BYTES];
    vt__audit_verdict verdict;
    vt_error err;
    char *folder = audit_folder(args, named), *key_path = public_key_path(args, named);
    vt_status status = folder && key_path ? vt__signing_read_public(public_key, key_path, &err)
                                          : vt__fail(&err, VT_EINVAL, "\"%s\" is no tenant", vt__args_get(args, "tenant"));
    if (!status) status = vt__audit_verify(&verdict, folder, public_key, &err);
    if (!status) print_verdict(args, &verdict);
    vt__free(folder);
    vt__free(key_path);
    return status ? vt__complain(args, &err) : verdict.sound ? EXIT_FINE : EXIT_ANSWER_NO;
}

/* The newest lines that fit, in a ring. */
typedef struct selection {
    const char *operation, *since;
    char **ring;
    size_t room, met;
} selection;

static vt_status select_line(void *context, const char *name, const char *line, size_t line_bytes, vt_error *err)
{
    (void)name;
    selection *s = context;
    vt__json *json;
    if (vt__json_parse(&json, line, line_bytes, 0, NULL) != VT_OK) return VT_OK; /* verify finds it */
    bool fits = (!s->operation || !strcmp(vt__json_string_or(json, "operation", ""), s->operation)) &&
                (!s->since || strcmp(vt__json_string_or(json, "time", ""), s->since) >= 0);
    vt__json_free(json);
    if (!fits) return VT_OK;
    char **place = &s->ring[s->met % s->room];
    vt__free(*place);
    *place = vt__strdup(line);
    s->met++;
    return *place ? VT_OK : vt__fail_memory(err, line_bytes);
}

static void print_record(const vt__args *args, const char *line)
{
    if (vt__args_on(args, "json")) {
        printf("%s\n", line);
        return;
    }
    vt__json *json;
    if (vt__json_parse(&json, line, strlen(line), 0, NULL) != VT_OK) return;
    printf("%-24s  %-18s  key %-10s  %-12s", vt__json_string_or(json, "time", ""), vt__json_string_or(json, "operation", ""),
           vt__json_string_or(json, "key", "-"), vt__json_string_or(json, "outcome", ""));
    for (size_t i = 0; i < vt__json_count(json); i++) {
        static const char *const said[] = { "number", "time", "previous", "operation", "key", "outcome", "request" };
        bool again = false;
        for (size_t k = 0; k < sizeof said / sizeof *said; k++) again = again || !strcmp(vt__json_key_at(json, i), said[k]);
        char *value = again ? NULL : vt__json_text(vt__json_value_at(json, i), false);
        if (value) printf("  %s %s", vt__json_key_at(json, i), value);
        vt__free(value);
    }
    printf("\n");
    vt__json_free(json);
}

static vt_status select_all(selection *s, const char *folder, vt_error *err)
{
    vt__names days;
    vt_status status = vt__audit_day_files(&days, folder, err);
    for (size_t i = 0; !status && i < days.count; i++) {
        if (s->since && strncmp(days.items[i], s->since, VT__AUDIT_DAY_BYTES - 1) < 0) continue;
        status = vt__audit_each_line(folder, days.items[i], select_line, s, NULL, err);
    }
    vt__names_free(&days);
    return status;
}

static int run_show(const vt__args *args)
{
    double last;
    if (!vt__args_number(&last, args, "last", 1, 1e6)) return EXIT_WRONG_USE;
    vt_error err;
    selection s = { vt__args_get(args, "operation"), vt__args_get(args, "since"), NULL, (size_t)last, 0 };
    char *folder = audit_folder(args, NULL);
    s.ring = vt__calloc(s.room, sizeof *s.ring);
    vt_status status = folder && s.ring ? select_all(&s, folder, &err) : vt__fail_memory(&err, 1);
    for (size_t i = s.met > s.room ? s.met - s.room : 0; !status && i < s.met; i++) print_record(args, s.ring[i % s.room]);
    for (size_t i = 0; s.ring && i < s.room; i++) vt__free(s.ring[i]);
    vt__free(s.ring);
    vt__free(folder);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

static vt_status copy_file(const char *from, const char *to, const char *name, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    char *source = vt__path_join(from, name), *target = vt__path_join(to, name);
    vt_status status = source && target ? vt__file_read(&bytes, &size, source, SIZE_MAX / 2, err) : vt__fail_memory(err, 1);
    if (!status) status = vt__file_write(target, bytes, size, 0600, err);
    vt__free(bytes);
    vt__free(source);
    vt__free(target);
    return status;
}

/* The head first: records may come meanwhile, and stand behind it. */
static vt_status copy_audit(const char *from, const char *to, vt_error *err)
{
    vt__names days = { NULL, 0 };
    vt_status status = vt__folder_make(to, 0700, err);
    if (!status) status = copy_file(from, to, VT__AUDIT_HEAD_FILE, err);
    if (!status) status = copy_file(from, to, VT__AUDIT_DAYS_FILE, err);
    if (status == VT_ENOTFOUND) status = VT_OK; /* no day has ended yet; a missing head shows when verified */
    if (!status) status = vt__audit_day_files(&days, from, err);
    for (size_t i = 0; !status && i < days.count; i++) status = copy_file(from, to, days.items[i], err);
    vt__names_free(&days);
    return status;
}

static int run_export(const vt__args *args)
{
    if (args->count != 1) {
        fprintf(stderr, "vultus audit export: name one folder to write\n");
        return EXIT_WRONG_USE;
    }
    vt_error err;
    char *from = audit_folder(args, NULL), *data = vt__data_folder(args);
    char *keys = data ? vt__path_join(data, "keys") : NULL;
    vt_status status = !from || !keys ? vt__fail_memory(&err, 1)
                       : !vt__folder_exists(from) ? vt__fail(&err, VT_ENOTFOUND, "%s: there is no audit here", from)
                                                  : copy_audit(from, args->operands[0], &err);
    if (!status) status = copy_file(keys, args->operands[0], VT__SIGNING_PUBLIC_FILE, &err);
    vt__free(from);
    vt__free(data);
    vt__free(keys);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_audit_verify = {
    "audit verify", "[EXPORT]", "check that the audit is whole and unchanged",
    "Every record holds the SHA-256 of the one before it; how far the chain reaches is signed each second and at the end of each\n"
    "day. A changed, cut or moved record is named. A server may be at work. Exit code 1: not sound.",
    verify_options, run_verify,
};
const vt__command vt__command_audit_show = {
    "audit show", "", "print the newest records of the audit", "No record holds a picture, a template or a name.", show_options, run_show,
};
const vt__command vt__command_audit_export = {
    "audit export", "FOLDER", "copy the audit and the public key to a folder",
    "What is copied can be checked elsewhere: vultus audit verify FOLDER. Keep copies of head.json apart from the server:\n"
    "they show if an older state of the whole folder was put back.",
    export_options, run_export,
};
