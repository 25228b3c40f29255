/* The eye network on a real film: eyes that are open, and the same eyes shut. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>

#include <vultus/video.h>

#include "support/data.h"
#include "support/faces.h"

static float open_of(vt_picture *picture)
{
    vt_faces faces;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    float open = NAN;
    options.want = VT_WANT_LANDMARKS;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture, &options, NULL), VT_OK);
    assert_true(faces.count >= 1);
    assert_int_equal(vt_session_eyes_open(&open, shared.session, picture, &faces.items[0], NULL), VT_OK);
    vt_faces_free(&faces);
    assert_true(open >= 0 && open <= 1);
    return open;
}

static void portraits_look_at_the_camera(void **state)
{
    (void)state;
    static const char *const names[] = { "face-samples/Family1-Dad1.jpg", "face-samples/Family1-Mom1.jpg", "people-dev/examples/obama.jpg" };
    for (size_t i = 0; i < ROWS(names); i++) {
        test_picture picture = test_picture_open(names[i]);
        float open = open_of(picture.picture);
        if (open < 0.7f) fail_msg("%s: %.3f", names[i], (double)open);
        test_picture_close(&picture);
    }
}

/* What one sees in two clips: her eyes are open at first, shut at 2.33 s; she shuts hers at 13.03 s. */
static void lids_shut_in_a_film(void **state)
{
    (void)state;
    static const struct {
        const char *clip;
        double from_s, to_s;
        bool open;
    } rows[] = {
        { "liveportrait_d6.mp4", 4.0, 6.0, true },
        { "liveportrait_d6.mp4", 13.0, 13.1, false },
        { "liveportrait_d3.mp4", 1.9, 2.05, false },
    };
    const char *data = test_data_folder();
    if (!data) test_skip("no real pictures");
    for (size_t i = 0; i < ROWS(rows); i++) {
        char path[512];
        vt_video *video;
        vt_error err = { 0 };
        bool more = true;
        size_t seen = 0;
        snprintf(path, sizeof path, "%s/videos-dev/%s", data, rows[i].clip);
        vt_status status = vt_video_open(&video, path, NULL, &err);
        if (status == VT_EUNSUPPORTED) return; /* a build without video */
        assert_int_equal(status, VT_OK);
        while (vt_video_next(&more, video, NULL) == VT_OK && more && vt_video_time_s(video) <= rows[i].to_s) {
            vt_pixels pixels;
            vt_picture *picture;
            if (vt_video_time_s(video) < rows[i].from_s || seen++ % 10) continue;
            assert_int_equal(vt_video_pixels(&pixels, video, 512, NULL), VT_OK);
            assert_int_equal(vt_picture_from_pixels(&picture, &pixels, NULL), VT_OK);
            float open = open_of(picture);
            if ((open > 0.5f) != rows[i].open) fail_msg("%s at %.2f s: %.3f", rows[i].clip, vt_video_time_s(video), (double)open);
            vt_picture_close(picture);
            vt_pixels_free(&pixels);
        }
        assert_true(seen > 0);
        vt_video_close(video);
    }
}

static void a_face_without_landmarks_is_refused(void **state)
{
    (void)state;
    test_picture picture = test_picture_open("face-samples/Family1-Dad1.jpg");
    const vt_face bare = { .box = { 0, 0, 50, 50 } };
    float open = 0;
    assert_int_equal(vt_session_eyes_open(&open, shared.session, picture.picture, &bare, NULL), VT_EINVAL);
    assert_true(isnan(open));
    test_picture_close(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portraits_look_at_the_camera),
        cmocka_unit_test(lids_shut_in_a_film),
        cmocka_unit_test(a_face_without_landmarks_is_refused),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
