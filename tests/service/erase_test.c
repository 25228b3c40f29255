/* What is erased, deleted or expired is on no file of the data folder, for every kind of object; also when the process is killed
 * with SIGKILL in the middle and started again. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/memory.h"
#include "service/consent.h"
#include "service/liveness_session.h"
#include "service/review.h"
#include "service/subject.h"
#include "support/clocked.h"
#include "support/folder.h"
#include "support/kept.h"
#include "support/made_up.h"

#define MODEL "recognition_04"
#define DAY_MS INT64_C(86400000)
#define ID "an-id"

typedef char uuid[VT__UUID_TEXT_BYTES];

static int64_t now_ms;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static uuid subject;   /* what is erased */
static vt__collection_id place;

static void must(vt__code code, const vt_error *err)
{
    if (code) fail_msg("%s: %s", vt__code_name(code), err->text);
}

static void make_collection(vt__kind kind)
{
    vt_error err;
    place = (vt__collection_id){ kind, kind == VT__KIND_DIRECTORY ? "" : ID };
    if (kind != VT__KIND_DIRECTORY) must(vt__collection_create(service, &me, place, "Zebulon's people", "born-in-Atlantis", MODEL, &err), &err);
}

static void add_person(uuid out, vt__collection_id which)
{
    uuid face;
    vt_error err;
    vt_template t = made_up_face(1, 1);
    must(vt__person_create(out, service, &me, which, "Zebulon Quist", "born-in-Atlantis", &err), &err);
    const vt__face_place at = { which, out, which.kind == VT__KIND_DIRECTORY ? MODEL : NULL };
    must(vt__face_add_template(face, service, &me, at, &t, "first-shot", &err), &err);
}

static void make_person(vt__kind kind)
{
    make_collection(kind);
    add_person(subject, place);
    vt__json *given = vt__json_object(), *out;
    vt_error err;
    vt__json_set_string(given, "how", "a form in Atlantis");
    vt__json_set_string(given, "textVersion", "Zebulon 7");
    must(vt__consent_set(&out, service, &me, subject, given, &err), &err);
    vt__json_free(out);
    vt__json_free(given);
}

static void make_grouped_person(vt__kind kind)
{
    vt_error err;
    make_person(kind);
    must(vt__collection_create(service, &me, (vt__collection_id){ VT__KIND_DYNAMIC_GROUP, ID }, "a group", NULL, NULL, &err), &err);
    const char *const members[] = { subject };
    must(vt__members_change(service, &me, ID, members, 1, NULL, 0, &err), &err);
}

static void make_list_face(vt__kind kind)
{
    vt_error err;
    vt_template t = made_up_face(1, 1);
    make_collection(kind);
    must(vt__face_add_template(subject, service, &me, (vt__face_place){ place, NULL, NULL }, &t, "born-in-Atlantis", &err), &err);
}

static void make_full_group(vt__kind kind)
{
    uuid one;
    make_collection(kind);
    add_person(one, place);
    subject[0] = '\0';
}

static void make_face_id(vt__kind kind)
{
    (void)kind;
    vt_error err;
    vt_template t = made_up_face(1, 1);
    must(vt__face_id_make(subject, service, &me, &t, MODEL, 60, &err), &err);
}

static void make_session(vt__kind kind)
{
    (void)kind;
    vt_error err;
    vt__liveness_session session = { .ttl_s = 600, .attempts_allowed = 1, .verify_threshold = -1, .device = "Zebulon's phone" };
    must(vt__liveness_create(&session, service, &me, NULL, NULL, 0, &err), &err);
    memcpy(subject, session.id, sizeof subject);
}

static void make_review(vt__kind kind)
{
    make_collection(kind);
    vt_error err;
    vt__candidate one = { .confidence = 0.6f };
    vt__uuid_make(one.id);
    const vt__candidates found = { .items = &one, .count = 1 };
    must(vt__review_open(subject, service, &me, place, one.id, &found, &err), &err);
}

/* ---- ends: OK or not there any more ---- */

static vt__code erase_subject(void)
{
    vt__json *receipt = NULL;
    vt__code code = vt__subject_erase(&receipt, service, &me, subject, NULL);
    vt__json_free(receipt);
    return code == VT__CODE_PERSON_NOT_FOUND ? VT__CODE_OK : code;
}

static vt__code delete_person(void)
{
    vt__code code = vt__person_delete(service, &me, place, subject, NULL);
    return code == VT__CODE_PERSON_NOT_FOUND ? VT__CODE_OK : code;
}

static vt__code delete_collection(void)
{
    vt__code code = vt__collection_delete(service, &me, place, NULL);
    return code == VT__CODE_COLLECTION_NOT_FOUND ? VT__CODE_OK : code;
}

static vt__code delete_session(void)
{
    vt__code code = vt__liveness_delete(service, &me, subject, false, NULL);
    return code == VT__CODE_OPERATION_NOT_FOUND ? VT__CODE_OK : code;
}

static vt__code expire(void)
{
    now_ms += 20 * DAY_MS;
    return vt__code_of(vt__service_sweep(NULL, service, NULL));
}

static const struct {
    const char *name;
    vt__kind kind;
    void (*make)(vt__kind kind);
    vt__code (*end)(void);
    bool whole; /* the collection goes too */
} rows[] = {
    { "person of a group", VT__KIND_PERSON_GROUP, make_person, erase_subject, false },
    { "person of a large group", VT__KIND_LARGE_PERSON_GROUP, make_person, erase_subject, false },
    { "person of the directory", VT__KIND_DIRECTORY, make_person, erase_subject, false },
    { "person in a dynamic group", VT__KIND_DIRECTORY, make_grouped_person, erase_subject, false },
    { "person deleted", VT__KIND_PERSON_GROUP, make_person, delete_person, false },
    { "person of the directory deleted", VT__KIND_DIRECTORY, make_grouped_person, delete_person, false },
    { "face of a list", VT__KIND_FACE_LIST, make_list_face, erase_subject, false },
    { "face of a large list", VT__KIND_LARGE_FACE_LIST, make_list_face, erase_subject, false },
    { "face list", VT__KIND_FACE_LIST, make_list_face, delete_collection, true },
    { "large face list", VT__KIND_LARGE_FACE_LIST, make_list_face, delete_collection, true },
    { "person group", VT__KIND_PERSON_GROUP, make_full_group, delete_collection, true },
    { "large person group", VT__KIND_LARGE_PERSON_GROUP, make_full_group, delete_collection, true },
    { "face id", VT__KIND_PERSON_GROUP, make_face_id, expire, false },
    { "liveness session deleted", VT__KIND_PERSON_GROUP, make_session, delete_session, false },
    { "liveness session expired", VT__KIND_PERSON_GROUP, make_session, expire, false },
    { "review", VT__KIND_PERSON_GROUP, make_review, expire, false },
};

/* ---- sealed bytes, as they lie in the database ---- */

enum { BLOBS = 32, BLOB_BYTES = 40 };

typedef struct sealed {
    uint8_t bytes[BLOBS][BLOB_BYTES];
    int count;
} sealed;

static sealed read_sealed(bool whole)
{
    static const char sql[] = "SELECT wrapped FROM data_key WHERE tenant='default' AND (owner=?1 OR scope=?2) UNION ALL "
                              "SELECT body FROM record WHERE tenant='default' AND (owner=?1 OR id=?1 OR scope=?2)";
    sealed out = { .count = 0 };
    char path[96], scope[VT__SCOPE_TEXT_BYTES] = "nowhere";
    sqlite3 *db;
    sqlite3_stmt *statement;
    if (whole) vt__scope_text(scope, place);
    snprintf(path, sizeof path, "%s/vultus.db", test_folder());
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, subject[0] ? subject : "nobody", -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, scope, -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW && out.count < BLOBS) {
        if (sqlite3_column_bytes(statement, 0) < BLOB_BYTES) continue;
        memcpy(out.bytes[out.count++], sqlite3_column_blob(statement, 0), BLOB_BYTES);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return out;
}

/* How many of them stand in any file of the data folder; -1 when a name or a template does in the clear. */
static int on_disk(const sealed *blobs)
{
    static char content[1 << 23];
    bool there[BLOBS] = { false };
    int count = 0;
    char command[96], path[512];
    const vt_template t = made_up_face(1, 1);
    snprintf(command, sizeof command, "find '%s' -type f", test_folder());
    FILE *list = popen(command, "r");
    while (fgets(path, sizeof path, list)) {
        path[strcspn(path, "\n")] = '\0';
        FILE *file = fopen(path, "r");
        size_t size = file ? fread(content, 1, sizeof content, file) : 0;
        if (file) fclose(file);
        for (int i = 0; i < blobs->count; i++) there[i] |= memmem(content, size, blobs->bytes[i], BLOB_BYTES) != NULL;
        if (memmem(content, size, "Zebulon", 7) || memmem(content, size, "Atlantis", 8) || memmem(content, size, t.values, 64)) count = -1000;
    }
    pclose(list);
    for (int i = 0; i < blobs->count; i++) count += there[i];
    return count < 0 ? -1 : count;
}

/* ---- the tests ---- */

static void open_service(void)
{
    service = clocked_open(&now_ms, NULL, true);
}

static void begin_one(size_t row)
{
    now_ms = CLOCKED_START_MS;
    test_folder_remove(NULL);
    open_service();
    rows[row].make(rows[row].kind);
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        begin_one(i);
        const sealed before = read_sealed(rows[i].whole);
        kept_is_known(test_folder());
        int found = on_disk(&before);
        if (before.count < 1 || found != before.count) fail_msg("%s: %d of %d at first", rows[i].name, found, before.count);
        assert_int_equal(rows[i].end(), VT__CODE_OK);
        found = on_disk(&before);
        if (found) fail_msg("%s: %d of %d are left", rows[i].name, found, before.count);
        vt__service_close(service);
    }
}

/* Ends it in a process of its own that is killed after so many microseconds. */
static bool end_and_kill(size_t row, unsigned wait_us)
{
    int ready[2], status;
    char one;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        open_service();
        if (write(ready[1], "x", 1) != 1) _exit(1);
        rows[row].end();
        pause();
    }
    assert_int_equal(read(ready[0], &one, 1), 1);
    close(ready[0]);
    close(ready[1]);
    usleep(wait_us);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

/* Killed at any time: begun again, it ends, and nothing is left then. */
static void test_nothing_is_left_after_a_kill(void **state)
{
    (void)state;
    int happened = 0, not_yet = 0;
    for (size_t i = 0; i < ROWS(rows); i++)
        for (unsigned round = 0; round < 4; round++) {
            begin_one(i);
            const sealed before = read_sealed(rows[i].whole);
            vt__service_close(service);
            assert_true(end_and_kill(i, 500 + 5000 * round));
            open_service();
            int left = on_disk(&before);
            if (left == before.count) not_yet++;
            else happened++;
            assert_int_equal(rows[i].end(), VT__CODE_OK);
            left = on_disk(&before);
            if (left) fail_msg("%s, round %u: %d of %d are left", rows[i].name, round, left, before.count);
            vt__service_close(service);
        }
    print_message("killed before anything went: %d, after: %d\n", not_yet, happened);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing_is_left), cmocka_unit_test(test_nothing_is_left_after_a_kill) };
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
