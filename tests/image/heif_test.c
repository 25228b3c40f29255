#include "support/test.h"

#include "support/scene.h"

static const scene_file heic[] = {
    { "image_heif/plain.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/alpha.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation2.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation3.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation4.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation5.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation6.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation7.heic", &scene_colours, 10, 6, 0 },
    { "image_heif/orientation8.heic", &scene_colours, 10, 6, 0 },
};

/* libheif turns the picture itself, so no orientation is left over. */
static const scene_file avif[] = {
    { "image_avif/plain.avif", &scene_colours, 10, 6, 0 },        { "image_avif/half_chroma.avif", &scene_colours, 10, 6, 0 },
    { "image_avif/orientation2.avif", &scene_colours, 10, 6, 0 }, { "image_avif/orientation3.avif", &scene_colours, 10, 6, 0 },
    { "image_avif/orientation4.avif", &scene_colours, 10, 6, 0 }, { "image_avif/orientation5.avif", &scene_colours, 10, 6, 0 },
    { "image_avif/orientation6.avif", &scene_colours, 10, 6, 0 }, { "image_avif/orientation7.avif", &scene_colours, 10, 6, 0 },
    { "image_avif/orientation8.avif", &scene_colours, 10, 6, 0 },
};

static void every_kind_decodes(void **state)
{
    (void)state;
    scene_check_files(heic, ROWS(heic), VT_FORMAT_HEIC);
    scene_check_files(avif, ROWS(avif), VT_FORMAT_AVIF);
}

static void damage_is_an_error_or_harmless(void **state)
{
    (void)state;
    scene_check_damage(heic, ROWS(heic), 0.7);
    scene_check_damage(avif, 2, 0.7);
}

static void memory_may_be_short(void **state)
{
    (void)state;
    scene_check_allocations(heic, ROWS(heic));
    scene_check_allocations(avif, ROWS(avif));
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
