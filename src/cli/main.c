/* The program's entry: finds the command, reads the settings, runs it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/commands.h"

static void print_commands(FILE *out)
{
    fprintf(out, "vultus %s: faces found, compared, hidden, on your own machine\n\nusage: vultus COMMAND [options] ...\n\n", VULTUS_VERSION);
    for (size_t i = 0; vt__commands[i]; i++) fprintf(out, "  %-18s %s\n", vt__commands[i]->name, vt__commands[i]->summary);
    fprintf(out, "\n`vultus COMMAND --help` says more. Try: vultus detect --draw out.png photo.jpg\n");
}

/* How many words of argv the command's name takes; 0 when it is another. */
static int words_matching(const vt__command *command, int argc, char **argv)
{
    const char *space = strchr(command->name, ' ');
    size_t first = space ? (size_t)(space - command->name) : strlen(command->name);
    if (strlen(argv[0]) != first || strncmp(argv[0], command->name, first) != 0) return 0;
    if (!space) return 1;
    return argc > 1 && !strcmp(argv[1], space + 1) ? 2 : 0;
}

static int list_family(const char *name)
{
    bool any = false;
    size_t length = strlen(name);
    for (size_t i = 0; vt__commands[i]; i++) {
        const char *full = vt__commands[i]->name;
        if (strncmp(full, name, length) != 0 || full[length] != ' ') continue;
        if (!any) fprintf(stderr, "vultus %s: say which:\n", name);
        any = true;
        fprintf(stderr, "  vultus %-18s %s\n", full, vt__commands[i]->summary);
    }
    if (!any) fprintf(stderr, "vultus: no command \"%s\"; `vultus --help` lists them\n", name);
    return EXIT_WRONG_USE;
}

/* vultus.ini in the folder we stand in, else in the home of the state. */
static vt_status open_settings(vt__settings **out, vt_error *err)
{
    if (vt__file_exists("vultus.ini")) return vt__settings_open(out, "vultus.ini", err);
    char *home = vt__settings_home(), *path = home ? vt__path_join(home, "vultus.ini") : NULL;
    vt_status status = vt__settings_open(out, path, err);
    vt__free(path);
    vt__free(home);
    return status;
}

static int run(const vt__command *command, int argc, char **argv)
{
    vt__args args = { 0 };
    vt_error err;
    if (open_settings(&args.settings, &err)) {
        fprintf(stderr, "vultus: %s\n", err.text);
        return EXIT_BROKEN_SETUP;
    }
    bool done;
    int code = vt__args_parse(&args, &done, command, argc, argv);
    if (!done) code = command->run(&args);
    vt__settings_close(args.settings);
    if (fflush(stdout) && !code) code = EXIT_BAD_INPUT;
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return EXIT_WRONG_USE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_commands(stdout);
        return EXIT_FINE;
    }
    argv[1] += strcmp(argv[1], "--version") ? 0 : 2; /* "version" */
    for (size_t i = 0; vt__commands[i]; i++) {
        int words = words_matching(vt__commands[i], argc - 1, argv + 1);
        if (words) return run(vt__commands[i], argc - 1 - words, argv + 1 + words);
    }
    return list_family(argv[1]);
}
