/* 68 landmarks against hand-set ones of Helen photos, and the five points that alignment goes by. */
#include "face/extras.h"

#include <math.h>
#include <stdio.h>

#include "support/data.h"
#include "support/faces.h"
#include "support/test.h"

static void align_points_are_means(void **state)
{
    (void)state;
    vt_point points[68], five[5];
    for (int p = 0; p < 68; p++) points[p] = (vt_point){ (float)p, (float)(2 * p) };
    vt__align_points(five, points);
    static const float want[5] = { 39, 45, 30, 54, 59 };
    for (int i = 0; i < 5; i++) {
        assert_float_equal(five[i].x, want[i], 1e-4);
        assert_float_equal(five[i].y, 2 * want[i], 1e-4);
    }
}

static void read_points(vt_point out[68], const char *name)
{
    char path[4200], line[128];
    snprintf(path, sizeof path, "%s/landmarks68-dev/%s.pts", test_data_folder(), name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    int count = 0;
    while (count < 68 && fgets(line, sizeof line, file)) count += sscanf(line, "%f %f", &out[count].x, &out[count].y) == 2;
    fclose(file);
    assert_int_equal(count, 68);
}

/* Mean distance over the distance of the outer eye corners. */
static double error_of(const vt_point found[68], const vt_point true_points[68])
{
    double sum = 0;
    for (int p = 0; p < 68; p++) sum += hypot(found[p].x - true_points[p].x, found[p].y - true_points[p].y);
    return sum / 68 / hypot(true_points[36].x - true_points[45].x, true_points[36].y - true_points[45].y);
}

static void landmarks_stand_where_people_put_them(void **state)
{
    (void)state;
    static const char *const names[] = { "1002681492_1", "100591971_1", "1019068877_1", "10405146_1", "104074861_1" };
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.want = VT_WANT_LANDMARKS;
    double sum = 0;
    for (size_t i = 0; i < ROWS(names); i++) {
        char name[64];
        vt_point true_points[68];
        vt_faces faces;
        snprintf(name, sizeof name, "landmarks68-dev/%s.jpg", names[i]);
        test_picture picture = test_picture_open(name);
        read_points(true_points, names[i]);
        assert_int_equal(vt_session_detect(&faces, shared.session, picture.picture, &options, NULL), VT_OK);
        double best = 1;
        for (size_t f = 0; f < faces.count; f++) {
            assert_int_equal(faces.items[f].have, VT_WANT_LANDMARKS);
            best = fmin(best, error_of(faces.items[f].points68, true_points));
        }
        if (best > 0.08) fail_msg("%s: %.3f", names[i], best);
        sum += best;
        vt_faces_free(&faces);
        test_picture_close(&picture);
    }
    print_message("mean error of 5 pictures: %.4f of the eyes' distance\n", sum / 5);
    assert_true(sum / 5 < 0.06);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(align_points_are_means),
        cmocka_unit_test(landmarks_stand_where_people_put_them),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
