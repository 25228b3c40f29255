/* Candidates, their suppression, and runs of tiny networks with known boxes. */
#include "model/detector.h"

#include <math.h>

#include "support/failing.h"
#include "support/networks.h"
#include "support/test.h"

static vt__candidate box_of(float left, float top, float width, float height, float score)
{
    return (vt__candidate){ .box = { left, top, width, height }, .score = score };
}

static void the_best_of_what_overlaps_is_kept(void **state)
{
    (void)state;
    /* the second overlaps the first by 50 of 150, the third the second, the fourth nothing */
    const vt__candidate items[] = { box_of(5, 0, 10, 10, .8f), box_of(0, 0, 10, 10, .9f), box_of(10, 0, 10, 10, .7f), box_of(50, 50, 2, 2, .6f) };
    static const struct {
        float iou;
        size_t kept;
        float scores[4];
    } rows[] = { { .3f, 3, { .9f, .7f, .6f } }, { .34f, 4, { .9f, .8f, .7f, .6f } }, { .01f, 3, { .9f, .7f, .6f } } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__candidates list = { 0 };
        for (size_t k = 0; k < ROWS(items); k++) assert_int_equal(vt__candidates_add(&list, &items[k], NULL), VT_OK);
        vt__candidates_suppress(&list, rows[i].iou);
        assert_int_equal(list.count, rows[i].kept);
        for (size_t k = 0; k < list.count; k++) assert_float_equal(list.items[k].score, rows[i].scores[k], 0);
        vt__box_candidates_free(&list);
    }
}

/* Equal scores: the higher one, then the one further left, whatever order they came in. */
static void ties_do_not_hang_on_the_order(void **state)
{
    (void)state;
    const vt__candidate items[] = { box_of(4, 0, 10, 10, .5f), box_of(0, 0, 10, 10, .5f), box_of(0, 4, 10, 10, .5f) };
    static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 } };
    for (size_t i = 0; i < ROWS(orders); i++) {
        vt__candidates list = { 0 };
        for (size_t k = 0; k < 3; k++) assert_int_equal(vt__candidates_add(&list, &items[orders[i][k]], NULL), VT_OK);
        vt__candidates_suppress(&list, .3f);
        assert_int_equal(list.count, 1);
        assert_float_equal(list.items[0].box.left, 0, 0);
        assert_float_equal(list.items[0].box.top, 0, 0);
        vt__box_candidates_free(&list);
    }
    vt__candidates none = { 0 };
    vt__candidates_suppress(&none, .3f);
    assert_int_equal(none.count, 0);
}

static void there_is_a_ceiling(void **state)
{
    (void)state;
    vt__candidates list = { 0 };
    vt__candidate one = box_of(0, 0, 1, 1, 1);
    vt_error err;
    for (int i = 0; i < VT__CANDIDATES_MAX; i++) assert_int_equal(vt__candidates_add(&list, &one, NULL), VT_OK);
    assert_int_equal(vt__candidates_add(&list, &one, &err), VT_ELIMIT);
    assert_string_equal(err.text, "more than 20000 face candidates");
    assert_int_equal(list.count, VT__CANDIDATES_MAX);
    vt__box_candidates_free(&list);
}

typedef struct run {
    const char *family, *network, *more;
    vt_size input;
    vt_box region;
} run;

static vt_status run_detector(vt__candidates *out, const run *r, vt_error *err)
{
    vt__pack pack;
    vt_pixels pixels;
    vt__scratch scratch = { 0 };
    test_pack_of(&pack, "detector", r->family, r->network, r->more);
    vt__network *network = test_network(r->network);
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 100, 60 }, NULL), VT_OK);
    memset(pixels.data, 77, pixels.stride_bytes * 60);
    vt_status status = vt__detector_run(out, network, &pack.models[0], &pixels, r->region, r->input, .5f, &scratch, err);
    vt_pixels_free(&pixels);
    vt__scratch_free(&scratch);
    vt__network_close(network);
    vt__pack_close(&pack);
    return status;
}

static void check(const vt__candidate *c, vt_box box, const vt_point points[5])
{
    assert_float_equal(c->box.left, box.left, 1e-4);
    assert_float_equal(c->box.top, box.top, 1e-4);
    assert_float_equal(c->box.width, box.width, 1e-4);
    assert_float_equal(c->box.height, box.height, 1e-4);
    for (int p = 0; points && p < 5; p++) {
        assert_float_equal(c->points[p].x, points[p].x, 1e-4);
        assert_float_equal(c->points[p].y, points[p].y, 1e-4);
    }
}

/* RFB is stretched: 16 x 8 over a region of 32 x 40, so 2 and 5 pixels a cell. The box of no width is dropped. */
static void a_stretched_detector_maps_back(void **state)
{
    (void)state;
    static const run r = { "rfb", "rfb", "\"input\":{\"width\":16,\"height\":8}", { 0, 0 }, { 10, 20, 32, 40 } };
    vt__candidates found = { 0 };
    assert_int_equal(run_detector(&found, &r, NULL), VT_OK);
    assert_int_equal(found.count, 1);
    assert_float_equal(found.items[0].score, .9f, 0);
    check(&found.items[0], (vt_box){ 18, 30, 16, 20 }, NULL);
    vt__box_candidates_free(&found);
}

/* SCRFD is padded: a region of 64 x 32 in an input of 32 x 32 is shrunk to half on both sides. */
static void a_padded_detector_maps_back(void **state)
{
    (void)state;
    static const run r = { "scrfd", "scrfd", "", { 32, 32 }, { 20, 10, 64, 32 } };
    static const vt_point points[5] = { { 44, 26 }, { 60, 26 }, { 52, 34 }, { 44, 42 }, { 60, 42 } };
    vt__candidates found = { 0 };
    assert_int_equal(vt__candidates_add(&found, &(vt__candidate){ .box = { 1, 2, 3, 4 } }, NULL), VT_OK);
    assert_int_equal(run_detector(&found, &r, NULL), VT_OK);
    assert_int_equal(found.count, 2);
    check(&found.items[0], (vt_box){ 1, 2, 3, 4 }, NULL); /* what was there stays as it was */
    check(&found.items[1], (vt_box){ 36, 18, 32, 32 }, points);
    vt__box_candidates_free(&found);
}

static void networks_of_another_kind_are_refused(void **state)
{
    (void)state;
    static const struct {
        run run;
        vt_status status;
        const char *says;
    } rows[] = {
        { { "scrfd", "scrfd", "", { 64, 64 }, { 0, 0, 64, 64 } }, VT_EMODEL, "stride 8 hold 32 scores, 128 were expected" },
        { { "scrfd", "echo", "", { 32, 32 }, { 0, 0, 64, 64 } }, VT_EMODEL, "SCRFD with 1 outputs" },
        { { "yunet", "echo", "", { 32, 32 }, { 0, 0, 64, 64 } }, VT_EMODEL, "output \"cls_8\" holds 0 numbers, 16 were expected" },
        { { "yunet", "scrfd", "", { 32, 32 }, { 0, 0, 64, 64 } }, VT_EMODEL, "output \"cls_8\"" },
        { { "rfb", "scrfd", "", { 32, 32 }, { 0, 0, 64, 64 } }, VT_EMODEL, "without \"scores\"" },
        { { "yunet", "points68", "", { 32, 32 }, { 0, 0, 64, 64 } }, VT_EMODEL, "running a network" },
        { { "haar", "echo", "", { 32, 32 }, { 0, 0, 64, 64 } }, VT_EUNSUPPORTED, "family \"haar\" (known: yunet, rfb, scrfd)" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__candidates found = { 0 };
        vt_error err = { 0 };
        vt_status status = run_detector(&found, &rows[i].run, &err);
        if (status != rows[i].status) fail_msg("row %zu: status %d: %s", i, (int)status, err.text);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(found.count, 0);
        vt__box_candidates_free(&found);
    }
}

static bool add_many(void *context)
{
    (void)context;
    vt__candidates list = { 0 };
    vt__candidate one = box_of(0, 0, 1, 1, 1);
    vt_status status = VT_OK;
    for (int i = 0; i < 200 && !status; i++) status = vt__candidates_add(&list, &one, NULL);
    vt__box_candidates_free(&list);
    return !status;
}

static void memory_may_be_short(void **state)
{
    (void)state;
    assert_int_equal(failing_each(add_many, NULL, 50, false), 3); /* 64, 128, 256 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_what_overlaps_is_kept),
        cmocka_unit_test(ties_do_not_hang_on_the_order),
        cmocka_unit_test(there_is_a_ceiling),
        cmocka_unit_test(a_stretched_detector_maps_back),
        cmocka_unit_test(a_padded_detector_maps_back),
        cmocka_unit_test(networks_of_another_kind_are_refused),
        cmocka_unit_test(memory_may_be_short),
    };
    return cmocka_run_group_tests(tests, NULL, test_runtime_close);
}
