#include "support/data.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"

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

/* ---- groups made so that their rates are known ---- */

/* Persons by their pictures: the same letter is the same picture, which always matches; other letters never do. So two letters
 * in one person are a false non-match, one letter in two persons a false match. */
static const struct {
    const char *person, *group, *pictures;
} made[] = {
    { "a1", "first", "XX" }, { "a2", "first", "YY" }, { "a3", "first", "XY" },
    { "b1", "second", "XX" }, { "b2", "second", "YY" }, { "b3", "second", "ZZ" }, { "b4", "second", "XZ" },
    { "c1", "third", "XX" }, { "c2", "third", "YY" },
};

/* mated: 3, one missed; non-mated: 12, X with X and Y with Y make 4 false matches, and so on. */
static const struct {
    const char *name;
    double value;
} known[] = {
    { "mated_first", 3 },       { "non_mated_first", 12 },      { "fnmr_first", 1 / 3.0 },  { "fmr_first", 4 / 12.0 },
    { "mated_second", 4 },      { "non_mated_second", 24 },     { "fnmr_second", 1 / 4.0 }, { "fmr_second", 4 / 24.0 },
};

static void make_persons(char *labels, size_t size)
{
    static const char *const sources[] = { "Family1-Dad1.jpg", "Family1-Mom1.jpg", "Family1-Son1.jpg" };
    char command[1024];
    labels[0] = '\0';
    for (size_t i = 0; i < ROWS(made); i++) {
        for (int k = 0; k < 2; k++) {
            snprintf(command, sizeof command, "mkdir -p '%s/made/%s' && cp '%s/face-samples/%s' '%s/made/%s/%d.jpg'", test_folder(), made[i].person, test_data_folder(),
                     sources[made[i].pictures[k] - 'X'], test_folder(), made[i].person, k);
            assert_int_equal(system(command), 0);
        }
        size_t used = strlen(labels);
        snprintf(labels + used, size - used, "%s\t%s\n", made[i].person, made[i].group);
    }
}

static vt__json *evaluate_made(const char *labels)
{
    vt__json *json;
    const char *path = test_folder_file("made.tsv");
    assert_int_equal(vt__file_write(path, labels, strlen(labels), 0600, NULL), VT_OK);
    program_result out = program_run("eval fairness --json --quiet --groups '%s' --images '%s/made'", path, test_folder());
    if (out.code || vt__json_parse(&json, out.output, strlen(out.output), 0, NULL)) fail_msg("%d %s", out.code, out.output);
    free(out.output);
    return json;
}

static const vt__json *metric(const vt__json *json, const char *name)
{
    const vt__json *one = vt__json_get(vt__json_get(json, "metrics"), name);
    if (!one) one = vt__json_get(json, name);
    if (!one) fail_msg("no %s", name);
    return one;
}

static double value_of(const vt__json *json, const char *name)
{
    double number;
    const vt__json *one = metric(json, name);
    return vt__json_as_number(&number, one) ? number : vt__json_number_or(one, "value", -1);
}

static void known_rates_are_printed(void **state)
{
    (void)state;
    char labels[512];
    make_persons(labels, sizeof labels);
    char *third = strstr(labels, "c1\t");
    vt__json *all = evaluate_made(labels);
    assert_float_equal(value_of(all, "fnmr_third"), 0, 1e-9);
    assert_float_equal(value_of(all, "fmr_third"), 0, 1e-9);
    assert_null(vt__json_get(vt__json_get(all, "metrics"), "fmr_worst_to_best")); /* a group without errors: not stated */
    vt__json_free(all);
    *third = '\0';
    vt__json *json = evaluate_made(labels);
    for (size_t i = 0; i < ROWS(known); i++)
        if (fabs(value_of(json, known[i].name) - known[i].value) > 1e-6) fail_msg("%s: %g", known[i].name, value_of(json, known[i].name));
    assert_float_equal(value_of(json, "fnmr_worst_to_best"), 4 / 3.0, 1e-4);
    assert_float_equal(value_of(json, "fmr_worst_to_best"), 2, 1e-4);
    /* the interval of 4 in 12 by Wilson's method */
    assert_float_equal(vt__json_number_or(metric(json, "fmr_first"), "low", -1), 0.138, 0.002);
    assert_float_equal(vt__json_number_or(metric(json, "fmr_first"), "high", -1), 0.609, 0.002);
    vt__json_free(json);
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
        cmocka_unit_test(known_rates_are_printed),
        cmocka_unit_test(bad_lines_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
