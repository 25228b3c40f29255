#include "support/data.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/test.h"

#include <stdlib.h>

#include "base/file.h"

/* Runs `vultus eval fairness` on a few persons with these labels. */
static program_result evaluate(const char *labels, const char *confidence)
{
    const char *path = test_folder_file("groups.tsv");
    assert_int_equal(vt__file_write(path, labels, strlen(labels), 0600, NULL), VT_OK);
    return program_run("eval fairness --json --quiet --confidence %s --groups '%s' --images '%s/people-dev/examples/knn_examples/train'", confidence, path,
                       test_data_folder());
}

static const char two_groups[] = "# by role\nrose_leslie\tstage\nkit_harington/\tstage\nalex_lacamoire/img1.jpg\tstage\nobama\toffice\nbiden\toffice\n";

static void pairs_within_a_group_are_counted(void **state)
{
    (void)state;
    program_result out = evaluate(two_groups, "0.5");
    assert_int_equal(out.code, 0);
    assert_non_null(strstr(out.output, "\"mated_stage\":2"));
    assert_non_null(strstr(out.output, "\"non_mated_stage\":8"));
    assert_non_null(strstr(out.output, "\"mated_office\":2"));
    assert_non_null(strstr(out.output, "\"non_mated_office\":4"));
    assert_non_null(strstr(out.output, "\"fmr_office\":{\"value\":0"));
    assert_non_null(strstr(out.output, "\"fnmr_stage\":{\"value\":0"));
    assert_null(strstr(out.output, "worst_to_best")); /* no error: no ratio */
    free(out.output);
}

/* At confidence 1 no pair of different pictures is the same person. */
static void ratio_is_worst_to_best(void **state)
{
    (void)state;
    program_result out = evaluate(two_groups, "1");
    assert_int_equal(out.code, 0);
    assert_non_null(strstr(out.output, "\"fnmr_stage\":{\"value\":1"));
    assert_non_null(strstr(out.output, "\"fnmr_worst_to_best\":{\"value\":1"));
    free(out.output);
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = { "obama\toffice\nbiden\n", "obama\toffice\n\toffice\n", "obama\toffice\nnobody\toffice\n" };
    for (size_t i = 0; i < ROWS(bad); i++) {
        program_result out = evaluate(bad[i], "0.5");
        assert_int_equal(out.code, 3);
        assert_non_null(strstr(out.output, "line 2"));
        free(out.output);
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
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
