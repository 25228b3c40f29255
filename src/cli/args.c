#include "cli/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const vt__option vt__shared_options[] = {
    { "pack", "FOLDER", NULL, "model pack (default: packs/default in VULTUS_HOME)" },
    { "commercial", NULL, NULL, "refuse packs whose licence forbids commercial use" },
    { "json", NULL, NULL, "answer for machines" },
    { "quiet", NULL, NULL, "no progress bar" },
    { "help", NULL, NULL, "this help" },
    { NULL, NULL, NULL, NULL },
};

static int options_count(const vt__option *options)
{
    int count = 0;
    while (options[count].name) count++;
    return count;
}

/* The option's place: the command's own first, then the shared ones; -1 when there is none. */
static int find_option(const vt__option **out, const vt__command *command, const char *name, size_t length)
{
    int place = 0;
    const vt__option *lists[] = { command->options, vt__shared_options };
    for (int l = 0; l < 2; l++)
        for (const vt__option *o = lists[l]; o->name; o++, place++)
            if (strlen(o->name) == length && !strncmp(o->name, name, length)) {
                *out = o;
                return place;
            }
    return -1;
}

const char *vt__args_get(const vt__args *args, const char *name)
{
    const vt__option *option;
    int place = find_option(&option, args->command, name, strlen(name));
    if (place < 0) return NULL;
    if (args->values[place]) return args->values[place];
    const char *setting = vt__settings_get(args->settings, name);
    return setting ? setting : option->fallback;
}

bool vt__args_on(const vt__args *args, const char *name)
{
    const char *value = vt__args_get(args, name);
    return value && strcmp(value, "0") != 0 && strcmp(value, "no") != 0 && strcmp(value, "false") != 0;
}

bool vt__args_number(double *out, const vt__args *args, const char *name, double low, double high)
{
    const char *text = vt__args_get(args, name);
    if (!text) return true;
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end != text && !*end && !errno && number >= low && number <= high) {
        *out = number;
        return true;
    }
    fprintf(stderr, "vultus %s: --%s takes a number from %g to %g, not \"%s\"\n", args->command->name, name, low, high, text);
    return false;
}

bool vt__args_choice(int *out, const vt__args *args, const char *name, const char *const *names)
{
    const char *text = vt__args_get(args, name);
    for (int i = 0; text && names[i]; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *out = i;
        return true;
    }
    if (!text) return true;
    fprintf(stderr, "vultus %s: --%s \"%s\" is not known; one of:", args->command->name, name, text);
    for (int i = 0; names[i]; i++) fprintf(stderr, " %s", names[i]);
    fprintf(stderr, "\n");
    return false;
}

static void print_options(const vt__option *options)
{
    for (const vt__option *o = options; o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        printf("  %-26s %s", left, o->help);
        if (o->fallback) printf(" (default: %s)", o->fallback);
        printf("\n");
    }
}

static void print_help(const vt__command *command)
{
    printf("usage: vultus %s [options] %s\n\n%s\n", command->name, command->operands, command->summary);
    if (command->details) printf("\n%s\n", command->details);
    printf("\nOptions (also as VULTUS_NAME in the environment or \"name = value\" in vultus.ini):\n");
    print_options(command->options);
    print_options(vt__shared_options);
    printf("\nExit codes: 0 fine, 1 the answer is no, 2 wrong use, 3 bad input, 4 broken set-up.\n");
}

static int wrong_use(const vt__command *command, const char *what, const char *argument)
{
    fprintf(stderr, "vultus %s: %s %s; `vultus %s --help` lists the options\n", command->name, what, argument, command->name);
    return EXIT_WRONG_USE;
}

/* One "--name", "--name value" or "--name=value". Moves *at past a value. */
static int take_option(vt__args *args, const vt__command *command, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    const vt__option *option;
    int place = find_option(&option, command, name, equals ? (size_t)(equals - name) : strlen(name));
    if (place < 0) return wrong_use(command, "unknown option", argv[*at]);
    if (!option->value && equals) return wrong_use(command, "no value belongs to", argv[*at]);
    if (!option->value) args->values[place] = "1";
    else if (equals) args->values[place] = equals + 1;
    else if (*at + 1 < argc) args->values[place] = argv[++*at];
    else return wrong_use(command, "a value is missing behind", argv[*at]);
    return EXIT_FINE;
}

int vt__args_parse(vt__args *args, bool *done, const vt__command *command, int argc, char **argv)
{
    *done = true;
    args->command = command;
    args->operands = argv;
    bool only_operands = false, help = false;
    if (options_count(command->options) + options_count(vt__shared_options) > VT__MAX_OPTIONS) return EXIT_BROKEN_SETUP;
    for (int i = 0; i < argc; i++) {
        bool option = !only_operands && argv[i][0] == '-' && argv[i][1] == '-';
        if (option && !argv[i][2]) only_operands = true;
        else if (!only_operands && !strcmp(argv[i], "-h")) help = true;
        else if (!only_operands && argv[i][0] == '-' && argv[i][1] && !option) return wrong_use(command, "unknown option", argv[i]);
        else if (!option) args->operands[args->count++] = argv[i];
        else if (take_option(args, command, argc, argv, &i)) return EXIT_WRONG_USE;
    }
    if (help || vt__args_on(args, "help")) {
        print_help(command);
        return EXIT_FINE;
    }
    *done = false;
    return EXIT_FINE;
}

int vt__exit_code(vt_status status)
{
    switch (status) {
    case VT_OK: return EXIT_FINE;
    case VT_EINVAL: return EXIT_WRONG_USE;
    case VT_EMODEL:
    case VT_EINTEGRITY:
    case VT_ENOMEM:
    case VT_EDENIED:
    case VT_EINTERNAL: return EXIT_BROKEN_SETUP;
    default: return EXIT_BAD_INPUT;
    }
}

int vt__complain(const vt__args *args, const vt_error *err)
{
    fprintf(stderr, "vultus %s: %s\n", args->command->name, err->text);
    return vt__exit_code(err->code);
}
