#include "support/faces.h"
#include "support/test.h"

#include <stdio.h>
#include <pthread.h>

#include <vultus/match.h>

/* The first letters of the names tell the person. */
static const char *const family[] = {
    "Dad1", "Dad2", "Dad3", "Daughter1", "Daughter2", "Daughter3", "Mom1", "Mom2", "Son1", "Son2",
};

static void a_family_is_told_apart_at_one_half(void **state)
{
    (void)state;
    static vt_template made[ROWS(family)];
    for (size_t i = 0; i < ROWS(family); i++) {
        char name[64];
        snprintf(name, sizeof name, "face-samples/Family1-%s.jpg", family[i]);
        test_template(&made[i], &shared, name);
        assert_int_equal(made[i].dimension, 512);
        assert_float_equal(vt_cosine(made[i].values, made[i].values, 512), 1, 1e-5);
    }
    for (size_t a = 0; a < ROWS(family); a++)
        for (size_t b = a + 1; b < ROWS(family); b++) {
            float confidence = vt_engine_confidence(shared.engine, vt_cosine(made[a].values, made[b].values, 512));
            bool same = !strncmp(family[a], family[b], strlen(family[a]) - 1) && strlen(family[a]) == strlen(family[b]);
            if ((confidence >= VT_IDENTICAL_CONFIDENCE) != same) fail_msg("%s and %s: %.3f", family[a], family[b], (double)confidence);
        }
}

/* A template must not depend on how the picture came: bytes, pixels, or with landmarks made before. */
static void the_way_to_a_template_does_not_matter(void **state)
{
    (void)state;
    vt_template from_bytes, from_pixels, with_landmarks;
    test_template(&from_bytes, &shared, "face-samples/Family1-Dad2.jpg");
    test_picture picture = test_picture_open("face-samples/Family1-Dad2.jpg");
    vt_pixels pixels;
    vt_picture *again;
    vt_faces faces;
    assert_int_equal(vt_picture_decode(&pixels, picture.picture, 1, NULL), VT_OK);
    assert_int_equal(vt_picture_from_pixels(&again, &pixels, NULL), VT_OK);
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    assert_int_equal(vt_session_detect(&faces, shared.session, again, &options, NULL), VT_OK);
    assert_int_equal(vt_session_template(&from_pixels, shared.session, again, &faces.items[0], NULL), VT_OK);
    assert_int_equal(vt_session_complete(&faces.items[0], shared.session, again, VT_WANT_LANDMARKS, NULL), VT_OK);
    assert_int_equal(vt_session_template(&with_landmarks, shared.session, again, &faces.items[0], NULL), VT_OK);
    assert_memory_equal(from_bytes.values, from_pixels.values, sizeof from_bytes.values);
    assert_memory_equal(from_bytes.values, with_landmarks.values, sizeof from_bytes.values);
    vt_faces_free(&faces);
    vt_picture_close(again);
    test_picture_close(&picture);
}

typedef struct worker {
    vt_template made;
    pthread_t thread;
} worker;

static void *make_template(void *argument)
{
    worker *w = argument;
    test_engine own = { shared.engine, NULL };
    assert_int_equal(vt_session_open(&own.session, own.engine, NULL), VT_OK);
    for (int i = 0; i < 3; i++) test_template(&w->made, &own, "face-samples/Family1-Son1.jpg");
    vt_session_close(own.session);
    return NULL;
}

static void sessions_of_many_threads_agree(void **state)
{
    (void)state;
    static worker workers[4];
    for (size_t i = 0; i < ROWS(workers); i++) assert_int_equal(pthread_create(&workers[i].thread, NULL, make_template, &workers[i]), 0);
    for (size_t i = 0; i < ROWS(workers); i++) pthread_join(workers[i].thread, NULL);
    for (size_t i = 1; i < ROWS(workers); i++) assert_memory_equal(&workers[0].made, &workers[i].made, sizeof(vt_template));
}

static void confidence_rises_with_the_cosine(void **state)
{
    (void)state;
    float before = -1;
    for (int i = -100; i <= 100; i++) {
        float cosine = (float)i / 100, confidence = vt_engine_confidence(shared.engine, cosine);
        assert_true(confidence >= before && confidence >= 0 && confidence <= 1);
        if (confidence > 0 && confidence < 1) assert_float_equal(vt_engine_cosine(shared.engine, confidence), cosine, 1e-4);
        before = confidence;
    }
    assert_float_equal(vt_engine_confidence(shared.engine, 1), 1, 1e-6);
    assert_float_equal(vt_engine_confidence(shared.engine, -1), 0, 1e-6);
}

static void coinciding_points_are_refused(void **state)
{
    (void)state;
    test_picture picture = test_picture_open("face-samples/Family1-Dad2.jpg");
    vt_face face = { .box = { 10, 10, 50, 50 }, .have = VT_WANT_LANDMARKS };
    vt_template made;
    vt_error err;
    assert_int_equal(vt_session_template(&made, shared.session, picture.picture, &face, &err), VT_EINVAL);
    assert_string_equal(err.text, "the face's points coincide");
    test_picture_close(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_is_told_apart_at_one_half),
        cmocka_unit_test(the_way_to_a_template_does_not_matter),
        cmocka_unit_test(sessions_of_many_threads_agree),
        cmocka_unit_test(confidence_rises_with_the_cosine),
        cmocka_unit_test(coinciding_points_are_refused),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
