#include "support/test.h"

#include "support/scene.h"

static const scene_look half_clear = { { { 200, 40, 40 }, { 255, 255, 255 }, { 152, 157, 232 }, { 240, 230, 200 } } };

static const scene_file files[] = {
    { "image_webp/lossy.webp", &scene_colours, 10, 6, 0 },
    { "image_webp/lossless.webp", &scene_colours, 0, 0, 0 },
    { "image_webp/alpha.webp", &half_clear, 0, 0, 0 },
    { "image_webp/orientation3.webp", &scene_colours, 0, 0, 3 },
    { "image_webp/orientation6.webp", &scene_colours, 0, 0, 6 },
};

int main(void)
{
    const scene_codec codec = { VT_FORMAT_WEBP, files, ROWS(files), ROWS(files), 0.7 };
    return scene_run(&codec, 1);
}
