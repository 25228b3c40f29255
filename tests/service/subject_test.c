#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/memory.h"
#include "service/hold.h"
#include "service/recognition.h"
#include "service/retention.h"
#include "service/subject.h"
#include "support/clocked.h"
#include "support/folder.h"
#include "support/made_up.h"

#define DAY_MS INT64_C(86400000)
#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static int64_t now_ms;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller stranger = { "other", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller reader = { "default", "2", VT__SCOPE_DETECT | VT__SCOPE_RECOGNIZE, NULL, NULL };
static const vt__collection_id staff = { VT__KIND_PERSON_GROUP, "staff" };
static const vt__collection_id guests = { VT__KIND_FACE_LIST, "guests" };
static const vt__collection_id directory = { VT__KIND_DIRECTORY, "" };

static void open_service(void)
{
    service = clocked_open(&now_ms, NULL, true);
}

static uuid person, face, other;

static void enrol(uuid out_person, vt__collection_id which, const char *name, uint32_t number)
{
    vt_template t = made_up_face(number, 1);
    const vt__face_place place = { which, out_person, which.kind == VT__KIND_DIRECTORY ? MODEL : NULL };
    assert_int_equal(vt__person_create(out_person, service, &me, which, name, "born-in-Atlantis", NULL), VT__CODE_OK);
    assert_int_equal(vt__face_add_template(face, service, &me, place, &t, "first-shot", NULL), VT__CODE_OK);
}

static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    open_service();
    if (vt__collection_create(service, &me, staff, "Staff", NULL, MODEL, NULL)) return -1;
    if (vt__collection_create(service, &me, guests, "Guests", NULL, MODEL, NULL)) return -1;
    enrol(other, staff, "Other Person", 2);
    enrol(person, staff, "Zebulon Quist", 1);
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

static char *document_text(const vt__json *json)
{
    char *text = vt__json_text(json, false);
    assert_non_null(text);
    return text;
}

static void test_export_shows_all_that_is_held(void **state)
{
    (void)state;
    vt__json *json;
    assert_int_equal(vt__subject_export(&json, service, &me, person, false, NULL), VT__CODE_OK);
    assert_true(vt__signing_valid(json, service->signing.public_key));
    assert_string_equal(vt__json_string_or(json, "subject", ""), person);
    const vt__json *records = vt__json_get(json, "records");
    assert_int_equal(vt__json_count(records), 2);
    char *text = document_text(json);
    assert_non_null(strstr(text, "{\"kind\":\"person\",\"collection\":\"pg/staff\""));
    assert_non_null(strstr(text, "\"name\":\"Zebulon Quist\",\"userData\":\"born-in-Atlantis\""));
    assert_non_null(strstr(text, "\"userData\":\"first-shot\",\"template\":{\"recognitionModel\":\"recognition_04\",\"numbers\":512}"));
    assert_null(strstr(text, "Other Person"));
    vt__free(text);
    /* a changed letter */
    vt__json_set_string(json, "subject", other);
    assert_false(vt__signing_valid(json, service->signing.public_key));
    vt__json_free(json);
    assert_int_equal(vt__subject_export(&json, service, &me, person, true, NULL), VT__CODE_OK);
    const vt__json *with = NULL;
    for (size_t i = 0; i < 2 && !with; i++)
        with = vt__json_get(vt__json_get(vt__json_at(vt__json_get(json, "records"), i), "template"), "values");
    assert_int_equal(vt__json_count(with), 512);
    double first = 0;
    assert_true(vt__json_as_number(&first, vt__json_at(with, 0)));
    assert_float_equal(first, made_up_face(1, 1).values[0], 1e-6);
    vt__json_free(json);
}

static void test_who_may_ask(void **state)
{
    (void)state;
    const struct {
        const vt__caller *caller;
        const char *id;
        vt__code code;
    } rows[] = {
        { &reader, person, VT__CODE_SCOPE_MISSING },
        { &stranger, person, VT__CODE_PERSON_NOT_FOUND },
        { &me, "no-uuid", VT__CODE_BAD_ID },
        { &me, "00000000-0000-4000-8000-000000000000", VT__CODE_PERSON_NOT_FOUND },
    };
    vt__json *json;
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(vt__subject_export(&json, service, rows[i].caller, rows[i].id, false, NULL), rows[i].code);
        assert_int_equal(vt__subject_erase(&json, service, rows[i].caller, rows[i].id, NULL), rows[i].code);
    }
    assert_int_equal(vt__person_exists(service, "default", staff, person, NULL), VT__CODE_OK);
}

/* The sealed key and body of a person's records, as they lie in the database. */
typedef struct sealed {
    uint8_t bytes[3][64];
} sealed;

static sealed read_sealed(const char *id)
{
    sealed out;
    char path[96];
    sqlite3 *db;
    sqlite3_stmt *statement;
    snprintf(path, sizeof path, "%s/vultus.db", test_folder());
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT wrapped FROM data_key WHERE owner=?1 UNION ALL SELECT body FROM record WHERE owner=?1",
                                        -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_true(sqlite3_column_bytes(statement, 0) >= 64);
        memcpy(out.bytes[i], sqlite3_column_blob(statement, 0), 64);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return out;
}

/* Whether a run of bytes stands in any file of the data folder. */
static bool on_disk(const void *needle, size_t bytes)
{
    bool found = false;
    char command[96], path[512];
    snprintf(command, sizeof command, "find '%s' -type f", test_folder());
    FILE *list = popen(command, "r");
    while (fgets(path, sizeof path, list) && !found) {
        path[strcspn(path, "\n")] = '\0';
        FILE *file = fopen(path, "r");
        static char content[1 << 23];
        size_t size = fread(content, 1, sizeof content, file);
        found = memmem(content, size, needle, bytes) != NULL;
        fclose(file);
    }
    pclose(list);
    return found;
}

static void test_nothing_is_left_after_an_erasure(void **state)
{
    (void)state;
    uuid in_directory, in_list;
    vt_template t = made_up_face(1, 2);
    enrol(in_directory, directory, "Zebulon Quist", 1);
    const vt__face_place list = { guests, NULL, NULL };
    assert_int_equal(vt__face_add_template(in_list, service, &me, list, &t, "at the door", NULL), VT__CODE_OK);
    const char *const erased[] = { person, in_directory, in_list };
    const sealed before = read_sealed(person);
    for (size_t i = 0; i < 3; i++) assert_true(on_disk(before.bytes[i], 64));
    for (size_t i = 0; i < ROWS(erased); i++) {
        vt__json *receipt;
        assert_int_equal(vt__subject_erase(&receipt, service, &me, erased[i], NULL), VT__CODE_OK);
        assert_true(vt__signing_valid(receipt, service->signing.public_key));
        assert_int_equal(vt__json_count(vt__json_get(receipt, "erased")), i == 2 ? 1 : 2);
        vt__json_free(receipt);
        assert_int_equal(vt__subject_erase(&receipt, service, &me, erased[i], NULL), VT__CODE_PERSON_NOT_FOUND);
    }
    assert_int_equal(vt__person_exists(service, "default", staff, person, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__person_exists(service, "default", staff, other, NULL), VT__CODE_OK);
    for (size_t i = 0; i < 3; i++) assert_false(on_disk(before.bytes[i], 64));
    assert_false(on_disk(made_up_face(1, 1).values, 64));
    assert_false(on_disk("Zebulon", 7));
    assert_false(on_disk("Atlantis", 8));
    assert_false(on_disk("at the door", 11));
}

static void test_an_erasure_reaches_the_backups(void **state)
{
    (void)state;
    char copy[96], keys[112], command[256];
    vt__json *receipt;
    snprintf(copy, sizeof copy, "%s/copy", test_folder());
    snprintf(keys, sizeof keys, "%s.keys", copy);
    const sealed before = read_sealed(person);
    assert_int_equal(vt__service_backup(test_folder(), copy, NULL), VT_OK);
    assert_int_equal(vt__subject_erase(&receipt, service, &me, person, NULL), VT__CODE_OK);
    const vt__json *backup = vt__json_at(vt__json_get(receipt, "backups"), 0);
    assert_string_equal(vt__json_string_or(backup, "keys", ""), keys);
    assert_true(vt__json_bool_or(backup, "destroyed", false));
    vt__json_free(receipt);
    /* the key was destroyed; what it sealed stays in the copy, closed for ever */
    assert_true(on_disk(before.bytes[1], 64));
    assert_false(on_disk(before.bytes[0], 64));
    vt__service_close(service);
    snprintf(command, sizeof command, "rm '%s'/vultus.db*", test_folder());
    assert_int_equal(system(command), 0);
    assert_int_equal(vt__service_restore(test_folder(), copy, keys, NULL), VT_OK);
    open_service();
    assert_int_equal(vt__person_exists(service, "default", staff, person, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__person_exists(service, "default", staff, other, NULL), VT__CODE_OK);
}

/* Erases in a process of its own that is killed after so many microseconds; false when it had ended before. */
static bool erase_and_kill(unsigned wait_us)
{
    pid_t child = fork();
    if (child == 0) {
        vt__json *receipt;
        open_service();
        vt__subject_erase(&receipt, service, &me, person, NULL);
        vt__service_close(service);
        _exit(0);
    }
    usleep(wait_us);
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

/* Killed anywhere, an erasure has happened or has not: no half of a person is left. */
static void test_a_killed_erasure_leaves_no_half(void **state)
{
    (void)state;
    int killed = 0, erased = 0;
    for (unsigned round = 0; round < 24; round++) {
        sealed before = read_sealed(person);
        vt__service_close(service);
        killed += erase_and_kill(500 + 700 * round);
        open_service();
        vt__json *json;
        vt__code code = vt__subject_export(&json, service, &me, person, false, NULL);
        if (code == VT__CODE_OK) {
            assert_int_equal(vt__json_count(vt__json_get(json, "records")), 2);
            vt__json_free(json);
            continue;
        }
        assert_int_equal(code, VT__CODE_PERSON_NOT_FOUND);
        for (size_t i = 0; i < 3; i++) assert_false(on_disk(before.bytes[i], 64));
        erased++;
        enrol(person, staff, "Zebulon Quist", 1);
    }
    print_message("%d of 24 were killed, %d had erased\n", killed, erased);
    assert_true(killed > 0);
}

static void test_what_is_held_stays(void **state)
{
    (void)state;
    vt__json *receipt;
    const vt__face_place place = { staff, person, NULL };
    assert_int_equal(vt__hold_set(service, &me, "00000000-0000-4000-8000-000000000000", "x", NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__hold_set(service, &me, "pg/nobody", "x", NULL), VT__CODE_COLLECTION_NOT_FOUND);
    assert_int_equal(vt__hold_set(service, &stranger, person, "x", NULL), VT__CODE_PERSON_NOT_FOUND);
    for (int of_group = 0; of_group < 2; of_group++) {
        const char *what = of_group ? "pg/staff" : person;
        assert_int_equal(vt__hold_set(service, &me, what, "case 7", NULL), VT__CODE_OK);
        assert_int_equal(vt__subject_erase(&receipt, service, &me, person, NULL), VT__CODE_HELD);
        assert_int_equal(vt__person_delete(service, &me, staff, person, NULL), VT__CODE_HELD);
        assert_int_equal(vt__face_delete(service, &me, place, face, NULL), VT__CODE_HELD);
        assert_int_equal(vt__collection_delete(service, &me, staff, NULL), VT__CODE_HELD);
        assert_int_equal(vt__person_exists(service, "default", staff, person, NULL), VT__CODE_OK);
        assert_int_equal(vt__hold_release(service, &me, what, NULL), VT__CODE_OK);
        assert_int_equal(vt__hold_release(service, &me, what, NULL), VT__CODE_BAD_ID);
    }
    assert_int_equal(vt__face_delete(service, &me, place, face, NULL), VT__CODE_OK);
    assert_int_equal(vt__collection_delete(service, &me, staff, NULL), VT__CODE_OK);
}

static void test_rules_of_retention(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int64_t days;
        vt__code code;
    } rows[] = {
        { "persons", 30, VT__CODE_OK },       { "audit", 400, VT__CODE_OK },
        { "pg/staff", 5, VT__CODE_OK },       { "pg/staff", 0, VT__CODE_OK },
        { "dir", 10, VT__CODE_OK },           { "pg/nobody", 5, VT__CODE_BAD_ARGUMENT },
        { "policy", 5, VT__CODE_BAD_ARGUMENT }, { "persons", -1, VT__CODE_BAD_ARGUMENT },
        { "persons", 36501, VT__CODE_BAD_ARGUMENT },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_int_equal(vt__retention_set(service, &me, rows[i].what, rows[i].days, NULL), rows[i].code);
    assert_int_equal(vt__retention_set(service, &reader, "persons", 5, NULL), VT__CODE_SCOPE_MISSING);
}

static size_t sweep(void)
{
    size_t removed;
    vt_error err;
    if (vt__retention_enforce(&removed, service, &err) != VT_OK) fail_msg("%s", err.text);
    return removed;
}

static void test_the_old_goes(void **state)
{
    (void)state;
    uuid late, in_list, in_directory;
    vt_template t = made_up_face(5, 1);
    const vt__face_place list = { guests, NULL, NULL };
    enrol(in_directory, directory, "Kept", 6);
    assert_int_equal(vt__face_add_template(in_list, service, &me, list, &t, NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__retention_set(service, &me, "persons", 30, NULL), VT__CODE_OK);
    assert_int_equal(vt__retention_set(service, &me, "dir", 90, NULL), VT__CODE_OK);
    assert_int_equal(vt__hold_set(service, &me, other, "case 7", NULL), VT__CODE_OK);
    now_ms += 20 * DAY_MS;
    enrol(late, staff, "Late", 7);
    assert_int_equal(sweep(), 0);
    now_ms += 10 * DAY_MS - 1;
    assert_int_equal(sweep(), 0);
    now_ms += 1;
    assert_int_equal(sweep(), 2); /* the person and the list's face; `other` is held, the directory has 90 days */
    assert_int_equal(vt__person_exists(service, "default", staff, person, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__person_exists(service, "default", staff, other, NULL), VT__CODE_OK);
    assert_int_equal(vt__person_exists(service, "default", staff, late, NULL), VT__CODE_OK);
    assert_int_equal(vt__hold_release(service, &me, other, NULL), VT__CODE_OK);
    vt__service_close(service);
    open_service(); /* starting sweeps */
    assert_int_equal(vt__person_exists(service, "default", staff, other, NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__person_exists(service, "default", directory, in_directory, NULL), VT__CODE_OK);
}

/* More than one page of records at once, two of one id in two collections at its end. */
static void test_rules_reach_the_last_of_many(void **state)
{
    (void)state;
    enum { MANY = 520 };
    vt__change *changes = vt__calloc(MANY, sizeof *changes);
    char (*ids)[VT__UUID_TEXT_BYTES] = vt__calloc(MANY, sizeof *ids);
    assert_non_null(changes);
    assert_non_null(ids);
    for (size_t i = 0; i < MANY; i++) {
        bool twin = i % 255 == 254; /* has its fore-goer's id */
        snprintf(ids[i], sizeof ids[i], "00000000-0000-4000-8000-%012zu", twin ? i - 1 : i);
        changes[i] = (vt__change){ VT__ADD, { .kind = VT__RECORD_PERSON, .tenant = "default", .scope = twin ? "pg/others" : "pg/staff", .owner = ids[i],
                                              .id = ids[i], .created_ms = now_ms, .changed_ms = now_ms }, 0 };
    }
    assert_int_equal(vt__store_commit(NULL, NULL, service->store, changes, MANY, NULL), VT_OK);
    assert_int_equal(vt__retention_set(service, &me, "persons", 30, NULL), VT__CODE_OK);
    now_ms += 30 * DAY_MS;
    sweep();
    uint64_t left;
    assert_int_equal(vt__store_count(&left, service->store, &(vt__query){ .kind = VT__RECORD_PERSON, .tenant = "default" }, NULL), VT_OK);
    assert_int_equal(left, 0);
    vt__free(changes);
    vt__free(ids);
}

static void test_the_report_tells_what_goes_next(void **state)
{
    (void)state;
    vt__json *json;
    assert_int_equal(vt__retention_set(service, &me, "pg/staff", 30, NULL), VT__CODE_OK);
    assert_int_equal(vt__hold_set(service, &me, person, "case 7", NULL), VT__CODE_OK);
    assert_int_equal(vt__retention_report(&json, service, &me, NULL), VT__CODE_OK);
    char *text = document_text(json), *named = strstr(text, person);
    assert_non_null(named);
    memcpy(named, "PERSON                              ", strlen(person));
    assert_string_equal(text, "{\"holdings\":[{\"kind\":\"person\",\"collection\":\"pg/staff\",\"count\":2,\"oldest\":\"2023-11-14T22:13:20Z\","
                              "\"keepDays\":30,\"nextRemoval\":\"2023-12-14T22:13:20Z\"},"
                              "{\"kind\":\"face\",\"collection\":\"pg/staff\",\"count\":2,\"oldest\":\"2023-11-14T22:13:20Z\"}],"
                              "\"holds\":[{\"what\":\"PERSON                              \",\"reason\":\"case 7\",\"since\":\"2023-11-14T22:13:20Z\"}]}");
    vt__free(text);
    vt__json_free(json);
    assert_int_equal(vt__retention_report(&json, service, &stranger, NULL), VT__CODE_OK);
    text = document_text(json);
    assert_string_equal(text, "{\"holdings\":[],\"holds\":[]}");
    vt__free(text);
    vt__json_free(json);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_export_shows_all_that_is_held),
        TEST(test_who_may_ask),
        TEST(test_nothing_is_left_after_an_erasure),
        TEST(test_an_erasure_reaches_the_backups),
        TEST(test_a_killed_erasure_leaves_no_half),
        TEST(test_what_is_held_stays),
        TEST(test_rules_of_retention),
        TEST(test_the_old_goes),
        TEST(test_rules_reach_the_last_of_many),
        TEST(test_the_report_tells_what_goes_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
