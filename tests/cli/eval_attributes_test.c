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

/* Runs `vultus eval attributes` on two samples with these labels. */
static outcome evaluate(const char *labels)
{
    outcome out = { 0 };
    char folder[] = "/tmp/vultus-labels-XXXXXX", path[64], command[max_command];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/labels.tsv", folder);
    assert_int_equal(vt__file_write(path, labels, strlen(labels), 0600, NULL), VT_OK);
    snprintf(command, sizeof command, "'%s' eval attributes --json --quiet --pack '%s' --labels %s '%s/face-samples' 2>&1", getenv("VULTUS_PROGRAM"),
             test_pack_folder(), path, test_data_folder());
    FILE *run = popen(command, "r");
    assert_non_null(run);
    out.output[fread(out.output, 1, max_output - 1, run)] = 0;
    out.code = WEXITSTATUS(pclose(run));
    unlink(path);
    rmdir(folder);
    return out;
}

static void right_and_wrong_labels_are_counted(void **state)
{
    (void)state;
    outcome out = evaluate("# by eye\n"
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
}

static void bad_labels_are_named_by_line(void **state)
{
    (void)state;
    static const char *const bad[] = { "a.jpg\tmask\t1\na.jpg\thumour\t1\n", "a.jpg\tmask\t1\na.jpg\tmask\n", "a.jpg\tmask\t1\na.jpg\tmask\tyes\n" };
    for (size_t i = 0; i < ROWS(bad); i++) {
        outcome out = evaluate(bad[i]);
        assert_int_equal(out.code, 3);
        assert_non_null(strstr(out.output, "line 2"));
    }
}

int main(void)
{
    if (!test_data_folder() || !test_pack_folder() || !getenv("VULTUS_PROGRAM")) test_skip("no pack, data or program");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_and_wrong_labels_are_counted),
        cmocka_unit_test(bad_labels_are_named_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
