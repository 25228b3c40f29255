/* The program's commands. A new one is a file and a line in commands.c. */
#ifndef VT_CLI_COMMANDS_H
#define VT_CLI_COMMANDS_H

#include "cli/args.h"

/* Ends with NULL. A name of two words ("eval verify") is a command of a family. */
extern const vt__command *const vt__commands[];

#endif
