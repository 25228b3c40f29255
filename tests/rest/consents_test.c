#include "support/test.h"

#include <stdio.h>

#include "base/json.h"
#include "service/recognition.h"
#include "support/client.h"
#include "support/serving.h"

static client_answer ask(const serving *server, const char *method, const char *target, const char *body)
{
    client_answer answer;
    client_request(&answer, server->port, method, target,
                   "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n", body, strlen(body));
    return answer;
}

static void expect(const serving *server, const char *method, const char *target, const char *body, int status, const char *said)
{
    client_answer answer = ask(server, method, target, body);
    if (answer.status != status || !strstr(answer.body, said)) fail_msg("%s %s: %d %s", method, target, answer.status, answer.body);
    client_answer_free(&answer);
}

static void test_consent_is_recorded_and_withdrawn(void **state)
{
    serving *server = *state;
    char path[96], verify[256];
    vt_template face = { .dimension = 512 };
    for (int i = 0; i < 512; i++) face.values[i] = 0.04419417f;
    const vt__caller me = { VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, NULL };
    const vt__collection_id staff = { VT__KIND_PERSON_GROUP, "staff" };
    char person[VT__UUID_TEXT_BYTES], id[VT__UUID_TEXT_BYTES], probe[VT__UUID_TEXT_BYTES];
    assert_int_equal(vt__collection_create(server->service, &me, staff, "Staff", NULL, "recognition_04", NULL), VT__CODE_OK);
    assert_int_equal(vt__person_create(person, server->service, &me, staff, "Ann", NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__face_add_template(id, server->service, &me, (vt__face_place){ staff, person, NULL }, &face, NULL, NULL), VT__CODE_OK);
    assert_int_equal(vt__face_id_make(probe, server->service, &me, &face, "recognition_04", 0, NULL), VT__CODE_OK);
    snprintf(path, sizeof path, "/vultus/v1/consents/%s", person);
    snprintf(verify, sizeof verify, "{\"faceId\":\"%s\",\"personGroupId\":\"staff\",\"personId\":\"%s\"}", probe, person);
    expect(server, "GET", path, "", 200, "\"state\":\"none\"");
    expect(server, "PUT", path, "{\"how\":\"form\"}", 400, "'textVersion' must say");
    expect(server, "PUT", path, "{\"how\":\"form\",\"textVersion\":\"7\",\"until\":\"2999-01-01T00:00:00Z\"}", 200, "\"state\":\"given\"");
    if (server->engine) expect(server, "POST", "/face/v1.2/verify", verify, 200, "\"isIdentical\":true");
    expect(server, "DELETE", path, "", 200, "");
    expect(server, "GET", path, "", 200, "\"state\":\"withdrawn\"");
    if (server->engine) expect(server, "POST", "/face/v1.2/verify", verify, 403, "\"ConsentMissing\",\"message\":\"There is no consent of this person in force");
    expect(server, "GET", "/vultus/v1/consents/no-uuid", "", 400, "BadArgument");
    expect(server, "GET", "/vultus/v1/consents/015839fb-fbd9-4f79-ace9-7675fc2f1dd9", "", 404, "PersonNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_consent_is_recorded_and_withdrawn, serving_begin, serving_end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
