#include "support/test.h"

#include <math.h>

#include "image/sample.h"
#include "support/failing.h"

/* Red rises by 10 a column, green by 20 a row, blue is 50. */
static vt_pixels plane(int width, int height)
{
    vt_pixels out;
    assert_int_equal(vt_pixels_create(&out, (vt_size){ width, height }, NULL), VT_OK);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *p = out.data + (size_t)y * out.stride_bytes + (size_t)x * 3;
            p[0] = (uint8_t)(10 * x);
            p[1] = (uint8_t)(20 * y);
            p[2] = 50;
        }
    return out;
}

static void near(float got, float want, const char *what)
{
    if (!(fabsf(got - want) < 1e-3f)) fail_msg("%s: %g, not %g", what, (double)got, (double)want);
}

static void orders_means_and_scales(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        vt__planar planar;
        int planes;
        float values[3];
    } rows[] = {
        { "rgb", { VT__ORDER_RGB, { 0, 0, 0 }, { 1, 1, 1 } }, 3, { 20, 60, 50 } },
        { "bgr", { VT__ORDER_BGR, { 0, 0, 0 }, { 1, 1, 1 } }, 3, { 50, 60, 20 } },
        { "mean and scale a plane", { VT__ORDER_RGB, { 10, 20, 30 }, { 1, 0.5f, 2 } }, 3, { 10, 20, 40 } },
        { "bgr mean is of blue first", { VT__ORDER_BGR, { 50, 0, 0 }, { 1, 1, 1 } }, 3, { 0, 60, 20 } },
        { "grey", { VT__ORDER_GREY, { 0 }, { 1 } }, 1, { 0.299f * 20 + 0.587f * 60 + 0.114f * 50, 0, 0 } },
    };
    vt_pixels pixels = plane(6, 5);
    const vt__affine same = { { 1, 0, 2, 0, 1, 3 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float warped[3] = { -1, -1, -1 }, resized[3] = { -1, -1, -1 };
        assert_int_equal(vt__order_planes(rows[i].planar.order), rows[i].planes);
        vt__warp_planar(warped, 1, 1, (vt_size){ 1, 1 }, &pixels, &same, &rows[i].planar, 0);
        assert_int_equal(vt__resize_planar(resized, 1, 1, (vt_size){ 1, 1 }, &pixels, (vt_box){ 2, 3, 1, 1 }, &rows[i].planar, 0, NULL), VT_OK);
        for (int c = 0; c < rows[i].planes; c++) {
            near(warped[c], rows[i].values[c], rows[i].what);
            near(resized[c], rows[i].values[c], rows[i].what);
        }
    }
    vt_pixels_free(&pixels);
}

static const vt__planar plain = { VT__ORDER_RGB, { 0, 0, 0 }, { 1, 1, 1 } };

/* A plane is sampled exactly by bilinear weights, whatever the map; strides leave the gaps alone. */
static void warp_follows_its_map(void **state)
{
    (void)state;
    enum { side = 4, stride = 6, plane_stride = 40 };
    vt_pixels pixels = plane(20, 12);
    const vt__affine map = { { 1.2f, -0.4f, 3.3f, 0.5f, 0.9f, 1.6f } };
    float out[3 * plane_stride];
    for (size_t i = 0; i < 3 * plane_stride; i++) out[i] = -7;
    vt__warp_planar(out, stride, plane_stride, (vt_size){ side, side }, &pixels, &map, &plain, 0);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            float u = 1.2f * (float)x - 0.4f * (float)y + 3.3f, v = 0.5f * (float)x + 0.9f * (float)y + 1.6f;
            near(out[y * stride + x], 10 * u, "red");
            near(out[plane_stride + y * stride + x], 20 * v, "green");
            near(out[2 * plane_stride + y * stride + x], 50, "blue");
        }
    near(out[side], -7, "between rows");
    vt_pixels_free(&pixels);
}

static void outside_is_as_asked(void **state)
{
    (void)state;
    vt_pixels pixels = plane(4, 4);
    float out[3];
    const vt__affine away = { { 1, 0, -5, 0, 1, 0 } }, half = { { 1, 0, -0.5f, 0, 1, 1 } };
    vt__warp_planar(out, 1, 1, (vt_size){ 1, 1 }, &pixels, &away, &plain, 128);
    near(out[0], 128, "far outside");
    vt__warp_planar(out, 1, 1, (vt_size){ 1, 1 }, &pixels, &half, &plain, 128);
    near(out[0], 64, "half outside");
    const vt__affine nowhere = { { NAN, 0, NAN, 0, NAN, INFINITY } };
    vt__warp_planar(out, 1, 1, (vt_size){ 1, 1 }, &pixels, &nowhere, &plain, 9);
    near(out[0], 9, "not a number");
    float wide[3 * 8];
    assert_int_equal(vt__resize_planar(wide, 8, 8, (vt_size){ 8, 1 }, &pixels, (vt_box){ -4, 1, 8, 1 }, &plain, 200, NULL), VT_OK);
    near(wide[0], 200, "resized outside");
    near(wide[4], 0, "resized inside");
    near(wide[7], 30, "resized inside");
    vt_pixels_free(&pixels);
}

static void shrinking_averages(void **state)
{
    (void)state;
    vt_pixels pixels = plane(12, 8), out;
    assert_int_equal(vt__resize(&out, &pixels, (vt_size){ 1, 1 }, NULL), VT_OK);
    assert_int_equal(out.data[0], 55); /* mean of 0..110 */
    assert_int_equal(out.data[1], 70); /* mean of 0..140 */
    vt_pixels_free(&out);
    assert_int_equal(vt__resize(&out, &pixels, (vt_size){ 12, 8 }, NULL), VT_OK); /* the same size: the same pixels */
    for (int y = 0; y < 8; y++)
        assert_memory_equal(out.data + (size_t)y * out.stride_bytes, pixels.data + (size_t)y * pixels.stride_bytes, 36);
    vt_pixels_free(&out);
    vt_pixels_free(&pixels);
}

/* Enlarged twice, the inside of a plane stays a plane. */
static void enlarging_interpolates(void **state)
{
    (void)state;
    vt_pixels pixels = plane(8, 6);
    float out[3 * 16 * 12];
    assert_int_equal(vt__resize_planar(out, 16, 16 * 12, (vt_size){ 16, 12 }, &pixels, (vt_box){ 0, 0, 8, 6 }, &plain, 0, NULL), VT_OK);
    for (int y = 1; y < 11; y++)
        for (int x = 1; x < 15; x++) {
            near(out[y * 16 + x], 10 * (((float)x + 0.5f) / 2 - 0.5f), "red");
            near(out[16 * 12 + y * 16 + x], 20 * (((float)y + 0.5f) / 2 - 0.5f), "green");
        }
    vt_pixels_free(&pixels);
}

static bool resize(void *context)
{
    vt_pixels out = { 0 };
    bool good = vt__resize(&out, context, (vt_size){ 5, 3 }, NULL) == VT_OK;
    vt_pixels_free(&out);
    return good;
}

static void memory_may_be_short(void **state)
{
    (void)state;
    vt_pixels pixels = plane(8, 6);
    assert_true(failing_each(resize, &pixels, 50, false) >= 4);
    vt_pixels_free(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_means_and_scales), cmocka_unit_test(warp_follows_its_map),  cmocka_unit_test(outside_is_as_asked),
        cmocka_unit_test(shrinking_averages),      cmocka_unit_test(enlarging_interpolates), cmocka_unit_test(memory_may_be_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
