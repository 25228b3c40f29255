#include "support/test.h"

#include <stdio.h>

#include "base/json.h"
#include "service/signing.h"
#include "support/client.h"
#include "support/serving.h"

static serving server;

static int begin(void **state)
{
    (void)state;
    serving_open(&server);
    return 0;
}

static int end(void **state)
{
    (void)state;
    serving_close(&server);
    return 0;
}

#define KEY "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\n"
#define JSON_HEADERS KEY "Content-Type: application/json\r\n"

static client_answer ask(const char *method, const char *target, const char *body)
{
    client_answer answer;
    client_request(&answer, server.port, method, target, body ? JSON_HEADERS : KEY, body ? body : "", body ? strlen(body) : 0);
    return answer;
}

static void expect(const char *method, const char *target, const char *body, int status, const char *said)
{
    client_answer answer = ask(method, target, body);
    if (answer.status != status || (said && !strstr(answer.body, said)))
        fail_msg("%s %s: %d %s", method, target, answer.status, answer.body);
    client_answer_free(&answer);
}

static void make_person(char id[VT__UUID_TEXT_BYTES])
{
    expect("PUT", "/face/v1.2/persongroups/staff", "{\"name\":\"Staff\"}", 200, NULL);
    client_answer answer = ask("POST", "/face/v1.2/persongroups/staff/persons", "{\"name\":\"Zebulon\",\"userData\":\"door 3\"}");
    vt__json *json;
    assert_int_equal(vt__json_parse(&json, answer.body, answer.body_bytes, 0, NULL), VT_OK);
    snprintf(id, VT__UUID_TEXT_BYTES, "%s", vt__json_string_or(json, "personId", ""));
    assert_true(vt__uuid_valid(id));
    vt__json_free(json);
    client_answer_free(&answer);
}

static void test_a_subject_from_export_to_erasure(void **state)
{
    (void)state;
    char id[VT__UUID_TEXT_BYTES], path[96], hold[128];
    make_person(id);
    snprintf(path, sizeof path, "/vultus/v1/subjects/%s", id);
    snprintf(hold, sizeof hold, "{\"what\":\"%s\",\"reason\":\"case 7\"}", id);
    expect("GET", path, NULL, 200, "\"name\":\"Zebulon\",\"userData\":\"door 3\"");
    expect("POST", "/vultus/v1/holds", hold, 200, NULL);
    expect("DELETE", path, NULL, 409, "\"code\":\"LegalHold\"");
    expect("GET", "/vultus/v1/retention", NULL, 200, "\"reason\":\"case 7\"");
    expect("POST", "/vultus/v1/holds/release", hold, 200, NULL);
    expect("POST", "/vultus/v1/holds/release", hold, 400, NULL);
    client_answer answer = ask("DELETE", path, NULL);
    vt__json *receipt;
    assert_int_equal(answer.status, 200);
    assert_int_equal(vt__json_parse(&receipt, answer.body, answer.body_bytes, 0, NULL), VT_OK);
    char key_path[96];
    uint8_t public_key[VT__SIGN_PUBLIC_BYTES];
    snprintf(key_path, sizeof key_path, "%s/data/keys/" VT__SIGNING_PUBLIC_FILE, server.folder);
    assert_int_equal(vt__signing_read_public(public_key, key_path, NULL), VT_OK);
    assert_true(vt__signing_valid(receipt, public_key));
    vt__json_free(receipt);
    client_answer_free(&answer);
    expect("GET", path, NULL, 404, "PersonNotFound");
    expect("DELETE", path, NULL, 404, "PersonNotFound");
}

static void test_rules_over_the_wire(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
        const char *said;
    } rows[] = {
        { "{\"what\":\"persons\",\"days\":30}", 200, NULL },
        { "{\"what\":\"persons\",\"days\":0}", 200, NULL },
        { "{\"what\":\"nothing\",\"days\":3}", 400, "BadArgument" },
        { "{\"what\":\"persons\",\"days\":36501}", 400, "BadArgument" },
        { "{\"what\":\"persons\"}", 400, "BadArgument" },
        { "{\"days\":3}", 400, "Give 'what'" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) expect("POST", "/vultus/v1/retention", rows[i].body, rows[i].status, rows[i].said);
    expect("GET", "/vultus/v1/retention", NULL, 200, "{\"holdings\":[],\"holds\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_subject_from_export_to_erasure, begin, end),
        cmocka_unit_test_setup_teardown(test_rules_over_the_wire, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
