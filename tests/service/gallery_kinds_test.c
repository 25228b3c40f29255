/* Every kind of collection is searched through its gallery, also while many threads change it. */
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/memory.h"
#include "service/gallery.h"
#include "service/recognition.h"
#include "support/engine.h"
#include "support/folder.h"
#include "support/made_up.h"

#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static vt_engine *engine;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };

typedef struct kind {
    vt__collection_id searched, enrolled; /* a dynamic group's faces are the directory's */
    bool persons, trained;
    const char *scope; /* of its gallery */
} kind;

static const kind kinds[] = {
    { { VT__KIND_FACE_LIST, "faces" }, { VT__KIND_FACE_LIST, "faces" }, false, false, "fl/faces" },
    { { VT__KIND_LARGE_FACE_LIST, "many" }, { VT__KIND_LARGE_FACE_LIST, "many" }, false, true, "lfl/many" },
    { { VT__KIND_PERSON_GROUP, "staff" }, { VT__KIND_PERSON_GROUP, "staff" }, true, true, "pg/staff" },
    { { VT__KIND_LARGE_PERSON_GROUP, "town" }, { VT__KIND_LARGE_PERSON_GROUP, "town" }, true, true, "lpg/town" },
    { { VT__KIND_DIRECTORY, "" }, { VT__KIND_DIRECTORY, "" }, true, false, "dir" },
    { { VT__KIND_DYNAMIC_GROUP, "night" }, { VT__KIND_DIRECTORY, "" }, true, false, "dir" },
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static int begin(void **state)
{
    (void)state;
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    vt_error err;
    options.data_folder = test_folder();
    options.engine = engine;
    options.evaluation = true;
    options.open_galleries = 2; /* fewer than are searched, so that they are closed and opened all the time */
    if (vt__service_open(&service, &options, &err)) fail_msg("%s", err.text);
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].searched.kind != VT__KIND_DIRECTORY)
            assert_int_equal(vt__collection_create(service, &me, kinds[i].searched, "name", NULL, MODEL, NULL), VT__CODE_OK);
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

/* One somebody, enrolled: a person with a face, or a face. */
typedef struct somebody {
    const kind *of;
    uuid person, face;
} somebody;

static vt__code enrol(somebody *s, const kind *of, uint32_t number)
{
    vt_template t = made_up_face(number, 1);
    vt__code code = VT__CODE_OK;
    s->of = of;
    if (of->persons) code = vt__person_create(s->person, service, &me, of->enrolled, "person", NULL, NULL);
    const vt__face_place place = { of->enrolled, of->persons ? s->person : NULL, MODEL };
    if (!code) code = vt__face_add_template(s->face, service, &me, place, &t, NULL, NULL);
    const char *ids[] = { s->person };
    if (!code && of->searched.kind == VT__KIND_DYNAMIC_GROUP)
        code = vt__members_change(service, &me, of->searched.id, ids, 1, NULL, 0, NULL);
    return !code && of->trained ? vt__collection_train(service, &me, of->searched, NULL) : code;
}

/* Whether somebody is found by another picture of theirs, and nobody else as well. */
static vt__code look_for(bool *found, const somebody *s, uint32_t number)
{
    uuid asked;
    vt_template t = made_up_face(number, 2);
    vt__candidates list = { .items = NULL }, *results = NULL;
    *found = false;
    vt__code code = vt__face_id_make(asked, service, &me, &t, MODEL, 0, NULL);
    const char *ids[] = { asked };
    const vt__identify_request identify = { .face_ids = ids, .face_count = 1, .scope = s->of->searched, .max_candidates = 5, .threshold = -1 };
    const vt__similar_request similar = { asked, NULL, 0, s->of->searched, 5, false };
    if (!code && s->of->persons) code = vt__service_identify(&results, service, &me, &identify, NULL);
    else if (!code) code = vt__service_similar(&list, service, &me, &similar, NULL);
    if (results) list = results[0];
    *found = !code && list.count == 1 && !strcmp(list.items[0].id, s->of->persons ? s->person : s->face);
    if (!code && list.count && !*found) code = VT__CODE_CONFLICT; /* somebody else */
    if (results) vt__identified_free(results, 1);
    else vt__free(list.items);
    return code;
}

static vt__code leave(const somebody *s, bool whole_person)
{
    const vt__face_place place = { s->of->enrolled, s->of->persons ? s->person : NULL, MODEL };
    if (whole_person && s->of->persons) return vt__person_delete(service, &me, s->of->enrolled, s->person, NULL);
    return vt__face_delete(service, &me, place, s->face, NULL);
}

static void every_kind_searches_its_gallery(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < KINDS; i++) {
        somebody first, second;
        vt__gallery *gallery;
        bool found;
        assert_int_equal(enrol(&first, &kinds[i], 10 * i), VT__CODE_OK);
        assert_int_equal(enrol(&second, &kinds[i], 10 * i + 1), VT__CODE_OK);
        assert_int_equal(look_for(&found, &first, 10 * i), VT__CODE_OK);
        assert_true(found);
        assert_int_equal(vt__gallery_acquire(&gallery, service, "default", kinds[i].scope, UINT64_MAX, NULL), VT_OK);
        size_t faces = vt__gallery_count(gallery);
        assert_true(faces >= 2);
        assert_int_equal(leave(&first, i % 2), VT__CODE_OK);
        assert_int_equal(vt__gallery_count(gallery), faces - 1); /* at once, in the very gallery */
        vt__gallery_release(gallery);
        assert_int_equal(look_for(&found, &first, 10 * i), VT__CODE_OK);
        assert_false(found);
        assert_int_equal(look_for(&found, &second, 10 * i + 1), VT__CODE_OK);
        assert_true(found);
    }
}

enum { THREADS = 6, ROUNDS = 12 };

/* Every thread goes through all kinds, beginning with another one; nobody else looks like its persons. */
static void *come_and_go(void *argument)
{
    uint32_t thread = (uint32_t)(uintptr_t)argument;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        somebody s;
        bool found;
        uint32_t number = 1000 * (thread + 1) + i;
        if (enrol(&s, &kinds[(thread + i) % KINDS], number)) return (void *)"not enrolled";
        if (look_for(&found, &s, number)) return (void *)"not searched";
        if (!found) return (void *)"an acknowledged face is not found";
        if (leave(&s, i & 1)) return (void *)"not deleted";
        vt__code code = look_for(&found, &s, number);
        if (code) return (void *)"not searched after";
        if (found) return (void *)"a deleted face is found";
    }
    return NULL;
}

static void acknowledged_is_found_and_deleted_is_not(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (uint32_t i = 0; i < KINDS; i++) { /* somebody who stays, so that no list is empty */
        somebody s;
        assert_int_equal(enrol(&s, &kinds[i], 50 + i), VT__CODE_OK);
    }
    for (uintptr_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, (void *)i), 0);
    const char *failed = NULL;
    for (size_t i = 0; i < THREADS; i++) {
        void *answer;
        pthread_join(threads[i], &answer);
        if (answer) failed = answer;
    }
    if (failed) fail_msg("%s", failed);
}

int main(void)
{
    engine = test_engine();
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(every_kind_searches_its_gallery),
        CASE(acknowledged_is_found_and_deleted_is_not),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    vt_engine_close(engine);
    return failures;
}
