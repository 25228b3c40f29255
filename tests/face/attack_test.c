/* The attack score on whole frames: real faces and faces held before the camera, and pictures without surround. */
#include <math.h>

#include "support/faces.h"
#include "support/test.h"

static float score_of(bool *valid, vt_picture *picture)
{
    vt_faces faces;
    float live = NAN;
    assert_int_equal(vt_session_detect(&faces, shared.session, picture, NULL, NULL), VT_OK);
    assert_true(faces.count >= 1);
    assert_int_equal(vt_session_attack_score(&live, valid, shared.session, picture, &faces.items[0], NULL), VT_OK);
    vt_faces_free(&faces);
    assert_true(live >= 0 && live <= 1);
    return live;
}

static void attacks_score_lower_than_real_faces(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool live;
    } rows[] = {
        { "liveness-dev/minivision/image_T1.jpg", true },
        { "liveness-dev/minivision/image_F1.jpg", false },
        { "liveness-dev/minivision/image_F2.jpg", false },
        { "face-samples/detection1.jpg", true },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        test_picture picture = test_picture_open(rows[i].name);
        bool valid = false;
        float live = score_of(&valid, picture.picture);
        print_message("%s: %.3f\n", rows[i].name, (double)live);
        assert_true(valid);
        if ((live > .5f) != rows[i].live) fail_msg("%s: %.3f", rows[i].name, (double)live);
        test_picture_close(&picture);
    }
}

/* The face cut out with a tenth around it: too little to judge by. */
static void a_tight_crop_is_not_valid(void **state)
{
    (void)state;
    test_picture picture = test_picture_open("face-samples/detection1.jpg");
    vt_pixels whole;
    vt_picture *crop;
    bool valid = true;
    assert_int_equal(vt_picture_decode(&whole, picture.picture, 1, NULL), VT_OK);
    vt_pixels part = { whole.data + 50 * whole.stride_bytes + 411 * 3, { 277, 346 }, whole.stride_bytes };
    assert_int_equal(vt_picture_from_pixels(&crop, &part, NULL), VT_OK);
    score_of(&valid, crop);
    assert_false(valid);
    vt_picture_close(crop);
    test_picture_close(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_score_lower_than_real_faces),
        cmocka_unit_test(a_tight_crop_is_not_valid),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
