/* Squares round a face, and the reading of pose and attack networks. */
#include "model/square.h"

#include <math.h>
#include <stdio.h>

#include "support/networks.h"
#include "support/test.h"

static void check_box(vt_box got, vt_box want)
{
    assert_float_equal(got.left, want.left, 1e-4);
    assert_float_equal(got.top, want.top, 1e-4);
    assert_float_equal(got.width, want.width, 1e-4);
    assert_float_equal(got.height, want.height, 1e-4);
}

static void squares_stand_round_the_face(void **state)
{
    (void)state;
    static const struct {
        vt_box face;
        float factor;
        vt_size picture;
        vt_box around, inside;
    } rows[] = {
        { { 100, 80, 20, 40 }, 2, { 400, 300 }, { 70, 60, 80, 80 }, { 70, 60, 80, 80 } },
        { { 10, 20, 40, 20 }, 2, { 100, 60 }, { -10, -10, 80, 80 }, { 0, 0, 60, 60 } },      /* shrunk to fit */
        { { 0, 0, 20, 20 }, 2, { 100, 60 }, { -10, -10, 40, 40 }, { 0, 0, 40, 40 } },        /* moved in */
        { { 90, 50, 20, 20 }, 2, { 100, 60 }, { 80, 40, 40, 40 }, { 60, 20, 40, 40 } },
        { { -500, -500, 20, 20 }, 1, { 100, 60 }, { -500, -500, 20, 20 }, { 0, 0, 20, 20 } },
        { { 5, 5, 90, 20 }, 1.3f, { 100, 300 }, { -8.5f, -43.5f, 117, 117 }, { 0, 0, 100, 100 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        check_box(vt__square_around(rows[i].face, rows[i].factor), rows[i].around);
        check_box(vt__square_inside(rows[i].face, rows[i].factor, rows[i].picture), rows[i].inside);
    }
}

static vt_status run(float *first, size_t count, const char *name, const char *more, vt_box square, vt_error *err)
{
    vt__pack pack;
    vt__scratch scratch = { 0 };
    vt__outputs outputs;
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 8, 8 }, NULL), VT_OK);
    for (int y = 0; y < 8; y++)
        for (int x = 4; x < 8; x++) /* the right half: 100, 50, 20 on black */
            memcpy(pixels.data + (size_t)y * pixels.stride_bytes + (size_t)x * 3, (uint8_t[3]){ 100, 50, 20 }, 3);
    test_pack_of(&pack, "pose", "pose66", name, more);
    vt__network *network = test_network(name);
    vt_status status = vt__square_run(&outputs, count, network, &pack.models[0], &pixels, square, &scratch, err);
    if (!status) {
        for (size_t i = 0; i < 3; i++) first[i] = i < outputs.items[0].count ? outputs.items[0].data[i] : NAN;
        vt__outputs_free(&outputs);
    }
    vt__network_close(network);
    vt__scratch_free(&scratch);
    vt_pixels_free(&pixels);
    vt__pack_close(&pack);
    return status;
}

/* The mean of what the square covers, prepared as the manifest says. */
static void the_square_is_what_the_network_sees(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        vt_box square;
        float want[3];
    } rows[] = {
        { "\"input\":{\"width\":4,\"height\":4}", { 2, 0, 4, 4 }, { 50, 25, 10 } },
        { "\"input\":{\"width\":4,\"height\":4,\"order\":\"BGR\"}", { 2, 0, 4, 4 }, { 10, 25, 50 } },
        { "\"input\":{\"width\":2,\"height\":2}", { 4, 4, 4, 4 }, { 100, 50, 20 } },
        { "\"input\":{\"width\":4,\"height\":4}", { 6, 2, 4, 4 }, { 50, 25, 10 } }, /* half outside: black there */
        { "\"input\":{\"width\":4,\"height\":4,\"mean\":[50,50,0],\"scale\":[0.5,1,2]}", { 4, 0, 4, 4 }, { 25, 0, 40 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float got[3];
        vt_error err;
        if (run(got, 1, "plane_means", rows[i].more, rows[i].square, &err)) fail_msg("row %zu: %s", i, err.text);
        for (int c = 0; c < 3; c++)
            if (fabsf(got[c] - rows[i].want[c]) > 1e-3f) fail_msg("row %zu: plane %d: %g", i, c, (double)got[c]);
    }
}

/* A scene of four rows and columns with one bright pixel in a corner; what lies beyond an edge repeats what is before it. */
static void beyond_the_edges_are_mirror_images(void **state)
{
    (void)state;
    static const struct {
        int x, y; /* of the bright pixel */
        vt_box square;
        bool flipped;
        float want; /* mean of the 8 x 8 input: 64 for each bright pixel in it */
    } rows[] = {
        { 1, 1, { 0, 0, 4, 4 }, false, 64.0f / 16 },
        { 1, 1, { -2, -2, 8, 8 }, false, 9 }, /* three columns show it, and three rows */
        { 0, 0, { -2, -2, 8, 8 }, false, 1 }, /* the edge itself is not repeated */
        { 3, 1, { -2, 0, 4, 4 }, true, 0 },   /* outside of the square */
        { 1, 1, { -2, 0, 4, 4 }, true, 8 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__pack pack;
        vt__scratch scratch = { 0 };
        vt__outputs outputs;
        vt_pixels pixels;
        char more[64];
        int side = (int)rows[i].square.width;
        snprintf(more, sizeof more, "\"input\":{\"width\":%d,\"height\":%d}", side, side);
        assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 4, 4 }, NULL), VT_OK);
        memset(pixels.data + (size_t)rows[i].y * pixels.stride_bytes + (size_t)rows[i].x * 3, 64, 3);
        test_pack_of(&pack, "attack", "attack", "plane_means", more);
        vt__network *network = test_network("plane_means");
        assert_int_equal(vt__square_run_mirrored(&outputs, 1, network, &pack.models[0], &pixels, rows[i].square, rows[i].flipped, &scratch, NULL), VT_OK);
        if (fabsf(outputs.items[0].data[0] - rows[i].want) > 1e-3f) fail_msg("row %zu: %g", i, (double)outputs.items[0].data[0]);
        vt__outputs_free(&outputs);
        vt__network_close(network);
        vt__scratch_free(&scratch);
        vt_pixels_free(&pixels);
        vt__pack_close(&pack);
    }
}

static void networks_of_another_kind_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *more;
        size_t count;
        vt_status status;
        const char *says;
    } rows[] = {
        { "plane_means", "", 1, VT_EMODEL, "the manifest states no input size" },
        { "plane_means", "\"input\":{\"width\":4,\"height\":4}", 3, VT_EINVAL, "3 outputs asked for, the network has 1" },
        { "points68", "\"input\":{\"width\":4,\"height\":4}", 1, VT_EMODEL, "running a network" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float got[3];
        vt_error err = { 0 };
        assert_int_equal(run(got, rows[i].count, rows[i].name, rows[i].more, (vt_box){ 0, 0, 4, 4 }, &err), rows[i].status);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
    }
}

static void angles_are_expectations_over_bins(void **state)
{
    (void)state;
    static const struct {
        size_t peaks[3]; /* 66: none, all bins alike */
        float angles[3];
    } rows[] = { { { 33, 0, 65 }, { 0, -99, 96 } }, { { 66, 34, 23 }, { -1.5f, 3, -30 } } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float logits[3][66] = { { 0 } }, angles[3];
        vt__outputs outputs = { .count = 3 };
        for (size_t a = 0; a < 3; a++) {
            if (rows[i].peaks[a] < 66) logits[a][rows[i].peaks[a]] = 60;
            outputs.items[a] = test_tensor("", logits[a], 66);
        }
        assert_int_equal(vt__pose66_read(angles, &outputs, NULL), VT_OK);
        for (size_t a = 0; a < 3; a++) assert_float_equal(angles[a], rows[i].angles[a], 1e-4);
        logits[0][30] = logits[0][rows[i].peaks[0] % 66]; /* two like peaks: half way */
        if (rows[i].peaks[0] == 33) {
            assert_int_equal(vt__pose66_read(angles, &outputs, NULL), VT_OK);
            assert_float_equal(angles[0], -4.5f, 1e-4);
        }
    }
}

static void odd_pose_outputs_are_refused(void **state)
{
    (void)state;
    float logits[66] = { 0 }, angles[3];
    vt_error err;
    vt__outputs outputs = { .count = 3, .items = { test_tensor("", logits, 66), test_tensor("", logits, 66), test_tensor("", logits, 65) } };
    assert_int_equal(vt__pose66_read(angles, &outputs, &err), VT_EMODEL);
    assert_non_null(strstr(err.text, "no three rows of 66"));
    outputs.count = 2;
    assert_int_equal(vt__pose66_read(angles, &outputs, &err), VT_EMODEL);
    outputs.count = 3;
    outputs.items[2].count = 66;
    logits[7] = NAN;
    assert_int_equal(vt__pose66_read(angles, &outputs, &err), VT_EMODEL);
    assert_non_null(strstr(err.text, "no finite angle"));
}

static void attack_scores_are_a_softmax(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        float logits[17];
        size_t count;
        float live; /* negative: refused */
    } rows[] = {
        { "", { 2, 0, 0 }, 3, 0.786986f }, /* e^2 / (e^2 + 2) */
        { "\"live_index\":1", { 2, 0, 0 }, 3, 0.106507f },
        { "", { 0, 0 }, 2, .5f },
        { "", { 5000, -5000 }, 2, 1 },
        { "", { -5000, 5000 }, 2, 0 },
        { "\"live_index\":3", { 0 }, 3, -1 },
        { "\"live_index\":-1", { 0 }, 3, -1 },
        { "", { 0 }, 1, -1 },
        { "", { 0 }, 17, -1 },
        { "", { NAN, 0 }, 2, -1 },
        { "", { INFINITY, 0 }, 2, -1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__pack pack;
        vt_error err = { 0 };
        float logits[17], live;
        memcpy(logits, rows[i].logits, sizeof logits);
        vt__outputs outputs = { .count = 1, .items = { test_tensor("", logits, rows[i].count) } };
        test_pack_of(&pack, "attack", "attack", "plane_means", rows[i].more);
        vt_status status = vt__class_read(&live, &outputs, &pack.models[0], "live_index", 0, &err);
        if (status != (rows[i].live < 0 ? VT_EMODEL : VT_OK)) fail_msg("row %zu: status %d", i, (int)status);
        if (!status) assert_float_equal(1 / (1 + expf(-live)), rows[i].live, 1e-5);
        else assert_non_null(strstr(err.text, "plane_means.onnx: "));
        vt__pack_close(&pack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_stand_round_the_face),
        cmocka_unit_test(the_square_is_what_the_network_sees),
        cmocka_unit_test(beyond_the_edges_are_mirror_images),
        cmocka_unit_test(networks_of_another_kind_are_refused),
        cmocka_unit_test(angles_are_expectations_over_bins),
        cmocka_unit_test(odd_pose_outputs_are_refused),
        cmocka_unit_test(attack_scores_are_a_softmax),
    };
    return cmocka_run_group_tests(tests, NULL, test_runtime_close);
}
