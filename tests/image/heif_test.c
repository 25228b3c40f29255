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

int main(void)
{
    const scene_codec codecs[] = { { VT_FORMAT_HEIC, heic, ROWS(heic), 2, 0.7 }, { VT_FORMAT_AVIF, avif, ROWS(avif), 2, 0.7 } };
    return scene_run(codecs, ROWS(codecs));
}
