/* SCRFD's outputs put together by hand, on an input of 64 x 32. As InsightFace publishes them: scores, then distances to
 * left, top, right, bottom, then points, each for strides 8, 16, 32; rows of cells, two anchors a cell one after the
 * other, anchored at the cell's top left corner, all lengths in strides. */
#include "model/detector_family.h"

#include <math.h>
#include <stdio.h>

#include "support/networks.h"
#include "support/test.h"

enum { levels = 3 };

static const size_t anchors[levels] = { 64, 16, 4 };
static const vt_size input = { 64, 32 };
static float scores[levels][64], distances[levels][4 * 64], points[levels][10 * 64];

static vt__outputs outputs_of_zeros(void)
{
    static const char *const numbered[] = { "443", "468", "493", "446", "471", "496", "449", "474", "499" };
    vt__outputs outputs = { .count = 3 * levels };
    memset(scores, 0, sizeof scores);
    memset(distances, 0, sizeof distances);
    memset(points, 0, sizeof points);
    for (size_t l = 0; l < levels; l++) { /* published files number their outputs: only the order tells */
        outputs.items[l] = test_tensor(numbered[l], scores[l], anchors[l]);
        outputs.items[levels + l] = test_tensor(numbered[levels + l], distances[l], 4 * anchors[l]);
        outputs.items[2 * levels + l] = test_tensor(numbered[2 * levels + l], points[l], 10 * anchors[l]);
    }
    return outputs;
}

static void anchors_become_boxes(void **state)
{
    (void)state;
    static const struct {
        size_t level, anchor;
        vt_box box;
        vt_point nose;
    } rows[] = {
        { 0, 0, { -8, -4, 24, 12 }, { 4, 2 } },        /* cell (0, 0), first anchor */
        { 0, 1, { -8, -4, 24, 12 }, { 4, 2 } },        /* the same cell's second */
        { 0, 2, { 0, -4, 24, 12 }, { 12, 2 } },        /* cell (1, 0) */
        { 0, 63, { 48, 20, 24, 12 }, { 60, 26 } },     /* cell (7, 3) */
        { 1, 13, { 16, 8, 48, 24 }, { 40, 20 } },      /* cell (2, 1): corner (32, 16) */
        { 2, 3, { 0, -16, 96, 48 }, { 48, 8 } },       /* cell (1, 0): corner (32, 0) */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__outputs outputs = outputs_of_zeros();
        vt__candidates found = { 0 };
        size_t l = rows[i].level, a = rows[i].anchor;
        scores[l][a] = .75f;
        memcpy(&distances[l][4 * a], (float[4]){ 1, .5f, 2, 1 }, 4 * sizeof(float));
        memcpy(&points[l][10 * a + 4], (float[2]){ .5f, .25f }, 2 * sizeof(float));
        assert_int_equal(vt__detector_scrfd.decode(&found, &outputs, input, .5f, NULL), VT_OK);
        assert_int_equal(found.count, 1);
        const vt__candidate *c = &found.items[0];
        assert_float_equal(c->score, .75f, 0);
        assert_float_equal(c->box.left, rows[i].box.left, 0);
        assert_float_equal(c->box.top, rows[i].box.top, 0);
        assert_float_equal(c->box.width, rows[i].box.width, 0);
        assert_float_equal(c->box.height, rows[i].box.height, 0);
        assert_float_equal(c->points[2].x, rows[i].nose.x, 0);
        assert_float_equal(c->points[2].y, rows[i].nose.y, 0);
        vt__box_candidates_free(&found);
    }
}

static void the_threshold_judges_the_score(void **state)
{
    (void)state;
    vt__outputs outputs = outputs_of_zeros();
    vt__candidates found = { 0 };
    scores[0][5] = .5f;
    scores[1][5] = .49f;
    scores[2][1] = NAN;
    assert_int_equal(vt__detector_scrfd.decode(&found, &outputs, input, .5f, NULL), VT_OK);
    assert_int_equal(found.count, 1);
    vt__box_candidates_free(&found);
}

static void wrong_outputs_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i <= 3 * levels; i++) {
        vt__outputs outputs = outputs_of_zeros();
        vt__candidates found = { 0 };
        vt_error err = { 0 };
        if (i < 3 * levels) outputs.items[i].count -= 2;
        else outputs.count = 6; /* as exported without points */
        assert_int_equal(vt__detector_scrfd.decode(&found, &outputs, input, .5f, &err), VT_EMODEL);
        char stride[16];
        snprintf(stride, sizeof stride, "stride %d ", 8 << i % levels);
        if (!strstr(err.text, i < 3 * levels ? stride : "6 outputs; nine (with five points) are needed")) fail_msg("%s", err.text);
        vt__box_candidates_free(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anchors_become_boxes),
        cmocka_unit_test(the_threshold_judges_the_score),
        cmocka_unit_test(wrong_outputs_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
