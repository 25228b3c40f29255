#include "support/test.h"

#include "support/scene.h"

static const scene_look half_clear = { { { 200, 40, 40 }, { 255, 255, 255 }, { 152, 157, 232 }, { 240, 230, 200 } } };

static const scene_file files[] = {
    { "image_tiff/plain.tif", &scene_colours, 0, 0, 0 },
    { "image_tiff/lzw.tif", &scene_colours, 0, 0, 0 },
    { "image_tiff/deflate.tif", &scene_colours, 0, 0, 0 },
    { "image_tiff/packbits.tif", &scene_colours, 0, 0, 0 },
    { "image_tiff/palette.tif", &scene_colours, 0, 0, 0 },
    { "image_tiff/jpeg.tif", &scene_colours, 8, 6, 0 },
    { "image_tiff/grey.tif", &scene_greys, 0, 0, 0 },
    { "image_tiff/grey16.tif", &scene_greys, 0, 0, 0 },
    { "image_tiff/cmyk.tif", &scene_colours, 0, 0, 0 },
    { "image_tiff/bilevel.tif", &scene_black_white, 0, 0, 0 },
    { "image_tiff/alpha.tif", &half_clear, 1, 0, 0 },
    { "image_tiff/orientation1.tif", &scene_colours, 0, 0, 1 },
    { "image_tiff/orientation2.tif", &scene_colours, 0, 0, 2 },
    { "image_tiff/orientation3.tif", &scene_colours, 0, 0, 3 },
    { "image_tiff/orientation4.tif", &scene_colours, 0, 0, 4 },
    { "image_tiff/orientation5.tif", &scene_colours, 0, 0, 5 },
    { "image_tiff/orientation6.tif", &scene_colours, 0, 0, 6 },
    { "image_tiff/orientation7.tif", &scene_colours, 0, 0, 7 },
    { "image_tiff/orientation8.tif", &scene_colours, 0, 0, 8 },
};

int main(void)
{
    const scene_codec codec = { VT_FORMAT_TIFF, files, ROWS(files), ROWS(files), 0.5 };
    return scene_run(&codec, 1);
}
