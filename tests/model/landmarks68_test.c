/* 68 points of a network that gives its input back, and the box of the second pass. */
#include "model/landmarks68.h"

#include <math.h>

#include "support/networks.h"
#include "support/test.h"

static const char levels_of_17x8[] = "\"input\":{\"order\":\"GREY\",\"scale\":0.00735294117647,\"width\":17,\"height\":8}"; /* 1/136 */

static vt_status run(vt_point out[68], const char *name, const char *more, const vt_pixels *pixels, const vt__turned_box *box, vt_error *err)
{
    vt__pack pack;
    vt__scratch scratch = { 0 };
    test_pack_of(&pack, "landmarks", "landmarks68", name, more);
    vt__network *network = test_network(name);
    vt_status status = vt__landmarks68_run(out, network, &pack.models[0], pixels, box, &scratch, err);
    vt__scratch_free(&scratch);
    vt__network_close(network);
    vt__pack_close(&pack);
    return status;
}

static void set_grey(vt_pixels *pixels, int x, int y, int level)
{
    memset(pixels->data + (size_t)y * pixels->stride_bytes + (size_t)x * 3, level, 3);
}

/* The input's i-th pixel has level i: point p is (2p, 2p + 1) / 136 of the box, under every turn of it. */
static void points_follow_the_box(void **state)
{
    (void)state;
    static const struct {
        vt_size size;
        vt__turned_box box;
    } rows[] = {
        { { 17, 8 }, { { 8.5f, 4 }, 17, 8, 1, 0 } },
        { { 8, 17 }, { { 4, 8.5f }, 17, 8, 0, 1 } },   /* a quarter turn: the box's x axis points down */
        { { 17, 8 }, { { 8.5f, 4 }, 17, 8, -1, 0 } },  /* upside down */
        { { 8, 17 }, { { 4, 8.5f }, 17, 8, 0, -1 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const vt__turned_box *box = &rows[i].box;
        vt_pixels pixels;
        vt_point points[68];
        vt_error err;
        assert_int_equal(vt_pixels_create(&pixels, rows[i].size, NULL), VT_OK);
        for (int v = 0; v < 8; v++)
            for (int u = 0; u < 17; u++) {
                float du = (float)u - 8, dv = (float)v - 3.5f; /* from the centre, along the box's axes */
                int x = (int)lrintf(box->centre.x - .5f + du * box->cosine - dv * box->sine);
                int y = (int)lrintf(box->centre.y - .5f + du * box->sine + dv * box->cosine);
                set_grey(&pixels, x, y, 17 * v + u);
            }
        if (run(points, "points68", levels_of_17x8, &pixels, box, &err)) fail_msg("%s", err.text);
        for (int p = 0; p < 68; p++) {
            float u = ((float)(2 * p) / 136 - .5f) * 17, v = ((float)(2 * p + 1) / 136 - .5f) * 8;
            assert_float_equal(points[p].x, box->centre.x + u * box->cosine - v * box->sine, 1e-3);
            assert_float_equal(points[p].y, box->centre.y + u * box->sine + v * box->cosine, 1e-3);
        }
        vt_pixels_free(&pixels);
    }
}

static void networks_of_another_kind_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *more, *says;
    } rows[] = {
        { "points68", "", "needs a fixed input size" },
        { "points68", "\"input\":{\"order\":\"GREY\",\"width\":16,\"height\":8}", "running a network" },
        { "points68", "\"input\":{\"order\":\"RGB\",\"width\":17,\"height\":8}", "running a network" },
        { "plane_means", levels_of_17x8, "not 68 points" },
        { "whole_numbers", levels_of_17x8, "no float tensor" },
    };
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 20, 20 }, NULL), VT_OK);
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt_point points[68];
        vt_error err = { 0 };
        static const vt__turned_box box = { { 10, 10 }, 10, 10, 1, 0 };
        assert_int_equal(run(points, rows[i].name, rows[i].more, &pixels, &box, &err), VT_EMODEL);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
    }
    vt_pixels_free(&pixels);
}

/* Eyes at (40, 45) and (60, 45), extents 30..70 and 30..80. */
static void make_face(vt_point points[68], float cosine, float sine)
{
    for (int p = 0; p < 68; p++) {
        vt_point at = { 50, 50 };
        if (p >= 36 && p <= 41) at = (vt_point){ 40, 45 };
        if (p >= 42 && p <= 47) at = (vt_point){ 60, 45 };
        if (p == 0) at = (vt_point){ 30, 30 };
        if (p == 16) at = (vt_point){ 70, 80 };
        points[p] = (vt_point){ at.x * cosine - at.y * sine, at.x * sine + at.y * cosine };
    }
}

static void the_second_box_is_level_with_the_eyes(void **state)
{
    (void)state;
    static const struct {
        float cosine, sine;
    } turns[] = { { 1, 0 }, { 0, 1 }, { .8f, .6f }, { -.6f, -.8f } };
    vt__pack pack;
    test_pack_of(&pack, "landmarks", "landmarks68", "points68", "\"second_pass\":{\"width\":1.5,\"height\":2,\"up\":0.1}");
    for (size_t i = 0; i < ROWS(turns); i++) {
        vt_point points[68];
        vt__turned_box box;
        make_face(points, turns[i].cosine, turns[i].sine);
        assert_true(vt__landmarks68_second_box(&box, &pack.models[0], points));
        assert_float_equal(box.width, 60, 1e-3);
        assert_float_equal(box.height, 100, 1e-3);
        assert_float_equal(box.cosine, turns[i].cosine, 1e-5);
        assert_float_equal(box.sine, turns[i].sine, 1e-5);
        /* centre (50, 55), up by a tenth of the height of 50 */
        assert_float_equal(box.centre.x, 50 * turns[i].cosine - 50 * turns[i].sine, 1e-3);
        assert_float_equal(box.centre.y, 50 * turns[i].sine + 50 * turns[i].cosine, 1e-3);
    }
    vt__pack_close(&pack);
}

static void there_may_be_no_second_box(void **state)
{
    (void)state;
    vt_point points[68];
    vt__turned_box box;
    vt__pack with, without;
    test_pack_of(&with, "landmarks", "landmarks68", "points68", "\"second_pass\":{}");
    test_pack_of(&without, "landmarks", "landmarks68", "points68", "");
    make_face(points, 1, 0);
    assert_true(vt__landmarks68_second_box(&box, &with.models[0], points));
    assert_false(vt__landmarks68_second_box(&box, &without.models[0], points));
    points[36].x = NAN;
    assert_false(vt__landmarks68_second_box(&box, &with.models[0], points));
    for (int p = 0; p < 68; p++) points[p] = (vt_point){ 5, 5 };
    assert_false(vt__landmarks68_second_box(&box, &with.models[0], points));
    vt__pack_close(&without);
    vt__pack_close(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_follow_the_box),
        cmocka_unit_test(networks_of_another_kind_are_refused),
        cmocka_unit_test(the_second_box_is_level_with_the_eyes),
        cmocka_unit_test(there_may_be_no_second_box),
    };
    return cmocka_run_group_tests(tests, NULL, test_runtime_close);
}
