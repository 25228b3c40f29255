/* vultus pack list | verify | build */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/json_out.h"
#include "cli/python.h"
#include "model/manifest.h"

static const vt__option no_options[] = { { NULL, NULL, NULL, NULL } };

static int open_pack(vt__pack *pack, const vt__args *args)
{
    vt_error err;
    char *folder = vt__pack_folder(args);
    vt_status status = folder ? vt__pack_open(pack, folder, &err) : vt__fail_memory(&err, 64);
    vt__free(folder);
    if (!status) return EXIT_FINE;
    vt__complain(args, &err);
    return EXIT_BROKEN_SETUP;
}

static void print_pack_json(const vt__pack *pack)
{
    vt__json_print(pack->root, true);
}

static int run_list(const vt__args *args)
{
    vt__pack pack;
    if (open_pack(&pack, args)) return EXIT_BROKEN_SETUP;
    if (vt__args_on(args, "json")) print_pack_json(&pack);
    else {
        printf("pack \"%s\" in %s\ndigest %s\n\n%-12s %-12s %-16s %-12s %s\n", pack.name, pack.folder, pack.digest, "task", "family", "file", "licence", "source");
        for (size_t i = 0; i < pack.count; i++) {
            const vt__model *m = &pack.models[i];
            printf("%-12s %-12s %-16s %-12s %s%s\n", vt__task_name(m->task), m->family, m->file, m->licence, m->source, m->commercial ? "" : "  NOT FOR COMMERCIAL USE");
        }
        printf("\n%s\n", vt__json_string_or(pack.root, "provenance", ""));
    }
    vt__pack_close(&pack);
    return EXIT_FINE;
}

static int verify_file(const vt__args *args, const vt__pack *pack, const char *file, const char *digest)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_error err;
    if (vt__pack_read(&bytes, &size, pack, file, digest, &err)) return vt__complain(args, &err);
    vt__free(bytes);
    printf("%-20s sound\n", file);
    return EXIT_FINE;
}

static int run_verify(const vt__args *args)
{
    vt__pack pack;
    if (open_pack(&pack, args)) return EXIT_BROKEN_SETUP;
    int code = EXIT_FINE;
    for (size_t i = 0; i < pack.count; i++) {
        const vt__model *m = &pack.models[i];
        if (vt__args_on(args, "commercial") && !m->commercial) {
            fprintf(stderr, "vultus pack verify: %s is under \"%s\", which forbids commercial use\n", m->file, m->licence);
            code = EXIT_BROKEN_SETUP;
        }
        int one = verify_file(args, &pack, m->file, m->sha256);
        if (one) code = EXIT_BROKEN_SETUP;
    }
    const vt__json *runtime = vt__json_get(pack.root, "runtime"), *files = vt__json_get(pack.root, "files");
    if (runtime && verify_file(args, &pack, vt__json_string_or(runtime, "file", ""), vt__json_string_or(runtime, "sha256", ""))) code = EXIT_BROKEN_SETUP;
    for (size_t i = 0; i < vt__json_count(files); i++) {
        const vt__json *f = vt__json_at(files, i);
        if (verify_file(args, &pack, vt__json_string_or(f, "file", ""), vt__json_string_or(f, "sha256", ""))) code = EXIT_BROKEN_SETUP;
    }
    vt__pack_close(&pack);
    return code;
}

static const vt__option build_options[] = {
    { "builder", "FILE", "packs/build.py", "the pack builder, a Python program" },
    { NULL, NULL, NULL, NULL },
};

static int run_build(const vt__args *args)
{
    const char *builder = vt__args_get(args, "builder");
    if (!vt__file_exists(builder)) {
        fprintf(stderr, "vultus pack build: %s is not here; run it in the source folder, or name it by --builder\n", builder);
        return EXIT_BROKEN_SETUP;
    }
    char *folder = vt__pack_folder(args);
    bool failed = !folder || vt__python_run(builder, "--out", folder);
    vt__free(folder);
    return failed ? EXIT_BROKEN_SETUP : EXIT_FINE;
}

const vt__command vt__command_pack_list = { "pack list", "", "show a pack's networks, licences and sources", NULL, no_options, run_list };
const vt__command vt__command_pack_verify = { "pack verify", "", "compare a pack's files to their digests", NULL, no_options, run_verify };
const vt__command vt__command_pack_build = { "pack build", "", "make the default pack from published packages", NULL, build_options, run_build };
