/* At least 200 damaged pictures: each gets one line that names it, and exit code 3; under the address sanitizer too. */
#include "support/program.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include <vultus/image.h>

#include "base/file.h"

enum { cuts = 52, side = 96 };

static size_t written;

static void put(const void *bytes, size_t size, const char *ending)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%04zu.%s", program_folder(), written++, ending);
    assert_int_equal(vt__file_write(path, bytes, size, 0600, NULL), VT_OK);
}

static void noise_of(vt_pixels *pixels)
{
    assert_int_equal(vt_pixels_create(pixels, (vt_size){ side, side }, NULL), VT_OK);
    for (size_t i = 0; i < pixels->stride_bytes * side; i++) pixels->data[i] = (uint8_t)(i * 2654435761u >> 24);
}

/* Every format that we write, cut off everywhere, and with a header that lies about the size. */
static void make_damaged(void)
{
    static const struct {
        vt_format format;
        const char *ending;
        size_t width_at; /* of the header, for the lie; all four bytes (JPEG has none at a fixed place) */
    } formats[] = { { VT_FORMAT_JPEG, "jpg", 0 }, { VT_FORMAT_PNG, "png", 16 }, { VT_FORMAT_WEBP, "webp", 0 }, { VT_FORMAT_BMP, "bmp", 18 } };
    vt_pixels pixels;
    noise_of(&pixels);
    for (size_t f = 0; f < ROWS(formats); f++) {
        uint8_t *bytes;
        size_t size;
        assert_int_equal(vt_pixels_encode(&bytes, &size, &pixels, formats[f].format, NULL, NULL), VT_OK);
        for (size_t c = 0; c < cuts; c++) put(bytes, size * c / cuts, formats[f].ending);
        if (formats[f].width_at) {
            memset(bytes + formats[f].width_at, 0x7F, 8);
            put(bytes, size, formats[f].ending);
        }
        vt_bytes_free(bytes);
    }
    vt_pixels_free(&pixels);
    put("II*\0\xff\xff\xff\xff", 8, "tif");
    put("GIF89a\xff\xff\xff\xff\0\0\0;", 14, "gif");
    put("\0\0\0\x18" "ftypheic\0\0\0\0heicmif1\0\0\0\0", 28, "heic");
    put("\0\0\0\x18" "ftypavif\0\0\0\0avifmif1\0\0\0\0", 28, "avif");
}

static void each_gets_one_line(void **state)
{
    (void)state;
    make_damaged();
    assert_true(written >= 200);
    program_result out = program_run("detect --quiet '%s'", program_folder());
    assert_int_equal(out.code, 3);
    if (out.lines != written) fail_msg("%zu lines for %zu files:\n%.3000s", out.lines, written, out.output);
    for (size_t i = 0; i < written; i++) {
        char name[32];
        snprintf(name, sizeof name, "/%04zu.", i);
        assert_non_null(strstr(out.output, name));
    }
    free(out.output);
    program_folder_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_gets_one_line) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
