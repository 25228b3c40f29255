#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/recognition.h"
#include "service/subject.h"
#include "support/clocked.h"
#include "support/engine.h"
#include "support/folder.h"
#include "support/made_up.h"

enum { MOST_BYTES = 1 << 26, SLOT_BYTES = 512 * 4 + 40, HEAD_BYTES = 4096 };

static int64_t now_ms;
static vt_engine *engine;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__collection_id group = { VT__KIND_PERSON_GROUP, "staff" }, list = { VT__KIND_LARGE_FACE_LIST, "many" };
#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    service = clocked_open(&now_ms, engine, true);
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

static void start_again(void)
{
    vt__service_close(service);
    service = clocked_open(&now_ms, engine, true);
}

/* A person with one face. */
static void enrol(uuid person, uuid face, uint32_t number)
{
    vt_template t = made_up_face(number, 1);
    assert_int_equal(vt__person_create(person, service, &me, group, "person", NULL, NULL), VT__CODE_OK);
    const vt__face_place place = { group, person, NULL };
    assert_int_equal(vt__face_add_template(face, service, &me, place, &t, NULL, NULL), VT__CODE_OK);
}

static void train(void)
{
    assert_int_equal(vt__collection_train(service, &me, group, NULL), VT__CODE_OK);
}

/* Who in the group another picture of this person shows; "" for nobody. */
static const char *who_is(uint32_t number)
{
    static uuid found;
    uuid asked;
    vt_template t = made_up_face(number, 2);
    vt__candidates *results = NULL;
    assert_int_equal(vt__face_id_make(asked, service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
    const char *ids[] = { asked };
    const vt__identify_request request = { .face_ids = ids, .face_count = 1, .scope = group, .max_candidates = 1, .threshold = -1 };
    assert_int_equal(vt__service_identify(&results, service, &me, &request, NULL), VT__CODE_OK);
    snprintf(found, sizeof found, "%s", results[0].count ? results[0].items[0].id : "");
    vt__identified_free(results, 1);
    return found;
}

static size_t file_count(void)
{
    vt__names names = { NULL, 0 };
    if (vt__folder_list(&names, test_folder_file("index"), NULL)) return 0;
    size_t count = names.count;
    vt__names_free(&names);
    return count;
}

/* The only file of this ending. */
static char *path_of(const char *ending)
{
    vt__names names = { NULL, 0 };
    char *path = NULL;
    assert_int_equal(vt__folder_list(&names, test_folder_file("index"), NULL), VT_OK);
    for (size_t i = 0; i < names.count; i++) {
        if (!strstr(names.items[i], ending)) continue;
        assert_null(path);
        path = vt__format("%s/index/%s", test_folder(), names.items[i]);
    }
    vt__names_free(&names);
    assert_non_null(path);
    return path;
}

typedef struct content {
    uint8_t *bytes;
    size_t size;
} content;

static content read_of(const char *ending)
{
    content c;
    char *path = path_of(ending);
    assert_int_equal(vt__file_read(&c.bytes, &c.size, path, MOST_BYTES, NULL), VT_OK);
    vt__free(path);
    return c;
}

static void write_of(const char *ending, const content *c)
{
    char *path = path_of(ending);
    assert_int_equal(vt__file_write(path, c->bytes, c->size, 0600, NULL), VT_OK);
    vt__free(path);
}

/* The random id of the pair of files: another one after they were built anew. */
static void pair_id(uint8_t out[16])
{
    content c = read_of(".codes");
    memcpy(out, c.bytes + 32, 16);
    vt__free(c.bytes);
}

static void built_anew(uint8_t before[16], bool expected)
{
    uint8_t now[16];
    pair_id(now);
    assert_int_equal(memcmp(before, now, sizeof now) != 0, expected);
}

static void files_are_opened_and_follow_every_change(void **state)
{
    (void)state;
    uuid persons[4], faces[4];
    uint8_t pair[16];
    assert_int_equal(vt__collection_create(service, &me, group, "name", NULL, MODEL, NULL), VT__CODE_OK);
    enrol(persons[0], faces[0], 0);
    enrol(persons[1], faces[1], 1);
    train();
    assert_string_equal(who_is(0), persons[0]); /* makes the files */
    assert_int_equal(file_count(), 2);
    pair_id(pair);
    start_again();
    assert_string_equal(who_is(1), persons[1]);
    built_anew(pair, false);
    enrol(persons[2], faces[2], 2);
    start_again();
    assert_string_equal(who_is(2), ""); /* not trained yet, also out of the files */
    train();
    assert_string_equal(who_is(2), persons[2]);
    start_again();
    enrol(persons[3], faces[3], 3); /* the files are not open */
    train();
    start_again();
    assert_string_equal(who_is(3), persons[3]);
    assert_int_equal(vt__person_delete(service, &me, group, persons[0], NULL), VT__CODE_OK);
    start_again();
    assert_string_equal(who_is(0), "");
    start_again();
    assert_int_equal(vt__person_delete(service, &me, group, persons[1], NULL), VT__CODE_OK); /* nor here */
    start_again();
    assert_string_equal(who_is(1), "");
    assert_string_equal(who_is(2), persons[2]);
    built_anew(pair, false);
    assert_int_equal(vt__collection_delete(service, &me, group, NULL), VT__CODE_OK);
    assert_int_equal(file_count(), 0);
}

static void holds_none(const char *ending, const uint8_t *bytes, size_t size)
{
    content c = read_of(ending);
    for (size_t at = 0; at + 16 <= size; at += 16) assert_null(memmem(c.bytes, c.size, bytes + at, 16));
    vt__free(c.bytes);
}

/* Whichever way a face is deleted, loaded or not: neither its numbers nor their sealed bytes stay in the files. */
static void after_a_delete_nothing_of_it_is_in_the_files(void **state)
{
    (void)state;
    for (int way = 0; way < 6; way++) {
        uuid person, face, other, other_face;
        vt__json *receipt = NULL;
        if (way) begin(state);
        assert_int_equal(vt__collection_create(service, &me, group, "name", NULL, MODEL, NULL), VT__CODE_OK);
        enrol(person, face, 7);
        enrol(other, other_face, 8);
        train();
        assert_string_equal(who_is(7), person);
        content codes = read_of(".codes"), vectors = read_of(".vectors");
        assert_true(vectors.size >= HEAD_BYTES + 2 * SLOT_BYTES);
        if (way % 2) start_again();
        const vt__face_place place = { group, person, NULL };
        if (way / 2 == 0) assert_int_equal(vt__face_delete(service, &me, place, face, NULL), VT__CODE_OK);
        if (way / 2 == 1) assert_int_equal(vt__person_delete(service, &me, group, person, NULL), VT__CODE_OK);
        if (way / 2 == 2) assert_int_equal(vt__subject_erase(&receipt, service, &me, person, NULL), VT__CODE_OK);
        vt__json_free(receipt);
        /* rows are in the order of ids, so the face's is the first or the second */
        const uint8_t *slot = vectors.bytes + HEAD_BYTES + (strcmp(face, other_face) > 0 ? SLOT_BYTES : 0);
        holds_none(".vectors", slot, SLOT_BYTES);
        holds_none(".codes", codes.bytes + HEAD_BYTES, codes.size - HEAD_BYTES);
        vt_template t = made_up_face(7, 1);
        holds_none(".vectors", (const uint8_t *)t.values, sizeof(float) * t.dimension);
        assert_string_equal(who_is(7), "");
        assert_string_equal(who_is(8), other);
        vt__free(codes.bytes);
        vt__free(vectors.bytes);
        if (way < 5) end(state);
    }
}

static void damaged_stale_and_exchanged_files_are_built_anew(void **state)
{
    (void)state;
    uuid persons[3], faces[3];
    uint8_t pair[16];
    assert_int_equal(vt__collection_create(service, &me, group, "name", NULL, MODEL, NULL), VT__CODE_OK);
    for (uint32_t i = 0; i < 3; i++) enrol(persons[i], faces[i], i);
    train();
    assert_string_equal(who_is(0), persons[0]);
    pair_id(pair);
    content codes = read_of(".codes"), vectors = read_of(".vectors");
    /* a changed byte in the codes */
    vt__service_close(service);
    codes.bytes[HEAD_BYTES + 100] ^= 1;
    write_of(".codes", &codes);
    codes.bytes[HEAD_BYTES + 100] ^= 1;
    service = clocked_open(&now_ms, engine, true);
    assert_string_equal(who_is(1), persons[1]);
    built_anew(pair, true);
    pair_id(pair);
    /* in a vector: noticed when it is compared */
    vt__service_close(service);
    content fresh = read_of(".vectors");
    for (size_t row = 0; row < 3; row++) fresh.bytes[HEAD_BYTES + row * SLOT_BYTES + 50] ^= 1;
    write_of(".vectors", &fresh);
    vt__free(fresh.bytes);
    service = clocked_open(&now_ms, engine, true);
    assert_string_equal(who_is(2), persons[2]);
    built_anew(pair, true);
    /* the files of before put back, after a person was deleted: their key is gone with them */
    assert_int_equal(vt__person_delete(service, &me, group, persons[1], NULL), VT__CODE_OK);
    pair_id(pair);
    vt__service_close(service);
    write_of(".codes", &codes);
    write_of(".vectors", &vectors);
    service = clocked_open(&now_ms, engine, true);
    assert_string_equal(who_is(1), "");
    assert_string_equal(who_is(0), persons[0]);
    /* the same pair of an earlier time */
    vt__free(codes.bytes);
    vt__free(vectors.bytes);
    codes = read_of(".codes");
    vectors = read_of(".vectors");
    pair_id(pair);
    assert_int_equal(vt__person_delete(service, &me, group, persons[0], NULL), VT__CODE_OK);
    vt__service_close(service);
    write_of(".codes", &codes);
    write_of(".vectors", &vectors);
    service = clocked_open(&now_ms, engine, true);
    assert_string_equal(who_is(0), "");
    assert_string_equal(who_is(2), persons[2]);
    built_anew(pair, true);
    vt__free(codes.bytes);
    vt__free(vectors.bytes);
}

static void without_a_folder_for_them_indexes_stay_in_memory(void **state)
{
    (void)state;
    uuid person, face;
    assert_int_equal(vt__file_write(test_folder_file("index"), "x", 1, 0600, NULL), VT_OK);
    assert_int_equal(vt__collection_create(service, &me, group, "name", NULL, MODEL, NULL), VT__CODE_OK);
    enrol(person, face, 3);
    train();
    assert_string_equal(who_is(3), person);
    assert_int_equal(vt__person_delete(service, &me, group, person, NULL), VT__CODE_OK);
    enrol(person, face, 4);
    train();
    assert_string_equal(who_is(3), "");
    assert_string_equal(who_is(4), person);
}

static void face_lists_and_the_directory_have_files_too(void **state)
{
    (void)state;
    uuid face, other, person, asked;
    vt__candidates found;
    vt_template t = made_up_face(1, 1), far = made_up_face(2, 1);
    assert_int_equal(vt__collection_create(service, &me, list, "name", NULL, MODEL, NULL), VT__CODE_OK);
    const vt__face_place place = { list, NULL, NULL }, everyone = { { VT__KIND_DIRECTORY, "" }, person, MODEL };
    assert_int_equal(vt__face_add_template(face, service, &me, place, &t, NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__face_add_template(other, service, &me, place, &far, NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__collection_train(service, &me, list, NULL), VT__CODE_OK);
    assert_int_equal(vt__person_create(person, service, &me, everyone.collection, "p", NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__face_add_template(asked, service, &me, everyone, &t, NULL, NULL), VT__CODE_OK);
    for (int round = 0; round < 2; round++) {
        t = made_up_face(1, 2);
        assert_int_equal(vt__face_id_make(asked, service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
        const vt__similar_request request = { asked, NULL, 0, list, 5, false };
        assert_int_equal(vt__service_similar(&found, service, &me, &request, NULL), VT__CODE_OK);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.items[0].id, face);
        vt__free(found.items);
        const char *ids[] = { asked }, *persons[] = { person };
        const vt__identify_request identify = { .face_ids = ids, .face_count = 1, .scope = everyone.collection, .person_ids = persons,
                                                .person_count = 1, .max_candidates = 1, .threshold = -1 };
        vt__candidates *results;
        assert_int_equal(vt__service_identify(&results, service, &me, &identify, NULL), VT__CODE_OK);
        assert_int_equal(results[0].count, 1);
        assert_string_equal(results[0].items[0].id, person);
        vt__identified_free(results, 1);
        assert_int_equal(file_count(), 4);
        start_again();
    }
}

int main(void)
{
    engine = test_engine();
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(files_are_opened_and_follow_every_change),
        CASE(after_a_delete_nothing_of_it_is_in_the_files),
        CASE(damaged_stale_and_exchanged_files_are_built_anew),
        CASE(without_a_folder_for_them_indexes_stay_in_memory),
        CASE(face_lists_and_the_directory_have_files_too),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    vt_engine_close(engine);
    return failures;
}
