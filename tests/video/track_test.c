/* Tracks over synthetic detections: what is joined, filled, extended, cut. */
#include "support/test.h"

#include <vultus/video.h>

typedef struct seen { int64_t frame; float left, score; } seen;

static vt_face face_at(float left, float score)
{
    vt_face face = { .box = { left, 100, 40, 40 }, .score = score };
    face.points5[0] = (vt_point){ left + 10, 115 };
    face.points5[1] = (vt_point){ left + 30, 115 };
    face.points5[2] = (vt_point){ left + 20, 125 };
    return face;
}

/* Feeds `frames` frames at 25 fps; a frame may have several rows in `rows`. */
static vt_tracks track(const seen *rows, size_t count, int64_t frames, int64_t cut_at, const vt_tracker_options *options)
{
    vt_tracker *tracker;
    vt_tracks tracks;
    vt_error err;
    assert_int_equal(vt_tracker_open(&tracker, options, &err), VT_OK);
    for (int64_t f = 0; f < frames; f++) {
        vt_face items[4];
        vt_faces faces = { items, 0 };
        for (size_t i = 0; i < count; i++)
            if (rows[i].frame == f) items[faces.count++] = face_at(rows[i].left, rows[i].score);
        assert_int_equal(vt_tracker_add(NULL, tracker, f, (double)f / 25, &faces, f == cut_at, &err), VT_OK);
    }
    assert_int_equal(vt_tracker_finish(&tracks, tracker, &err), VT_OK);
    vt_tracker_close(tracker);
    return tracks;
}

static void test_gap_is_filled_in_between(void **state)
{
    (void)state;
    const seen rows[] = { { 2, 100, 0.9f }, { 3, 102, 0.9f }, { 9, 114, 0.9f } };
    vt_tracks tracks = track(rows, ROWS(rows), 12, -1, NULL);
    assert_int_equal(tracks.count, 1);
    assert_int_equal(tracks.items[0].id, 1);
    assert_int_equal(tracks.items[0].count, 8);
    const vt_sighting *middle = &tracks.items[0].sightings[4]; /* frame 6 */
    assert_int_equal(middle->frame, 6);
    assert_float_equal(middle->score, 0, 0);
    assert_float_equal(middle->box.left + middle->box.width / 2, 128, 0.5);
    vt_tracks_free(&tracks);
}

static void test_unsure_beginning_belongs_to_the_track(void **state)
{
    (void)state;
    const seen rows[] = { { 0, 100, 0.35f }, { 1, 100, 0.4f }, { 2, 100, 0.8f }, { 3, 100, 0.35f }, { 3, 300, 0.5f }, { 4, 300, 0.5f } };
    vt_tracks tracks = track(rows, ROWS(rows), 6, -1, NULL);
    assert_int_equal(tracks.count, 1); /* the one at 300 was never sure */
    assert_int_equal(tracks.items[0].sightings[0].frame, 0);
    assert_int_equal(tracks.items[0].count, 4);
    vt_tracks_free(&tracks);
}

static void test_cut_ends_tracks_and_bounds_extension(void **state)
{
    (void)state;
    vt_tracker_options options = VT_TRACKER_OPTIONS_INIT;
    options.extend_s = 0.2; /* five frames */
    const seen rows[] = { { 4, 100, 0.9f }, { 8, 100, 0.9f }, { 10, 100, 0.9f }, { 20, 100, 0.9f } };
    vt_tracks tracks = track(rows, ROWS(rows), 30, 10, &options);
    assert_int_equal(tracks.count, 2);
    assert_int_equal(tracks.items[0].sightings[0].frame, 0);
    assert_int_equal(tracks.items[0].sightings[tracks.items[0].count - 1].frame, 9);
    assert_int_equal(tracks.items[1].sightings[0].frame, 10);
    assert_int_equal(tracks.items[1].sightings[tracks.items[1].count - 1].frame, 25);
    vt_tracks_free(&tracks);
}

static void test_two_faces_passing_keep_their_tracks(void **state)
{
    (void)state;
    seen rows[40];
    for (int i = 0; i < 20; i++) {
        rows[2 * i] = (seen){ i, 100 + 4 * (float)i, 0.9f };
        rows[2 * i + 1] = (seen){ i, 300 - 4 * (float)i, 0.9f };
    }
    vt_tracks tracks = track(rows, ROWS(rows), 20, -1, NULL);
    assert_int_equal(tracks.count, 2);
    assert_int_equal(tracks.items[0].count, 20);
    assert_float_equal(tracks.items[0].sightings[19].box.left, 176, 1.5);
    vt_tracks_free(&tracks);
}

static void test_long_absence_begins_a_new_track(void **state)
{
    (void)state;
    const seen rows[] = { { 0, 100, 0.9f }, { 40, 100, 0.9f } };
    vt_tracks tracks = track(rows, ROWS(rows), 41, -1, NULL);
    assert_int_equal(tracks.count, 2);
    vt_tracks_free(&tracks);
}

static void test_frames_must_come_in_order(void **state)
{
    (void)state;
    vt_tracker *tracker;
    vt_error err;
    assert_int_equal(vt_tracker_open(&tracker, NULL, &err), VT_OK);
    assert_int_equal(vt_tracker_add(NULL, tracker, 0, 0, NULL, false, &err), VT_OK);
    assert_int_equal(vt_tracker_add(NULL, tracker, 2, 0.1, NULL, false, &err), VT_EINVAL);
    vt_tracker_close(tracker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap_is_filled_in_between),
        cmocka_unit_test(test_unsure_beginning_belongs_to_the_track),
        cmocka_unit_test(test_cut_ends_tracks_and_bounds_extension),
        cmocka_unit_test(test_two_faces_passing_keep_their_tracks),
        cmocka_unit_test(test_long_absence_begins_a_new_track),
        cmocka_unit_test(test_frames_must_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
