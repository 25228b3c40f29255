#include "support/test.h"

#include <math.h>
#include <stdlib.h>

#include "match/calibration.h"

static void points_and_lines(void **state)
{
    (void)state;
    static const float cosine[] = { 0.2f, 0.5f }, confidence[] = { 0.1f, 0.5f };
    vt__calibration c;
    assert_int_equal(vt__calibration_make(&c, cosine, confidence, 2, NULL), VT_OK);
    static const struct {
        float cosine, confidence;
    } rows[] = { { -1, 0 }, { -0.4f, 0.05f }, { 0.2f, 0.1f }, { 0.35f, 0.3f }, { 0.5f, 0.5f }, { 0.75f, 0.75f }, { 1, 1 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_float_equal(vt__calibration_confidence(&c, rows[i].cosine), rows[i].confidence, 1e-6);
        assert_float_equal(vt__calibration_cosine(&c, rows[i].confidence), rows[i].cosine, 1e-6);
    }
    assert_float_equal(vt__calibration_confidence(&c, 1.5f), 1, 1e-6);
    assert_float_equal(vt__calibration_confidence(&c, NAN), 0, 1e-6);
}

static void bad_tables_are_refused(void **state)
{
    (void)state;
    static const float falls[] = { 0.5f, 0.4f }, rises[] = { 0.1f, 0.5f }, beyond[] = { 0.5f, 1.5f }, whole[] = { 0.5f, 1 };
    vt__calibration c;
    vt_error err;
    assert_int_equal(vt__calibration_make(&c, falls, rises, 2, &err), VT_EFORMAT);
    assert_int_equal(vt__calibration_make(&c, rises, falls, 2, &err), VT_EFORMAT);
    assert_int_equal(vt__calibration_make(&c, rises, beyond, 2, &err), VT_EFORMAT);
    assert_int_equal(vt__calibration_make(&c, rises, whole, 2, &err), VT_EFORMAT);
    assert_int_equal(vt__calibration_make(&c, rises, rises, 0, &err), VT_EFORMAT);
    assert_int_equal(vt__calibration_make(&c, rises, rises, 1000, &err), VT_EFORMAT);
}

/* Scores whose false match rate is known: an exponential tail of mean 0.05. Its rate at x is exp(-x / 0.05). */
static void the_learnt_table_states_the_true_rate(void **state)
{
    (void)state;
    enum { n = 200000 };
    float *scores = malloc(n * sizeof *scores);
    srand(3);
    for (int i = 0; i < n; i++) scores[i] = (float)(-0.05 * log((rand() + 1.0) / (RAND_MAX + 2.0)));
    vt__calibration c;
    assert_int_equal(vt__calibration_learn(&c, scores, n, NULL), VT_OK);
    for (double digits = 1; digits <= 6; digits++) {
        double cosine = 0.05 * digits * log(10);
        /* beyond 10^-4 the tail is fitted to 200 scores: 7 % of its mean, standard error */
        assert_float_equal(vt__calibration_confidence(&c, (float)cosine), digits / 10, digits <= 4 ? 0.02 : 0.05);
    }
    vt_error err;
    assert_int_equal(vt__calibration_learn(&c, scores, 9999, &err), VT_EINVAL);
    for (int i = 0; i < n; i++) scores[i] = 0.5f;
    vt__calibration_learn(&c, scores, n, &err); /* all the same: any answer but a crash */
    free(scores);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_and_lines),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(the_learnt_table_states_the_true_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
