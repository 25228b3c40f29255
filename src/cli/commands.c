#include "cli/commands_list.h"

#define LIST_COMMAND(name) &vt__command_##name,
const vt__command *const vt__commands[] = { VT__COMMANDS(LIST_COMMAND) NULL };
