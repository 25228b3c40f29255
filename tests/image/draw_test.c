#include "support/test.h"

#include "image/draw.h"

static const vt__colour white = { 255, 255, 255 };

/* The picture's rows as '#' where white, '+' where otherwise drawn. */
static void look(char out[12][17], const vt_pixels *pixels)
{
    for (int y = 0; y < 12; y++) {
        for (int x = 0; x < 16; x++) {
            uint8_t red = pixels->data[(size_t)y * pixels->stride_bytes + (size_t)x * 3];
            out[y][x] = red == 255 ? '#' : red ? '+' : '.';
        }
        out[y][16] = 0;
    }
}

static void check(const vt_pixels *pixels, const char *const want[12])
{
    char got[12][17];
    look(got, pixels);
    for (int y = 0; y < 12; y++) assert_string_equal(got[y], want[y]);
}

static void box_and_disc(void **state)
{
    (void)state;
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 16, 12 }, NULL), VT_OK);
    vt__draw_box(&pixels, (vt_box){ 1, 1, 8, 6 }, 1, white);
    vt__draw_disc(&pixels, (vt_point){ 12.5f, 8.5f }, 1.2f, white);
    static const char *const want[12] = { "................", ".########.......", ".#......#.......", ".#......#.......",
                                          ".#......#.......", ".#......#.......", ".########.......", "............#...",
                                          "...........###..", "............#...", "................", "................" };
    check(&pixels, want);
    vt_pixels_free(&pixels);
}

static void digits(void **state)
{
    (void)state;
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 16, 12 }, NULL), VT_OK);
    vt__draw_digits(&pixels, (vt_point){ 1, 1 }, 1, "17", white);
    static const char *const want[12] = { "................", ".+++++++++++++..", ".+++#+++#####+..", ".++##+++++++#+..",
                                          ".+++#++++++#++..", ".+++#+++++#+++..", ".+++#++++#++++..", ".+++#++++#++++..",
                                          ".++###+++#++++..", ".+++++++++++++..", "................", "................" };
    check(&pixels, want);
    vt_pixels_free(&pixels);
}

static void all_is_cut_to_the_picture(void **state)
{
    (void)state;
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ 16, 12 }, NULL), VT_OK);
    vt__draw_box(&pixels, (vt_box){ -1e9f, -1e9f, 2e9f, 2e9f }, 3, white);
    vt__draw_disc(&pixels, (vt_point){ -3, -3 }, 2, white);
    vt__draw_digits(&pixels, (vt_point){ 1e9f, 1e9f }, 2, "#1.0%", white);
    static const char *const want[12] = { "................", "................", "................", "................",
                                          "................", "................", "................", "................",
                                          "................", "................", "................", "................" };
    check(&pixels, want);
    vt_pixels_free(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(box_and_disc),
        cmocka_unit_test(digits),
        cmocka_unit_test(all_is_cut_to_the_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
