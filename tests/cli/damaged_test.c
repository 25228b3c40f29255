/* Every kind of picture of fuzz/corpus, cut off and with headers that lie: each gets one line that names it, and exit
 * code 3; under the address sanitizer too. */
#include <stdio.h>
#include <stdlib.h>

#include "support/folder.h"
#include "support/program.h"
#include "support/scene.h"
#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"

static const struct {
    const char *folder;
    vt_format format;
    size_t size_at, size_bytes; /* of width and height, where the header has them at a fixed place */
    size_t least;               /* kinds */
} formats[] = {
    { "image_jpeg", VT_FORMAT_JPEG, 0, 0, 14 },  { "image_png", VT_FORMAT_PNG, 16, 8, 24 }, { "image_gif", VT_FORMAT_GIF, 6, 4, 4 },
    { "image_bmp", VT_FORMAT_BMP, 18, 8, 12 },   { "image_webp", VT_FORMAT_WEBP, 0, 0, 5 }, { "image_heif", VT_FORMAT_HEIC, 0, 0, 9 },
    { "image_avif", VT_FORMAT_AVIF, 0, 0, 9 },   { "image_tiff", VT_FORMAT_TIFF, 0, 0, 19 },
};
static const char *const kinds[] = { "progressive.jpg", "grey.jpg", "cmyk.jpg",        "rgb16.png",     "grey16.png",
                                     "rgba16.png",      "rgba8.png", "rgb8_keyed.png", "bits16_565.bmp", "animated.gif",
                                     "alpha.webp",      "alpha.heic", "alpha.tif",     "grey16.tif",     "cmyk.tif",
                                     "plain.avif" };

static size_t written;
static char firsts[ROWS(formats)][160]; /* a file of each format */

static const char *put(const uint8_t *bytes, size_t size, const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%04zu_%s", test_folder(), written++, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

static bool is_whole(const uint8_t *bytes, size_t size, vt_format format, int *orientation)
{
    vt_picture *picture;
    vt_pixels pixels;
    if (vt_picture_open(&picture, bytes, size, NULL, NULL)) return false;
    vt_picture_info info = vt_picture_get_info(picture);
    bool whole = info.format == format && !vt_picture_decode(&pixels, picture, 1, NULL);
    *orientation = info.exif_orientation;
    vt_picture_close(picture);
    return whole;
}

/* Nothing, a magic number, and up to half of it: what then is left can be no picture. */
static void put_cuts(const uint8_t *bytes, size_t size, const char *name)
{
    const size_t cuts[] = { 0, 4, 12, size / 4, size / 3, size / 2 };
    for (size_t i = 0; i < ROWS(cuts); i++) put(bytes, cuts[i], name);
}

static void damage_folder(size_t f, bool *kind_seen, unsigned *orientations)
{
    char folder[64];
    vt__names names;
    size_t whole = 0;
    snprintf(folder, sizeof folder, "fuzz/corpus/%s", formats[f].folder);
    assert_int_equal(vt__folder_list(&names, folder, NULL), VT_OK);
    for (size_t i = 0; i < names.count; i++) {
        char path[256];
        size_t size;
        int orientation;
        snprintf(path, sizeof path, "%s/%s", formats[f].folder, names.items[i]);
        uint8_t *bytes = scene_read(&size, path);
        if (is_whole(bytes, size, formats[f].format, &orientation)) {
            whole++;
            *orientations |= 1u << orientation;
            for (size_t k = 0; k < ROWS(kinds); k++) kind_seen[k] |= !strcmp(kinds[k], names.items[i]);
            put_cuts(bytes, size, names.items[i]);
            if (formats[f].size_at) {
                memset(bytes + formats[f].size_at, 0x7F, formats[f].size_bytes);
                put(bytes, size, names.items[i]);
            }
            snprintf(firsts[f], sizeof firsts[f], "%s", put(bytes, size / 2 - 1, names.items[i]));
        }
        vt__free(bytes);
    }
    if (whole < formats[f].least) fail_msg("%s: %zu kinds, not %zu", formats[f].folder, whole, formats[f].least);
    vt__names_free(&names);
}

static void every_format_and_kind_is_there(void **state)
{
    (void)state;
    bool kind_seen[ROWS(kinds)] = { false };
    unsigned orientations = 0;
    for (size_t f = 0; f < ROWS(formats); f++) damage_folder(f, kind_seen, &orientations);
    for (size_t k = 0; k < ROWS(kinds); k++)
        if (!kind_seen[k]) fail_msg("%s is not among them", kinds[k]);
    assert_int_equal(orientations, 0x1FE);
    assert_true(written >= 600);
}

static void each_gets_one_line(void **state)
{
    (void)state;
    program_result out = program_run("detect --quiet '%s'", test_folder());
    assert_int_equal(out.code, 3);
    if (out.lines != written) fail_msg("%zu lines for %zu files:\n%.3000s", out.lines, written, out.output);
    for (size_t i = 0; i < written; i++) {
        char name[32];
        snprintf(name, sizeof name, "/%04zu_", i);
        if (!strstr(out.output, name)) fail_msg("no line for %s", name);
    }
    free(out.output);
}

static void each_alone_gives_exit_3(void **state)
{
    (void)state;
    for (size_t f = 0; f < ROWS(formats); f++) {
        program_result out = program_run("detect '%s'", firsts[f]);
        if (out.code != 3 || out.lines != 1) fail_msg("%s: exit %d, %zu lines:\n%s", firsts[f], out.code, out.lines, out.output);
        free(out.output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_and_kind_is_there),
        cmocka_unit_test(each_gets_one_line),
        cmocka_unit_test(each_alone_gives_exit_3),
    };
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
