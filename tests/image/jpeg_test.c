#include "support/test.h"

#include "support/scene.h"

static const scene_file files[] = {
    { "image_jpeg/baseline.jpg", &scene_colours, 6, 6, 0 },
    { "image_jpeg/full_chroma.jpg", &scene_colours, 6, 2, 0 },
    { "image_jpeg/progressive.jpg", &scene_colours, 6, 6, 0 },
    { "image_jpeg/restart.jpg", &scene_colours, 6, 6, 0 },
    { "image_jpeg/grey.jpg", &scene_greys, 4, 2, 0 },
    { "image_jpeg/cmyk.jpg", &scene_colours, 6, 6, 0 },
    { "image_jpeg/orientation1.jpg", &scene_colours, 6, 6, 1 },
    { "image_jpeg/orientation2.jpg", &scene_colours, 6, 6, 2 },
    { "image_jpeg/orientation3.jpg", &scene_colours, 6, 6, 3 },
    { "image_jpeg/orientation4.jpg", &scene_colours, 6, 6, 4 },
    { "image_jpeg/orientation5.jpg", &scene_colours, 6, 6, 5 },
    { "image_jpeg/orientation6.jpg", &scene_colours, 6, 6, 6 },
    { "image_jpeg/orientation7.jpg", &scene_colours, 6, 6, 7 },
    { "image_jpeg/orientation8.jpg", &scene_colours, 6, 6, 8 },
};

static void every_kind_decodes(void **state)
{
    (void)state;
    scene_check_files(files, ROWS(files), VT_FORMAT_JPEG);
}

static void damage_is_an_error_or_harmless(void **state)
{
    (void)state;
    scene_check_damage(files, ROWS(files), 0.7);
}

static void memory_may_be_short(void **state)
{
    (void)state;
    scene_check_allocations(files, ROWS(files));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_decodes),
        cmocka_unit_test(damage_is_an_error_or_harmless),
        cmocka_unit_test(memory_may_be_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
