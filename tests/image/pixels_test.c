#include "support/test.h"

#include "image/pixels.h"

/* "ab/cd/ef" as 2 x 3 pixels whose red is the letter. */
static vt_pixels from_text(const char *text)
{
    vt_pixels out;
    int width = (int)strcspn(text, "/"), height = ((int)strlen(text) + 1) / (width + 1);
    assert_int_equal(vt_pixels_create(&out, (vt_size){ width, height }, NULL), VT_OK);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) out.data[(size_t)y * out.stride_bytes + (size_t)x * 3] = (uint8_t)text[y * (width + 1) + x];
    return out;
}

static void to_text(char *out, const vt_pixels *pixels)
{
    for (int y = 0; y < pixels->size.height; y++) {
        for (int x = 0; x < pixels->size.width; x++) *out++ = (char)pixels->data[(size_t)y * pixels->stride_bytes + (size_t)x * 3];
        *out++ = '/';
    }
    out[-1] = 0;
}

/* EXIF 2.32: 6 is "row 0 is the right side of the picture", so it is turned clockwise. */
static const char *const turned[9] = { [1] = "ab/cd/ef", [2] = "ba/dc/fe", [3] = "fe/dc/ba", [4] = "ef/cd/ab",
                                       [5] = "ace/bdf",  [6] = "eca/fdb",  [7] = "fdb/eca",  [8] = "bdf/ace" };

static void eight_orientations(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        char text[16];
        vt_pixels pixels = from_text("ab/cd/ef");
        vt_size upright = vt__upright_size(pixels.size, orientation);
        assert_int_equal(vt__upright(&pixels, orientation, NULL), VT_OK);
        to_text(text, &pixels);
        assert_string_equal(text, turned[orientation]);
        assert_int_equal(pixels.size.width, upright.width);
        assert_int_equal(pixels.size.height, upright.height);
        vt_pixels_free(&pixels);
    }
}

/* Each single pixel of the upright picture is found where it was stored. */
static void rectangles_go_back(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        vt_size upright = vt__upright_size((vt_size){ 2, 3 }, orientation);
        for (int y = 0; y < upright.height; y++)
            for (int x = 0; x < upright.width; x++) {
                int rect[4] = { x, y, x + 1, y + 1 };
                vt__stored_rect(rect, upright, orientation);
                assert_int_equal(rect[2] - rect[0], 1);
                assert_int_equal(rect[3] - rect[1], 1);
                assert_int_equal("ab/cd/ef"[rect[1] * 3 + rect[0]], turned[orientation][y * (upright.width + 1) + x]);
            }
    }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    vt_error err = { 0 };
    vt_pixels pixels = { 0 };
    assert_true(vt_pixels_create(&pixels, (vt_size){ INT32_MAX, INT32_MAX }, &err) != VT_OK);
    assert_null(pixels.data);
    vt_pixels_free(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_orientations),
        cmocka_unit_test(rectangles_go_back),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
