/* Views of a made-up picture: where they lie, how fine they are, and points there and back. */
#include "face/view.h"

#include "support/test.h"

static vt_pixels pixels;
static vt_picture *picture;

/* 400 x 300, the red of a pixel its column / 2, the green its row / 2. */
static int make_picture(void **state)
{
    (void)state;
    if (vt_pixels_create(&pixels, (vt_size){ 400, 300 }, NULL)) return -1;
    for (int y = 0; y < 300; y++)
        for (int x = 0; x < 400; x++) {
            uint8_t *p = pixels.data + (size_t)y * pixels.stride_bytes + (size_t)x * 3;
            p[0] = (uint8_t)(x / 2);
            p[1] = (uint8_t)(y / 2);
        }
    return vt_picture_from_pixels(&picture, &pixels, NULL);
}

static int free_picture(void **state)
{
    (void)state;
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
    return 0;
}

static void views_are_as_fine_as_is_useful(void **state)
{
    (void)state;
    static const struct {
        float face_px, wanted_px, scale;
    } rows[] = {
        { 100, 200, 1 },  /* never enlarged */
        { 100, 100, 1 },
        { 100, 60, 1 },   /* not twice too fine: left alone */
        { 200, 50, .25f }, /* four times too fine: averaged down */
        { 100, 50, .5f },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__view view;
        assert_int_equal(vt__view_open(&view, picture, (vt_box){ 40, 20, 200, 160 }, rows[i].face_px, rows[i].wanted_px, NULL), VT_OK);
        if (view.scale_x < rows[i].scale * .98f || view.scale_x > rows[i].scale * 1.02f) fail_msg("row %zu: %g", i, (double)view.scale_x);
        assert_float_equal(view.scale_y, view.scale_x, .02);
        /* the pixel at the middle of the box shows what the picture shows there */
        vt_point middle = vt__view_point(&view, (vt_point){ 140, 100 });
        const uint8_t *p = view.pixels.data + (size_t)middle.y * view.pixels.stride_bytes + (size_t)middle.x * 3;
        assert_in_range(p[0], 67, 73);
        assert_in_range(p[1], 47, 53);
        vt__view_close(&view);
    }
}

static void points_go_there_and_back(void **state)
{
    (void)state;
    static const vt_point points[] = { { 0, 0 }, { 399, 299 }, { 140.25f, 99.75f }, { -30, 500 } };
    vt__view view;
    assert_int_equal(vt__view_open(&view, picture, (vt_box){ 40, 20, 200, 160 }, 200, 50, NULL), VT_OK);
    for (size_t i = 0; i < ROWS(points); i++) {
        vt_point back = vt__view_back(&view, vt__view_point(&view, points[i]));
        assert_float_equal(back.x, points[i].x, 1e-2);
        assert_float_equal(back.y, points[i].y, 1e-2);
    }
    vt_box box = vt__view_box(&view, (vt_box){ 40, 20, 200, 160 });
    assert_float_equal(box.left, (40 - view.left) * view.scale_x, 1e-3);
    assert_float_equal(box.width, 200 * view.scale_x, 1e-3);
    assert_float_equal(box.height, 160 * view.scale_y, 1e-3);
    vt__view_close(&view);
}

static void boxes_outside_are_cut(void **state)
{
    (void)state;
    static const vt_box boxes[] = { { -100, -100, 150, 150 }, { 350, 250, 500, 500 }, { -1000, -1000, 9000, 9000 } };
    for (size_t i = 0; i < ROWS(boxes); i++) {
        vt__view view;
        assert_int_equal(vt__view_open(&view, picture, boxes[i], 10, 10, NULL), VT_OK);
        assert_true(view.left >= 0 && view.top >= 0);
        assert_true(view.pixels.size.width >= 1 && view.pixels.size.width <= 400);
        assert_true(view.pixels.size.height >= 1 && view.pixels.size.height <= 300);
        vt__view_close(&view);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_as_fine_as_is_useful),
        cmocka_unit_test(points_go_there_and_back),
        cmocka_unit_test(boxes_outside_are_cut),
    };
    return cmocka_run_group_tests(tests, make_picture, free_picture);
}
