/* Answers do not depend on the CPU's vector level: every level that this processor has gives the portable one's text. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "support/data.h"
#include "support/folder.h"
#include "support/program.h"

static const char layout[] = "mkdir \"$WORK/people\" && cd \"$WORK/people\" && for p in Dad Daughter Mom Son; do mkdir $p && "
                             "cp \"$DATA\"/face-samples/Family1-$p[12].jpg $p; done";

static int enrol(void **state)
{
    (void)state;
    char data[4096];
    if (!test_data_folder()) test_skip("no development pictures: name their folder in VULTUS_TEST_DATA");
    if (!realpath(test_data_folder(), data) || setenv("DATA", data, 1) || setenv("WORK", test_folder(), 1) || system(layout)) return -1;
    program_result out = program_run("enrol --evaluation --quiet --data $WORK/data $WORK/people");
    if (out.code) fail_msg("%d %s", out.code, out.output);
    free(out.output);
    return 0;
}

static void every_level_answers_alike(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "detect --json --landmarks --attributes all $DATA/face-samples/identification1.jpg",
        "verify --evaluation --data $WORK/data --json $DATA/face-samples/Family1-Dad1.jpg $DATA/face-samples/Family1-Dad2.jpg",
        "group --evaluation --data $WORK/data --json --quiet $DATA/face-samples",
        "identify --evaluation --json --quiet --top 4 --threshold 0 --data $WORK/data $DATA/face-samples/identification1.jpg",
    };
    for (size_t i = 0; i < ROWS(commands); i++) {
        setenv("VULTUS_CPU", "portable", 1);
        program_result portable = program_run("%s", commands[i]);
        if (portable.code || strlen(portable.output) < 40) fail_msg("%s: %d %s", commands[i], portable.code, portable.output);
        for (vt__cpu_level level = VT__CPU_AVX2; level <= VT__CPU_NEON; level++) {
            setenv("VULTUS_CPU", vt__cpu_level_name(level), 1); /* one that is not here runs as the best below it */
            program_result out = program_run("%s", commands[i]);
            if (out.code != portable.code || strcmp(out.output, portable.output))
                fail_msg("%s with %s:\n%s\nportable:\n%s", commands[i], vt__cpu_level_name(level), out.output, portable.output);
            free(out.output);
        }
        free(portable.output);
    }
}

static void the_level_asked_for_is_used(void **state)
{
    (void)state;
    setenv("VULTUS_CPU", "portable", 1);
    program_result out = program_run("version");
    assert_non_null(strstr(out.output, "portable"));
    free(out.output);
    unsetenv("VULTUS_CPU");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_answers_alike),
        cmocka_unit_test(the_level_asked_for_is_used),
    };
    return cmocka_run_group_tests(tests, enrol, test_folder_remove);
}
