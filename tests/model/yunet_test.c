/* YuNet's outputs put together by hand, on an input of 64 x 32: 8 x 4, 4 x 2 and 2 x 1 cells. */
#include "model/detector_family.h"

#include <math.h>

#include "support/networks.h"
#include "support/test.h"

enum { strides = 3, parts = 4 };

static const char *const names[strides][parts] = { { "cls_8", "obj_8", "bbox_8", "kps_8" },
                                                   { "cls_16", "obj_16", "bbox_16", "kps_16" },
                                                   { "cls_32", "obj_32", "bbox_32", "kps_32" } };
static const size_t cells[strides] = { 32, 8, 2 }, widths[parts] = { 1, 1, 4, 10 };
static const vt_size input = { 64, 32 };
static float numbers[strides][parts][320];

static vt__outputs outputs_of_zeros(void)
{
    vt__outputs outputs = { .count = strides * parts };
    memset(numbers, 0, sizeof numbers);
    for (size_t s = 0; s < strides; s++)
        for (size_t p = 0; p < parts; p++)
            outputs.items[s * parts + p] = test_tensor(names[s][p], numbers[s][p], cells[s] * widths[p]);
    return outputs;
}

static void put(size_t level, size_t cell, float cls, float obj, const float box[4], const float points[10])
{
    numbers[level][0][cell] = cls;
    numbers[level][1][cell] = obj;
    memcpy(&numbers[level][2][4 * cell], box, 4 * sizeof *box);
    memcpy(&numbers[level][3][10 * cell], points, 10 * sizeof *points);
}

static void cells_become_boxes(void **state)
{
    (void)state;
    static const float points[10] = { 0, 0, 1, 0, .5f, .5f, 0, 1, 1, 1 };
    static const float box[4] = { .5f, .25f, 0.69314718f /* ln 2 */, 0 };
    static const struct {
        size_t level, cell; /* row-major */
        vt_box box;
        vt_point first, last;
    } rows[] = {
        { 0, 0, { -4, -2, 16, 8 }, { 0, 0 }, { 8, 8 } },         /* centre (4, 2) */
        { 1, 6, { 24, 12, 32, 16 }, { 32, 16 }, { 48, 32 } },    /* column 2, row 1: centre (40, 20) */
        { 2, 1, { 16, -8, 64, 32 }, { 32, 0 }, { 64, 32 } },     /* column 1, row 0: centre (48, 8) */
        { 0, 31, { 52, 22, 16, 8 }, { 56, 24 }, { 64, 32 } },    /* column 7, row 3: centre (60, 26) */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__outputs outputs = outputs_of_zeros();
        vt__candidates found = { 0 };
        put(rows[i].level, rows[i].cell, .81f, 1, box, points);
        assert_int_equal(vt__detector_yunet.decode(&found, &outputs, input, .5f, NULL), VT_OK);
        assert_int_equal(found.count, 1);
        const vt__candidate *c = &found.items[0];
        assert_float_equal(c->score, .9f, 1e-6);
        assert_float_equal(c->box.left, rows[i].box.left, 1e-4);
        assert_float_equal(c->box.top, rows[i].box.top, 1e-4);
        assert_float_equal(c->box.width, rows[i].box.width, 1e-4);
        assert_float_equal(c->box.height, rows[i].box.height, 1e-4);
        assert_float_equal(c->points[0].x, rows[i].first.x, 1e-4);
        assert_float_equal(c->points[0].y, rows[i].first.y, 1e-4);
        assert_float_equal(c->points[4].x, rows[i].last.x, 1e-4);
        assert_float_equal(c->points[4].y, rows[i].last.y, 1e-4);
        vt__box_candidates_free(&found);
    }
}

/* The score is the root of the product of class and objectness. */
static void the_threshold_judges_the_score(void **state)
{
    (void)state;
    static const struct {
        float cls, obj, threshold;
        size_t found;
    } rows[] = { { .64f, .81f, .71f, 1 }, { .64f, .81f, .73f, 0 }, { 1, .2f, .5f, 0 }, { 0, 1, .01f, 0 }, { NAN, 1, .5f, 0 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__outputs outputs = outputs_of_zeros();
        vt__candidates found = { 0 };
        put(1, 3, rows[i].cls, rows[i].obj, (float[4]){ 0 }, (float[10]){ 0 });
        assert_int_equal(vt__detector_yunet.decode(&found, &outputs, input, rows[i].threshold, NULL), VT_OK);
        if (found.count != rows[i].found) fail_msg("row %zu: %zu candidates", i, found.count);
        vt__box_candidates_free(&found);
    }
}

static void wrong_outputs_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < strides * parts; i++)
        for (int missing = 0; missing < 2; missing++) {
            vt__outputs outputs = outputs_of_zeros();
            vt__candidates found = { 0 };
            vt_error err = { 0 };
            const char *name = outputs.items[i].name;
            if (missing) outputs.items[i].name = "mood";
            else outputs.items[i].count--;
            assert_int_equal(vt__detector_yunet.decode(&found, &outputs, input, .5f, &err), VT_EMODEL);
            assert_non_null(strstr(err.text, name));
            assert_non_null(strstr(err.text, "were expected"));
            vt__box_candidates_free(&found);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_become_boxes),
        cmocka_unit_test(the_threshold_judges_the_score),
        cmocka_unit_test(wrong_outputs_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
