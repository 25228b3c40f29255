#include "support/test.h"

#include "support/scene.h"

static const scene_look clear = { { { 200, 40, 40 }, { 255, 255, 255 }, { 50, 60, 210 }, { 240, 230, 200 } } };
static const scene_look half_clear = { { { 200, 40, 40 }, { 255, 255, 255 }, { 152, 157, 232 }, { 240, 230, 200 } } };
static const scene_look greys2 = { { { 0, 0, 0 }, { 85, 85, 85 }, { 170, 170, 170 }, { 255, 255, 255 } } };
static const scene_look greys_half_clear = { { { 20, 20, 20 }, { 255, 255, 255 }, { 207, 207, 207 }, { 250, 250, 250 } } };

static const scene_file files[] = {
    { "image_png/rgb8.png", &scene_colours, 0, 0, 0 },
    { "image_png/rgb16.png", &scene_colours, 0, 0, 0 },
    { "image_png/rgb8_interlaced.png", &scene_colours, 0, 0, 0 },
    { "image_png/rgba8.png", &half_clear, 0, 0, 0 },
    { "image_png/rgba16.png", &half_clear, 1, 0, 0 },
    { "image_png/rgb8_keyed.png", &clear, 0, 0, 0 },
    { "image_png/palette2.png", &scene_colours, 0, 0, 0 },
    { "image_png/palette4.png", &scene_colours, 0, 0, 0 },
    { "image_png/palette4_interlaced.png", &scene_colours, 0, 0, 0 },
    { "image_png/palette8_alpha.png", &half_clear, 0, 0, 0 },
    { "image_png/grey1.png", &scene_black_white, 0, 0, 0 },
    { "image_png/grey2.png", &greys2, 0, 0, 0 },
    { "image_png/grey4.png", &greys2, 0, 0, 0 },
    { "image_png/grey8.png", &scene_greys, 0, 0, 0 },
    { "image_png/grey16.png", &scene_greys, 0, 0, 0 },
    { "image_png/grey_alpha8.png", &greys_half_clear, 0, 0, 0 },
    { "image_png/orientation1.png", &scene_colours, 0, 0, 1 },
    { "image_png/orientation2.png", &scene_colours, 0, 0, 2 },
    { "image_png/orientation3.png", &scene_colours, 0, 0, 3 },
    { "image_png/orientation4.png", &scene_colours, 0, 0, 4 },
    { "image_png/orientation5.png", &scene_colours, 0, 0, 5 },
    { "image_png/orientation6.png", &scene_colours, 0, 0, 6 },
    { "image_png/orientation7.png", &scene_colours, 0, 0, 7 },
    { "image_png/orientation8.png", &scene_colours, 0, 0, 8 },
};

int main(void)
{
    const scene_codec codec = { VT_FORMAT_PNG, files, ROWS(files), ROWS(files), 0.7 };
    return scene_run(&codec, 1);
}
