#include "support/test.h"

#include <stdio.h>

#include "base/memory.h"
#include "service/consent.h"
#include "service/recognition.h"
#include "service/registration.h"
#include "service/subject.h"
#include "support/clocked.h"
#include "support/faces.h"
#include "support/folder.h"
#include "support/made_up.h"

#define DAY_MS INT64_C(86400000)
#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static int64_t now_ms;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller strict = { "default", "2", VT__SCOPE_ALL, NULL, NULL }; /* its purpose requires consent */
static const vt__caller both = { "default", "3", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller stranger = { "other", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller reader = { "default", "1", VT__SCOPE_RECOGNIZE, NULL, NULL };

static const vt__collection_id places[] = {
    { VT__KIND_PERSON_GROUP, "staff" }, { VT__KIND_LARGE_PERSON_GROUP, "many" }, { VT__KIND_DIRECTORY, "" },
};
static const vt__collection_id dynamic = { VT__KIND_DYNAMIC_GROUP, "shift" };
enum { STAFF, MANY, DIRECTORY, PLACES };

static uuid nearest[PLACES], next[PLACES], probe;

static void register_use(const char *purpose, const char *key)
{
    vt__json *json = vt__json_object(), *keys = vt__json_array(), *out = NULL;
    vt_error err;
    vt__json_append(keys, vt__json_string(key));
    vt__json_set_string(json, "purpose", purpose);
    vt__json_set(json, "keys", keys);
    for (const vt__policy_member *m = vt__policy_members; m->name; m++) vt__json_set_string(json, m->name, "as our notice says");
    vt__json_set_integer(json, "retentionDays", 90);
    vt__json_set_bool(json, "termsAccepted", true);
    if (vt__policy_register(&out, service, &me, json, &err)) fail_msg("%s: %s", purpose, err.text);
    vt__json_free(out);
    vt__json_free(json);
}

static void enrol(uuid out, vt__collection_id which, uint32_t shot)
{
    vt_template t = made_up_face(1, shot);
    uuid face;
    const vt__face_place place = { which, out, which.kind == VT__KIND_DIRECTORY ? MODEL : NULL };
    assert_int_equal(vt__person_create(out, service, &me, which, "A Name", NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__face_add_template(face, service, &me, place, &t, NULL, NULL), VT__CODE_OK);
}

/* Two persons of every place look alike; the nearest has the very template that is asked for. */
static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    service = clocked_open(&now_ms, shared.engine, false);
    register_use("duplicate-users", "1");
    register_use("touchless-access", "2");
    register_use("duplicate-users", "3");
    register_use("personalisation", "3");
    for (int p = 0; p < PLACES; p++) {
        if (p != DIRECTORY && vt__collection_create(service, &me, places[p], "A", NULL, MODEL, NULL)) return -1;
        enrol(nearest[p], places[p], 1);
        enrol(next[p], places[p], 2);
        if (p != DIRECTORY && vt__collection_train(service, &me, places[p], NULL)) return -1;
    }
    if (vt__collection_create(service, &me, dynamic, "Shift", NULL, NULL, NULL)) return -1;
    const char *const members[] = { nearest[DIRECTORY], next[DIRECTORY] };
    if (vt__members_change(service, &me, dynamic.id, members, 2, NULL, 0, NULL)) return -1;
    vt_template t = made_up_face(1, 1);
    return vt__face_id_make(probe, service, &me, &t, MODEL, 0, NULL);
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

/* Whom an identification for one candidate names: 'n'earest, ne'x't or '-' for nobody. */
static char identified(const vt__caller *caller, vt__collection_id which)
{
    const char *const ids[] = { probe };
    vt__candidates *out;
    vt_error err;
    const vt__identify_request request = { .face_ids = ids, .face_count = 1, .scope = which, .max_candidates = 1, .threshold = -1 };
    if (vt__service_identify(&out, service, caller, &request, &err)) fail_msg("%s", err.text);
    char answer = '-';
    for (int p = 0; p < PLACES && out[0].count; p++) {
        if (!strcmp(out[0].items[0].id, nearest[p])) answer = 'n';
        if (!strcmp(out[0].items[0].id, next[p])) answer = 'x';
    }
    vt__identified_free(out, 1);
    return answer;
}

static vt__code verified(const vt__caller *caller, int place)
{
    vt__verified out;
    vt__code code = vt__service_verify_person(&out, service, caller, probe, places[place], nearest[place], NULL);
    assert_int_equal(out.identical, code == VT__CODE_OK);
    return code;
}

static void give(const char *person_id, int64_t until_ms)
{
    char until[VT__TIME_TEXT_BYTES];
    vt__json *given = vt__json_object(), *out = NULL;
    vt_error err;
    vt__json_set_string(given, "how", "a signed form");
    vt__json_set_string(given, "textVersion", "2026-01");
    vt__time_text(until, until_ms);
    if (until_ms) vt__json_set_string(given, "until", until);
    if (vt__consent_set(&out, service, &me, person_id, given, &err)) fail_msg("%s", err.text);
    assert_string_equal(vt__json_string_or(out, "state", ""), "given");
    vt__json_free(out);
    vt__json_free(given);
}

static void withdraw(const char *person_id)
{
    assert_int_equal(vt__consent_withdraw(service, &me, person_id, NULL), VT__CODE_OK);
}

/* What every operation answers: whom an identification names, whether a verification of the nearest is refused. */
static void expect(const char *when, char named, char named_where_required, bool compared, bool compared_where_required)
{
    for (int p = 0; p <= PLACES; p++) {
        vt__collection_id which = p < PLACES ? places[p] : dynamic;
        char one = identified(&me, which), two = identified(&strict, which), three = identified(&both, which);
        if (one != named || two != named_where_required || three != named_where_required)
            fail_msg("%s, identify in place %d: %c %c %c", when, p, one, two, three);
        if (p == PLACES) continue;
        vt__code refused = VT__CODE_NO_CONSENT, fine = VT__CODE_OK;
        assert_int_equal(verified(&me, p), compared ? fine : refused);
        assert_int_equal(verified(&strict, p), compared_where_required ? fine : refused);
        assert_int_equal(verified(&both, p), compared_where_required ? fine : refused);
    }
}

static void reopen(void)
{
    vt__service_close(service);
    service = clocked_open(&now_ms, shared.engine, false);
}

static void test_every_operation_heeds_consent(void **state)
{
    (void)state;
    expect("no records", 'n', '-', true, false);
    for (int p = 0; p < PLACES; p++) give(next[p], 0);
    expect("only the next consented", 'n', 'x', true, false);
    for (int p = 0; p < PLACES; p++) give(nearest[p], now_ms + 10 * DAY_MS);
    expect("both consented", 'n', 'n', true, true);
    reopen();
    now_ms += 9 * DAY_MS;
    vt_template t = made_up_face(1, 1);
    assert_int_equal(vt__face_id_make(probe, service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
    expect("shortly before the end", 'n', 'n', true, true);
    now_ms += DAY_MS - 1000;
    expect("one second before the end", 'n', 'n', true, true);
    now_ms += 1000;
    assert_int_equal(vt__face_id_make(probe, service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
    expect("ended", 'x', 'x', false, false);
    for (int p = 0; p < PLACES; p++) give(nearest[p], 0);
    expect("given anew", 'n', 'n', true, true);
    for (int p = 0; p < PLACES; p++) withdraw(nearest[p]);
    expect("withdrawn", 'x', 'x', false, false);
    reopen();
    for (int p = 0; p < PLACES; p++) withdraw(next[p]);
    expect("both withdrawn", '-', '-', false, false);
}

static void test_what_a_record_must_say(void **state)
{
    (void)state;
    static const struct {
        const char *json, *said;
    } rows[] = {
        { "{}", "'how'" },
        { "{\"how\":\"\",\"textVersion\":\"1\"}", "'how'" },
        { "{\"how\":\"form\"}", "'textVersion'" },
        { "{\"how\":\"form\",\"textVersion\":\"1\",\"given\":\"yesterday\"}", "'given'" },
        { "{\"how\":\"form\",\"textVersion\":\"1\",\"given\":\"2999-01-01T00:00:00Z\"}", "'given'" },
        { "{\"how\":\"form\",\"textVersion\":\"1\",\"until\":\"never\"}", "'until'" },
        { "{\"how\":\"form\",\"textVersion\":\"1\",\"until\":7}", "'until'" },
        { "{\"how\":\"form\",\"textVersion\":\"1\",\"given\":\"2020-01-02T00:00:00Z\",\"until\":\"2020-01-01T00:00:00Z\"}", "'until'" },
    };
    vt_error err;
    vt__json *given, *out;
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(vt__json_parse(&given, rows[i].json, strlen(rows[i].json), 0, NULL), VT_OK);
        assert_int_equal(vt__consent_set(&out, service, &me, nearest[STAFF], given, &err), VT__CODE_BAD_ARGUMENT);
        if (!strstr(err.text, rows[i].said)) fail_msg("%s: %s", rows[i].json, err.text);
        vt__json_free(given);
    }
    assert_int_equal(vt__consent_get(&out, service, &me, nearest[STAFF], NULL), VT__CODE_OK);
    assert_string_equal(vt__json_string_or(out, "state", ""), "none");
    vt__json_free(out);
}

static void test_who_may_ask(void **state)
{
    (void)state;
    const struct {
        const vt__caller *caller;
        const char *id;
        vt__code code;
    } rows[] = {
        { &reader, nearest[STAFF], VT__CODE_SCOPE_MISSING },
        { &stranger, nearest[STAFF], VT__CODE_PERSON_NOT_FOUND },
        { &me, "no-uuid", VT__CODE_BAD_ID },
        { &me, "00000000-0000-4000-8000-000000000000", VT__CODE_PERSON_NOT_FOUND },
    };
    vt__json *json, *given = vt__json_object();
    vt__json_set_string(given, "how", "a form");
    vt__json_set_string(given, "textVersion", "1");
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(vt__consent_get(&json, service, rows[i].caller, rows[i].id, NULL), rows[i].code);
        assert_int_equal(vt__consent_set(&json, service, rows[i].caller, rows[i].id, given, NULL), rows[i].code);
        assert_int_equal(vt__consent_withdraw(service, rows[i].caller, rows[i].id, NULL), rows[i].code);
    }
    vt__json_free(given);
    expect("untouched", 'n', '-', true, false);
}

static void test_the_record_goes_with_the_person(void **state)
{
    (void)state;
    vt__json *json;
    give(nearest[STAFF], 0);
    assert_int_equal(vt__subject_export(&json, service, &me, nearest[STAFF], false, NULL), VT__CODE_OK);
    char *text = vt__json_text(json, false);
    assert_non_null(strstr(text, "\"consent\":{\"personId\""));
    assert_non_null(strstr(text, "\"textVersion\":\"2026-01\""));
    vt__free(text);
    vt__json_free(json);
    assert_int_equal(vt__subject_erase(&json, service, &me, nearest[STAFF], NULL), VT__CODE_OK);
    vt__json_free(json);
    assert_int_equal(vt__consent_get(&json, service, &me, nearest[STAFF], NULL), VT__CODE_PERSON_NOT_FOUND);
    assert_int_equal(vt__subject_export(&json, service, &me, nearest[STAFF], false, NULL), VT__CODE_PERSON_NOT_FOUND);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_every_operation_heeds_consent),
        TEST(test_what_a_record_must_say),
        TEST(test_who_may_ask),
        TEST(test_the_record_goes_with_the_person),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
