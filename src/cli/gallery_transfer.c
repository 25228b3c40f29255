/* vultus gallery export, vultus gallery import: a person group to a file of lines and back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_lines.h"
#include "cli/gallery_open.h"
#include "cli/inputs.h"
#include "store/keyring.h"

static const vt__option export_options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "key-file", "FILE", NULL, "key of the templates, 64 hex digits; made where there is none" },
    { NULL, NULL, NULL, NULL },
};
static const vt__option import_options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "key-file", "FILE", NULL, "key of an exported file's templates" },
    { "name", "NAME", NULL, "enrol a folder's pictures as one person of this name" },
    { NULL, NULL, NULL, NULL },
};

enum { MAX_LINE_BYTES = 8 << 20 };

typedef struct transfer {
    const vt__args *args;
    vt__gallery_work work;
    uint8_t key[VT__KEY_BYTES];
    vt__template_file templates;
    size_t persons, faces, lines;
    int64_t begun_ns;
} transfer;

static int print_tally(const transfer *t, const char *what)
{
    double seconds = (double)(vt__monotonic_ns() - t->begun_ns) / 1e9;
    const char *form = vt__args_on(t->args, "json") ? "{\"persons\":%zu,\"faces\":%zu,\"seconds\":%.3f}\n" : "%zu persons, %zu faces %sed in %.2f s\n";
    if (vt__args_on(t->args, "json")) printf(form, t->persons, t->faces, seconds);
    else printf(form, t->persons, t->faces, what, seconds);
    return EXIT_FINE;
}

/* ---- export ---- */

static vt_status print_line(FILE *file, vt__json *json, vt_error *err)
{
    char *text = vt__json_text(json, false);
    vt_status status = text ? VT_OK : vt__fail_memory(err, 1);
    if (!status && fprintf(file, "%s\n", text) < 0) status = vt__fail_errno(err, VT_EIO, errno, "cannot write");
    vt__free(text);
    vt__json_free(json);
    return status;
}

static vt__code write_persons(transfer *t, FILE *file, vt_error *err)
{
    char start[VT__COLLECTION_ID_MAX + 1] = "";
    for (size_t count = VT__LIST_TOP_MAX; count == VT__LIST_TOP_MAX;) {
        vt__moved_person *persons;
        vt__code code = vt__persons_export(&persons, &count, t->work.service, &t->work.caller, t->work.group, (vt__page){ start, 0 }, err);
        for (size_t i = 0; i < count && !code; i++) {
            vt__json *line = NULL;
            if (vt__gallery_person_json(&line, &persons[i], &t->templates, err)) code = VT__CODE_FAILED;
            if (print_line(file, line, code ? NULL : err)) code = VT__CODE_FAILED;
            t->faces += persons[i].face_count;
        }
        t->persons += count;
        if (count) snprintf(start, sizeof start, "%s", persons[count - 1].id);
        vt__moved_persons_free(persons, count);
        if (code) return code;
    }
    return VT__CODE_OK;
}

static vt__code export_to(transfer *t, FILE *file, vt_error *err)
{
    vt__item group = { 0 };
    vt__code code = vt__collection_get(&group, t->work.service, &t->work.caller, t->work.group, err);
    if (!code && print_line(file, vt__gallery_head_json(&group), err)) code = VT__CODE_FAILED;
    vt__item_free(&group);
    if (!code) code = write_persons(t, file, err);
    if (!code && fflush(file)) code = vt__fail_errno(err, VT_EIO, errno, "cannot write") ? VT__CODE_FAILED : code;
    return code;
}

/* A file under a temporary name, to be published when whole. */
static int create(char **temporary, const char *path, vt_error *err)
{
    *temporary = vt__format("%s.new", path);
    int descriptor = *temporary ? open(*temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (descriptor < 0) vt__fail_errno(err, VT_EIO, errno, "cannot create %s.new", path);
    return descriptor;
}

static vt__code export_file(transfer *t, const char *path, vt_error *err)
{
    char *lines = NULL, *templates = NULL;
    FILE *file = NULL;
    int descriptor = create(&lines, path, err);
    t->templates.descriptor = descriptor < 0 ? -1 : create(&templates, t->templates.path, err);
    vt__code code = t->templates.descriptor < 0 ? VT__CODE_FAILED : VT__CODE_OK;
    if (!code && !(file = fdopen(descriptor, "w"))) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    if (!code && vt__template_file_begin(&t->templates, err)) code = VT__CODE_FAILED;
    if (!code) code = export_to(t, file, err);
    if (!code && (vt__file_publish(t->templates.descriptor, templates, t->templates.path, err) ||
                  vt__file_publish(descriptor, lines, path, err)))
        code = VT__CODE_FAILED;
    if (code && lines) unlink(lines);
    if (code && templates) unlink(templates);
    if (file) fclose(file);
    else if (descriptor >= 0) close(descriptor);
    vt__free(lines);
    vt__free(templates);
    return code;
}

/* ---- import ---- */

typedef struct bundle {
    vt__moved_person persons[VT__IMPORT_MAX_FACES];
    size_t count, faces;
} bundle;

static void bundle_clear(bundle *b)
{
    for (size_t i = 0; i < b->count; i++) {
        vt__moved_person *one = vt__malloc(1, sizeof *one); /* freed as a list of one */
        if (!one) continue;
        *one = b->persons[i];
        vt__moved_persons_free(one, 1);
    }
    memset(b, 0, sizeof *b);
}

static vt__code flush(transfer *t, bundle *b, vt_error *err)
{
    if (!b->count) return VT__CODE_OK;
    vt__code code = vt__persons_import(t->work.service, &t->work.caller, t->work.group, b->persons, b->count, err);
    if (code == VT__CODE_CONFLICT)
        vt__fail(err, VT_EEXISTS, "a person or face of lines %zu to %zu is in the group already; what stands before is imported",
                 t->lines - b->count, t->lines - 1);
    if (!code) {
        t->persons += b->count;
        t->faces += b->faces;
    }
    bundle_clear(b);
    return code;
}

static vt__code make_group(transfer *t, const vt__json *head, vt_error *err)
{
    const char *name, *user_data, *model;
    if (vt__gallery_head_read(&name, &user_data, &model, head, err)) return VT__CODE_BAD_ARGUMENT;
    vt__code code = vt__collection_create(t->work.service, &t->work.caller, t->work.group, name, user_data, model, err);
    if (code != VT__CODE_COLLECTION_EXISTS) return code;
    vt__item group = { 0 };
    code = vt__collection_get(&group, t->work.service, &t->work.caller, t->work.group, err);
    if (!code && strcmp(group.recognition_model, model)) code = VT__CODE_MODEL_INCOMPATIBLE;
    if (code == VT__CODE_MODEL_INCOMPATIBLE)
        vt__fail(err, VT_EINVAL, "the group is of %s, the file of %s: their templates cannot be compared", group.recognition_model, model);
    vt__item_free(&group);
    return code;
}

static vt__code take_line(transfer *t, bundle *b, const char *text, size_t bytes, vt_error *err)
{
    vt__json *line = NULL;
    vt__code code = VT__CODE_OK;
    vt_status status = bytes > MAX_LINE_BYTES ? vt__fail(err, VT_ELIMIT, "longer than %d bytes", MAX_LINE_BYTES)
                                              : vt__json_parse(&line, text, bytes, 0, err);
    if (!status && t->lines == 1) {
        code = make_group(t, line, err);
    } else if (!status) {
        status = vt__gallery_person_read(&b->persons[b->count], line, &t->templates, err);
        b->faces += b->persons[b->count++].face_count;
    }
    vt__json_free(line);
    if (status) {
        vt__error_prefix(err, status, "line %zu", t->lines);
        return VT__CODE_BAD_ARGUMENT;
    }
    return code;
}

static vt__code import_lines(transfer *t, FILE *file, vt__progress *bar, vt_error *err)
{
    bundle *b = vt__calloc(1, sizeof *b);
    char *line = NULL;
    size_t capacity = 0;
    vt__code code = b ? VT__CODE_OK : vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (ssize_t got; !code && (got = getline(&line, &capacity, file)) > 0;) {
        t->lines++;
        if (got == 1) continue; /* an empty line */
        code = take_line(t, b, line, (size_t)got, err);
        if (!code && (b->count == VT__IMPORT_MAX_FACES || b->faces >= VT__IMPORT_MAX_FACES)) {
            t->lines++; /* as the conflict's words count */
            code = flush(t, b, err);
            t->lines--;
            vt__progress_step(bar, (size_t)ftello(file));
        }
    }
    t->lines++;
    if (!code && t->lines == 1) code = vt__fail(err, VT_EFORMAT, "the file is empty") ? VT__CODE_BAD_ARGUMENT : code;
    if (!code) code = flush(t, b, err);
    if (b) bundle_clear(b);
    vt__free(b);
    free(line);
    return code;
}

static vt__code import_file(transfer *t, const char *path, vt_error *err)
{
    FILE *file = fopen(path, "re");
    if (!file) return vt__fail_errno(err, VT_ENOTFOUND, errno, "cannot open %s", path) ? VT__CODE_BAD_ARGUMENT : VT__CODE_OK;
    t->templates.descriptor = open(t->templates.path, O_RDONLY | O_CLOEXEC);
    vt_status status = t->templates.descriptor < 0 ? vt__fail_errno(err, VT_ENOTFOUND, errno, "cannot open %s", t->templates.path)
                                                   : vt__template_file_check(&t->templates, err);
    if (status) {
        fclose(file);
        return VT__CODE_BAD_ARGUMENT;
    }
    vt__progress bar;
    fseeko(file, 0, SEEK_END);
    vt__progress_begin(&bar, t->args, "importing", (size_t)ftello(file));
    rewind(file);
    vt__code code = import_lines(t, file, &bar, err);
    vt__progress_clear(&bar);
    fclose(file);
    return code ? code : vt__collection_train(t->work.service, &t->work.caller, t->work.group, err);
}

/* ---- both ---- */

static int run_with(const vt__args *args, vt__code (*act)(transfer *, const char *, vt_error *), bool make_key, const char *what)
{
    const char *key_file = vt__args_get(args, "key-file");
    if (args->count != 1 || !key_file) {
        fprintf(stderr, "vultus gallery %s: name one file, and the key of its templates by --key-file%s\n", what,
                strcmp(what, "import") ? "" : "; or a folder of people");
        return EXIT_WRONG_USE;
    }
    vt_error err;
    transfer t = { .args = args, .templates = { .descriptor = -1, .key = t.key } };
    if (vt__key_file_load(t.key, key_file, make_key, &err)) return vt__complain(args, &err);
    int exit_code = vt__gallery_work_open(&t.work, args, !make_key); /* import makes the index too, along the pack's axes */
    t.templates.path = vt__format("%s.templates", args->operands[0]);
    if (!exit_code && !t.templates.path) exit_code = EXIT_BROKEN_SETUP;
    if (!exit_code) {
        t.begun_ns = vt__monotonic_ns();
        vt__code code = act(&t, args->operands[0], &err);
        exit_code = code ? vt__complain_code(args, code, &err) : print_tally(&t, what);
        vt__gallery_work_close(&t.work);
    }
    if (t.templates.descriptor >= 0) close(t.templates.descriptor);
    vt__free(t.templates.path);
    vt__wipe(t.key, sizeof t.key);
    return exit_code;
}

static int run_export(const vt__args *args)
{
    return run_with(args, export_file, true, "export");
}

static int run_import(const vt__args *args)
{
    bool pictures = args->count && (vt__folder_exists(args->operands[0]) || vt__args_get(args, "name"));
    return pictures ? vt__command_enrol.run(args) : run_with(args, import_file, false, "import");
}

const vt__command vt__command_gallery_export = {
    "gallery export", "FILE", "write a person group to FILE, its templates sealed to FILE.templates",
    "A line of JSON a person. Names and user data stand in clear; templates are sealed with the key of --key-file, which is made where\n"
    "there is none. Keep that key apart from them.", export_options, run_export,
};
const vt__command vt__command_gallery_import = {
    "gallery import", "FILE|FOLDER", "read persons into a person group and train it",
    "A FILE is one that gallery export wrote, with FILE.templates beside it and its --key-file; both installations need the same pack. A FOLDER holds one folder of\n"
    "pictures a person, as for vultus enrol.", import_options, run_import,
};
