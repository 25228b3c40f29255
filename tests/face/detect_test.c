#include "support/faces.h"
#include "support/test.h"

#include <math.h>

#include "image/sample.h"

static void finds_the_people_of_a_picture(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t faces;
        vt_box largest;
    } rows[] = {
        { "face-samples/Family1-Dad1.jpg", 1, { 29, 29, 145, 198 } },
        { "face-samples/identification1.jpg", 4, { 290, 176, 122, 151 } },
        { "face-samples/detection1.jpg", 1, { 434, 78, 231, 289 } },
        { "groups-dev/2008_004176.jpg", 7, { 0, 0, 0, 0 } }, /* a clock on the wall is none of them */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        test_picture picture = test_picture_open(rows[i].name);
        vt_faces faces;
        assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, NULL, NULL), VT_OK);
        assert_int_equal(faces.count, rows[i].faces);
        for (size_t f = 1; f < faces.count; f++) {
            const vt_box *before = &faces.items[f - 1].box, *here = &faces.items[f].box;
            assert_true(before->width * before->height >= here->width * here->height);
        }
        if (rows[i].largest.width > 0) {
            assert_float_equal(faces.items[0].box.left, rows[i].largest.left, 3);
            assert_float_equal(faces.items[0].box.top, rows[i].largest.top, 3);
            assert_float_equal(faces.items[0].box.width, rows[i].largest.width, 4);
            assert_float_equal(faces.items[0].box.height, rows[i].largest.height, 4);
        }
        vt_faces_free(&faces);
        test_picture_close(&picture);
    }
}

static void a_grey_wall_has_no_face(void **state)
{
    (void)state;
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 300, 200 }, NULL), VT_OK);
    memset(pixels.data, 128, pixels.stride_bytes * 200);
    vt_picture *picture;
    assert_int_equal(vt_picture_from_pixels(&picture, &pixels, NULL), VT_OK);
    vt_faces faces;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture, NULL, NULL), VT_OK);
    assert_int_equal(faces.count, 0);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
}

/* Where a face stands must not depend on how large the picture is: the same face pasted into ever larger grounds, and
 * filling the picture alone. */
static void sizes_from_one_pixel_to_large(void **state)
{
    (void)state;
    static const vt_size sizes[] = { { 1, 1 }, { 2, 500 }, { 500, 3 }, { 31, 33 } };
    for (size_t i = 0; i < ROWS(sizes); i++) {
        vt_pixels pixels;
        assert_int_equal(vt_pixels_create(&pixels, sizes[i], NULL), VT_OK);
        vt_picture *picture;
        vt_faces faces;
        assert_int_equal(vt_picture_from_pixels(&picture, &pixels, NULL), VT_OK);
        assert_int_equal(vt_session_detect(&faces, shared.session, picture, NULL, NULL), VT_OK);
        assert_int_equal(faces.count, 0);
        vt_faces_free(&faces);
        vt_picture_close(picture);
        vt_pixels_free(&pixels);
    }
}

static void a_face_that_fills_the_picture_is_found(void **state)
{
    (void)state;
    test_picture picture = test_picture_open("face-samples/detection1.jpg");
    vt_pixels whole, large;
    assert_int_equal(vt_picture_decode(&whole, picture.picture, 1, NULL), VT_OK);
    vt_pixels part = { whole.data + 78 * whole.stride_bytes + 434 * 3, { 231, 289 }, whole.stride_bytes };
    assert_int_equal(vt__resize(&large, &part, (vt_size){ 1386, 1734 }, NULL), VT_OK);
    vt_picture *filled;
    vt_faces faces;
    assert_int_equal(vt_picture_from_pixels(&filled, &large, NULL), VT_OK);
    assert_int_equal(vt_session_detect(&faces, shared.session, filled, NULL, NULL), VT_OK);
    assert_true(faces.count >= 1);
    assert_true(faces.items[0].box.width > 900);
    vt_faces_free(&faces);
    vt_picture_close(filled);
    vt_pixels_free(&large);
    test_picture_close(&picture);
}

static void options_are_obeyed(void **state)
{
    (void)state;
    test_picture picture = test_picture_open("face-samples/identification1.jpg");
    vt_faces faces;
    vt_error err;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.max_faces = 2;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, &options, NULL), VT_OK);
    assert_int_equal(faces.count, 2);
    vt_faces_free(&faces);
    options = (vt_detect_options)VT_DETECT_OPTIONS_INIT;
    options.min_face_px = 120;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, &options, NULL), VT_OK);
    assert_int_equal(faces.count, 2); /* 151 and 127 pixels high */
    vt_faces_free(&faces);
    options.min_face_px = -1;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, &options, &err), VT_EINVAL);
    test_picture_close(&picture);
}

static void nothing_is_made_unasked(void **state)
{
    (void)state;
    test_picture picture = test_picture_open("face-samples/Family1-Mom1.jpg");
    vt_faces faces;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, NULL, NULL), VT_OK);
    assert_int_equal(faces.items[0].have, 0);
    assert_int_equal(vt_session_complete(&faces.items[0], shared.session, picture.picture, VT_WANT_POSE, NULL), VT_OK);
    assert_int_equal(faces.items[0].have, VT_WANT_LANDMARKS | VT_WANT_POSE);
    vt_faces_free(&faces);
    test_picture_close(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_people_of_a_picture), cmocka_unit_test(a_grey_wall_has_no_face),
        cmocka_unit_test(sizes_from_one_pixel_to_large), cmocka_unit_test(a_face_that_fills_the_picture_is_found),
        cmocka_unit_test(options_are_obeyed),            cmocka_unit_test(nothing_is_made_unasked),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
