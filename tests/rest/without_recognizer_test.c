/* What needs no registered use needs no recognizer either: a pack without its file and its row detects, describes and hides
 * faces, with no use registered; recognition is refused, and cannot be done even under a registered use. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "support/client.h"
#include "support/clip.h"
#include "support/data.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/world.h"

static serving server;
static char picture[512];

/* The tests' pack, linked file by file, without the recognizer. */
static void make_pack(void)
{
    char from[512], command[2048];
    uint8_t *text;
    size_t size;
    vt__json *manifest, *models = vt__json_array();
    const char *pack = test_pack_folder(), *pictures = test_data_folder();
    if (!pack || !pictures) test_skip("needs a model pack and the test data");
    snprintf(picture, sizeof picture, "%s/face-samples/Family1-Dad1.jpg", pictures);
    snprintf(command, sizeof command, "cp -s \"$(realpath '%s')\"/* '%s' && rm '%s/manifest.json' '%s'/recognizer*", pack, test_folder(), test_folder(), test_folder());
    assert_int_equal(system(command), 0);
    snprintf(from, sizeof from, "%s/manifest.json", pack);
    assert_int_equal(vt__file_read(&text, &size, from, 1 << 20, NULL), VT_OK);
    assert_int_equal(vt__json_parse(&manifest, text, size, 0, NULL), VT_OK);
    const vt__json *all = vt__json_get(manifest, "models");
    vt__json *fewer = vt__json_object();
    for (size_t i = 0; i < vt__json_count(all); i++)
        if (strcmp(vt__json_string_or(vt__json_at(all, i), "task", ""), "recognizer")) vt__json_append(models, vt__json_copy(vt__json_at(all, i)));
    assert_true(vt__json_count(models) < vt__json_count(all));
    for (size_t i = 0; i < vt__json_count(manifest); i++) {
        const char *key = vt__json_key_at(manifest, i);
        if (!strcmp(key, "models")) vt__json_set(fewer, key, models);
        else if (strcmp(key, "axes")) vt__json_set(fewer, key, vt__json_copy(vt__json_value_at(manifest, i)));
    }
    char *out = vt__json_text(fewer, true);
    assert_int_equal(vt__file_write(test_folder_file("manifest.json"), out, strlen(out), 0600, NULL), VT_OK);
    vt__free(out);
    vt__free(text);
    vt__json_free(manifest);
    vt__json_free(fewer);
    setenv("VULTUS_PACK", test_folder(), 1);
}

static int begin(void **state)
{
    (void)state;
    make_pack();
    serving_open_unregistered(&server);
    return 0;
}

static int end(void **state)
{
    serving_close(&server);
    return test_folder_remove(state);
}

static void expect(const char *query, int status, const char *const *said)
{
    uint8_t *bytes;
    size_t size;
    char target[300];
    client_answer a;
    assert_int_equal(vt__file_read(&bytes, &size, picture, 1 << 24, NULL), VT_OK);
    snprintf(target, sizeof target, "/face/v1.2/detect?%s", query);
    client_request(&a, server.port, "POST", target, "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/octet-stream\r\n", bytes, size);
    if (a.status != status) fail_msg("%s: %d %s", query, a.status, a.body);
    for (; *said; said++)
        if (!strstr(a.body, *said)) fail_msg("%s: %s is not in %s", query, *said, a.body);
    client_answer_free(&a);
    vt__free(bytes);
}

static void test_detection_and_attributes(void **state)
{
    (void)state;
    static const char *const found[] = { "\"faceRectangle\"", NULL }, *const points[] = { "\"faceLandmarks\"", "\"pupilLeft\"", NULL };
    static const char *const attributes[] = { "\"headPose\"", "\"blur\"", "\"exposure\"", "\"noise\"", "\"occlusion\"", "\"glasses\"", "\"accessories\"", NULL };
    static const char *const modern[] = { "\"mask\"", "\"headPose\"", "\"qualityForRecognition\"", NULL }, *const off[] = { "UnsupportedFeature", NULL };
    expect("returnFaceId=false", 200, found);
    expect("returnFaceId=false&returnFaceLandmarks=true", 200, points);
    expect("returnFaceId=false&returnFaceAttributes=headPose,blur,exposure,noise,occlusion,glasses,accessories", 200, attributes);
    expect("returnFaceId=false&detectionModel=detection_03&recognitionModel=recognition_04&returnFaceAttributes=mask,headPose,qualityForRecognition", 200, modern);
    expect("returnFaceId=true", 403, off);
    const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
    static const char *const unable[] = { "\"error\"", NULL };
    world_register(NULL, &server, &me, "identity-verification", "1");
    expect("returnFaceId=true", 503, unable);
}

/* Hiding all faces needs nothing; keeping or hiding chosen people compares them, and is refused. */
static void test_redaction_over_the_wire(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int status;
        const char *type;
    } rows[] = { { "", 200, "image/" }, { "?method=block&shape=oval&format=png", 200, "image/png" },
                 { "?keep=00000000-0000-4000-8000-000000000000&people=pg/staff", 403, "application/json" }, { "?only=00000000-0000-4000-8000-000000000000&people=pg/staff", 403, "application/json" } };
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__file_read(&bytes, &size, picture, 1 << 24, NULL), VT_OK);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char target[200];
        client_answer a;
        snprintf(target, sizeof target, "/vultus/v1/redactions%s", rows[i].query);
        client_request(&a, server.port, "POST", target, "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/octet-stream\r\n", bytes, size);
        char type[64];
        client_header(type, sizeof type, &a, "Content-Type");
        if (a.status != rows[i].status || strncmp(type, rows[i].type, strlen(rows[i].type))) fail_msg("%s: %d %s", rows[i].query, a.status, a.headers);
        client_answer_free(&a);
    }
    vt__free(bytes);
}

static void test_redaction_of_a_video(void **state)
{
    (void)state;
#ifdef VULTUS_HAVE_VIDEO
    vt_picture *seen;
    vt_pixels pixels;
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__file_read(&bytes, &size, picture, 1 << 24, NULL), VT_OK);
    assert_int_equal(vt_picture_open(&seen, bytes, size, NULL, NULL), VT_OK);
    assert_int_equal(vt_picture_decode(&pixels, seen, 0.5f, NULL), VT_OK);
    clip_write(test_folder_file("clip.gif"), &pixels, 5);
    vt_picture_close(seen);
    vt__free(bytes);
    program_result r = program_run("redact '%s' '%s'", test_folder_file("clip.gif"), test_folder_file("out.mp4"));
    if (r.code || !strstr(r.output, "1 of 1 tracks hidden in 5 frames")) fail_msg("%d %s", r.code, r.output);
    free(r.output);
#endif
}

static void test_redaction(void **state)
{
    (void)state;
    program_result r = program_run("redact '%s' '%s'", picture, test_folder_file("out.jpg"));
    if (r.code || !strstr(r.output, "1 face hidden")) fail_msg("%d %s", r.code, r.output);
    free(r.output);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_detection_and_attributes), cmocka_unit_test(test_redaction),
                                        cmocka_unit_test(test_redaction_over_the_wire), cmocka_unit_test(test_redaction_of_a_video) };
    return cmocka_run_group_tests(tests, begin, end);
}
