#include "support/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/data.h"
#include "support/test.h"

static char folder[64];

const char *program_folder(void)
{
    if (*folder) return folder;
    snprintf(folder, sizeof folder, "/tmp/vultus-program-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

void program_folder_remove(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (*folder) assert_int_equal(system(command), 0);
    *folder = 0;
}

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
