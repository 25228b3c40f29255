#include "support/test.h"

#include <stdio.h>

#include <vultus/match.h>

#include "base/memory.h"
#include "service/consent.h"
#include "service/face_groups.h"
#include "support/clocked.h"
#include "support/engine.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/made_up.h"

#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static int64_t now_ms;
static vt_engine *engine;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__collection_id group = { VT__KIND_PERSON_GROUP, "staff" }, list = { VT__KIND_LARGE_FACE_LIST, "many" };

static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    service = clocked_open(&now_ms, engine, true);
    assert_int_equal(vt__collection_create(service, &me, group, "name", NULL, MODEL, NULL), VT__CODE_OK);
    assert_int_equal(vt__collection_create(service, &me, list, "name", NULL, MODEL, NULL), VT__CODE_OK);
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

static void add(uuid face, vt__collection_id which, const char *person, uint32_t looks, uint32_t shot)
{
    vt_template t = made_up_face(looks, shot);
    const vt__face_place place = { which, person, NULL };
    assert_int_equal(vt__face_add_template(face, service, &me, place, &t, NULL, NULL), VT__CODE_OK);
}

static uint32_t group_of(const vt__face_groups *groups, const uuid face)
{
    for (size_t i = 0; i < groups->face_count; i++)
        if (!strcmp(groups->faces[i].id, face)) return groups->faces[i].group;
    fail_msg("a face is missing");
    return 0;
}

static void faces_of_a_list_by_who_they_show(void **state)
{
    (void)state;
    enum { PEOPLE = 30 };
    vt__face_groups groups;
    uuid faces[PEOPLE][4];
    for (uint32_t shot = 0; shot < 4; shot++)
        for (uint32_t who = 0; who < PEOPLE; who++)
            if (shot <= who % 4) add(faces[who][shot], list, NULL, who, shot);
    assert_int_equal(vt__collection_group(&groups, service, &me, list, 0.5f, NULL), VT__CODE_OK);
    uint32_t expected = 0;
    size_t count = 0;
    for (uint32_t who = 0; who < PEOPLE; who++) {
        size_t shots = who % 4 + 1;
        uint32_t first = group_of(&groups, faces[who][0]);
        count += shots;
        expected += shots > 1;
        if (shots == 1) assert_int_equal(first, VT_GROUP_MESSY);
        for (size_t shot = 1; shot < shots; shot++) assert_int_equal(group_of(&groups, faces[who][shot]), first);
    }
    assert_int_equal(groups.face_count, count);
    assert_int_equal(groups.group_count, expected); /* so that no two people share one */
    for (size_t i = 1; i < groups.face_count; i++) assert_true(groups.faces[i - 1].group <= groups.faces[i].group);
    vt__free(groups.faces);
}

static void somebody_enrolled_twice_is_one_group(void **state)
{
    (void)state;
    vt__face_groups groups;
    uuid ann, anna, bob, face;
    assert_int_equal(vt__person_create(ann, service, &me, group, "Ann", NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__person_create(anna, service, &me, group, "Anna", NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__person_create(bob, service, &me, group, "Bob", NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__collection_group(&groups, service, &me, group, 0.5f, NULL), VT__CODE_OK);
    assert_int_equal(groups.face_count, 0);
    add(face, group, ann, 1, 1);
    add(face, group, anna, 1, 2);
    add(face, group, bob, 2, 1);
    assert_int_equal(vt__collection_group(&groups, service, &me, group, 0.5f, NULL), VT__CODE_OK);
    assert_int_equal(groups.group_count, 1);
    assert_int_equal(groups.face_count, 3);
    assert_true(strcmp(groups.faces[0].person_id, groups.faces[1].person_id) != 0);
    assert_string_equal(groups.faces[2].person_id, bob);
    assert_int_equal(groups.faces[2].group, VT_GROUP_MESSY);
    vt__free(groups.faces);
    assert_int_equal(vt__consent_withdraw(service, &me, anna, NULL), VT__CODE_OK); /* not compared any more */
    assert_int_equal(vt__collection_group(&groups, service, &me, group, 0.5f, NULL), VT__CODE_OK);
    assert_int_equal(groups.face_count, 2);
    assert_int_equal(groups.group_count, 0);
    vt__free(groups.faces);
}

static void refusals(void **state)
{
    (void)state;
    vt__face_groups groups;
    const vt__collection_id none = { VT__KIND_FACE_LIST, "none" }, dynamic = { VT__KIND_DYNAMIC_GROUP, "d" };
    const vt__caller reader = { "default", "1", VT__SCOPE_DETECT, NULL, NULL };
    assert_int_equal(vt__collection_group(&groups, service, &me, none, 0.5f, NULL), VT__CODE_COLLECTION_NOT_FOUND);
    assert_int_equal(vt__collection_group(&groups, service, &me, dynamic, 0.5f, NULL), VT__CODE_BAD_ARGUMENT);
    assert_int_equal(vt__collection_group(&groups, service, &me, list, 1.5f, NULL), VT__CODE_BAD_ARGUMENT);
    assert_int_equal(vt__collection_group(&groups, service, &reader, list, 0.5f, NULL), VT__CODE_SCOPE_MISSING);
    assert_null(groups.faces);
}

static bool group_list(void *context)
{
    vt__face_groups groups;
    (void)context;
    bool good = vt__collection_group(&groups, service, &me, list, 0.5f, NULL) == VT__CODE_OK;
    if (good) assert_int_equal(groups.group_count, 1);
    vt__free(groups.faces);
    return good;
}

static void out_of_memory(void **state)
{
    (void)state;
    uuid face;
    for (uint32_t i = 0; i < 4; i++) add(face, list, NULL, i / 2 * i, i);
    assert_true(failing_each(group_list, NULL, 300, true) > 20);
    assert_true(group_list(NULL));
}

int main(void)
{
    engine = test_engine();
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(faces_of_a_list_by_who_they_show),
        CASE(somebody_enrolled_twice_is_one_group),
        CASE(refusals),
        CASE(out_of_memory),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    vt_engine_close(engine);
    return failures;
}
