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

int main(void)
{
    const scene_codec codec = { VT_FORMAT_JPEG, files, ROWS(files), ROWS(files), 0.7 };
    return scene_run(&codec, 1);
}
