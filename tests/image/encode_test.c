#include "support/test.h"

#include <stdlib.h>

#include <vultus/image.h>

#include "support/failing.h"

/* 33 x 17 (odd, so that rows need padding): a slope in each colour. */
static vt_pixels slope(void)
{
    vt_pixels out;
    assert_int_equal(vt_pixels_create(&out, (vt_size){ 33, 17 }, NULL), VT_OK);
    for (int y = 0; y < 17; y++)
        for (int x = 0; x < 33; x++) {
            uint8_t *p = out.data + (size_t)y * out.stride_bytes + (size_t)x * 3;
            p[0] = (uint8_t)(7 * x);
            p[1] = (uint8_t)(15 * y);
            p[2] = (uint8_t)(255 - 3 * x - 8 * y);
        }
    return out;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const struct {
        vt_format format;
        int tolerance;
    } rows[] = { { VT_FORMAT_PNG, 0 }, { VT_FORMAT_BMP, 0 }, { VT_FORMAT_JPEG, 24 }, { VT_FORMAT_WEBP, 24 } };
    vt_pixels pixels = slope();
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint8_t *bytes;
        size_t size;
        vt_picture *picture;
        vt_pixels got;
        assert_int_equal(vt_pixels_encode(&bytes, &size, &pixels, rows[i].format, NULL, NULL), VT_OK);
        assert_int_equal(vt_picture_open(&picture, bytes, size, NULL, NULL), VT_OK);
        assert_int_equal(vt_picture_get_info(picture).format, rows[i].format);
        assert_int_equal(vt_picture_decode(&got, picture, 1, NULL), VT_OK);
        assert_int_equal(got.size.width, 33);
        for (int y = 0; y < 17; y++)
            for (size_t x = 0; x < 99; x++) {
                int away = abs(got.data[(size_t)y * got.stride_bytes + x] - pixels.data[(size_t)y * pixels.stride_bytes + x]);
                if (away > rows[i].tolerance) fail_msg("%s differs by %d at row %d", vt_format_name(rows[i].format), away, y);
            }
        vt_picture_close(picture);
        vt_bytes_free(bytes);
    }
    vt_pixels_free(&pixels);
}

static void quality_counts_and_is_checked(void **state)
{
    (void)state;
    vt_pixels pixels = slope();
    uint8_t *bytes;
    size_t low, high;
    vt_error err;
    vt_encode_options options = VT_ENCODE_OPTIONS_INIT;
    options.quality = 10;
    assert_int_equal(vt_pixels_encode(&bytes, &low, &pixels, VT_FORMAT_JPEG, &options, NULL), VT_OK);
    vt_bytes_free(bytes);
    options.quality = 100;
    assert_int_equal(vt_pixels_encode(&bytes, &high, &pixels, VT_FORMAT_JPEG, &options, NULL), VT_OK);
    vt_bytes_free(bytes);
    assert_true(low < high);
    options.quality = 101;
    assert_int_equal(vt_pixels_encode(&bytes, &high, &pixels, VT_FORMAT_JPEG, &options, &err), VT_EINVAL);
    assert_non_null(strstr(err.text, "101"));
    assert_int_equal(vt_pixels_encode(&bytes, &high, &pixels, VT_FORMAT_TIFF, NULL, &err), VT_EUNSUPPORTED);
    assert_non_null(strstr(err.text, "tiff"));
    vt_pixels_free(&pixels);
}

static bool encode_png(void *context)
{
    uint8_t *bytes = NULL;
    size_t size;
    bool good = !vt_pixels_encode(&bytes, &size, context, VT_FORMAT_PNG, NULL, NULL);
    if (good) vt_bytes_free(bytes);
    return good;
}

static bool encode_jpeg(void *context)
{
    uint8_t *bytes = NULL;
    size_t size;
    bool good = !vt_pixels_encode(&bytes, &size, context, VT_FORMAT_JPEG, NULL, NULL);
    if (good) vt_bytes_free(bytes);
    return good;
}

static void memory_may_be_short(void **state)
{
    (void)state;
    vt_pixels pixels = slope();
    assert_true(failing_each(encode_png, &pixels, 100, false) >= 1);
    assert_true(failing_each(encode_jpeg, &pixels, 100, false) >= 2);
    vt_pixels_free(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(quality_counts_and_is_checked),
        cmocka_unit_test(memory_may_be_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
