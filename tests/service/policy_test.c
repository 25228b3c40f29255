#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "service/registration.h"
#include "service/state.h"
#include "support/clocked.h"
#include "support/folder.h"

#define DAY_MS INT64_C(86400000)

static int64_t now_ms;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller second = { "default", "2", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller stranger = { "other", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller worker = { "default", "1", VT__SCOPE_ALL & ~VT__SCOPE_ADMIN, NULL, NULL };

static void open_service(bool evaluation)
{
    service = clocked_open(&now_ms, NULL, evaluation);
}

static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    open_service(false);
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

/* A whole registration of a purpose for key 1, to change. */
static vt__json *form(const char *purpose)
{
    vt__json *json = vt__json_object(), *keys = vt__json_array();
    vt__json_append(keys, vt__json_string("1"));
    vt__json_set_string(json, "purpose", purpose);
    vt__json_set(json, "keys", keys);
    for (const vt__policy_member *m = vt__policy_members; m->name; m++) vt__json_set_string(json, m->name, "as our notice says");
    vt__json_set_string(json, "authority", "court order; adults only");
    vt__json_set_integer(json, "retentionDays", 1);
    vt__json_set_bool(json, "termsAccepted", true);
    return json;
}

static vt__code try_form(char id[VT__UUID_TEXT_BYTES], vt__json *given, const vt__caller *caller, vt_error *err)
{
    vt__json *out = NULL;
    vt__code code = vt__policy_register(&out, service, caller, given, err);
    if (!code) snprintf(id, VT__UUID_TEXT_BYTES, "%s", vt__json_string_or(out, "policyId", ""));
    vt__json_free(out);
    vt__json_free(given);
    return code;
}

static void must_register(char id[VT__UUID_TEXT_BYTES], const char *purpose)
{
    vt_error err;
    if (try_form(id, form(purpose), &me, &err) != VT__CODE_OK) fail_msg("%s: %s", purpose, err.text);
}

static bool needs_registration(vt__action action)
{
    return action != VT__ACTION_DETECT && action != VT__ACTION_OPERATION_READ;
}

/* Every action under a purpose, as the table says. */
static void expect_actions(const vt__caller *caller, uint32_t permitted)
{
    for (int a = 0; a < VT__ACTION_COUNT; a++) {
        bool fine = !needs_registration((vt__action)a) || (permitted >> a & 1);
        vt__code code = vt__policy_check(service, caller, (vt__action)a, NULL);
        if (code != (fine ? VT__CODE_OK : VT__CODE_NOT_REGISTERED)) fail_msg("%s: %s", vt__action_name((vt__action)a), vt__code_name(code));
    }
}

/* Every purpose of the table: none, registered, of another key and tenant, expired, revoked. */
static void test_every_purpose_permits_its_actions(void **state)
{
    (void)state;
    expect_actions(&me, 0);
    for (size_t p = 0; vt__purpose_at(p); p++) {
        const vt__purpose *purpose = vt__purpose_at(p);
        char id[VT__UUID_TEXT_BYTES];
        must_register(id, purpose->id);
        expect_actions(&me, purpose->actions);
        expect_actions(&second, 0);
        expect_actions(&stranger, 0);
        now_ms += VT__POLICY_DAYS * DAY_MS - 1;
        expect_actions(&me, purpose->actions);
        now_ms += 1;
        expect_actions(&me, 0);
        now_ms -= VT__POLICY_DAYS * DAY_MS + 1; /* before it was registered */
        expect_actions(&me, 0);
        now_ms += 1;
        assert_int_equal(vt__policy_revoke(service, &me, id, NULL), VT__CODE_OK);
        expect_actions(&me, 0);
    }
    assert_null(vt__purpose_find("evaluation"));
    assert_int_equal(vt__purpose_find("media-archive")->actions >> VT__ACTION_IDENTIFY & 1, 0);
    assert_int_equal(vt__purpose_find("identity-verification")->actions >> VT__ACTION_IDENTIFY & 1, 0);
    assert_true(vt__purpose_find("personalisation")->consent_required);
}

static void test_what_a_registration_must_say(void **state)
{
    (void)state;
    char id[VT__UUID_TEXT_BYTES], longest[2002];
    vt_error err;
    memset(longest, 'x', 2001);
    longest[2001] = '\0';
    for (const vt__policy_member *m = vt__policy_members; m->name; m++) {
        static const char *const bad[] = { "", "-" };
        for (size_t i = 0; i <= ROWS(bad); i++) {
            vt__json *given = form("touchless-access");
            vt__json_set_string(given, m->name, i < ROWS(bad) ? bad[i] : longest);
            assert_int_equal(try_form(id, given, &me, &err), VT__CODE_BAD_ARGUMENT);
            assert_non_null(strstr(err.text, m->name));
            assert_non_null(strstr(err.text, m->help));
        }
    }
    const struct {
        const char *member;
        vt__json *value;
        const char *said;
    } rows[] = {
        { "purpose", vt__json_string("surveillance"), "'purpose' must be one of" },
        { "purpose", vt__json_string("evaluation"), "'purpose' must be one of" },
        { "keys", vt__json_array(), "'keys' must name" },
        { "keys", vt__json_string("1"), "'keys' must name" },
        { "retentionDays", vt__json_integer(0), "'retentionDays' must be 1 to 730" },
        { "retentionDays", vt__json_integer(731), "'retentionDays' must be 1 to 730" },
        { "days", vt__json_integer(731), "must be 1 to 730" },
        { "termsAccepted", vt__json_bool(false), "'termsAccepted' must be true: read the terms" },
        { "termsAccepted", vt__json_string("true"), "'termsAccepted' must be true" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__json *given = form("touchless-access");
        vt__json_set(given, rows[i].member, rows[i].value);
        assert_int_equal(try_form(id, given, &me, &err), VT__CODE_BAD_ARGUMENT);
        if (!strstr(err.text, rows[i].said)) fail_msg("%s", err.text);
    }
    vt__json *suspects = form("apprehended-suspects");
    vt__json_set_string(suspects, "authority", "");
    assert_int_equal(try_form(id, suspects, &me, &err), VT__CODE_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "none is a minor"));
    assert_int_equal(try_form(id, form("touchless-access"), &worker, &err), VT__CODE_SCOPE_MISSING);
    expect_actions(&me, 0);
}

static void test_registrations_are_kept_and_shown(void **state)
{
    (void)state;
    char id[VT__UUID_TEXT_BYTES];
    vt__json *json;
    must_register(id, "touchless-access");
    vt__service_close(service);
    open_service(false);
    expect_actions(&me, vt__purpose_find("touchless-access")->actions);
    assert_int_equal(vt__policy_show(&json, service, &me, id, NULL), VT__CODE_OK);
    assert_string_equal(vt__json_string_or(json, "state", ""), "active");
    assert_string_equal(vt__json_string_or(json, "secondaryWay", ""), "as our notice says");
    assert_string_equal(vt__json_string_or(json, "until", ""), "2024-11-13T22:13:20Z");
    assert_non_null(strstr(vt__json_string_or(json, "terms", ""), "state or local police in the United States"));
    vt__json_free(json);
    /* the registration's days became the rule for persons */
    vt__records rule;
    const vt__query query = { .kind = VT__RECORD_RETENTION, .tenant = "default", .id = "persons" };
    assert_int_equal(vt__store_get(&rule, service->store, &query, NULL), VT_OK);
    vt__records_free(&rule);
    assert_int_equal(vt__policy_show(&json, service, &stranger, id, NULL), VT__CODE_POLICY_NOT_FOUND);
    assert_int_equal(vt__policy_revoke(service, &stranger, id, NULL), VT__CODE_POLICY_NOT_FOUND);
    assert_int_equal(vt__policy_revoke(service, &worker, id, NULL), VT__CODE_SCOPE_MISSING);
    assert_int_equal(vt__policy_revoke(service, &me, id, NULL), VT__CODE_OK);
    assert_int_equal(vt__policy_list(&json, service, &me, NULL), VT__CODE_OK);
    assert_int_equal(vt__json_count(json), 1);
    assert_string_equal(vt__json_string_or(vt__json_at(json, 0), "state", ""), "revoked");
    vt__json_free(json);
    vt__service_close(service);
    open_service(false);
    expect_actions(&me, 0);
}

/* Thirty days from the first start with it, however often it is started, and only while it is asked for. */
static void test_evaluation_ends(void **state)
{
    (void)state;
    const uint32_t all = UINT32_MAX;
    const struct {
        int64_t days;
        bool asked;
        uint32_t permitted;
    } rows[] = { { 0, true, all }, { 20, true, all }, { 21, false, 0 }, { 29, true, all }, { 30, true, 0 }, { 60, true, 0 }, { -1, true, 0 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__service_close(service);
        now_ms = CLOCKED_START_MS + rows[i].days * DAY_MS;
        open_service(rows[i].asked);
        expect_actions(&me, rows[i].permitted);
        if (rows[i].permitted) assert_string_equal(vt__policy_purpose(service, &me, VT__ACTION_IDENTIFY), "evaluation");
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_every_purpose_permits_its_actions),
        TEST(test_what_a_registration_must_say),
        TEST(test_registrations_are_kept_and_shown),
        TEST(test_evaluation_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
