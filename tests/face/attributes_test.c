#include "support/faces.h"
#include "support/test.h"

#include <math.h>

#include "image/sample.h"

/* The largest face of pixels with all that can be asked for. */
static vt_face face_of(const vt_pixels *pixels)
{
    vt_picture *picture;
    vt_faces faces;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.want = VT_WANT_ALL;
    assert_int_equal(vt_picture_from_pixels(&picture, pixels, NULL), VT_OK);
    assert_int_equal(vt_session_detect(&faces, shared.session, picture, &options, NULL), VT_OK);
    assert_true(faces.count >= 1);
    vt_face face = faces.items[0];
    assert_int_equal(face.have, VT_WANT_ALL);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return face;
}

static vt_pixels copy_of(const char *name)
{
    test_picture picture = test_picture_open(name);
    vt_pixels pixels, copy;
    assert_int_equal(vt_picture_decode(&pixels, picture.picture, 1, NULL), VT_OK);
    assert_int_equal(vt_pixels_create(&copy, pixels.size, NULL), VT_OK);
    memcpy(copy.data, pixels.data, pixels.stride_bytes * (size_t)pixels.size.height);
    test_picture_close(&picture);
    return copy;
}

static void plain_faces_wear_nothing(void **state)
{
    (void)state;
    static const char *const names[] = { "face-samples/Family1-Dad1.jpg", "face-samples/Family1-Mom1.jpg", "people-dev/examples/obama.jpg" };
    for (size_t i = 0; i < ROWS(names); i++) {
        vt_pixels pixels = copy_of(names[i]);
        vt_attributes a = face_of(&pixels).attributes;
        assert_int_equal(a.mask, VT_MASK_NONE);
        assert_false(a.nose_and_mouth_covered);
        assert_int_equal(a.glasses, VT_GLASSES_NONE);
        assert_true(a.headwear_confidence < 0.5f);
        assert_false(a.mouth_occluded || a.eye_occluded || a.forehead_occluded);
        assert_true(a.exposure > 0.25f && a.exposure < 0.75f);
        vt_pixels_free(&pixels);
    }
}

static void masked_faces_wear_masks(void **state)
{
    (void)state;
    static const char *const names[] = { "mask-dev/with_mask/01dec3c4419a.jpg", "mask-dev/with_mask/02d8512ec9b5.jpg" };
    for (size_t i = 0; i < ROWS(names); i++) {
        vt_pixels pixels = copy_of(names[i]);
        vt_attributes a = face_of(&pixels).attributes;
        assert_int_equal(a.mask, VT_MASK_FACE);
        assert_true(a.nose_and_mouth_covered && a.mouth_occluded);
        assert_int_equal(a.quality, VT_LEVEL_LOW);
        vt_pixels_free(&pixels);
    }
}

static void box_blur(vt_pixels *pixels, int radius)
{
    vt_pixels source = { 0 };
    assert_int_equal(vt_pixels_create(&source, pixels->size, NULL), VT_OK);
    memcpy(source.data, pixels->data, pixels->stride_bytes * (size_t)pixels->size.height);
    for (int y = radius; y < pixels->size.height - radius; y++)
        for (int x = radius; x < pixels->size.width - radius; x++)
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int v = -radius; v <= radius; v++)
                    for (int u = -radius; u <= radius; u++) sum += source.data[(size_t)(y + v) * source.stride_bytes + (size_t)(x + u) * 3 + (size_t)c];
                pixels->data[(size_t)y * pixels->stride_bytes + (size_t)x * 3 + (size_t)c] = (uint8_t)(sum / ((2 * radius + 1) * (2 * radius + 1)));
            }
    vt_pixels_free(&source);
}

static void gain(vt_pixels *pixels, float factor)
{
    size_t count = pixels->stride_bytes * (size_t)pixels->size.height;
    for (size_t i = 0; i < count; i++) pixels->data[i] = (uint8_t)fminf(255, (float)pixels->data[i] * factor);
}

static void add_noise(vt_pixels *pixels, int amplitude)
{
    uint32_t state = 1;
    size_t count = pixels->stride_bytes * (size_t)pixels->size.height;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        int value = pixels->data[i] + (int)(state >> 16) % (2 * amplitude + 1) - amplitude;
        pixels->data[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static void measures_follow_what_is_done_to_the_picture(void **state)
{
    (void)state;
    const char *name = "face-samples/Family1-Mom1.jpg";
    vt_pixels plain = copy_of(name);
    vt_attributes before = face_of(&plain).attributes;
    float blur = before.blur;
    for (int radius = 1; radius <= 4; radius++) {
        vt_pixels pixels = copy_of(name);
        box_blur(&pixels, radius);
        float now = face_of(&pixels).attributes.blur;
        assert_true(now > blur || now == 1);
        blur = now;
        vt_pixels_free(&pixels);
    }
    assert_true(blur > 0.75f);
    vt_pixels dark = copy_of(name), bright = copy_of(name), noisy = copy_of(name);
    gain(&dark, 0.35f);
    gain(&bright, 1.9f);
    add_noise(&noisy, 30);
    assert_true(face_of(&dark).attributes.exposure < 0.25f);
    assert_true(face_of(&bright).attributes.exposure > 0.75f);
    assert_true(face_of(&noisy).attributes.noise > before.noise + 0.3f);
    vt_pixels_free(&dark);
    vt_pixels_free(&bright);
    vt_pixels_free(&noisy);
    vt_pixels_free(&plain);
}

static vt_level quality_of(const char *name, void (*change)(vt_pixels *))
{
    vt_pixels pixels = copy_of(name);
    change(&pixels);
    vt_level level = face_of(&pixels).attributes.quality;
    vt_pixels_free(&pixels);
    return level;
}

static void leave(vt_pixels *pixels)
{
    (void)pixels;
}

static void darken(vt_pixels *pixels)
{
    gain(pixels, 0.25f);
}

static void smear(vt_pixels *pixels)
{
    box_blur(pixels, 6);
}

static void quality_falls_with_what_is_done_to_the_picture(void **state)
{
    (void)state;
    static const char *const names[] = { "face-samples/Family1-Dad1.jpg", "face-samples/Family1-Mom1.jpg", "people-dev/examples/obama.jpg" };
    for (size_t i = 0; i < ROWS(names); i++) {
        assert_int_equal(quality_of(names[i], leave), VT_LEVEL_HIGH);
        assert_true(quality_of(names[i], darken) < VT_LEVEL_HIGH);
    }
    assert_int_equal(quality_of(names[1], smear), VT_LEVEL_LOW);
}

/* The contract's signs: yaw > 0 towards the right of the image; mirroring a picture turns yaw and roll round. */
static void mirroring_turns_yaw_and_roll(void **state)
{
    (void)state;
    vt_pixels pixels = copy_of("face-samples/detection1.jpg");
    vt_pose pose = face_of(&pixels).pose;
    for (int y = 0; y < pixels.size.height; y++)
        for (int x = 0; x < pixels.size.width / 2; x++)
            for (int c = 0; c < 3; c++) {
                uint8_t *row = pixels.data + (size_t)y * pixels.stride_bytes;
                size_t a = (size_t)x * 3 + (size_t)c, b = (size_t)(pixels.size.width - 1 - x) * 3 + (size_t)c;
                uint8_t kept = row[a];
                row[a] = row[b];
                row[b] = kept;
            }
    vt_pose mirrored = face_of(&pixels).pose;
    assert_true(pose.yaw_deg > 10);
    assert_float_equal(mirrored.yaw_deg, -pose.yaw_deg, 8);
    assert_float_equal(mirrored.roll_deg, -pose.roll_deg, 8);
    assert_float_equal(mirrored.pitch_deg, pose.pitch_deg, 8);
    vt_pixels_free(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_faces_wear_nothing),
        cmocka_unit_test(masked_faces_wear_masks),
        cmocka_unit_test(measures_follow_what_is_done_to_the_picture),
        cmocka_unit_test(quality_falls_with_what_is_done_to_the_picture),
        cmocka_unit_test(mirroring_turns_yaw_and_roll),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
