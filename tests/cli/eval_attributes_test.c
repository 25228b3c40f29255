#include "support/data.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/test.h"

#include <stdlib.h>

#include "base/file.h"

/* Runs `vultus eval attributes` on two samples with these labels. */
static program_result evaluate(const char *labels)
{
    const char *path = test_folder_file("labels.tsv");
    assert_int_equal(vt__file_write(path, labels, strlen(labels), 0600, NULL), VT_OK);
    return program_run("eval attributes --json --quiet --labels '%s' '%s/face-samples'", path, test_data_folder());
}

static void right_and_wrong_labels_are_counted(void **state)
{
    (void)state;
    program_result out = evaluate("# by eye\n"
                           "Family1-Dad1.jpg\tmask\t0\n"
                           "Family1-Dad1.jpg\tmouth\t1\n"
                           "Family1-Mom1.jpg\tmask\t0\n"
                           "Family1-Mom1.jpg\tmouth\t0\n");
    assert_int_equal(out.code, 0);
    assert_non_null(strstr(out.output, "\"n\":2"));
    assert_non_null(strstr(out.output, "\"mask_accuracy\":{\"value\":1"));
    assert_non_null(strstr(out.output, "\"mouth_accuracy\":{\"value\":0.5"));
    assert_non_null(strstr(out.output, "\"mouth_missed\":{\"value\":1"));
    assert_non_null(strstr(out.output, "\"mouth_false\":{\"value\":0"));
    assert_null(strstr(out.output, "glasses"));
    free(out.output);
}

static void bad_labels_are_named_by_line(void **state)
{
    (void)state;
    static const char *const bad[] = { "a.jpg\tmask\t1\na.jpg\thumour\t1\n", "a.jpg\tmask\t1\na.jpg\tmask\n", "a.jpg\tmask\t1\na.jpg\tmask\tyes\n" };
    for (size_t i = 0; i < ROWS(bad); i++) {
        program_result out = evaluate(bad[i]);
        assert_int_equal(out.code, 3);
        assert_non_null(strstr(out.output, "line 2"));
        free(out.output);
    }
}

int main(void)
{
    if (!test_data_folder() || !test_pack_folder() || !getenv("VULTUS_PROGRAM")) test_skip("no pack, data or program");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_and_wrong_labels_are_counted),
        cmocka_unit_test(bad_labels_are_named_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
