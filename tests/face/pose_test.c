/* Head pose on Pointing'04, in the REST contract's signs: yaw > 0 to the right of the image, pitch > 0 upwards. */
#include "face/extras.h"

#include <math.h>

#include "support/faces.h"
#include "support/test.h"

static vt_pose pose_of(const char *name)
{
    test_picture picture = test_picture_open(name);
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    vt_faces faces;
    options.want = VT_WANT_POSE;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, &options, NULL), VT_OK);
    if (!faces.count) fail_msg("%s: no face", name);
    assert_true(faces.items[0].have & VT_WANT_POSE);
    vt_pose pose = faces.items[0].pose;
    vt_faces_free(&faces);
    test_picture_close(&picture);
    return pose;
}

/* The set's pan counts towards the left of the image, its tilt upwards. */
static void heads_are_turned_as_they_were_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float pan, tilt;
    } rows[] = {
        { "pose-dev/person01142+0-60.jpg", -60, 0 }, { "pose-dev/person01144+0-30.jpg", -30, 0 },
        { "pose-dev/person01146+0+0.jpg", 0, 0 },    { "pose-dev/person01148+0+30.jpg", 30, 0 },
        { "pose-dev/person01150+0+60.jpg", 60, 0 },  { "pose-dev/person02142+0-60.jpg", -60, 0 },
        { "pose-dev/person02144+0-30.jpg", -30, 0 }, { "pose-dev/person02146+0+0.jpg", 0, 0 },
        { "pose-dev/person02148+0+30.jpg", 30, 0 },  { "pose-dev/person02150+0+60.jpg", 60, 0 },
    };
    double yaw_error = 0, pitch_error = 0;
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt_pose pose = pose_of(rows[i].name);
        if (fabsf(pose.yaw_deg + rows[i].pan) > 25) fail_msg("%s: yaw %.1f", rows[i].name, (double)pose.yaw_deg);
        if (fabsf(pose.pitch_deg - rows[i].tilt) > 25) fail_msg("%s: pitch %.1f", rows[i].name, (double)pose.pitch_deg);
        yaw_error += fabsf(pose.yaw_deg + rows[i].pan) / (double)ROWS(rows);
        pitch_error += fabsf(pose.pitch_deg - rows[i].tilt) / (double)ROWS(rows);
    }
    print_message("mean error: yaw %.1f, pitch %.1f degrees\n", yaw_error, pitch_error);
    assert_true(yaw_error < 12 && pitch_error < 12);
}

static void looking_up_and_down_has_its_sign(void **state)
{
    (void)state;
    static const char *const up[] = { "pose-dev/person01172+30+0.jpg", "pose-dev/person02172+30+0.jpg" };
    static const char *const down[] = { "pose-dev/person01120-30+0.jpg", "pose-dev/person02120-30+0.jpg" };
    for (size_t i = 0; i < ROWS(up); i++) {
        float high = pose_of(up[i]).pitch_deg, low = pose_of(down[i]).pitch_deg;
        if (high < 8 || low > -8) fail_msg("%s: %.1f, %s: %.1f", up[i], (double)high, down[i], (double)low);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_turned_as_they_were_told),
        cmocka_unit_test(looking_up_and_down_has_its_sign),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
