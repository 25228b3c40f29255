#include "support/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/failing.h"
#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"

const scene_look scene_colours = { { { 200, 40, 40 }, { 40, 180, 60 }, { 50, 60, 210 }, { 240, 230, 200 } } };
const scene_look scene_greys = { { { 20, 20, 20 }, { 90, 90, 90 }, { 160, 160, 160 }, { 250, 250, 250 } } };
const scene_look scene_black_white = { { { 0, 0, 0 }, { 255, 255, 255 }, { 255, 255, 255 }, { 0, 0, 0 } } };

uint8_t *scene_read(size_t *size_bytes, const char *path)
{
    char full[256];
    uint8_t *bytes;
    vt_error err = { 0 };
    snprintf(full, sizeof full, "fuzz/corpus/%s", path);
    if (vt__file_read(&bytes, size_bytes, full, 1 << 20, &err)) fail_msg("%s", err.text);
    return bytes;
}

static void check_pixels(const scene_file *file, const vt_pixels *pixels)
{
    for (int y = 0; y < SCENE_HEIGHT; y++)
        for (int x = 0; x < SCENE_WIDTH; x++) {
            bool near_border = abs(2 * x + 1 - SCENE_WIDTH) < 2 * file->margin_px || abs(2 * y + 1 - SCENE_HEIGHT) < 2 * file->margin_px;
            const uint8_t *want = file->look->colours[2 * (y >= SCENE_HEIGHT / 2) + (x >= SCENE_WIDTH / 2)];
            const uint8_t *got = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)x * 3;
            for (int c = 0; c < 3 && !near_border; c++)
                if (abs(got[c] - want[c]) > file->tolerance)
                    fail_msg("%s at (%d, %d): %d %d %d, not %d %d %d", file->path, x, y, got[0], got[1], got[2], want[0], want[1], want[2]);
        }
}

static void check_file(const scene_file *file, vt_format format)
{
    size_t size;
    uint8_t *bytes = scene_read(&size, file->path);
    vt_picture *picture = NULL;
    vt_pixels pixels = { 0 };
    vt_error err = { 0 };
    if (vt_picture_open(&picture, bytes, size, NULL, &err)) fail_msg("%s: %s", file->path, err.text);
    vt_picture_info info = vt_picture_get_info(picture);
    assert_int_equal(info.format, format);
    assert_int_equal(info.size.width, SCENE_WIDTH);
    assert_int_equal(info.size.height, SCENE_HEIGHT);
    assert_int_equal(info.exif_orientation, file->orientation ? file->orientation : 1);
    if (vt_picture_decode(&pixels, picture, 1, &err)) fail_msg("%s: %s", file->path, err.text);
    assert_int_equal(pixels.size.width, SCENE_WIDTH);
    assert_int_equal(pixels.size.height, SCENE_HEIGHT);
    check_pixels(file, &pixels);
    vt_picture_close(picture);
    vt__free(bytes);
}

typedef struct codecs {
    const scene_codec *items;
    size_t count;
} codecs;

static void every_kind_decodes(void **state)
{
    const codecs *all = *state;
    for (size_t c = 0; c < all->count; c++)
        for (size_t i = 0; i < all->items[c].count; i++) check_file(&all->items[c].files[i], all->items[c].format);
}

vt_status scene_decode(vt_size *out, const void *bytes, size_t size_bytes, float scale, vt_error *err)
{
    static const vt_picture_options small = { sizeof small, 0, 1 << 20, 0 };
    vt_picture *picture = NULL;
    vt_pixels pixels = { 0 };
    vt_status status = vt_picture_open(&picture, bytes, size_bytes, &small, err);
    if (!status) status = vt_picture_decode(&pixels, picture, scale, err);
    if (!status) {
        *out = pixels.size;
        assert_int_equal(pixels.size.width, vt_picture_get_info(picture).size.width);
        assert_int_equal(pixels.size.height, vt_picture_get_info(picture).size.height);
    }
    vt_picture_close(picture);
    return status;
}

/* Decodes a copy that ends with the heap block, so that a read past the end is seen by the sanitizer. */
static vt_status decode_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    vt_size got;
    vt_error err = { 0 };
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    vt_status status = scene_decode(&got, copy, size, 1, &err);
    if (status) {
        assert_int_equal(err.code, status);
        assert_true(err.text[0] != 0);
        assert_null(strchr(err.text, '\n'));
    }
    free(copy);
    return status;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void damage(const char *path, double least_share)
{
    enum { cuts = 60, turns = 200 };
    size_t size, failed = 0;
    uint8_t *bytes = scene_read(&size, path);
    for (size_t i = 0; i < cuts; i++) failed += decode_copy(bytes, size * i / cuts) != VT_OK;
    if ((double)failed < least_share * cuts) fail_msg("%s: only %zu of %d cuts were noticed", path, failed, cuts);
    if (!decode_copy(bytes, size / 2)) fail_msg("%s: half of it decodes", path);
    uint32_t state = 7;
    for (int i = 0; i < turns; i++) {
        size_t at = next_random(&state) % size;
        uint8_t bit = (uint8_t)(1 << next_random(&state) % 8);
        bytes[at] ^= bit;
        decode_copy(bytes, size);
        bytes[at] ^= bit;
    }
    vt__free(bytes);
}

static void damage_is_an_error_or_harmless(void **state)
{
    const codecs *all = *state;
    for (size_t c = 0; c < all->count; c++)
        for (size_t i = 0; i < all->items[c].damaged; i++) damage(all->items[c].files[i].path, all->items[c].least_share);
}

typedef struct held {
    const uint8_t *bytes;
    size_t size;
} held;

static bool decode_held(void *context)
{
    const held *h = context;
    vt_size got;
    return scene_decode(&got, h->bytes, h->size, 1, NULL) == VT_OK;
}

static void fail_allocations(const char *path)
{
    size_t size;
    uint8_t *bytes = scene_read(&size, path);
    int failures = failing_each(decode_held, &(held){ bytes, size }, 1000, false);
    if (failures < 2) fail_msg("%s: only %d allocations", path, failures);
    assert_true(failures < 1000);
    vt__free(bytes);
}

static void memory_may_be_short(void **state)
{
    const codecs *all = *state;
    for (size_t c = 0; c < all->count; c++)
        for (size_t i = 0; i < all->items[c].count; i++) fail_allocations(all->items[c].files[i].path);
}

int scene_run(const scene_codec *items, size_t count)
{
    codecs all = { items, count };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_kind_decodes, &all),
        cmocka_unit_test_prestate(damage_is_an_error_or_harmless, &all),
        cmocka_unit_test_prestate(memory_may_be_short, &all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
