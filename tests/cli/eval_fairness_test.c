#include "support/data.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { max_output = 16384, max_command = 4096 };

typedef struct outcome {
    int code;
    char output[max_output];
} outcome;

/* Runs `vultus eval fairness` on a few persons with these labels. */
static outcome evaluate(const char *labels, const char *confidence)
{
    outcome out = { 0 };
    char folder[] = "/tmp/vultus-groups-XXXXXX", path[64], command[max_command];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/groups.tsv", folder);
    assert_int_equal(vt__file_write(path, labels, strlen(labels), 0600, NULL), VT_OK);
    snprintf(command, sizeof command, "'%s' eval fairness --json --quiet --confidence %s --pack '%s' --groups %s --images '%s/people-dev/examples/knn_examples/train' 2>&1",
             getenv("VULTUS_PROGRAM"), confidence, test_pack_folder(), path, test_data_folder());
    FILE *run = popen(command, "r");
    assert_non_null(run);
    out.output[fread(out.output, 1, max_output - 1, run)] = 0;
    out.code = WEXITSTATUS(pclose(run));
    unlink(path);
    rmdir(folder);
    return out;
}

static const char two_groups[] = "# by role\nrose_leslie\tstage\nkit_harington/\tstage\nalex_lacamoire/img1.jpg\tstage\nobama\toffice\nbiden\toffice\n";

static void pairs_within_a_group_are_counted(void **state)
{
    (void)state;
    outcome out = evaluate(two_groups, "0.5");
    assert_int_equal(out.code, 0);
    assert_non_null(strstr(out.output, "\"mated_stage\":2"));
    assert_non_null(strstr(out.output, "\"non_mated_stage\":8"));
    assert_non_null(strstr(out.output, "\"mated_office\":2"));
    assert_non_null(strstr(out.output, "\"non_mated_office\":4"));
    assert_non_null(strstr(out.output, "\"fmr_office\":{\"value\":0"));
    assert_non_null(strstr(out.output, "\"fnmr_stage\":{\"value\":0"));
    assert_null(strstr(out.output, "worst_to_best")); /* no error: no ratio */
}

/* At confidence 1 no pair of different pictures is the same person. */
static void ratio_is_worst_to_best(void **state)
{
    (void)state;
    outcome out = evaluate(two_groups, "1");
    assert_int_equal(out.code, 0);
    assert_non_null(strstr(out.output, "\"fnmr_stage\":{\"value\":1"));
    assert_non_null(strstr(out.output, "\"fnmr_worst_to_best\":{\"value\":1"));
    assert_null(strstr(out.output, "fmr_worst_to_best\":{\"value\":0"));
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = { "obama\toffice\nbiden\n", "obama\toffice\n\toffice\n", "obama\toffice\nnobody\toffice\n" };
    for (size_t i = 0; i < ROWS(bad); i++) {
        outcome out = evaluate(bad[i], "0.5");
        assert_int_equal(out.code, 3);
        assert_non_null(strstr(out.output, "line 2"));
    }
}

int main(void)
{
    if (!test_data_folder() || !test_pack_folder() || !getenv("VULTUS_PROGRAM")) test_skip("no pack, data or program");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_within_a_group_are_counted),
        cmocka_unit_test(ratio_is_worst_to_best),
        cmocka_unit_test(bad_lines_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
