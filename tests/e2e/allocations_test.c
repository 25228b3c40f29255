/* Every public call that allocates, with each of its allocations failing in turn: it fails with VT_ENOMEM or another
 * status and a line of text, leaves nothing behind (the address sanitizer watches), and works at the next call. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vultus/archive.h>
#include <vultus/liveness.h>
#include <vultus/match.h>
#include <vultus/redact_video.h>

#include "support/clip.h"
#include "support/data.h"
#include "support/failing.h"
#include "support/faces.h"
#include "support/folder.h"
#include "support/test.h"

#include "image/sample.h"
#include "video/quiet.h"

static test_picture portrait;
static vt_face face; /* the portrait's, complete */
static vt_template made;
static char clip[64], hidden[64], manifest[64], review[64], records[64];
static const char *pack;
static vt_error err;

static bool good(vt_status status)
{
    if (status) assert_true(err.code == status && err.text[0]);
    return !status;
}

static bool open_engine(void *context)
{
    (void)context;
    vt_engine *engine;
    vt_session *session;
    if (!good(vt_engine_open(&engine, pack, NULL, &err))) return false;
    bool opened = good(vt_session_open(&session, engine, &err));
    if (opened) vt_session_close(session);
    vt_engine_close(engine);
    return opened;
}

/* A session's scratch memory grows at its first use: a fresh one each time. */
static bool with_session(bool (*work)(vt_session *session))
{
    vt_session *session;
    if (!good(vt_session_open(&session, shared.engine, &err))) return false;
    bool done = work(session);
    vt_session_close(session);
    return done;
}

static bool detect_in(vt_session *session)
{
    vt_picture *picture;
    vt_faces faces;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.want = VT_WANT_ALL;
    if (!good(vt_picture_open(&picture, portrait.bytes, portrait.size, NULL, &err))) return false;
    bool done = good(vt_session_detect(&faces, session, picture, &options, &err));
    if (done) {
        assert_int_equal(faces.count, 1);
        vt_faces_free(&faces);
    }
    vt_picture_close(picture);
    return done;
}

static bool detect(void *context)
{
    (void)context;
    return with_session(detect_in);
}

static bool complete_in(vt_session *session)
{
    vt_face bare = { .box = face.box, .score = face.score };
    float live;
    bool valid;
    vt_template out;
    memcpy(bare.points5, face.points5, sizeof bare.points5);
    return good(vt_session_complete(&bare, session, portrait.picture, VT_WANT_LANDMARKS | VT_WANT_POSE, &err)) &&
           good(vt_session_template(&out, session, portrait.picture, &bare, &err)) &&
           good(vt_session_eyes_open(&live, session, portrait.picture, &bare, &err)) &&
           good(vt_session_attack_score(&live, &valid, session, portrait.picture, &bare, &err));
}

static bool complete(void *context)
{
    (void)context;
    return with_session(complete_in);
}

static bool group(void *context)
{
    (void)context;
    static const float rows[4][4] = { { 1, 0, 0, 0 }, { .8f, .6f, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 1 } };
    uint32_t out[4], groups;
    if (!good(vt_group(out, &groups, rows[0], 4, 4, 4, .7f, &err))) return false;
    assert_int_equal(groups, 1);
    return true;
}

static bool redact(void *context)
{
    (void)context;
    vt_pixels pixels;
    if (!good(vt_pixels_create(&pixels, (vt_size){ 64, 64 }, &err))) return false;
    vt_box box = { 10, 10, 30, 30 };
    bool done = good(vt_redact_pixels(&pixels, &box, 1, NULL, &err));
    vt_pixels_free(&pixels);
    return done;
}

static bool encode(void *format)
{
    vt_pixels pixels;
    uint8_t *bytes;
    size_t size;
    if (!good(vt_pixels_create(&pixels, (vt_size){ 64, 64 }, &err))) return false;
    bool done = good(vt_pixels_encode(&bytes, &size, &pixels, *(vt_format *)format, NULL, &err));
    if (done) vt_bytes_free(bytes);
    vt_pixels_free(&pixels);
    return done;
}

static bool liveness(void *context)
{
    (void)context;
    static const uint8_t random[VT_LIVENESS_RANDOM_BYTES] = { 1, 2, 3 };
    char text[VT_LIVENESS_SCRIPT_TEXT_BYTES];
    vt_liveness_script script, again;
    vt_liveness *gathered;
    static vt_liveness_frame frame;
    vt_liveness_result result;
    if (!good(vt_liveness_script_draw(&script, VT_LIVENESS_PASSIVE_ACTIVE, true, random, &err))) return false;
    if (!good(vt_liveness_script_write(text, sizeof text, &script, &err))) return false;
    if (!good(vt_liveness_script_read(&again, text, &err)) || !good(vt_liveness_open(&gathered, &again, &err))) return false;
    bool done = good(vt_liveness_look(&frame, shared.session, portrait.picture, 0, VT_LIVENESS_WANT_TEMPLATE, &err));
    for (int i = 0; i < 40 && done; i++) {
        frame.time_ms = i * 100;
        done = good(vt_liveness_add(gathered, &frame, &err));
    }
    if (done) done = good(vt_liveness_decide(&result, gathered, &err));
    vt_liveness_close(gathered);
    return done;
}

static bool read_video(void *context)
{
    (void)context;
    vt_video *video;
    bool more = true, done = true;
    if (!good(vt_video_open(&video, clip, NULL, &err))) return false;
    for (int i = 0; i < 2 && done; i++) {
        vt_pixels pixels;
        done = good(vt_video_next(&more, video, &err)) && good(vt_video_pixels(&pixels, video, 100, &err));
        if (done) vt_pixels_free(&pixels);
    }
    vt_video_close(video);
    return done;
}

static bool track(void *context)
{
    (void)context;
    vt_tracker *tracker;
    vt_tracks tracks;
    if (!good(vt_tracker_open(&tracker, NULL, &err))) return false;
    bool done = true;
    for (int64_t frame = 0; frame < 40 && done; frame++) {
        vt_face seen[2] = { face, face };
        vt_faces faces = { seen, frame % 3 ? 2 : 1 };
        uint32_t track_of[2];
        seen[1].box.left += 300;
        done = good(vt_tracker_add(track_of, tracker, frame, (double)frame / 10, frame % 5 ? &faces : NULL, frame == 20, &err));
    }
    if (done) done = good(vt_tracker_finish(&tracks, tracker, &err));
    if (done) {
        assert_int_equal(tracks.count, 4); /* two a shot */
        vt_tracks_free(&tracks);
    }
    vt_tracker_close(tracker);
    return done;
}

/* Allocates nothing that can be made to fail. */
static void empty_records(void)
{
    DIR *open = opendir(records);
    if (!open) return;
    for (struct dirent *entry = readdir(open); entry; entry = readdir(open)) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", records, entry->d_name);
        unlink(path);
    }
    closedir(open);
    rmdir(records);
}

static bool index_and_search(vt_archive *archive)
{
    bool unchanged;
    size_t count;
    vt_archive_video video;
    vt_archive_hits hits;
    if (!good(vt_archive_index(&unchanged, archive, clip, shared.engine, shared.session, NULL, &err))) return false;
    if (!good(vt_archive_count(&count, archive, &err)) || !good(vt_archive_video_read(&video, archive, 0, &err))) return false;
    assert_int_equal(count, 1);
    assert_int_equal(video.count, 1);
    vt_archive_video_free(&video);
    if (!good(vt_archive_search(&hits, archive, shared.engine, &made, 1, .3f, &err))) return false;
    assert_int_equal(hits.count, 1);
    vt_archive_hits_free(&hits);
    return true;
}

static bool archive(void *context)
{
    (void)context;
    static const uint8_t key[VT_ARCHIVE_KEY_BYTES] = { 7 };
    vt_archive *opened;
    bool done = good(vt_archive_open(&opened, records, key, &err));
    if (done) {
        done = index_and_search(opened);
        vt_archive_close(opened);
    }
    empty_records();
    return done;
}

static bool redact_video(void *context)
{
    (void)context;
    vt_redact_video_report report;
    vt_redact_video_options options = VT_REDACT_VIDEO_OPTIONS_INIT;
    options.no_hardware = true;
    options.manifest_path = manifest;
    options.review_path = review;
    bool done = good(vt_redact_video(&report, hidden, clip, shared.engine, shared.session, &options, &err));
    if (done) assert_int_equal(report.hidden_tracks, 1);
    else assert_int_equal(access(hidden, F_OK), -1); /* nothing is left behind */
    unlink(hidden);
    return done;
}

static bool redact_again(void *context)
{
    (void)context;
    vt_redact_video_options options = VT_REDACT_VIDEO_OPTIONS_INIT;
    options.no_hardware = true;
    bool done = good(vt_redact_video_apply(NULL, hidden, clip, manifest, &options, &err));
    if (!done) assert_int_equal(access(hidden, F_OK), -1);
    unlink(hidden);
    return done;
}

static vt_format formats[] = { VT_FORMAT_JPEG, VT_FORMAT_PNG, VT_FORMAT_WEBP, VT_FORMAT_BMP };

static void calls_fail_cleanly(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool (*work)(void *context);
        void *context;
        int least;     /* allocations that fail, at least */
        bool tolerant; /* a step that can do without is left out: the answer, checked there, is the same */
    } rows[] = {
        { "engine", open_engine, NULL, 10, false }, { "detect", detect, NULL, 8, false },
        { "complete", complete, NULL, 3, false },   { "group", group, NULL, 1, false },
        { "redact", redact, NULL, 1, false },       { "jpeg", encode, &formats[0], 2, false },
        { "png", encode, &formats[1], 2, false },   { "webp", encode, &formats[2], 2, false },
        { "bmp", encode, &formats[3], 2, false },   { "liveness", liveness, NULL, 2, false },
        { "video", read_video, NULL, 3, false },    { "track", track, NULL, 5, false },
        { "archive", archive, NULL, 10, true },     { "redact video", redact_video, NULL, 10, false },
        { "redact again", redact_again, NULL, 5, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        enum { ceiling = 2000 };
        if (!rows[i].work(rows[i].context)) fail_msg("%s fails by itself: %s", rows[i].name, err.text);
        int failures = failing_each(rows[i].work, rows[i].context, ceiling, rows[i].tolerant);
        print_message("%s: %d allocations failed in turn\n", rows[i].name, failures);
        if (failures < rows[i].least || failures == ceiling) fail_msg("%s: %d allocations", rows[i].name, failures);
        if (!rows[i].work(rows[i].context)) fail_msg("%s fails afterwards: %s", rows[i].name, err.text);
    }
}

static void write_clip(void)
{
    vt_pixels whole, small;
    assert_int_equal(vt_picture_decode(&whole, portrait.picture, 1, NULL), VT_OK);
    assert_int_equal(vt__resize(&small, &whole, (vt_size){ 120, 150 }, NULL), VT_OK);
    clip_write(clip, &small, 4);
    vt_pixels_free(&small);
}

static int set_up(void **state)
{
    (void)state;
    vt_faces faces;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.want = VT_WANT_ALL;
    vt__video_quiet();
    shared = test_engine_open();
    pack = test_pack_folder();
    portrait = test_picture_open("face-samples/Family1-Dad1.jpg");
    const char *folder = test_folder();
    snprintf(clip, sizeof clip, "%s/clip.gif", folder);
    snprintf(hidden, sizeof hidden, "%s/hidden.mkv", folder);
    snprintf(manifest, sizeof manifest, "%s/manifest.json", folder);
    snprintf(review, sizeof review, "%s/review.html", folder);
    snprintf(records, sizeof records, "%s/records", folder);
    if (vt_session_detect(&faces, shared.session, portrait.picture, &options, &err) || faces.count != 1) return -1;
    face = faces.items[0];
    vt_faces_free(&faces);
    if (vt_session_template(&made, shared.session, portrait.picture, &face, &err)) return -1;
    write_clip();
    return 0;
}

static int tear_down(void **state)
{
    test_picture_close(&portrait);
    test_engine_close(&shared);
    return test_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(calls_fail_cleanly) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
