/* Alignment to the ArcFace 112 template, and recognizers whose answer is the mean colour of the aligned face. */
#include "model/recognizer.h"

#include <math.h>

#include "support/networks.h"
#include "support/test.h"

static const vt_point arcface[5] = {
    { 38.2946f, 51.6963f }, { 73.5318f, 51.5014f }, { 56.0252f, 71.7366f }, { 41.5493f, 92.3655f }, { 70.7299f, 92.2041f },
};

static void dimensions_have_a_range(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        uint32_t dimension;
        bool points5;
    } rows[] = {
        { "\"dimension\":512", 512, false },
        { "\"dimension\":128,\"align\":\"points5\"", 128, true },
        { "\"dimension\":1024,\"align\":\"landmarks68\"", 1024, false },
        { "\"dimension\":1025", 0, false },
        { "\"dimension\":0", 0, false },
        { "\"dimension\":-5", 0, false },
        { "\"dimension\":\"512\"", 0, false },
        { "", 0, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__pack pack;
        test_pack_of(&pack, "recognizer", "arcface112", "plane_means", rows[i].more);
        assert_int_equal(vt__recognizer_dimension(&pack.models[0]), rows[i].dimension);
        assert_int_equal(vt__recognizer_wants_points5(&pack.models[0]), rows[i].points5);
        vt__pack_close(&pack);
    }
    assert_int_equal(vt__recognizer_dimension(NULL), 0);
}

static void similarities_are_found_again(void **state)
{
    (void)state;
    static const float maps[][4] = { { 1, 0, 0, 0 }, { 2, 0, 10, -20 }, { 0, 1, 112, 0 }, { -.5f, 0, 100, 300 }, { 1.2f, -.7f, 3, 4 } };
    for (size_t i = 0; i < ROWS(maps); i++) {
        const float a = maps[i][0], b = maps[i][1], x = maps[i][2], y = maps[i][3];
        vt_point points[5];
        vt__affine map;
        for (int p = 0; p < 5; p++)
            points[p] = (vt_point){ a * arcface[p].x - b * arcface[p].y + x, b * arcface[p].x + a * arcface[p].y + y };
        assert_true(vt__arcface_map(&map, points));
        const float want[6] = { a, -b, x, b, a, y };
        for (int k = 0; k < 6; k++) assert_float_equal(map.m[k], want[k], 2e-3);
    }
}

static double cost_of(const float m[6], const vt_point points[5])
{
    double cost = 0;
    for (int p = 0; p < 5; p++) {
        double dx = m[0] * arcface[p].x + m[1] * arcface[p].y + m[2] - points[p].x;
        double dy = m[3] * arcface[p].x + m[4] * arcface[p].y + m[5] - points[p].y;
        cost += dx * dx + dy * dy;
    }
    return cost;
}

/* No similarity nearby fits five crooked points better. */
static void the_fit_is_the_least_squares_one(void **state)
{
    (void)state;
    static const vt_point crooked[5] = { { 30, 40 }, { 80, 55 }, { 50, 80 }, { 45, 88 }, { 75, 99 } };
    vt__affine map;
    assert_true(vt__arcface_map(&map, crooked));
    assert_float_equal(map.m[0], map.m[4], 0);
    assert_float_equal(map.m[1], -map.m[3], 0);
    double best = cost_of(map.m, crooked);
    for (int k = 0; k < 4; k++)
        for (int sign = -1; sign <= 1; sign += 2) {
            float m[6], step = (k < 2 ? 1e-3f : .1f) * (float)sign;
            memcpy(m, map.m, sizeof m);
            if (k == 0) m[0] += step, m[4] += step;
            if (k == 1) m[1] += step, m[3] -= step;
            if (k == 2) m[2] += step;
            if (k == 3) m[5] += step;
            assert_true(cost_of(m, crooked) > best);
        }
}

static void points_that_coincide_have_no_map(void **state)
{
    (void)state;
    vt__affine map;
    vt_point same[5], odd[5];
    for (int p = 0; p < 5; p++) same[p] = (vt_point){ 7, 7 }, odd[p] = arcface[p];
    odd[3].y = NAN;
    assert_false(vt__arcface_map(&map, same));
    assert_false(vt__arcface_map(&map, odd));
    odd[3].y = INFINITY;
    assert_false(vt__arcface_map(&map, odd));
}

typedef struct run {
    const char *name, *more;
    uint32_t dimension;
    uint8_t colour[3];
} run;

static const vt__affine identity = { { 1, 0, 0, 0, 1, 0 } };

static vt_pixels plain_picture(const uint8_t colour[3])
{
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 112, 112 }, NULL), VT_OK);
    for (int y = 0; y < 112; y++)
        for (int x = 0; x < 112; x++) memcpy(pixels.data + (size_t)y * pixels.stride_bytes + (size_t)x * 3, colour, 3);
    return pixels;
}

static vt_status recognise(float out[8], const run *r, vt_error *err)
{
    vt__pack pack;
    vt__scratch scratch = { 0 };
    vt_pixels pixels = plain_picture(r->colour);
    test_pack_of(&pack, "recognizer", "arcface112", r->name, r->more);
    vt__network *network = test_network(r->name);
    vt_status status = vt__recognizer_run(out, r->dimension, network, &pack.models[0], &pixels, &identity, &scratch, err);
    vt__network_close(network);
    vt__scratch_free(&scratch);
    vt_pixels_free(&pixels);
    vt__pack_close(&pack);
    return status;
}

static void the_answer_is_normalised(void **state)
{
    (void)state;
    static const struct {
        run run;
        float want[3];
    } rows[] = {
        { { "plane_means", "", 3, { 20, 40, 40 } }, { 1 / 3.f, 2 / 3.f, 2 / 3.f } },
        { { "plane_means", "\"input\":{\"order\":\"BGR\"}", 3, { 20, 40, 40 } }, { 2 / 3.f, 2 / 3.f, 1 / 3.f } },
        { { "plane_means", "\"input\":{\"mean\":127,\"scale\":0.0078125}", 3, { 127, 130, 123 } }, { 0, .6f, -.8f } },
        { { "plane_means", "\"input\":{\"mean\":[0,0,30]},\"output\":\"output\"", 3, { 3, 4, 30 } }, { .6f, .8f, 0 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float out[8];
        vt_error err;
        if (recognise(out, &rows[i].run, &err)) fail_msg("row %zu: %s", i, err.text);
        for (int k = 0; k < 3; k++) assert_float_equal(out[k], rows[i].want[k], 1e-5);
    }
}

static void networks_of_another_kind_are_refused(void **state)
{
    (void)state;
    static const struct {
        run run;
        const char *says;
    } rows[] = {
        { { "plane_means", "", 4, { 1, 2, 3 } }, "not 4 numbers" },
        { { "plane_means", "", 2, { 1, 2, 3 } }, "not 2 numbers" },
        { { "plane_means", "", 3, { 0, 0, 0 } }, "no direction" },
        { { "plane_means", "\"output\":\"mood\"", 3, { 1, 2, 3 } }, "mood" },
        { { "echo", "", 3, { 1, 2, 3 } }, "not 3 numbers" },
        { { "points68", "", 3, { 1, 2, 3 } }, "running a network" },
        { { "whole_numbers", "", 3, { 1, 2, 3 } }, "no float tensor" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float out[8];
        vt_error err = { 0 };
        assert_int_equal(recognise(out, &rows[i].run, &err), VT_EMODEL);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
    }
}

/* The feature network's input is the aligned face: shifted by a map of two pixels, black outside. */
static void features_see_the_aligned_face(void **state)
{
    (void)state;
    static const vt__affine shifted = { { 1, 0, 2, 0, 1, 0 } };
    vt__pack pack;
    vt__scratch scratch = { 0 };
    vt__outputs outputs;
    vt_error err;
    vt_pixels pixels = plain_picture((uint8_t[3]){ 10, 20, 30 });
    test_pack_of(&pack, "features", "features112", "echo", "");
    vt__network *echo = test_network("echo"), *means = test_network("plane_means");
    assert_int_equal(vt__features_run(&outputs, echo, &pack.models[0], &pixels, &shifted, &scratch, NULL), VT_OK);
    static const int64_t shape[4] = { 1, 3, 112, 112 };
    assert_int_equal(outputs.items[0].rank, 4);
    assert_memory_equal(outputs.items[0].shape, shape, sizeof shape);
    for (size_t c = 0; c < 3; c++) {
        const float *row = outputs.items[0].data + c * 112 * 112 + 50 * 112;
        assert_float_equal(row[0], (float)(10 * (c + 1)), 1e-3);
        assert_float_equal(row[109], (float)(10 * (c + 1)), 1e-3);
        assert_float_equal(row[111], 0, 1e-3);
    }
    vt__outputs_free(&outputs);
    assert_int_equal(vt__features_run(&outputs, means, &pack.models[0], &pixels, &shifted, &scratch, &err), VT_EMODEL);
    assert_non_null(strstr(err.text, "features of rank 4 were expected"));
    vt__network_close(means);
    vt__network_close(echo);
    vt__scratch_free(&scratch);
    vt_pixels_free(&pixels);
    vt__pack_close(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dimensions_have_a_range),
        cmocka_unit_test(similarities_are_found_again),
        cmocka_unit_test(the_fit_is_the_least_squares_one),
        cmocka_unit_test(points_that_coincide_have_no_map),
        cmocka_unit_test(the_answer_is_normalised),
        cmocka_unit_test(networks_of_another_kind_are_refused),
        cmocka_unit_test(features_see_the_aligned_face),
    };
    return cmocka_run_group_tests(tests, NULL, test_runtime_close);
}
