#include "support/test.h"

#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "rest/operation.h"
#include "service/service.h"
#include "support/client.h"
#include "support/serving.h"

static serving server;

static int begin(void **state)
{
    (void)state;
    serving_open_unregistered(&server);
    return 0;
}

static int end(void **state)
{
    (void)state;
    serving_close(&server);
    return 0;
}

#define JSON_HEADERS "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n"

static client_answer ask(const char *method, const char *target, const char *body)
{
    client_answer answer;
    client_request(&answer, server.port, method, target, JSON_HEADERS, body, strlen(body));
    return answer;
}

static void expect(const char *method, const char *target, const char *body, int status, const char *said)
{
    client_answer answer = ask(method, target, body);
    if (answer.status != status || !strstr(answer.body, said)) fail_msg("%s %s: %d %s", method, target, answer.status, answer.body);
    client_answer_free(&answer);
}

static const char *const form =
    "{\"purpose\":\"%s\",\"keys\":[\"1\"],\"organisation\":\"Acme\",\"contact\":\"dpo\",\"legalBasis\":\"consent\",\"subjectsInformed\":\"by a sign\","
    "\"consentProcess\":\"on paper\",\"secondaryWay\":\"a card\",\"humanReviewer\":\"front desk\",\"retentionDays\":%d,\"termsAccepted\":true}";

static void register_purpose(char id[VT__UUID_TEXT_BYTES], const char *purpose)
{
    char body[512];
    snprintf(body, sizeof body, form, purpose, 2);
    client_answer answer = ask("POST", "/vultus/v1/policies", body);
    vt__json *json;
    assert_int_equal(answer.status, 200);
    assert_int_equal(vt__json_parse(&json, answer.body, answer.body_bytes, 0, NULL), VT_OK);
    snprintf(id, VT__UUID_TEXT_BYTES, "%s", vt__json_string_or(json, "policyId", ""));
    vt__json_free(json);
    client_answer_free(&answer);
}

static void test_a_use_opens_and_its_end_closes(void **state)
{
    (void)state;
    char id[VT__UUID_TEXT_BYTES], path[96], body[512];
    const char *const group = "/face/v1.2/persongroups/staff";
    expect("PUT", group, "{\"name\":\"Staff\"}", 403, "\"code\":\"UnsupportedFeature\",\"message\":\"no use is registered for this key");
    register_purpose(id, "public-liveness"); /* not for groups */
    expect("PUT", group, "{\"name\":\"Staff\"}", 403, "UnsupportedFeature");
    register_purpose(id, "touchless-access");
    expect("PUT", group, "{\"name\":\"Staff\"}", 200, "");
    expect("POST", "/face/v1.2/group", "{\"faceIds\":[\"c5c24a82-6845-4031-9d5d-978df9175426\",\"015839fb-fbd9-4f79-ace9-7675fc2f1dd9\"]}", 403,
           "UnsupportedFeature");
    snprintf(path, sizeof path, "/vultus/v1/policies/%s", id);
    expect("GET", path, "", 200, "\"state\":\"active\"");
    expect("DELETE", path, "", 200, "");
    expect("GET", group, "", 403, "UnsupportedFeature");
    expect("GET", path, "", 200, "\"state\":\"revoked\"");
    expect("GET", "/vultus/v1/policies", "", 200, "\"purpose\":\"public-liveness\"");
    expect("GET", "/vultus/v1/policies/015839fb-fbd9-4f79-ace9-7675fc2f1dd9", "", 404, "PolicyNotFound");
    snprintf(body, sizeof body, form, "touchless-access", 731);
    expect("POST", "/vultus/v1/policies", body, 400, "'retentionDays' must be 1 to 730 for the purpose touchless-access");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_use_opens_and_its_end_closes, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
