#include "support/test.h"

#include "support/scene.h"

static const scene_look clear = { { { 200, 40, 40 }, { 255, 255, 255 }, { 50, 60, 210 }, { 240, 230, 200 } } };

static const scene_file files[] = {
    { "image_gif/plain.gif", &scene_colours, 0, 0, 0 },
    { "image_gif/interlaced.gif", &scene_colours, 0, 0, 0 },
    { "image_gif/clear.gif", &clear, 0, 0, 0 },
    { "image_gif/animated.gif", &scene_colours, 0, 0, 0 },
};

int main(void)
{
    const scene_codec codec = { VT_FORMAT_GIF, files, ROWS(files), ROWS(files), 0.5 };
    return scene_run(&codec, 1);
}
