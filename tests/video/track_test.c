/* Tracks over synthetic detections: what is joined, filled, extended, cut. */
#include "support/test.h"

#include <stdlib.h>

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

/* ---- sightings handed over as they settle are those that are kept else ---- */

typedef struct taken {
    vt_sighting *list[20];
    size_t count[20], calls;
} taken;

static vt_status take(void *payload, uint32_t track, const vt_sighting *sightings, size_t count, vt_error *err)
{
    (void)err;
    taken *t = payload;
    assert_in_range(track, 1, 19);
    t->list[track] = realloc(t->list[track], (t->count[track] + count) * sizeof *sightings);
    memcpy(t->list[track] + t->count[track], sightings, count * sizeof *sightings);
    t->count[track] += count;
    t->calls++;
    return VT_OK;
}

static void test_handed_over_is_what_would_be_kept(void **state)
{
    (void)state;
    enum { frames = 2000 };
    vt_tracker *trackers[2];
    vt_tracks tracks[2];
    vt_error err;
    taken got = { 0 };
    vt_tracker_options options = VT_TRACKER_OPTIONS_INIT;
    options.extend_s = 0.4;
    options.gap_s = 1.5;
    assert_int_equal(vt_tracker_open(&trackers[0], &options, &err), VT_OK);
    options.on_sightings = take;
    options.payload = &got;
    assert_int_equal(vt_tracker_open(&trackers[1], &options, &err), VT_OK);
    for (int64_t f = 0; f < frames; f++) {
        vt_face items[2];
        vt_faces faces = { items, 0 };
        if (f % 7 && f < 1900) items[faces.count++] = face_at(100 + (float)(f % 13), 0.9f);
        if (f > 300 && f % 200 < 60) items[faces.count++] = face_at(400 + (float)(f % 5), f % 200 == 30 ? 0.8f : 0.4f);
        for (int i = 0; i < 2; i++) assert_int_equal(vt_tracker_add(NULL, trackers[i], f, (double)f / 25, &faces, f == 1000, &err), VT_OK);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(vt_tracker_finish(&tracks[i], trackers[i], &err), VT_OK);
    assert_int_equal(tracks[0].count, tracks[1].count);
    assert_true(got.calls > 8); /* long tracks come in parts */
    for (size_t i = 0; i < tracks[0].count; i++) {
        const vt_track *kept = &tracks[0].items[i], *handed = &tracks[1].items[i];
        assert_null(handed->sightings);
        assert_int_equal(kept->count, handed->count);
        assert_int_equal(kept->best, handed->best);
        assert_int_equal(kept->first_frame, kept->sightings[0].frame);
        assert_float_equal(kept->last_s, kept->sightings[kept->count - 1].time_s, 0);
        for (uint32_t number = 1; number < 20; number++) {
            if (vt_tracker_number(trackers[1], number) != kept->id) continue;
            assert_int_equal(got.count[number], kept->count);
            for (size_t s = 0; s < kept->count; s++) {
                assert_int_equal(got.list[number][s].frame, kept->sightings[s].frame);
                assert_float_equal(got.list[number][s].box.left, kept->sightings[s].box.left, 0);
                assert_float_equal(got.list[number][s].box.width, kept->sightings[s].box.width, 0);
            }
        }
    }
    for (int i = 0; i < 2; i++) {
        vt_tracks_free(&tracks[i]);
        vt_tracker_close(trackers[i]);
    }
    for (int i = 0; i < 20; i++) free(got.list[i]);
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
        cmocka_unit_test(test_handed_over_is_what_would_be_kept),
        cmocka_unit_test(test_frames_must_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
