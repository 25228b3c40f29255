#include "support/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/data.h"
#include "support/test.h"

program_result program_run(const char *format, ...)
{
    char command[8192];
    const char *program = getenv("VULTUS_PROGRAM"), *pack = test_pack_folder();
    if (!program) test_skip("VULTUS_PROGRAM does not name the program");
    if (!pack) test_skip("no model pack: run `packs/build.py`, or name one in VULTUS_PACK");
    int used = snprintf(command, sizeof command, "VULTUS_PACK='%s' '%s' ", pack, program);
    va_list arguments;
    va_start(arguments, format);
    used += vsnprintf(command + used, sizeof command - (size_t)used, format, arguments);
    va_end(arguments);
    snprintf(command + used, sizeof command - (size_t)used, " 2>&1");
    FILE *run = popen(command, "r");
    assert_non_null(run);
    program_result out = { 0, calloc(1, 1 << 20), 0 };
    assert_non_null(out.output);
    out.output[fread(out.output, 1, (1 << 20) - 1, run)] = 0;
    out.code = WEXITSTATUS(pclose(run));
    for (const char *c = out.output; *c; c++) out.lines += *c == '\n';
    return out;
}
