/* Options of the program: one table a command parses, documents, and finds values as flag > environment > ini > default. */
#ifndef VT_CLI_ARGS_H
#define VT_CLI_ARGS_H

#include <stdbool.h>
#include <stdio.h>

#include <vultus/status.h>

#include "base/settings.h"

/* Exit codes of the program. */
enum { EXIT_FINE = 0, EXIT_ANSWER_NO = 1, EXIT_WRONG_USE = 2, EXIT_BAD_INPUT = 3, EXIT_BROKEN_SETUP = 4 };

typedef struct vt__option {
    const char *name;     /* "min-face" is --min-face, VULTUS_MIN_FACE, "min-face = " */
    const char *value;    /* what stands behind it in the help; NULL: a switch */
    const char *fallback; /* default, or NULL */
    const char *help;
} vt__option;

typedef struct vt__args vt__args;

typedef struct vt__command {
    const char *name;
    const char *operands; /* for the usage line: "PICTURE..." */
    const char *summary;  /* one line */
    const char *details;  /* more for --help, or NULL */
    const vt__option *options; /* ends with a NULL name */
    int (*run)(const vt__args *args);
} vt__command;

enum { VT__MAX_OPTIONS = 32 };

struct vt__args {
    const vt__command *command;
    const char *values[VT__MAX_OPTIONS]; /* as given on the command line; a switch's is "1" */
    char **operands;
    int count;
    vt__settings *settings;
};

/* Options that every command has: --pack, --commercial, --json, --quiet, --help. */
extern const vt__option vt__shared_options[];

/* The value by the order above, or NULL. */
const char *vt__args_get(const vt__args *args, const char *name);
bool vt__args_on(const vt__args *args, const char *name);

/* The value as a number within low..high; false after saying on standard error what is wrong. *out keeps its value when
 * nothing is given and the option has no default. */
bool vt__args_number(double *out, const vt__args *args, const char *name, double low, double high);

/* The value's place among names (NULL-terminated); false after saying which are known. */
bool vt__args_choice(int *out, const vt__args *args, const char *name, const char *const *names);

/* Sorts argv (behind the command's name) into values and operands; prints help or what is wrong. *done says that the
 * program should end with the code returned. */
int vt__args_parse(vt__args *args, bool *done, const vt__command *command, int argc, char **argv);

/* What an error means for the exit code: bad input, wrong use or a broken set-up. */
int vt__exit_code(vt_status status);

/* "vultus COMMAND: text" on standard error; returns vt__exit_code of the error. */
int vt__complain(const vt__args *args, const vt_error *err);

#endif
