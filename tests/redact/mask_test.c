#include "support/test.h"

#include <vultus/redact.h>

enum { wide = 120, high = 90 };

static vt_pixels speckled(void)
{
    vt_pixels pixels;
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ wide, high }, NULL), VT_OK);
    for (size_t i = 0; i < pixels.stride_bytes * high; i++) pixels.data[i] = (uint8_t)(i * 2654435761u >> 24);
    return pixels;
}

static bool pixel_equal(const vt_pixels *a, const vt_pixels *b, int x, int y)
{
    return !memcmp(a->data + (size_t)y * a->stride_bytes + (size_t)x * 3, b->data + (size_t)y * b->stride_bytes + (size_t)x * 3, 3);
}

static void outside_stays_inside_goes(void **state)
{
    (void)state;
    static const vt_redact_method methods[] = { VT_REDACT_BLUR, VT_REDACT_PIXELATE, VT_REDACT_BLOCK, VT_REDACT_IMAGE };
    static uint8_t red_over_green[2][3] = { { 255, 0, 0 }, { 0, 255, 0 } };
    const vt_pixels image = { red_over_green[0], { 1, 2 }, 3 };
    for (size_t m = 0; m < ROWS(methods); m++) {
        vt_pixels before = speckled(), after = speckled();
        vt_redact_options options = VT_REDACT_OPTIONS_INIT;
        options.method = methods[m];
        options.shape = VT_REDACT_BOX;
        options.margin = 0.1f;
        options.image = &image;
        vt_box box = { 40, 30, 30, 40 };
        assert_int_equal(vt_redact_pixels(&after, &box, 1, &options, NULL), VT_OK);
        int same_inside = 0;
        for (int y = 0; y < high; y++)
            for (int x = 0; x < wide; x++) {
                bool inside = x >= 37 && x < 73 && y >= 26 && y < 74;
                if (!inside) assert_true(pixel_equal(&before, &after, x, y));
                else same_inside += pixel_equal(&before, &after, x, y);
            }
        assert_true(same_inside < 5);
        vt_pixels_free(&before);
        vt_pixels_free(&after);
    }
}

/* At most cells x cells colours are left under pixelation, one under a block. */
static void few_colours_survive(void **state)
{
    (void)state;
    vt_pixels pixels = speckled();
    vt_redact_options options = VT_REDACT_OPTIONS_INIT;
    options.method = VT_REDACT_PIXELATE;
    options.shape = VT_REDACT_BOX;
    options.cells = 4;
    vt_box box = { 20, 20, 60, 50 };
    assert_int_equal(vt_redact_pixels(&pixels, &box, 1, &options, NULL), VT_OK);
    uint32_t colours[64];
    size_t count = 0;
    for (int y = 20; y < 70; y++)
        for (int x = 20; x < 80; x++) {
            const uint8_t *p = pixels.data + (size_t)y * pixels.stride_bytes + (size_t)x * 3;
            uint32_t colour = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
            size_t i = 0;
            while (i < count && colours[i] != colour) i++;
            if (i == count) assert_true(count < ROWS(colours));
            if (i == count) colours[count++] = colour;
        }
    assert_in_range(count, 2, 16);
    vt_pixels_free(&pixels);
}

/* The image is stretched over the whole mask. */
static void image_is_seen(void **state)
{
    (void)state;
    static uint8_t red_over_green[2][3] = { { 255, 0, 0 }, { 0, 255, 0 } };
    const vt_pixels image = { red_over_green[0], { 1, 2 }, 3 };
    vt_pixels pixels = speckled();
    vt_redact_options options = VT_REDACT_OPTIONS_INIT;
    options.method = VT_REDACT_IMAGE;
    options.shape = VT_REDACT_BOX;
    options.margin = 0.1f;
    options.image = &image;
    vt_box box = { 40, 30, 30, 40 };
    assert_int_equal(vt_redact_pixels(&pixels, &box, 1, &options, NULL), VT_OK);
    for (int y = 26; y < 74; y++)
        for (int x = 37; x < 73; x++)
            assert_memory_equal(pixels.data + (size_t)y * pixels.stride_bytes + (size_t)x * 3, red_over_green[y < 50 ? 0 : 1], 3);
    vt_pixels_free(&pixels);
}

static void boxes_may_lie_outside(void **state)
{
    (void)state;
    static const vt_box boxes[] = { { -50, -50, 20, 20 }, { -10, -10, 30, 30 }, { 110, 80, 500, 500 }, { 200, 10, 5, 5 }, { 0, 0, 1e9f, 1e9f } };
    for (size_t i = 0; i < ROWS(boxes); i++) {
        vt_pixels pixels = speckled();
        assert_int_equal(vt_redact_pixels(&pixels, &boxes[i], 1, NULL, NULL), VT_OK);
        vt_pixels_free(&pixels);
    }
}

static void options_are_checked(void **state)
{
    (void)state;
    vt_pixels pixels = speckled();
    vt_box box = { 20, 20, 60, 50 };
    vt_error err;
    vt_redact_options options = VT_REDACT_OPTIONS_INIT;
    options.cells = 13;
    assert_int_equal(vt_redact_pixels(&pixels, &box, 1, &options, &err), VT_EINVAL);
    assert_string_equal(err.text, "13 cells; 2 to 12 are allowed");
    options.cells = 0;
    options.margin = 1.5f;
    assert_int_equal(vt_redact_pixels(&pixels, &box, 1, &options, &err), VT_EINVAL);
    options.margin = 0;
    options.method = VT_REDACT_IMAGE;
    assert_int_equal(vt_redact_pixels(&pixels, &box, 1, &options, &err), VT_EINVAL);
    assert_string_equal(err.text, "masks of an image are asked for, and no image is given");
    assert_int_equal(vt_redact_pixels(&pixels, NULL, 0, NULL, &err), VT_OK);
    vt_pixels_free(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outside_stays_inside_goes),
        cmocka_unit_test(few_colours_survive),
        cmocka_unit_test(image_is_seen),
        cmocka_unit_test(boxes_may_lie_outside),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
