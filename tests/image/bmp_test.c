#include "support/test.h"

#include "support/scene.h"

static const scene_look first_two = { { { 200, 40, 40 }, { 40, 180, 60 }, { 40, 180, 60 }, { 200, 40, 40 } } };

static const scene_file files[] = {
    { "image_bmp/bits24.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits24_top_down.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits24_core.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits32.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits32_fields.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits8.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits4.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/rle8.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/rle4.bmp", &scene_colours, 0, 0, 0 },
    { "image_bmp/bits16_555.bmp", &scene_colours, 8, 0, 0 },
    { "image_bmp/bits16_565.bmp", &scene_colours, 8, 0, 0 },
    { "image_bmp/bits1.bmp", &first_two, 0, 0, 0 },
};

int main(void)
{
    const scene_codec codec = { VT_FORMAT_BMP, files, ROWS(files), ROWS(files), 0.9 };
    return scene_run(&codec, 1);
}
