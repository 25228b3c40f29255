/* What a pack must have, sessions that share an engine, and calls with faces that are none. */
#include "face/engine.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>

#include "support/data.h"
#include "support/faces.h"
#include "support/folder.h"
#include "support/packs.h"
#include "support/test.h"

#include "base/crypto.h"

static void leave(vt__json *manifest)
{
    (void)manifest;
}

static void no_detector(vt__json *manifest)
{
    test_pack_drop(manifest, "detector");
}

static void no_landmarks(vt__json *manifest)
{
    test_pack_drop(manifest, "landmarks");
}

static vt__json *first_model(vt__json *manifest)
{
    return (vt__json *)vt__json_at(vt__json_get(manifest, "models"), 0);
}

static void unknown_family(vt__json *manifest)
{
    vt__json_set_string(first_model(manifest), "family", "haar");
}

static void research_only(vt__json *manifest)
{
    vt__json_set_bool(first_model(manifest), "commercial", false);
    vt__json_set_string(first_model(manifest), "licence", "research only");
}

static void one_point_too_few(vt__json *manifest)
{
    vt__json *calibration = vt__json_object(), *points = vt__json_array();
    vt__json_append(points, vt__json_real(.5));
    vt__json_set(calibration, "cosine", points);
    vt__json_set(calibration, "confidence", vt__json_array());
    vt__json_set(manifest, "calibration", calibration);
}

static void no_dimension(vt__json *manifest)
{
    const vt__json *models = vt__json_get(manifest, "models");
    for (size_t i = 0; i < vt__json_count(models); i++)
        if (!strcmp(vt__json_string_or(vt__json_at(models, i), "task", ""), "recognizer"))
            vt__json_set_integer((vt__json *)vt__json_at(models, i), "dimension", 4096);
}

static void packs_that_cannot_serve_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(vt__json *manifest);
        bool commercial;
        vt_status status;
        const char *says;
    } rows[] = {
        { leave, true, VT_OK, NULL },
        { no_detector, false, VT_EMODEL, "has no detector" },
        { unknown_family, false, VT_EUNSUPPORTED, "family \"haar\" (known: yunet, rfb, scrfd)" },
        { research_only, false, VT_OK, NULL },
        { research_only, true, VT_EDENIED, "is under \"research only\", which forbids commercial use" },
        { one_point_too_few, false, VT_EFORMAT, "calibration has 1 points" },
        { no_dimension, false, VT_EFORMAT, "\"dimension\" is missing or over 1024" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt_engine_options options = VT_ENGINE_OPTIONS_INIT;
        vt_engine *engine = NULL;
        vt_error err = { 0 };
        options.commercial = rows[i].commercial;
        const char *folder = test_folder_file("pack");
        test_pack_changed(folder, rows[i].change);
        vt_status status = vt_engine_open(&engine, folder, &options, &err);
        test_pack_remove(folder);
        if (status != rows[i].status) fail_msg("row %zu: status %d: %s", i, (int)status, err.text);
        if (rows[i].says && !strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
        assert_true((engine != NULL) == !status);
        vt_engine_close(engine);
    }
    vt_engine *engine = NULL;
    vt_error err;
    assert_int_equal(vt_engine_open(&engine, test_folder(), NULL, &err), VT_ENOTFOUND);
    assert_non_null(strstr(err.text, "no model pack in "));
}

static void the_digest_is_the_manifests(void **state)
{
    (void)state;
    test_engine own = test_engine_open();
    char path[4200], hex[65];
    uint8_t digest[VT__SHA256_BYTES];
    snprintf(path, sizeof path, "%s/manifest.json", test_pack_folder());
    assert_int_equal(vt__sha256_file(digest, path, NULL), VT_OK);
    vt__hex_encode(hex, digest, sizeof digest);
    assert_string_equal(vt_engine_digest(own.engine), hex);
    assert_int_equal(vt_engine_dimension(own.engine), 512);
    test_engine_close(&own);
}

/* Asked for what the pack has no network for: said so, and the rest works. */
static void a_pack_without_landmarks_still_detects(void **state)
{
    (void)state;
    vt_engine *engine;
    vt_session *session;
    vt_faces faces;
    vt_template made;
    vt_error err;
    test_picture picture = test_picture_open("face-samples/Family1-Dad1.jpg");
    const char *folder = test_folder_file("pack");
    test_pack_changed(folder, no_landmarks);
    assert_int_equal(vt_engine_open(&engine, folder, NULL, NULL), VT_OK);
    assert_int_equal(vt_session_open(&session, engine, NULL), VT_OK);
    assert_int_equal(vt_session_detect(&faces, session, picture.picture, NULL, NULL), VT_OK);
    assert_int_equal(faces.count, 1);
    assert_int_equal(vt_session_complete(&faces.items[0], session, picture.picture, VT_WANT_POSE, &err), VT_EUNSUPPORTED);
    assert_string_equal(err.text, "the pack has no network for \"landmarks\"");
    assert_int_equal(vt_session_template(&made, session, picture.picture, &faces.items[0], &err), VT_EUNSUPPORTED);
    vt_faces_free(&faces);
    vt_session_close(session);
    vt_engine_close(engine);
    test_pack_remove(folder);
    test_picture_close(&picture);
}

typedef struct worker {
    pthread_t thread;
    vt_engine *engine;
    vt_face face;
    vt_template made;
    float live;
} worker;

static void *look(void *argument)
{
    worker *w = argument;
    test_engine own = { w->engine, NULL };
    test_picture picture = test_picture_open("face-samples/Family1-Mom1.jpg");
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    vt_faces faces;
    bool valid;
    options.want = VT_WANT_ALL;
    assert_int_equal(vt_session_open(&own.session, own.engine, NULL), VT_OK);
    assert_int_equal(vt_session_detect(&faces, own.session, picture.picture, &options, NULL), VT_OK);
    w->face = faces.items[0];
    assert_int_equal(vt_session_template(&w->made, own.session, picture.picture, &w->face, NULL), VT_OK);
    assert_int_equal(vt_session_attack_score(&w->live, &valid, own.session, picture.picture, &w->face, NULL), VT_OK);
    vt_faces_free(&faces);
    vt_session_close(own.session);
    test_picture_close(&picture);
    return NULL;
}

/* All networks are loaded by whoever comes first, while the others wait for them. */
static void sessions_share_a_fresh_engine(void **state)
{
    (void)state;
    static worker workers[4];
    test_engine own = test_engine_open();
    for (size_t i = 0; i < ROWS(workers); i++) {
        workers[i].engine = own.engine;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, look, &workers[i]), 0);
    }
    for (size_t i = 0; i < ROWS(workers); i++) pthread_join(workers[i].thread, NULL);
    for (size_t i = 1; i < ROWS(workers); i++) {
        assert_memory_equal(&workers[i].face, &workers[0].face, sizeof(vt_face));
        assert_memory_equal(workers[i].made.values, workers[0].made.values, sizeof workers[0].made.values);
        assert_true(workers[i].live == workers[0].live);
    }
    test_engine_close(&own);
}

/* Faces made up by a caller: an answer or an error, never more. */
static void faces_that_are_none_do_no_harm(void **state)
{
    (void)state;
    static const vt_box boxes[] = {
        { 0, 0, 0, 0 },           { 10, 10, -5, -5 },         { NAN, 0, 10, 10 },  { 0, 0, NAN, NAN },      { INFINITY, 0, 10, 10 },
        { 0, 0, INFINITY, 10 },   { -1e9f, -1e9f, 10, 10 },   { 1e9f, 0, 10, 10 }, { 0, 0, 1e30f, 1e30f }, { 100, 100, 1e-20f, 1e-20f },
        { -500, -500, 100, 100 }, { 5000, 5000, 100, 100 },   { 50, 50, 1, 400 },
    };
    test_engine own = test_engine_open();
    test_picture picture = test_picture_open("face-samples/Family1-Dad1.jpg");
    for (size_t i = 0; i < ROWS(boxes); i++) {
        vt_face face = { .box = boxes[i], .score = 1 };
        vt_template made;
        float live;
        bool valid;
        vt_error err = { 0 };
        vt_status status = vt_session_complete(&face, own.session, picture.picture, VT_WANT_ALL, &err);
        assert_true(!status || err.text[0]);
        face.have = 0;
        err.text[0] = 0;
        status = vt_session_template(&made, own.session, picture.picture, &face, &err);
        assert_true(!status || err.text[0]);
        err.text[0] = 0;
        status = vt_session_attack_score(&live, &valid, own.session, picture.picture, &face, &err);
        assert_true(status ? err.text[0] != 0 : live >= 0 && live <= 1);
    }
    test_picture_close(&picture);
    test_engine_close(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_that_cannot_serve_are_refused), cmocka_unit_test(the_digest_is_the_manifests),
        cmocka_unit_test(a_pack_without_landmarks_still_detects), cmocka_unit_test(sessions_share_a_fresh_engine),
        cmocka_unit_test(faces_that_are_none_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
