#include "support/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vultus/match.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/policy.h"
#include "service/recognition.h"
#include "service/subject.h"
#include "support/clocked.h"
#include "support/engine.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/made_up.h"

static int64_t now_ms;
static vt_engine *engine;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller stranger = { "other", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__page all = { "", 0 };
static const vt__collection_id group = { VT__KIND_PERSON_GROUP, "staff" };
static const vt__collection_id directory = { VT__KIND_DIRECTORY, "" };
#define MODEL "recognition_04"

static void open_service(bool evaluation)
{
    service = clocked_open(&now_ms, engine, evaluation);
}

static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    open_service(true);
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

typedef char uuid[VT__UUID_TEXT_BYTES];

static void probe(uuid out, uint32_t person, uint32_t shot)
{
    vt_template t = made_up_face(person, shot);
    assert_int_equal(vt__face_id_make(out, service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
}

static void make(vt__collection_id which)
{
    assert_int_equal(vt__collection_create(service, &me, which, "name", NULL, MODEL, NULL), VT__CODE_OK);
}

static void add_person(uuid out, vt__collection_id which)
{
    assert_int_equal(vt__person_create(out, service, &me, which, "person", NULL, NULL), VT__CODE_OK);
}

static vt__code add_face(uuid out, vt__collection_id which, const char *person_id, uint32_t person, uint32_t shot)
{
    vt_template t = made_up_face(person, shot);
    const vt__face_place place = { which, person_id, which.kind == VT__KIND_DIRECTORY ? MODEL : NULL };
    return vt__face_add_template(out, service, &me, place, &t, "shot", NULL);
}

/* Identifies one face id; *id is the first candidate or "". */
static vt__code identify(uuid id, vt__collection_id scope, const char *face_id)
{
    const char *ids[] = { face_id };
    const vt__identify_request request = { .face_ids = ids, .face_count = 1, .scope = scope, .max_candidates = 10, .threshold = -1 };
    vt__candidates *results;
    vt__code code = vt__service_identify(&results, service, &me, &request, NULL);
    id[0] = '\0';
    if (code == VT__CODE_OK && results[0].count) memcpy(id, results[0].items[0].id, sizeof(uuid));
    vt__identified_free(results, 1);
    return code;
}

static void names_and_pages(void **state)
{
    (void)state;
    char long_name[200];
    memset(long_name, 'x', 199);
    long_name[199] = '\0';
    const struct {
        const char *id, *name;
        vt__code code;
    } rows[] = {
        { "staff", "Staff", VT__CODE_OK },       { "staff", "Again", VT__CODE_COLLECTION_EXISTS },
        { "Upper", "n", VT__CODE_BAD_ID },       { "", "n", VT__CODE_BAD_ID },
        { "b", "", VT__CODE_NAME_EMPTY },        { "b", NULL, VT__CODE_NAME_EMPTY },
        { "b", long_name, VT__CODE_NAME_TOO_LONG }, { "a", "n", VT__CODE_OK },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const vt__collection_id which = { VT__KIND_PERSON_GROUP, rows[i].id };
        assert_int_equal(vt__collection_create(service, &me, which, rows[i].name, "data", MODEL, NULL), rows[i].code);
    }
    assert_int_equal(vt__collection_update(service, &me, group, NULL, NULL, NULL), VT__CODE_NOTHING_TO_CHANGE);
    assert_int_equal(vt__collection_update(service, &me, group, "Crew", NULL, NULL), VT__CODE_OK);
    vt__item item;
    assert_int_equal(vt__collection_get(&item, service, &me, group, NULL), VT__CODE_OK);
    assert_string_equal(item.name, "Crew");
    assert_string_equal(item.user_data, "data");
    assert_string_equal(item.recognition_model, MODEL);
    vt__item_free(&item);
    vt__items items;
    assert_int_equal(vt__collection_list(&items, service, &me, VT__KIND_PERSON_GROUP, all, NULL), VT__CODE_OK);
    assert_int_equal(items.count, 2);
    assert_string_equal(items.items[0].id, "a");
    vt__items_free(&items);
    const vt__page after = { "a", 1 };
    assert_int_equal(vt__collection_list(&items, service, &me, VT__KIND_PERSON_GROUP, after, NULL), VT__CODE_OK);
    assert_int_equal(items.count, 1);
    assert_string_equal(items.items[0].id, "staff");
    vt__items_free(&items);
}

static void groups_search_what_was_trained(void **state)
{
    (void)state;
    uuid ann, bob, face, extra, who, probe_ann, probe_bob;
    make(group);
    vt__training training;
    assert_int_equal(vt__training_get(&training, service, &me, group, NULL), VT__CODE_NOT_TRAINED);
    assert_int_equal(vt__collection_train(service, &me, group, NULL), VT__CODE_OK);
    assert_int_equal(vt__training_get(&training, service, &me, group, NULL), VT__CODE_OK);
    assert_int_equal(training.status, VT__FAILED); /* nothing to train */
    probe(probe_ann, 1, 100);
    probe(probe_bob, 2, 100);
    assert_int_equal(identify(who, group, probe_ann), VT__CODE_NOT_TRAINED);
    add_person(ann, group);
    add_person(bob, group);
    assert_int_equal(add_face(face, group, ann, 1, 1), VT__CODE_OK);
    assert_int_equal(vt__collection_train(service, &me, group, NULL), VT__CODE_OK);
    assert_int_equal(vt__training_get(&training, service, &me, group, NULL), VT__CODE_OK);
    assert_int_equal(training.status, VT__SUCCEEDED);
    assert_int_equal(training.last_success_ms, now_ms);
    assert_int_equal(add_face(extra, group, bob, 2, 1), VT__CODE_OK);
    assert_int_equal(identify(who, group, probe_ann), VT__CODE_OK);
    assert_string_equal(who, ann);
    assert_int_equal(identify(who, group, probe_bob), VT__CODE_OK);
    assert_string_equal(who, ""); /* added after the training */
    assert_int_equal(vt__collection_train(service, &me, group, NULL), VT__CODE_OK);
    assert_int_equal(identify(who, group, probe_bob), VT__CODE_OK);
    assert_string_equal(who, bob);
    vt__item person;
    assert_int_equal(vt__person_get(&person, service, &me, group, bob, NULL), VT__CODE_OK);
    assert_int_equal(person.face_count, 1);
    assert_string_equal(person.face_ids[0], extra);
    vt__item_free(&person);
    const vt__face_place at_ann = { group, ann, NULL };
    assert_int_equal(vt__face_delete(service, &me, at_ann, extra, NULL), VT__CODE_PERSISTED_FACE_NOT_FOUND);
    assert_int_equal(vt__face_delete(service, &me, at_ann, face, NULL), VT__CODE_OK);
    assert_int_equal(identify(who, group, probe_ann), VT__CODE_OK);
    assert_string_equal(who, ""); /* a deletion works at once */
    vt__service_close(service); /* and after a restart from the store */
    open_service(true);
    assert_int_equal(identify(who, group, probe_bob), VT__CODE_OK);
    assert_string_equal(who, bob);
    assert_int_equal(vt__person_delete(service, &me, group, bob, NULL), VT__CODE_OK);
    assert_int_equal(identify(who, group, probe_bob), VT__CODE_OK);
    assert_string_equal(who, "");
}

static void verifying(void **state)
{
    (void)state;
    uuid a, b, c, person, face, other_model;
    probe(a, 1, 1);
    probe(b, 1, 2);
    probe(c, 2, 1);
    vt__verified answer;
    assert_int_equal(vt__service_verify_faces(&answer, service, &me, a, b, NULL), VT__CODE_OK);
    assert_true(answer.identical && answer.confidence >= 0.5f);
    assert_int_equal(vt__service_verify_faces(&answer, service, &me, a, c, NULL), VT__CODE_OK);
    assert_false(answer.identical);
    vt_template t = made_up_face(1, 3);
    assert_int_equal(vt__face_id_make(other_model, service, &me, &t, "recognition_03", 60, NULL), VT__CODE_OK);
    assert_int_equal(vt__service_verify_faces(&answer, service, &me, a, other_model, NULL), VT__CODE_MODEL_INCOMPATIBLE);
    assert_int_equal(vt__service_verify_faces(&answer, service, &me, a, "nonsense", NULL), VT__CODE_BAD_ID);
    make(group);
    add_person(person, group);
    assert_int_equal(vt__service_verify_person(&answer, service, &me, a, group, person, NULL), VT__CODE_PERSON_WITHOUT_FACE);
    assert_int_equal(add_face(face, group, person, 1, 5), VT__CODE_OK);
    assert_int_equal(vt__service_verify_person(&answer, service, &me, a, group, person, NULL), VT__CODE_OK);
    assert_true(answer.identical);
    assert_int_equal(vt__service_verify_person(&answer, service, &me, a, group, a, NULL), VT__CODE_PERSON_NOT_FOUND);
    const vt__collection_id missing = { VT__KIND_LARGE_PERSON_GROUP, "none" };
    assert_int_equal(vt__service_verify_person(&answer, service, &me, a, missing, person, NULL),
                     VT__CODE_COLLECTION_NOT_FOUND);
}

static void face_lists_are_live(void **state)
{
    (void)state;
    const vt__collection_id list = { VT__KIND_FACE_LIST, "seen" };
    uuid asked, near, far, face_ids[2];
    probe(asked, 1, 1);
    make(list);
    vt__candidates found;
    vt__similar_request request = { asked, NULL, 0, list, 10, false };
    assert_int_equal(vt__service_similar(&found, service, &me, &request, NULL), VT__CODE_COLLECTION_EMPTY);
    assert_int_equal(add_face(near, list, NULL, 1, 2), VT__CODE_OK);
    assert_int_equal(add_face(far, list, NULL, 2, 2), VT__CODE_OK);
    assert_int_equal(vt__service_similar(&found, service, &me, &request, NULL), VT__CODE_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].id, near);
    vt__free(found.items);
    request.match_face = true;
    assert_int_equal(vt__service_similar(&found, service, &me, &request, NULL), VT__CODE_OK);
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[1].id, far);
    vt__free(found.items);
    probe(face_ids[0], 2, 9);
    probe(face_ids[1], 1, 9);
    const char *ids[] = { face_ids[0], face_ids[1] };
    request = (vt__similar_request){ .face_id = asked, .face_ids = ids, .face_count = 2, .max_candidates = 20 };
    assert_int_equal(vt__service_similar(&found, service, &me, &request, NULL), VT__CODE_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].id, face_ids[1]);
    vt__free(found.items);
}

static void grouping(void **state)
{
    (void)state;
    uuid made[5];
    const char *ids[5];
    const uint32_t persons[] = { 1, 2, 1, 3, 1 };
    for (int i = 0; i < 5; i++) {
        probe(made[i], persons[i], (uint32_t)i);
        ids[i] = made[i];
    }
    vt__grouping answer;
    assert_int_equal(vt__service_group(&answer, service, &me, ids, 5, NULL), VT__CODE_OK);
    assert_int_equal(answer.group_count, 1);
    for (int i = 0; i < 5; i++) assert_int_equal(answer.group_of[i], persons[i] == 1 ? 0 : VT_GROUP_MESSY);
    vt__free(answer.group_of);
    assert_int_equal(vt__service_group(&answer, service, &me, ids, 1, NULL), VT__CODE_BAD_ARGUMENT);
}

static void the_directory_and_its_groups(void **state)
{
    (void)state;
    const vt__collection_id dynamic = { VT__KIND_DYNAMIC_GROUP, "night" };
    uuid ann, bob, face, who, asked;
    add_person(ann, directory);
    add_person(bob, directory);
    assert_int_equal(add_face(face, directory, ann, 1, 1), VT__CODE_OK);
    assert_int_equal(add_face(face, directory, bob, 2, 1), VT__CODE_OK);
    probe(asked, 1, 50);
    assert_int_equal(identify(who, directory, asked), VT__CODE_OK);
    assert_string_equal(who, ann); /* no training */
    make(dynamic);
    const char *members[] = { bob }, *unknown[] = { ann, asked };
    assert_int_equal(vt__members_change(service, &me, "night", unknown, 2, NULL, 0, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__members_change(service, &me, "night", members, 1, NULL, 0, NULL), VT__CODE_OK);
    assert_int_equal(identify(who, dynamic, asked), VT__CODE_OK);
    assert_string_equal(who, "");
    probe(asked, 2, 50);
    assert_int_equal(identify(who, dynamic, asked), VT__CODE_OK);
    assert_string_equal(who, bob);
    vt__items items;
    assert_int_equal(vt__references_list(&items, service, &me, bob, all, NULL), VT__CODE_OK);
    assert_int_equal(items.count, 1);
    assert_string_equal(items.items[0].id, "night");
    vt__items_free(&items);
    const char *probes[] = { asked }, *only[] = { ann };
    const vt__identify_request request = { .face_ids = probes, .face_count = 1, .scope = directory, .person_ids = only,
                                          .person_count = 1, .max_candidates = 10, .threshold = -1 };
    vt__candidates *results;
    assert_int_equal(vt__service_identify(&results, service, &me, &request, NULL), VT__CODE_OK);
    assert_int_equal(results[0].count, 0);
    vt__identified_free(results, 1);
    assert_int_equal(vt__person_delete(service, &me, directory, bob, NULL), VT__CODE_OK);
    assert_int_equal(vt__members_list(&items, service, &me, "night", all, NULL), VT__CODE_OK);
    assert_int_equal(items.count, 0); /* deleting a person takes it out of the groups */
    vt__items_free(&items);
    uuid operation;
    vt__operation status;
    assert_int_equal(vt__operation_record(operation, service, &me, "/persons/x", NULL), VT__CODE_OK);
    assert_int_equal(vt__operation_get(&status, service, &me, operation, NULL), VT__CODE_OK);
    assert_int_equal(status.status, VT__SUCCEEDED);
    assert_string_equal(status.resource, "/persons/x");
    now_ms += INT64_C(48) * 3600 * 1000;
    assert_int_equal(vt__operation_get(&status, service, &me, operation, NULL), VT__CODE_OPERATION_NOT_FOUND);
}

static void face_ids_expire(void **state)
{
    (void)state;
    uuid a, b;
    vt_template t = made_up_face(1, 1);
    vt__verified answer;
    assert_int_equal(vt__face_id_make(a, service, &me, &t, MODEL, 59, NULL), VT__CODE_BAD_ARGUMENT);
    assert_int_equal(vt__face_id_make(a, service, &me, &t, MODEL, 86401, NULL), VT__CODE_BAD_ARGUMENT);
    assert_int_equal(vt__face_id_make(a, service, &me, &t, MODEL, 60, NULL), VT__CODE_OK);
    probe(b, 1, 2);
    now_ms += 59999;
    assert_int_equal(vt__service_verify_faces(&answer, service, &me, a, b, NULL), VT__CODE_OK);
    assert_int_equal(vt__service_verify_faces(&answer, service, &stranger, a, b, NULL), VT__CODE_FACE_NOT_FOUND);
    now_ms++;
    assert_int_equal(vt__service_verify_faces(&answer, service, &me, a, b, NULL), VT__CODE_FACE_NOT_FOUND);
    size_t removed;
    assert_int_equal(vt__service_sweep(&removed, service, NULL), VT_OK);
    assert_int_equal(removed, 1);
    now_ms += INT64_C(24) * 3600 * 1000;
    assert_int_equal(vt__service_sweep(&removed, service, NULL), VT_OK);
    assert_int_equal(removed, 1);
    vt__service_counts counts;
    assert_int_equal(vt__service_count(&counts, service, NULL), VT_OK);
    assert_int_equal(counts.face_ids, 0);
}

static void the_gate(void **state)
{
    (void)state;
    vt_template t = made_up_face(1, 1);
    uuid id;
    vt__caller reader = me;
    reader.scopes = VT__SCOPE_DETECT;
    assert_int_equal(vt__face_id_make(id, service, &reader, &t, MODEL, 0, NULL), VT__CODE_SCOPE_MISSING);
    vt__service_close(service);
    open_service(false);
    vt_error err;
    assert_int_equal(vt__face_id_make(id, service, &me, &t, MODEL, 0, &err), VT__CODE_NOT_REGISTERED);
    assert_non_null(strstr(err.text, "register one with POST /vultus/v1/policies"));
    assert_int_equal(vt__policy_check(service, &me, VT__ACTION_DETECT, NULL), VT__CODE_OK);
}

static void tenants_do_not_meet(void **state)
{
    (void)state;
    uuid person, face;
    vt__item item;
    vt__items items;
    make(group);
    add_person(person, group);
    assert_int_equal(add_face(face, group, person, 1, 1), VT__CODE_OK);
    assert_int_equal(vt__collection_get(&item, service, &stranger, group, NULL), VT__CODE_COLLECTION_NOT_FOUND);
    assert_int_equal(vt__collection_delete(service, &stranger, group, NULL), VT__CODE_COLLECTION_NOT_FOUND);
    assert_int_equal(vt__collection_create(service, &stranger, group, "own", NULL, MODEL, NULL), VT__CODE_OK);
    assert_int_equal(vt__person_get(&item, service, &stranger, group, person, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__person_delete(service, &stranger, group, person, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__person_list(&items, service, &stranger, group, all, NULL), VT__CODE_OK);
    assert_int_equal(items.count, 0);
    vt__items_free(&items);
    assert_int_equal(vt__collection_delete(service, &stranger, group, NULL), VT__CODE_OK);
    assert_int_equal(vt__person_get(&item, service, &me, group, person, NULL), VT__CODE_OK);
    vt__item_free(&item);
}

static void keys(void **state)
{
    (void)state;
    char first[VT__API_KEY_TEXT_BYTES], second[VT__API_KEY_TEXT_BYTES], rotated[VT__API_KEY_TEXT_BYTES];
    vt__api_key_info info;
    assert_int_equal(vt__service_key_make(first, service, "default", "1", VT__SCOPE_ALL, NULL, NULL), VT_OK);
    assert_int_equal(vt__service_key_make(second, service, "default", "2", VT__SCOPE_DETECT, "given-key-of-mine", NULL), VT_OK);
    assert_string_equal(second, "given-key-of-mine");
    assert_int_equal(vt__service_key_find(&info, service, second, NULL), VT_OK);
    assert_string_equal(info.id, "2");
    assert_int_equal(info.scopes, VT__SCOPE_DETECT);
    assert_int_equal(vt__service_key_make(rotated, service, "default", "1", VT__SCOPE_ALL, NULL, NULL), VT_OK);
    assert_int_equal(vt__service_key_find(&info, service, first, NULL), VT_EDENIED);
    assert_int_equal(vt__service_key_find(&info, service, rotated, NULL), VT_OK);
    assert_int_equal(vt__service_key_revoke(service, "default", "2", NULL), VT_OK);
    assert_int_equal(vt__service_key_find(&info, service, second, NULL), VT_EDENIED);
    assert_int_equal(vt__service_key_make(second, service, "default", "2", 1, "short", NULL), VT_EINVAL);
}

static bool on_disk(const char *needle)
{
    char command[192];
    snprintf(command, sizeof command, "grep -rqa -- '%s' '%s'", needle, test_folder());
    return system(command) == 0;
}

static void erasing_leaves_nothing(void **state)
{
    (void)state;
    uuid person, face;
    make(group);
    assert_int_equal(vt__person_create(person, service, &me, group, "Zebulon-Quist", "born-in-Atlantis", NULL), VT__CODE_OK);
    assert_int_equal(add_face(face, group, person, 1, 1), VT__CODE_OK);
    assert_true(on_disk(person));
    assert_false(on_disk("Zebulon-Quist"));
    assert_false(on_disk("born-in-Atlantis"));
    assert_int_equal(vt__person_delete(service, &me, group, person, NULL), VT__CODE_OK);
    assert_false(on_disk(person));
    assert_false(on_disk(face));
}

static void an_erased_subject_is_found_no_more(void **state)
{
    (void)state;
    uuid person, face, asked, found;
    vt__json *receipt;
    make(group);
    add_person(person, group);
    assert_int_equal(add_face(face, group, person, 1, 1), VT__CODE_OK);
    assert_int_equal(vt__collection_train(service, &me, group, NULL), VT__CODE_OK);
    probe(asked, 1, 2);
    assert_int_equal(identify(found, group, asked), VT__CODE_OK);
    assert_string_equal(found, person);
    assert_int_equal(vt__subject_erase(&receipt, service, &me, person, NULL), VT__CODE_OK);
    vt__json_free(receipt);
    assert_int_equal(identify(found, group, asked), VT__CODE_OK);
    assert_string_equal(found, "");
}

/* Each thread enrols in its own person's name and must find every acknowledged face at once, and no deleted one. */
static void *enrol_and_find(void *argument)
{
    uint32_t number = (uint32_t)(uintptr_t)argument;
    const vt__face_place list = { { VT__KIND_FACE_LIST, "shared" }, NULL, NULL };
    for (uint32_t i = 0; i < 6; i++) {
        uuid face, asked;
        vt_template t = made_up_face(1000 * number + i, 1);
        vt__candidates found;
        if (vt__face_add_template(face, service, &me, list, &t, NULL, NULL) != VT__CODE_OK) return (void *)"add";
        if (vt__face_id_make(asked, service, &me, &t, MODEL, 0, NULL) != VT__CODE_OK) return (void *)"face id";
        const vt__similar_request request = { asked, NULL, 0, list.collection, 5, false };
        if (vt__service_similar(&found, service, &me, &request, NULL) != VT__CODE_OK) return (void *)"similar";
        bool there = found.count == 1 && !strcmp(found.items[0].id, face);
        vt__free(found.items);
        if (!there) return (void *)"an acknowledged face is not found";
        if (i % 2 == 0) continue;
        if (vt__face_delete(service, &me, list, face, NULL) != VT__CODE_OK) return (void *)"delete";
        if (vt__service_similar(&found, service, &me, &request, NULL) != VT__CODE_OK) return (void *)"similar";
        there = found.count > 0;
        vt__free(found.items);
        if (there) return (void *)"a deleted face is found";
    }
    return NULL;
}

static void many_threads(void **state)
{
    (void)state;
    pthread_t threads[6];
    uuid first;
    make((vt__collection_id){ VT__KIND_FACE_LIST, "shared" });
    assert_int_equal(add_face(first, (vt__collection_id){ VT__KIND_FACE_LIST, "shared" }, NULL, 999, 0), VT__CODE_OK);
    for (uintptr_t i = 0; i < 6; i++) pthread_create(&threads[i], NULL, enrol_and_find, (void *)(i + 1));
    for (int i = 0; i < 6; i++) {
        void *answer;
        pthread_join(threads[i], &answer);
        if (answer) fail_msg("%s", (const char *)answer);
    }
}

static bool whole_flow(void *context)
{
    uuid person, face, asked, who;
    vt_template t = made_up_face(5, 1);
    const vt__face_place place = { directory, person, MODEL };
    (void)context;
    return vt__person_create(person, service, &me, directory, "n", "u", NULL) == VT__CODE_OK &&
           vt__face_add_template(face, service, &me, place, &t, NULL, NULL) == VT__CODE_OK &&
           vt__face_id_make(asked, service, &me, &t, MODEL, 0, NULL) == VT__CODE_OK &&
           identify(who, directory, asked) == VT__CODE_OK &&
           vt__person_delete(service, &me, directory, person, NULL) == VT__CODE_OK;
}

static void out_of_memory(void **state)
{
    (void)state;
    /* a gallery that cannot grow is dropped and loaded again: the call itself may succeed */
    assert_true(failing_each(whole_flow, NULL, 400, true) > 10);
    assert_true(whole_flow(NULL));
}

int main(void)
{
    engine = test_engine();
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(names_and_pages), CASE(groups_search_what_was_trained), CASE(verifying),       CASE(face_lists_are_live),
        CASE(grouping),        CASE(the_directory_and_its_groups),   CASE(face_ids_expire), CASE(the_gate),
        CASE(keys),            CASE(tenants_do_not_meet),            CASE(many_threads),    CASE(erasing_leaves_nothing),
        CASE(out_of_memory),   CASE(an_erased_subject_is_found_no_more),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    vt_engine_close(engine);
    return failures;
}
