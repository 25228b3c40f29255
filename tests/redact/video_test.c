/* A real clip redacted by a pack that cannot make templates: redaction alone never needs one. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vultus/redact_video.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "support/data.h"
#include "video/quiet.h"

static char folder[] = "/tmp/vultus-redact-XXXXXX", pack[64], clip[4096], out[64], manifest[64];

/* The pack without its recognizer: a manifest without that entry, and links to the other files. */
static void make_pack(const char *from)
{
    char path[4096], link[4096];
    uint8_t *text;
    size_t size;
    vt_error err;
    vt__json *root, *kept = vt__json_array();
    snprintf(path, sizeof path, "%s/manifest.json", from);
    assert_int_equal(vt__file_read(&text, &size, path, 1 << 20, &err), VT_OK);
    assert_int_equal(vt__json_parse(&root, text, size, 0, &err), VT_OK);
    const vt__json *models = vt__json_get(root, "models");
    for (size_t i = 0; i < vt__json_count(models); i++)
        if (strcmp(vt__json_string_or(vt__json_at(models, i), "task", ""), "recognizer")) vt__json_append(kept, vt__json_copy(vt__json_at(models, i)));
    assert_int_equal(vt__json_count(kept), vt__json_count(models) - 1);
    vt__json_set(root, "models", kept);
    char *changed = vt__json_text(root, true);
    snprintf(path, sizeof path, "%s/manifest.json", pack);
    assert_int_equal(vt__file_write(path, changed, strlen(changed), 0600, &err), VT_OK);
    vt__names names;
    assert_int_equal(vt__folder_list(&names, from, &err), VT_OK);
    for (size_t i = 0; i < names.count; i++) {
        snprintf(path, sizeof path, "%s/%s", from, names.items[i]);
        snprintf(link, sizeof link, "%s/%s", pack, names.items[i]);
        if (strcmp(names.items[i], "manifest.json") && strcmp(names.items[i], "recognizer.onnx")) assert_int_equal(symlink(path, link), 0);
    }
    vt__names_free(&names);
    vt__free(changed);
    vt__json_free(root);
    vt__free(text);
}

static int set_up(void **state)
{
    (void)state;
    vt_error err;
    vt__video_quiet();
    if (!mkdtemp(folder)) return -1;
    snprintf(pack, sizeof pack, "%s/pack", folder);
    snprintf(out, sizeof out, "%s/out.mkv", folder);
    snprintf(manifest, sizeof manifest, "%s/out.json", folder);
    snprintf(clip, sizeof clip, "%s/videos-dev/liveportrait_d18.mp4", test_data_folder());
    if (vt__folder_make(pack, 0700, &err)) return -1;
    make_pack(test_pack_folder());
    return 0;
}

static void empty(const char *path)
{
    vt__names names;
    vt_error err;
    if (vt__folder_list(&names, path, &err)) return;
    for (size_t i = 0; i < names.count; i++) {
        char *inner = vt__path_join(path, names.items[i]);
        unlink(inner);
        vt__free(inner);
    }
    vt__names_free(&names);
    rmdir(path);
}

static int tear_down(void **state)
{
    (void)state;
    empty(pack);
    empty(folder);
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

int main(void)
{
    if (!test_data_folder()) test_skip("no folder of real videos (VULTUS_TEST_DATA)");
    if (!test_pack_folder()) test_skip("no pack (VULTUS_PACK)");
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_faces_vanish_without_a_recognizer) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
