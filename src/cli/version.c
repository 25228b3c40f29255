#include "base/cpu.h"
#include "cli/commands_list.h"

static const vt__option options[] = { { NULL, NULL, NULL, NULL } };

static int run(const vt__args *args)
{
    const char *level = vt__cpu_level_name(vt__cpu_get_level());
    if (vt__args_on(args, "json")) printf("{\"version\":\"%s\",\"cpu\":\"%s\"}\n", VULTUS_VERSION, level);
    else printf("vultus %s, %s kernels\n", VULTUS_VERSION, level);
    return EXIT_FINE;
}

const vt__command vt__command_version = { "version", "", "print the version and the CPU level in use", NULL, options, run };
