#include "support/test.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "service/guard.h"
#include "service/oversight.h"
#include "service/review.h"
#include "support/clocked.h"
#include "support/faces.h"
#include "support/folder.h"
#include "support/made_up.h"

#define MODEL "recognition_04"
#define MINUTE_MS INT64_C(60000)

typedef char uuid[VT__UUID_TEXT_BYTES];

static int64_t now_ms;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller door = { "default", "1", VT__SCOPE_ALL, "door", NULL };
static const vt__caller gate = { "default", "1", VT__SCOPE_ALL, "gate", NULL };
static const vt__caller stranger = { "other", "1", VT__SCOPE_ALL, "door", NULL };
static const vt__caller worker = { "default", "1", VT__SCOPE_RECOGNIZE | VT__SCOPE_MANAGE, NULL, NULL };
static const vt__collection_id staff = { VT__KIND_PERSON_GROUP, "staff" };
static uuid ann, bea;

/* A template at a confidence to the made-up face of a person. */
static vt_template like(uint32_t person, float confidence)
{
    vt_template a = made_up_face(person, 1), b = made_up_face(999, 1);
    float along = vt_engine_cosine(shared.engine, confidence), dot = 0, length = 0;
    for (uint32_t i = 0; i < a.dimension; i++) dot += a.values[i] * b.values[i];
    for (uint32_t i = 0; i < a.dimension; i++) b.values[i] -= dot * a.values[i], length += b.values[i] * b.values[i];
    float across = sqrtf((1 - along * along) / length);
    for (uint32_t i = 0; i < a.dimension; i++) a.values[i] = along * a.values[i] + across * b.values[i];
    return a;
}

static void enrol(uuid out, const char *name, const vt_template *t)
{
    uuid face;
    assert_int_equal(vt__person_create(out, service, &me, staff, name, "badge 7", NULL), VT__CODE_OK);
    assert_int_equal(vt__face_add_template(face, service, &me, (vt__face_place){ staff, out, NULL }, t, NULL, NULL), VT__CODE_OK);
}

static int begin(void **state)
{
    (void)state;
    now_ms = CLOCKED_START_MS;
    service = clocked_open(&now_ms, shared.engine, true);
    if (vt__collection_create(service, &me, staff, "Staff", NULL, MODEL, NULL)) return -1;
    vt_template a = made_up_face(1, 1), b = made_up_face(2, 1);
    enrol(ann, "Ann", &a);
    enrol(bea, "Bea", &b);
    return vt__collection_train(service, &me, staff, NULL);
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

static void set_oversight(const char *text)
{
    vt__json *given;
    vt_error err;
    assert_int_equal(vt__json_parse(&given, text, strlen(text), 0, NULL), VT_OK);
    if (vt__oversight_set(service, &me, staff, given, &err)) fail_msg("%s", err.text);
    vt__json_free(given);
}

static vt__code ask(vt__candidates *out, const vt__caller *caller, const vt_template *t, double fpir, bool explain, vt_error *err)
{
    uuid probe;
    vt__candidates *results;
    *out = (vt__candidates){ .items = NULL };
    vt__code code = vt__face_id_make(probe, service, caller, t, MODEL, 60, err);
    const char *const ids[] = { probe };
    const vt__identify_request request = { .face_ids = ids, .face_count = 1, .scope = staff, .max_candidates = 1, .threshold = -1,
                                           .target_fpir = fpir, .explain = explain };
    if (!code) code = vt__service_identify(&results, service, caller, &request, err);
    if (code) return code;
    *out = results[0];
    out->items = NULL; /* tests look at the count only */
    vt__identified_free(results, 1);
    return VT__CODE_OK;
}

static vt__candidates must_ask(const vt_template *t, double fpir, bool explain)
{
    vt__candidates found;
    vt_error err;
    if (ask(&found, &me, t, fpir, explain, &err)) fail_msg("%s", err.text);
    return found;
}

static void test_a_match_between_thresholds_needs_review(void **state)
{
    (void)state;
    const struct {
        float confidence;
        vt__decision decision;
        size_t count;
    } rows[] = {
        { 0.95f, VT__DECISION_MATCH, 1 },        { 0.72f, VT__DECISION_MATCH, 1 },         { 0.68f, VT__DECISION_NEEDS_REVIEW, 0 },
        { 0.52f, VT__DECISION_NEEDS_REVIEW, 0 }, { 0.48f, VT__DECISION_UNKNOWN, 0 },       { 0.1f, VT__DECISION_UNKNOWN, 0 },
    };
    vt_template t;
    for (size_t i = 0; i < ROWS(rows); i++) {
        t = like(1, rows[i].confidence);
        vt__candidates found = must_ask(&t, 0, false);
        assert_int_equal(found.decision, VT__DECISION_NONE); /* as the hosted service answers */
        assert_int_equal(found.count, rows[i].confidence >= 0.5f);
    }
    set_oversight("{\"review\":1,\"acceptThreshold\":0.7,\"reviewThreshold\":0.5}");
    for (size_t i = 0; i < ROWS(rows); i++) {
        t = like(1, rows[i].confidence);
        vt__candidates found = must_ask(&t, 0, false);
        if (found.decision != rows[i].decision || found.count != rows[i].count) fail_msg("row %zu: %d %zu", i, found.decision, found.count);
        assert_int_equal(found.review_id[0] != '\0', rows[i].decision == VT__DECISION_NEEDS_REVIEW);
    }
    vt__json *list;
    assert_int_equal(vt__review_list(&list, service, &me, "pending", NULL), VT__CODE_OK);
    assert_int_equal(vt__json_count(list), 2);
    vt__json_free(list);
    /* with another collection of the same name there is none */
    assert_int_equal(vt__collection_delete(service, &me, staff, NULL), VT__CODE_OK);
    assert_int_equal(vt__review_list(&list, service, &me, NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__json_count(list), 0);
    vt__json_free(list);
    assert_int_equal(vt__collection_create(service, &me, staff, "Staff", NULL, MODEL, NULL), VT__CODE_OK);
    vt__oversight rule;
    assert_int_equal(vt__oversight_find(&rule, service, "default", staff, NULL), VT__CODE_OK);
    assert_false(rule.set);
}

static void test_two_candidates_too_close_are_ambiguous(void **state)
{
    (void)state;
    uuid twin;
    vt_template t = made_up_face(1, 1), close = like(1, 0.97f);
    vt__candidates found = must_ask(&t, 0, true);
    assert_int_equal(found.decision, VT__DECISION_MATCH);
    assert_false(found.ambiguous);
    enrol(twin, "Ann's twin", &close);
    assert_int_equal(vt__collection_train(service, &me, staff, NULL), VT__CODE_OK);
    found = must_ask(&t, 0, true);
    assert_int_equal(found.decision, VT__DECISION_MATCH);
    assert_true(found.ambiguous);
    assert_int_equal(found.count, 1); /* as asked for */
    set_oversight("{\"review\":1}");
    found = must_ask(&t, 0, false);
    assert_int_equal(found.decision, VT__DECISION_NEEDS_REVIEW);
    assert_int_equal(found.count, 0);
    set_oversight("{\"review\":1,\"ambiguousMargin\":0.001}");
    found = must_ask(&t, 0, false);
    assert_int_equal(found.decision, VT__DECISION_MATCH);
}

static void test_a_reviewer_decides_once(void **state)
{
    (void)state;
    set_oversight("{\"review\":1}");
    vt_template t = like(1, 0.6f);
    vt__candidates found = must_ask(&t, 0, false);
    vt__json *json;
    vt_error err;
    assert_int_equal(vt__review_get(&json, service, &worker, found.review_id, NULL), VT__CODE_OK);
    char *text = vt__json_text(json, false);
    assert_non_null(strstr(text, "\"state\":\"pending\""));
    assert_non_null(strstr(text, "\"name\":\"Ann\",\"userData\":\"badge 7\""));
    vt__free(text);
    vt__json_free(json);
    assert_int_equal(vt__review_get(&json, service, &stranger, found.review_id, NULL), VT__CODE_REVIEW_NOT_FOUND);
    assert_int_equal(vt__review_decide(service, &stranger, found.review_id, NULL, NULL), VT__CODE_REVIEW_NOT_FOUND);
    assert_int_equal(vt__review_decide(service, &worker, found.review_id, bea, &err), VT__CODE_BAD_ARGUMENT);
    assert_int_equal(vt__review_decide(service, &worker, found.review_id, ann, NULL), VT__CODE_OK);
    assert_int_equal(vt__review_decide(service, &worker, found.review_id, NULL, NULL), VT__CODE_CONFLICT);
    assert_int_equal(vt__review_get(&json, service, &worker, found.review_id, NULL), VT__CODE_OK);
    assert_string_equal(vt__json_string_or(json, "state", ""), "confirmed");
    assert_string_equal(vt__json_string_or(json, "personId", ""), ann);
    assert_string_equal(vt__json_string_or(json, "decidedBy", ""), "1");
    vt__json_free(json);
    now_ms += VT__REVIEW_DAYS * 24 * 60 * MINUTE_MS;
    assert_int_equal(vt__review_get(&json, service, &worker, found.review_id, NULL), VT__CODE_REVIEW_NOT_FOUND);
}

/* (1 - 10^(-10c))^faces = 1 - fpir */
static void test_threshold_by_false_positive_rate(void **state)
{
    (void)state;
    const struct {
        double fpir;
        size_t faces;
        float confidence;
    } rows[] = { { 1e-2, 1, 0.2f }, { 1e-2, 1000, 0.49978f }, { 1e-3, 1000000, 0.9f }, { 1e-5, 1, 0.5f }, { 0.5, 1, 0.0301f }, { 1e-6, 100000000, 1 }, { 0, 5, 0 } };
    for (size_t i = 0; i < ROWS(rows); i++) assert_float_equal(vt__oversight_threshold(rows[i].fpir, rows[i].faces), rows[i].confidence, 1e-4);
    vt_template t = like(1, 0.55f);
    assert_int_equal(must_ask(&t, 0, true).decision, VT__DECISION_MATCH);
    vt__candidates found = must_ask(&t, 1e-6, false); /* two faces: 0.63 */
    assert_int_equal(found.decision, VT__DECISION_UNKNOWN);
    assert_int_equal(found.count, 0);
    assert_float_equal(found.threshold, 0.6301f, 1e-4);
    assert_int_equal(must_ask(&t, 1e-4, false).decision, VT__DECISION_MATCH);
    set_oversight("{\"targetFpir\":1e-6}");
    assert_int_equal(must_ask(&t, 0, false).decision, VT__DECISION_UNKNOWN);
}

static vt__code ask_as(const vt__caller *caller, const vt_template *t, vt_error *err)
{
    vt__candidates found;
    return ask(&found, caller, t, 0, false, err);
}

static void set_guards(const char *text, vt__code code)
{
    vt__json *given;
    assert_int_equal(vt__json_parse(&given, text, strlen(text), 0, NULL), VT_OK);
    assert_int_equal(vt__guard_set(service, &me, given, NULL), code);
    vt__json_free(given);
}

static void test_one_person_is_identified_so_often(void **state)
{
    (void)state;
    vt_template a = made_up_face(1, 1), b = made_up_face(2, 1), nobody = made_up_face(77, 1);
    vt_error err;
    for (int i = 0; i < 300; i++) assert_int_equal(ask_as(&me, &a, &err), VT__CODE_OK); /* on by default */
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_RATE_LIMITED);
    assert_non_null(strstr(err.text, "more than 300 times within an hour"));
    assert_int_equal(ask_as(&me, &b, &err), VT__CODE_OK);
    for (int i = 0; i < 310; i++) assert_int_equal(ask_as(&me, &nobody, &err), VT__CODE_OK);
    now_ms += 11 * 1000;
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_RATE_LIMITED);
    now_ms += 2 * 1000; /* one more each 12 seconds */
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_OK);
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_RATE_LIMITED);
    set_guards("{\"personPerHour\":0}", VT__CODE_OK);
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_OK);
    set_guards("{\"personPerHour\":-1}", VT__CODE_BAD_ARGUMENT);
    assert_int_equal(vt__guard_set(service, &worker, NULL, NULL), VT__CODE_SCOPE_MISSING);
}

static void test_a_camera_must_pause(void **state)
{
    (void)state;
    vt_template nobody = made_up_face(77, 1);
    vt_error err;
    for (int s = 0; s < 300; s += 5, now_ms += 5000) assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_OK);
    assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_RATE_LIMITED);
    assert_non_null(strstr(err.text, "without a pause of 10 seconds"));
    assert_int_equal(ask_as(&gate, &nobody, &err), VT__CODE_OK);
    assert_int_equal(ask_as(&me, &nobody, &err), VT__CODE_OK);
    now_ms += 9999; /* asking goes on as long as it is refused */
    assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_RATE_LIMITED);
    now_ms += 10000;
    assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_OK);
    set_guards("{\"streamMinutes\":0}", VT__CODE_OK);
    for (int s = 0; s < 600; s += 5, now_ms += 5000) assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_OK);
}

static void restart(void)
{
    vt__service_close(service);
    service = clocked_open(&now_ms, shared.engine, true);
}

/* Starting again is no way round a limit; after an hour nothing of it is left. */
static void test_a_restart_begins_no_count_anew(void **state)
{
    (void)state;
    vt_template a = made_up_face(1, 1), nobody = made_up_face(77, 1);
    vt_error err;
    set_guards("{\"personPerHour\":5}", VT__CODE_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(ask_as(&me, &a, &err), VT__CODE_OK);
    restart();
    for (int i = 0; i < 2; i++) assert_int_equal(ask_as(&me, &a, &err), VT__CODE_OK);
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_RATE_LIMITED);
    restart();
    assert_int_equal(ask_as(&me, &a, &err), VT__CODE_RATE_LIMITED);
    for (int s = 0; s < 300; s += 5, now_ms += 5000) {
        assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_OK);
        if (s == 100) restart();
    }
    restart();
    assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_RATE_LIMITED);
    now_ms += 60 * MINUTE_MS;
    restart();
    for (int i = 0; i < 5; i++) assert_int_equal(ask_as(&me, &a, &err), VT__CODE_OK);
    assert_int_equal(ask_as(&door, &nobody, &err), VT__CODE_OK);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_match_between_thresholds_needs_review), TEST(test_two_candidates_too_close_are_ambiguous),
        TEST(test_a_reviewer_decides_once),                 TEST(test_threshold_by_false_positive_rate),
        TEST(test_one_person_is_identified_so_often),       TEST(test_a_camera_must_pause),
        TEST(test_a_restart_begins_no_count_anew),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
