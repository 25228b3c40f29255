/* Shots over drawn frames, and those of a real clip. */
#include "support/test.h"

#include <stdio.h>

#include <vultus/video.h>

#include "support/data.h"
#include "video/cut.h"

enum { wide = 160, high = 90 };

/* A bright square on a ground; `gain` in percent. */
static void draw(vt_pixels *out, int left, int top, int side, int ground, int light, int gain)
{
    for (int y = 0; y < high; y++)
        for (int x = 0; x < wide; x++) {
            bool inside = x >= left && x < left + side && y >= top && y < top + side;
            int value = (inside ? light : ground) * gain / 100;
            for (int c = 0; c < 3; c++) out->data[(size_t)y * out->stride_bytes + (size_t)x * 3 + (size_t)c] = (uint8_t)(value > 255 ? 255 : value);
        }
}

static void shots_end_where_the_light_moves(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int left, top, side, ground, light, gain;
        bool cut;
    } frames[] = {
        { "the first frame", 20, 20, 40, 10, 80, 100, false },
        { "the same", 20, 20, 40, 10, 80, 100, false },
        { "a pan", 24, 21, 40, 10, 80, 100, false },
        { "a flash", 24, 21, 40, 10, 80, 300, false },
        { "and back", 24, 21, 40, 10, 80, 100, false },
        { "another scene, as dark", 100, 40, 45, 10, 80, 100, true },
        { "the same scene", 101, 40, 45, 10, 80, 100, false },
        { "a bright scene", 0, 0, 10, 200, 20, 100, true },
        { "black", 0, 0, 10, 1, 1, 100, true },
        { "still black", 0, 0, 10, 2, 3, 100, false },
        { "out of black", 30, 10, 60, 60, 160, 100, true },
    };
    vt_pixels pixels;
    vt__cut_state cut = { 0 };
    assert_int_equal(vt_pixels_create(&pixels, (vt_size){ wide, high }, NULL), VT_OK);
    for (size_t f = 0; f < ROWS(frames); f++) {
        draw(&pixels, frames[f].left, frames[f].top, frames[f].side, frames[f].ground, frames[f].light, frames[f].gain);
        if (vt__cut_seen(&cut, &pixels) != frames[f].cut) fail_msg("%s: %s", frames[f].what, frames[f].cut ? "no cut" : "a cut");
    }
    vt_pixels_free(&pixels);
}

/* The cuts of a dark hall with a moving camera, as one sees them: before frames 21, 83 and 212. */
static void cuts_of_a_real_clip(void **state)
{
    (void)state;
    static const int64_t expected[] = { 20, 82, 211 };
    char path[512];
    const char *data = test_data_folder();
    if (!data) skip();
    snprintf(path, sizeof path, "%s/videos-dev/short_hamilton_clip.mp4", data);
    vt_video *video;
    vt__cut_state cut = { 0 };
    bool more;
    size_t found = 0;
    assert_int_equal(vt_video_open(&video, path, NULL, NULL), VT_OK);
    while (vt_video_next(&more, video, NULL) == VT_OK && more) {
        vt_pixels pixels;
        assert_int_equal(vt_video_pixels(&pixels, video, 320, NULL), VT_OK);
        if (vt__cut_seen(&cut, &pixels)) {
            assert_true(found < ROWS(expected));
            assert_int_equal(vt_video_frame(video), expected[found++]);
        }
        vt_pixels_free(&pixels);
    }
    assert_int_equal(found, ROWS(expected));
    vt_video_close(video);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shots_end_where_the_light_moves), cmocka_unit_test(cuts_of_a_real_clip) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
