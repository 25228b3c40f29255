/* Oversight on a gallery of real people: strangers are named as seldom as targetFpir says, and one person enrolled as two is
 * flagged ambiguous. More people under VULTUS_TEST_LONG=1. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/guard.h"
#include "service/recognition.h"
#include "support/clocked.h"
#include "support/data.h"
#include "support/faces.h"
#include "support/folder.h"

#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static int64_t now_ms = CLOCKED_START_MS;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };

static void must(vt__code code, const vt_error *err)
{
    if (code) fail_msg("%s: %s", vt__code_name(code), err->text);
}

static void make_group(vt__collection_id which)
{
    vt_error err;
    must(vt__collection_create(service, &me, which, "people", NULL, MODEL, &err), &err);
}

static void enrol(uuid out, vt__collection_id which, const char *picture)
{
    uuid face;
    vt_error err;
    vt_template t;
    test_template(&t, &shared, picture);
    must(vt__person_create(out, service, &me, which, "p", NULL, &err), &err);
    must(vt__face_add_template(face, service, &me, (vt__face_place){ which, out, NULL }, &t, NULL, &err), &err);
}

static vt__candidates ask(const char *face_id, vt__collection_id which, double fpir)
{
    vt_error err;
    vt__candidates *results, one;
    const vt__identify_request request = { .face_ids = &face_id, .face_count = 1, .scope = which, .max_candidates = 2, .threshold = fpir > 0 ? 0 : -1,
                                           .target_fpir = fpir, .explain = true };
    must(vt__service_identify(&results, service, &me, &request, &err), &err);
    one = results[0];
    one.items = NULL;
    vt__identified_free(results, 1);
    return one;
}

static void make_face_id(uuid out, const char *picture)
{
    vt_error err;
    vt_template t;
    test_template(&t, &shared, picture);
    must(vt__face_id_make(out, service, &me, &t, MODEL, 600, &err), &err);
}

static int begin(void **state)
{
    (void)state;
    vt__json *none = vt__json_object();
    service = clocked_open(&now_ms, shared.engine, true);
    vt__json_set_integer(none, "personPerHour", 0);
    vt__code code = vt__guard_set(service, &me, none, NULL);
    vt__json_free(none);
    return code;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

/* The first picture of each of the set's people, in the order of their names. */
static size_t list_people(char (*out)[160], size_t most)
{
    vt__names people;
    char folder[512];
    size_t count = 0;
    if (!test_data_folder()) test_skip("needs the test data");
    snprintf(folder, sizeof folder, "%s/lfw-dev", test_data_folder());
    assert_int_equal(vt__folder_list(&people, folder, NULL), VT_OK);
    for (size_t i = 0; i < people.count && count < most; i++) {
        char path[700];
        vt__names pictures;
        snprintf(path, sizeof path, "%s/%s", folder, people.items[i]);
        if (!vt__folder_exists(path) || vt__folder_list(&pictures, path, NULL)) continue;
        if (pictures.count) snprintf(out[count++], sizeof out[0], "lfw-dev/%.60s/%.80s", people.items[i], pictures.items[0]);
        vt__names_free(&pictures);
    }
    vt__names_free(&people);
    return count;
}

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
enum { ENROLLED = 20, STRANGERS = 40 };
#else
enum { ENROLLED = 100, STRANGERS = 150 };
#endif

static void test_strangers_are_named_as_seldom_as_wished(void **state)
{
    (void)state;
    static char people[1100][160];
    static uuid probes[700];
    const vt__collection_id crowd = { VT__KIND_PERSON_GROUP, "crowd" };
    const double targets[] = { 0.2, 0.05, 0.01 };
    bool all = getenv("VULTUS_TEST_LONG") != NULL;
    size_t enrolled = all ? 400 : ENROLLED, strangers = all ? 680 : STRANGERS, before = SIZE_MAX;
    uuid person;
    vt_error err;
    assert_true(list_people(people, enrolled + strangers) >= enrolled + strangers);
    make_group(crowd);
    for (size_t i = 0; i < enrolled; i++) enrol(person, crowd, people[i]);
    must(vt__collection_train(service, &me, crowd, &err), &err);
    for (size_t i = 0; i < strangers; i++) make_face_id(probes[i], people[enrolled + i]);
    for (size_t k = 0; k < ROWS(targets); k++) {
        size_t named = 0;
        vt__candidates found = { .threshold = 0 };
        for (size_t i = 0; i < strangers; i++) {
            found = ask(probes[i], crowd, targets[k]);
            named += found.decision == VT__DECISION_MATCH;
            assert_true((found.decision == VT__DECISION_MATCH) == (found.count > 0));
        }
        double expected = targets[k] * (double)strangers, most = expected + 3.3 * sqrt(expected * (1 - targets[k])) + 1;
        print_message("targetFpir %.2f, %zu enrolled: threshold %.3f, %zu of %zu strangers named (%.1f expected)\n", targets[k], enrolled, (double)found.threshold,
                      named, strangers, expected);
        if ((double)named > most || named > before) fail_msg("%zu strangers named, at most %.1f", named, most);
        before = named;
    }
}

static void test_one_person_as_two_is_ambiguous(void **state)
{
    (void)state;
    const vt__collection_id family = { VT__KIND_PERSON_GROUP, "family" };
    uuid dad, son, again, probe;
    vt_error err;
    make_group(family);
    enrol(dad, family, "face-samples/Family1-Dad1.jpg");
    enrol(son, family, "face-samples/Family1-Son1.jpg");
    must(vt__collection_train(service, &me, family, &err), &err);
    make_face_id(probe, "face-samples/Family1-Dad2.jpg");
    vt__candidates found = ask(probe, family, 0);
    assert_int_equal(found.decision, VT__DECISION_MATCH);
    assert_false(found.ambiguous);
    enrol(again, family, "face-samples/Family1-Dad3.jpg");
    must(vt__collection_train(service, &me, family, &err), &err);
    found = ask(probe, family, 0);
    assert_int_equal(found.decision, VT__DECISION_MATCH);
    print_message("one person as two: ambiguous %d\n", found.ambiguous);
    assert_true(found.ambiguous);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_strangers_are_named_as_seldom_as_wished, begin, end),
                                        cmocka_unit_test_setup_teardown(test_one_person_as_two_is_ambiguous, begin, end) };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
