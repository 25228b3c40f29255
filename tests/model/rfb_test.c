/* RFB's outputs put together by hand: scores of two classes, corners in 0..1. */
#include "model/detector_family.h"

#include <math.h>

#include "support/networks.h"
#include "support/test.h"

static const vt_size input = { 320, 240 };

static void corners_become_boxes(void **state)
{
    (void)state;
    float scores[] = { .1f, .9f, .95f, .05f, .3f, .7f, .3f, NAN };
    float boxes[] = { .25f, .5f, .5f, 1, 0, 0, 1, 1, 0, 0, .1f, .1f, 0, 0, 1, 1 };
    vt__outputs outputs = { .count = 2, .items = { test_tensor("scores", scores, 8), test_tensor("boxes", boxes, 16) } };
    vt__candidates found = { 0 };
    assert_int_equal(vt__detector_rfb.decode(&found, &outputs, input, .6f, NULL), VT_OK);
    assert_int_equal(found.count, 2);
    static const vt_box want[] = { { 80, 120, 80, 120 }, { 0, 0, 32, 24 } };
    for (size_t i = 0; i < 2; i++) {
        const vt__candidate *c = &found.items[i];
        assert_float_equal(c->score, i ? .7f : .9f, 0);
        assert_float_equal(c->box.left, want[i].left, 1e-4);
        assert_float_equal(c->box.top, want[i].top, 1e-4);
        assert_float_equal(c->box.width, want[i].width, 1e-4);
        assert_float_equal(c->box.height, want[i].height, 1e-4);
        for (int p = 0; p < 5; p++) { /* estimated: inside of the box, eyes above mouth */
            assert_true(c->points[p].x > want[i].left && c->points[p].x < want[i].left + want[i].width);
            assert_true(c->points[p].y > want[i].top && c->points[p].y < want[i].top + want[i].height);
        }
        assert_true(c->points[0].x < c->points[1].x && c->points[3].x < c->points[4].x);
        assert_true(c->points[0].y < c->points[2].y && c->points[2].y < c->points[3].y);
    }
    vt__box_candidates_free(&found);
}

static void wrong_outputs_are_named(void **state)
{
    (void)state;
    float numbers[16] = { 0 };
    static const struct {
        const char *first, *second;
        size_t scores, boxes;
        const char *says;
    } rows[] = {
        { "confidences", "boxes", 8, 16, "without \"scores\"" },
        { "scores", "corners", 8, 16, "output \"boxes\" holds 0 numbers, 16 were expected" },
        { "scores", "boxes", 8, 15, "output \"boxes\" holds 15 numbers, 16 were expected" },
        { "scores", "boxes", 4, 16, "output \"boxes\" holds 16 numbers, 8 were expected" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__outputs outputs = { .count = 2, .items = { test_tensor(rows[i].first, numbers, rows[i].scores),
                                                       test_tensor(rows[i].second, numbers, rows[i].boxes) } };
        vt__candidates found = { 0 };
        vt_error err = { 0 };
        assert_int_equal(vt__detector_rfb.decode(&found, &outputs, input, .6f, &err), VT_EMODEL);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
        vt__box_candidates_free(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_become_boxes),
        cmocka_unit_test(wrong_outputs_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
