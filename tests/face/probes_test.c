/* Linear probes with weights made here, and the features of a real face. */
#include "face/probes.h"

#include <math.h>

#include "support/faces.h"
#include "support/test.h"

/* Two features: probe p weighs them p and -1, and adds a constant of 0.5. */
static void probes_are_logistic(void **state)
{
    (void)state;
    float weights[VT__PROBE_COUNT * 3], out[VT__PROBE_COUNT];
    for (size_t p = 0; p < VT__PROBE_COUNT; p++) {
        weights[3 * p] = (float)p;
        weights[3 * p + 1] = -1;
        weights[3 * p + 2] = .5f;
    }
    vt_engine engine = { .probes = weights, .probes_count = ROWS(weights) };
    static const float rows[][2] = { { 0, 0 }, { 1, 0 }, { 2, 1.5f }, { -3, 40 }, { 1000, 0 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(vt__probe_run(out, &engine, rows[i], 2, NULL), VT_OK);
        for (size_t p = 0; p < VT__PROBE_COUNT; p++)
            assert_float_equal(out[p], 1 / (1 + exp(-((double)p * rows[i][0] - rows[i][1] + .5))), 1e-6);
    }
}

static void weights_must_fit_the_features(void **state)
{
    (void)state;
    float weights[VT__PROBE_COUNT * 3] = { 0 }, out[VT__PROBE_COUNT];
    const float features[3] = { 0 };
    vt_engine engine = { .probes = weights, .probes_count = ROWS(weights) }, none = { 0 };
    vt_error err;
    assert_int_equal(vt__probe_run(out, &engine, features, 3, &err), VT_EMODEL);
    assert_string_equal(err.text, "probes.bin holds 21 numbers, 28 were expected");
    assert_int_equal(vt__probe_run(out, &none, features, 2, &err), VT_EUNSUPPORTED);
    assert_string_equal(err.text, "the pack has no attribute probes");
}

static void a_face_has_features_in_five_bands(void **state)
{
    (void)state;
    static float first[VT__PROBE_MAX_FEATURES], second[VT__PROBE_MAX_FEATURES];
    test_picture picture = test_picture_open("face-samples/Family1-Mom1.jpg");
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    vt_faces faces;
    size_t count = 0, again = 0;
    options.want = VT_WANT_LANDMARKS;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, &options, NULL), VT_OK);
    assert_int_equal(vt__probe_features(first, &count, shared.session, picture.picture, &faces.items[0], NULL), VT_OK);
    assert_int_equal(vt__probe_features(second, &again, shared.session, picture.picture, &faces.items[0], NULL), VT_OK);
    assert_int_equal(count % VT__PROBE_BANDS, 0);
    assert_int_equal(count, again);
    assert_memory_equal(first, second, count * sizeof *first);
    assert_int_equal(shared.engine->probes_count, VT__PROBE_COUNT * (count + 1));
    size_t used = 0;
    for (size_t i = 0; i < count; i++) used += first[i] != 0 && isfinite(first[i]);
    assert_true(used > count / 2);
    vt_faces_free(&faces);
    test_picture_close(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_are_logistic),
        cmocka_unit_test(weights_must_fit_the_features),
        cmocka_unit_test(a_face_has_features_in_five_bands),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
