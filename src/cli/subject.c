#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "service/subject.h"

static const vt__option export_options[] = {
    VT__GALLERY_OPTIONS,
    { "templates", NULL, NULL, "with the numbers of the templates" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option erase_options[] = {
    VT__GALLERY_OPTIONS,
    { "receipt", "FILE", NULL, "write the receipt here instead of standard output" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option receipt_options[] = {
    { "data", "FOLDER", NULL, "whose keys/signing.pub to check against (default: data in VULTUS_HOME)" },
    { "public-key", "FILE", NULL, "or the public key itself" },
    { NULL, NULL, NULL, NULL },
};

static vt__code put_document(const vt__json *json, const char *path, vt_error *err)
{
    char *text = vt__json_text(json, true);
    if (!text) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt_status status = VT_OK;
    char *lines = vt__format("%s\n", text);
    if (!lines) status = vt__fail_memory(err, 1);
    else if (path) status = vt__file_write(path, lines, strlen(lines), 0600, err);
    else fputs(lines, stdout);
    vt__free(lines);
    vt__free(text);
    return vt__code_of(status);
}

static int on_subject(const vt__args *args, vt__code (*act)(vt__json **, vt__gallery_work *, const vt__args *, vt_error *))
{
    vt__gallery_work work;
    vt__json *json = NULL;
    vt_error err;
    if (args->count != 1) {
        fprintf(stderr, "vultus %s: name one person id or persisted face id\n", args->command->name);
        return EXIT_WRONG_USE;
    }
    bool erasing = args->command == &vt__command_subject_erase; /* archives are searched by the subject's templates */
    int exit_code = vt__gallery_work_open(&work, args, erasing);
    if (exit_code == EXIT_BROKEN_SETUP) exit_code = vt__gallery_work_open(&work, args, false);
    if (exit_code) return exit_code;
    vt__code code = act(&json, &work, args, &err);
    if (!code) code = put_document(json, erasing ? vt__args_get(args, "receipt") : NULL, &err);
    if (code) exit_code = vt__complain_code(args, code, &err);
    vt__json_free(json);
    vt__gallery_work_close(&work);
    return exit_code;
}

static vt__code export_subject(vt__json **out, vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    return vt__subject_export(out, work->service, &work->caller, args->operands[0], vt__args_on(args, "templates"), err);
}

static vt__code erase_subject(vt__json **out, vt__gallery_work *work, const vt__args *args, vt_error *err)
{
    return vt__subject_erase(out, work->service, &work->caller, args->operands[0], err);
}

static int run_export(const vt__args *args)
{
    return on_subject(args, export_subject);
}

static int run_erase(const vt__args *args)
{
    return on_subject(args, erase_subject);
}

static vt_status read_public_key(uint8_t out[VT__SIGN_PUBLIC_BYTES], const vt__args *args, vt_error *err)
{
    const char *given = vt__args_get(args, "public-key");
    char *folder = given ? NULL : vt__data_folder(args);
    char *path = given ? vt__strdup(given) : folder ? vt__path_join(folder, "keys/" VT__SIGNING_PUBLIC_FILE) : NULL;
    vt_status status = path ? vt__signing_read_public(out, path, err) : vt__fail_memory(err, 1);
    vt__free(folder);
    vt__free(path);
    return status;
}

static int run_receipt(const vt__args *args)
{
    enum { RECEIPT_BYTES = 64 << 20 };
    if (args->count != 1) {
        fprintf(stderr, "vultus receipt verify: name one receipt or export\n");
        return EXIT_WRONG_USE;
    }
    uint8_t public_key[VT__SIGN_PUBLIC_BYTES], *text = NULL;
    size_t size;
    vt__json *json = NULL;
    vt_error err;
    vt_status status = read_public_key(public_key, args, &err);
    if (!status) status = vt__file_read(&text, &size, args->operands[0], RECEIPT_BYTES, &err);
    if (!status) status = vt__json_parse(&json, text, size, 0, &err);
    bool valid = !status && vt__signing_valid(json, public_key);
    if (!status && valid)
        printf("valid: %s, subject %s, %s\n", vt__json_string_or(json, "statement", ""), vt__json_string_or(json, "subject", ""),
               vt__json_string_or(json, "time", ""));
    else if (!status)
        printf("NOT VALID: changed, or signed by another installation\n");
    vt__json_free(json);
    vt__free(text);
    return status ? vt__complain(args, &err) : valid ? EXIT_FINE : EXIT_ANSWER_NO;
}

const vt__command vt__command_subject_export = {
    "subject export", "ID", "print all that is held on a person", "The document is signed: vultus receipt verify checks it.\n"
    "Face ids of earlier detections are not known to be a person's; they end within 24 hours.", export_options, run_export,
};
const vt__command vt__command_subject_erase = {
    "subject erase", "ID", "erase a person everywhere, with a signed receipt",
    "Every collection, group, list and index loses the person, and every archive the tracks that the person's templates find;\n"
    "the data keys are destroyed, in the key files of backups too.\n"
    "Refused while a legal hold stands. With a server at work use DELETE /vultus/v1/subjects/ID.", erase_options, run_erase,
};
const vt__command vt__command_receipt_verify = {
    "receipt verify", "FILE", "check a receipt or an export against the public key", "Exit code 1: it was changed or is not from here.",
    receipt_options, run_receipt,
};
