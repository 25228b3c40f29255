#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "image/region.h"
#include "support/scene.h"

static uint8_t *jpeg_of(size_t *size_bytes, vt_size size)
{
    vt_pixels pixels;
    uint8_t *bytes;
    assert_int_equal(vt_pixels_create(&pixels, size, NULL), VT_OK);
    for (int y = 0; y < size.height; y++)
        for (int x = 0; x < size.width; x++) {
            uint8_t *p = pixels.data + (size_t)y * pixels.stride_bytes + (size_t)x * 3;
            p[0] = (uint8_t)(x * 255 / size.width);
            p[1] = (uint8_t)(y * 255 / size.height);
            p[2] = (uint8_t)(x / 16 % 2 ? 60 : 180);
        }
    assert_int_equal(vt_pixels_encode(&bytes, size_bytes, &pixels, VT_FORMAT_JPEG, NULL, NULL), VT_OK);
    vt_pixels_free(&pixels);
    return bytes;
}

static void scales_are_the_smallest_that_serve(void **state)
{
    (void)state;
    static const struct {
        float scale;
        int width, height;
    } rows[] = { { 1, 203, 101 }, { 0.9f, 203, 101 }, { 0.5f, 102, 51 }, { 0.51f, 127, 64 }, { 0.3f, 77, 38 }, { 0.001f, 26, 13 } };
    size_t size;
    uint8_t *bytes = jpeg_of(&size, (vt_size){ 203, 101 });
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt_picture *picture;
        vt_pixels pixels, again;
        assert_int_equal(vt_picture_open(&picture, bytes, size, NULL, NULL), VT_OK);
        assert_int_equal(vt_picture_decode(&pixels, picture, rows[i].scale, NULL), VT_OK);
        assert_int_equal(pixels.size.width, rows[i].width);
        assert_int_equal(pixels.size.height, rows[i].height);
        assert_int_equal(vt_picture_decode(&again, picture, rows[i].scale, NULL), VT_OK);
        assert_ptr_equal(again.data, pixels.data); /* kept */
        vt_picture_close(picture);
    }
    vt_bytes_free(bytes);
}

/* A part decoded alone shows the same pixels as the whole, but for the chroma of its outermost columns. */
static void regions_equal_the_whole(void **state)
{
    (void)state;
    static const vt_box boxes[] = { { 10, 5, 30, 20 }, { 150, 80, 100, 100 }, { -20, -20, 60, 50 }, { 100, 0, 3, 101 }, { 64, 32, 16, 16 } };
    size_t size;
    uint8_t *bytes = jpeg_of(&size, (vt_size){ 203, 101 });
    vt_picture *whole;
    vt_pixels all;
    assert_int_equal(vt_picture_open(&whole, bytes, size, NULL, NULL), VT_OK);
    assert_int_equal(vt_picture_decode(&all, whole, 1, NULL), VT_OK);
    for (size_t i = 0; i < ROWS(boxes); i++) {
        vt_picture *picture;
        vt__region region;
        assert_int_equal(vt_picture_open(&picture, bytes, size, NULL, NULL), VT_OK);
        assert_int_equal(vt__picture_region(&region, picture, boxes[i], 1, NULL), VT_OK);
        assert_true(region.scale == 1);
        assert_true(region.pixels.size.width < 203);
        assert_true(region.left <= fmaxf(boxes[i].left, 0) && region.top <= fmaxf(boxes[i].top, 0));
        assert_true(region.left + (float)region.pixels.size.width >= fminf(boxes[i].left + boxes[i].width, 203));
        assert_true(region.top + (float)region.pixels.size.height >= fminf(boxes[i].top + boxes[i].height, 101));
        for (int y = 0; y < region.pixels.size.height; y++)
            for (int x = 2; x < region.pixels.size.width - 2; x++)
                for (int c = 0; c < 3; c++) {
                    int got = region.pixels.data[(size_t)y * region.pixels.stride_bytes + (size_t)(3 * x + c)];
                    int want = all.data[(size_t)(y + (int)region.top) * all.stride_bytes + (size_t)(3 * (x + (int)region.left) + c)];
                    if (got != want) fail_msg("box %zu at (%d, %d): %d, not %d", i, x, y, got, want);
                }
        vt_picture_close(picture);
    }
    vt_picture_close(whole);
    vt_bytes_free(bytes);
}

/* Whatever way it is stored, the top right of the upright scene is green and the bottom left blue. */
static void regions_stand_upright(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        char path[64];
        snprintf(path, sizeof path, "image_jpeg/orientation%d.jpg", orientation);
        size_t size;
        uint8_t *bytes = scene_read(&size, path);
        for (int quadrant = 0; quadrant < 4; quadrant++) {
            vt_picture *picture;
            vt__region region;
            vt_box box = { quadrant % 2 ? 50 : 6, quadrant / 2 ? 22 : 4, 8, 6 };
            assert_int_equal(vt_picture_open(&picture, bytes, size, NULL, NULL), VT_OK);
            assert_int_equal(vt__picture_region(&region, picture, box, 1, NULL), VT_OK);
            int x = (int)(box.left + 4 - region.left), y = (int)(box.top + 3 - region.top);
            const uint8_t *p = region.pixels.data + (size_t)y * region.pixels.stride_bytes + (size_t)x * 3;
            for (int c = 0; c < 3; c++)
                if (abs(p[c] - scene_colours.colours[quadrant][c]) > 8) fail_msg("orientation %d, quadrant %d", orientation, quadrant);
            vt_picture_close(picture);
        }
        vt__free(bytes);
    }
}

/* The header alone decides: nothing as large as the picture claims is ever allocated. */
static void limits_come_first(void **state)
{
    (void)state;
    static const struct {
        vt_picture_options options;
        const char *says;
    } rows[] = {
        { { sizeof(vt_picture_options), 100, 0, 0 }, "100 allowed" },
        { { sizeof(vt_picture_options), 0, 2000, 0 }, "64 x 32" },
        { { sizeof(vt_picture_options), 0, 0, 63 }, "64 x 32" },
    };
    size_t size;
    uint8_t *bytes = scene_read(&size, "image_png/rgb8.png");
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt_picture *picture = NULL;
        vt_error err;
        assert_int_equal(vt_picture_open(&picture, bytes, size, &rows[i].options, &err), VT_ELIMIT);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_null(picture);
    }
    vt__free(bytes);
}

static void what_is_no_picture_is_said(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "x", "GIF8", "hello, this is a text and no picture at all", "\xFF\xD8" };
    for (size_t i = 0; i < ROWS(texts); i++) {
        vt_picture *picture = NULL;
        vt_error err;
        assert_int_equal(vt_picture_open(&picture, texts[i], strlen(texts[i]), NULL, &err), VT_EFORMAT);
        assert_non_null(strstr(err.text, "not a JPEG, PNG, GIF, BMP, WebP, HEIC, AVIF or TIFF"));
    }
}

static void borrowed_pixels(void **state)
{
    (void)state;
    uint8_t data[2 * 16] = { 1, 2, 3 };
    vt_pixels pixels = { data, { 4, 2 }, 16 }, got;
    vt_picture *picture;
    assert_int_equal(vt_picture_from_pixels(&picture, &pixels, NULL), VT_OK);
    assert_int_equal(vt_picture_get_info(picture).format, VT_FORMAT_PIXELS);
    assert_int_equal(vt_picture_decode(&got, picture, 0.1f, NULL), VT_OK);
    assert_ptr_equal(got.data, data);
    vt_picture_close(picture);
    pixels.stride_bytes = 11;
    assert_int_equal(vt_picture_from_pixels(&picture, &pixels, NULL), VT_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_the_smallest_that_serve), cmocka_unit_test(regions_equal_the_whole),
        cmocka_unit_test(regions_stand_upright),              cmocka_unit_test(limits_come_first),
        cmocka_unit_test(what_is_no_picture_is_said),         cmocka_unit_test(borrowed_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
