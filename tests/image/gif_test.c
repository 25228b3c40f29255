#include "support/test.h"

#include "support/scene.h"

static const scene_look clear = { { { 200, 40, 40 }, { 255, 255, 255 }, { 50, 60, 210 }, { 240, 230, 200 } } };

static const scene_file files[] = {
    { "image_gif/plain.gif", &scene_colours, 0, 0, 0 },
    { "image_gif/interlaced.gif", &scene_colours, 0, 0, 0 },
    { "image_gif/clear.gif", &clear, 0, 0, 0 },
    { "image_gif/animated.gif", &scene_colours, 0, 0, 0 },
};

static void every_kind_decodes(void **state)
{
    (void)state;
    scene_check_files(files, ROWS(files), VT_FORMAT_GIF);
}

static void damage_is_an_error_or_harmless(void **state)
{
    (void)state;
    scene_check_damage(files, ROWS(files), 0.5);
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
