/* A real clip redacted by a pack that cannot make templates: redaction alone never needs one. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vultus/redact_video.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "support/data.h"
#include "support/packs.h"
#include "video/quiet.h"

static char folder[] = "/tmp/vultus-redact-XXXXXX", pack[64], clip[4096], out[64], manifest[64];

static void drop_recognizer(vt__json *root)
{
    test_pack_drop(root, "recognizer");
}

static int set_up(void **state)
{
    (void)state;
    vt__video_quiet();
    if (!mkdtemp(folder)) return -1;
    snprintf(pack, sizeof pack, "%s/pack", folder);
    snprintf(out, sizeof out, "%s/out.mkv", folder);
    snprintf(manifest, sizeof manifest, "%s/out.json", folder);
    snprintf(clip, sizeof clip, "%s/videos-dev/liveportrait_d18.mp4", test_data_folder());
    test_pack_changed(pack, drop_recognizer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_pack_remove(pack);
    test_pack_remove(folder);
    return 0;
}

static size_t faces_in(const char *path, vt_session *session)
{
    vt_video *video;
    vt_error err;
    bool more = true;
    size_t count = 0;
    assert_int_equal(vt_video_open(&video, path, NULL, &err), VT_OK);
    while (!vt_video_next(&more, video, &err) && more) {
        if (vt_video_frame(video) % 8) continue;
        vt_pixels pixels;
        vt_picture *picture;
        vt_faces faces;
        assert_int_equal(vt_video_pixels(&pixels, video, 320, &err), VT_OK);
        assert_int_equal(vt_picture_from_pixels(&picture, &pixels, &err), VT_OK);
        assert_int_equal(vt_session_detect(&faces, session, picture, NULL, &err), VT_OK);
        count += faces.count;
        vt_faces_free(&faces);
        vt_picture_close(picture);
        vt_pixels_free(&pixels);
    }
    vt_video_close(video);
    return count;
}

static void test_faces_vanish_without_a_recognizer(void **state)
{
    (void)state;
    vt_engine *engine;
    vt_session *session;
    vt_redact_video_report report, again;
    vt_error err;
    vt_redact_video_options options = VT_REDACT_VIDEO_OPTIONS_INIT;
    options.lossless = true;
    options.no_hardware = true;
    options.manifest_path = manifest;
    assert_int_equal(vt_engine_open(&engine, pack, NULL, &err), VT_OK);
    assert_int_equal(vt_engine_dimension(engine), 0);
    assert_int_equal(vt_session_open(&session, engine, &err), VT_OK);
    assert_true(faces_in(clip, session) > 0);
    assert_int_equal(vt_redact_video(&report, out, clip, engine, session, &options, &err), VT_OK);
    assert_true(report.hidden_tracks >= 1);
    assert_int_equal(report.hidden_tracks, report.tracks);
    assert_int_equal(faces_in(out, session), 0);
    options.manifest_path = NULL;
    assert_int_equal(vt_redact_video_apply(&again, out, clip, manifest, &options, &err), VT_OK);
    assert_int_equal(again.frames, report.frames);
    assert_int_equal(again.hidden_tracks, report.hidden_tracks);
    assert_int_equal(faces_in(out, session), 0);
    assert_int_equal(vt_redact_video_apply(&again, out, out, manifest, &options, &err), VT_EINTEGRITY);
    vt_session_close(session);
    vt_engine_close(engine);
}

typedef struct notes {
    uint8_t *bytes;
    size_t size;
    int passes[3];
} notes;

static bool write_notes(void *payload, const void *bytes, size_t size, uint64_t offset)
{
    notes *n = payload;
    n->bytes = realloc(n->bytes, offset + size);
    memcpy(n->bytes + offset, bytes, size);
    n->size = offset + size;
    return true;
}

static bool read_notes(void *payload, void *bytes, size_t *size, uint64_t offset)
{
    const notes *n = payload;
    size_t left = offset < n->size ? n->size - offset : 0;
    if (*size > left) *size = left;
    if (*size) memcpy(bytes, n->bytes + offset, *size);
    return true;
}

static void count_pass(void *payload, int pass, double share)
{
    (void)share;
    ((notes *)payload)->passes[pass]++;
}

/* What the first pass found is gone on with; what was changed or is of another video is not believed. */
static void test_a_run_goes_on_from_its_plan(void **state)
{
    (void)state;
    static const struct {
        const char *damage, *with; /* the first of these in the plan becomes that */
        bool second_only;
    } rows[] = { { NULL, NULL, true }, { "\"sha256\":\"", "\"sha257\":\"", false }, { "\"pack\":\"", "\"pock\":\"", false }, { "]}", "]]", false } };
    vt_engine *engine;
    vt_session *session;
    vt_redact_video_report first, again;
    notes kept = { NULL, 0, { 0 } };
    vt_error err;
    assert_int_equal(vt_engine_open(&engine, pack, NULL, &err), VT_OK);
    assert_int_equal(vt_session_open(&session, engine, &err), VT_OK);
    vt_redact_video_options options = VT_REDACT_VIDEO_OPTIONS_INIT;
    const vt_video_bytes to = { &kept, 0, NULL, write_notes };
    options.plan_out = &to;
    assert_int_equal(vt_redact_video(&first, out, clip, engine, session, &options, &err), VT_OK);
    assert_true(kept.size > 100 && first.tracks > 0);
    options.plan_out = NULL;
    options.on_progress = count_pass;
    for (size_t i = 0; i < ROWS(rows); i++) {
        notes changed = { malloc(kept.size), kept.size, { 0 } };
        memcpy(changed.bytes, kept.bytes, kept.size);
        uint8_t *at = rows[i].damage ? memmem(changed.bytes, changed.size, rows[i].damage, strlen(rows[i].damage)) : NULL;
        if (at) memcpy(at, rows[i].with, strlen(rows[i].with));
        assert_true(!rows[i].damage || at);
        const vt_video_bytes from = { &changed, changed.size, read_notes, NULL };
        options.plan_in = &from;
        options.payload = &changed;
        assert_int_equal(vt_redact_video(&again, out, clip, engine, session, &options, &err), VT_OK);
        assert_int_equal(again.tracks, first.tracks);
        if ((changed.passes[1] == 0) != rows[i].second_only || !changed.passes[2]) fail_msg("row %zu: %d, %d", i, changed.passes[1], changed.passes[2]);
        free(changed.bytes);
    }
    free(kept.bytes);
    vt_session_close(session);
    vt_engine_close(engine);
}

int main(void)
{
    if (!test_data_folder()) test_skip("no folder of real videos (VULTUS_TEST_DATA)");
    if (!test_pack_folder()) test_skip("no pack (VULTUS_PACK)");
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_run_goes_on_from_its_plan), cmocka_unit_test(test_faces_vanish_without_a_recognizer) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
