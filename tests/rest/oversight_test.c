#include "support/test.h"

#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "service/recognition.h"
#include "support/client.h"
#include "support/made_up.h"
#include "support/serving.h"

#define NONE "015839fb-fbd9-4f79-ace9-7675fc2f1dd9"
#define MODEL "recognition_04"

static const vt__caller me = { VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__collection_id staff = { VT__KIND_PERSON_GROUP, "staff" };
static char person[VT__UUID_TEXT_BYTES], probe[VT__UUID_TEXT_BYTES];

static client_answer ask(const serving *server, const char *method, const char *target, const char *body, const char *more)
{
    client_answer answer;
    char headers[256];
    snprintf(headers, sizeof headers, "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n%s", more);
    client_request(&answer, server->port, method, target, headers, body, strlen(body));
    return answer;
}

static void expect(const serving *server, const char *method, const char *target, const char *body, int status, const char *said)
{
    client_answer answer = ask(server, method, target, body, "");
    if (answer.status != status || !strstr(answer.body, said)) fail_msg("%s %s: %d %s", method, target, answer.status, answer.body);
    client_answer_free(&answer);
}

static int begin(void **state)
{
    if (serving_begin(state)) return -1;
    serving *server = *state;
    char face[VT__UUID_TEXT_BYTES];
    vt_template t = made_up_face(1, 1);
    if (!server->engine) return 0;
    if (vt__collection_create(server->service, &me, staff, "Staff", NULL, MODEL, NULL)) return -1;
    if (vt__person_create(person, server->service, &me, staff, "Ann", NULL, NULL)) return -1;
    if (vt__face_add_template(face, server->service, &me, (vt__face_place){ staff, person, NULL }, &t, NULL, NULL)) return -1;
    if (vt__collection_train(server->service, &me, staff, NULL)) return -1;
    return vt__face_id_make(probe, server->service, &me, &t, MODEL, 0, NULL);
}

static void test_review_over_the_wire(void **state)
{
    const serving *server = *state;
    char identify[200], explained[256], path[100], body[100];
    expect(server, "PUT", "/vultus/v1/oversight", "{\"collection\":\"staff\"}", 400, "Give 'collection' as pg/ID");
    expect(server, "PUT", "/vultus/v1/oversight", "{\"collection\":\"pg/nobody\"}", 404, "PersonGroupNotFound");
    expect(server, "GET", "/vultus/v1/reviews/" NONE, "", 404, "ReviewNotFound");
    expect(server, "GET", "/console/review", "", 200, "<h1>Review</h1>");
    if (!server->engine) skip();
    snprintf(identify, sizeof identify, "{\"faceIds\":[\"%s\"],\"personGroupId\":\"staff\"}", probe);
    snprintf(explained, sizeof explained, "{\"faceIds\":[\"%s\"],\"personGroupId\":\"staff\",\"returnDecision\":true}", probe);
    client_answer plain = ask(server, "POST", "/face/v1.2/identify", identify, "");
    assert_non_null(strstr(plain.body, "\"candidates\":[{\"personId\""));
    assert_null(strstr(plain.body, "decision"));
    client_answer_free(&plain);
    expect(server, "POST", "/face/v1.2/identify", explained, 200, "\"decision\":\"match\",\"ambiguous\":false,\"threshold\":0.5");
    expect(server, "PUT", "/vultus/v1/oversight", "{\"collection\":\"pg/staff\",\"review\":1,\"acceptThreshold\":2}", 400, "'acceptThreshold' must be 0 to 1");
    expect(server, "PUT", "/vultus/v1/oversight", "{\"collection\":\"pg/staff\",\"review\":1,\"reviewThreshold\":0.8}", 400, "must not be above");
    expect(server, "PUT", "/vultus/v1/oversight", "{\"collection\":\"pg/staff\",\"review\":1,\"targetFpir\":1e-10}", 200, "");
    expect(server, "GET", "/vultus/v1/oversight?collection=pg/staff", "", 200, "\"targetFpir\":1e-10");
    vt_template t = made_up_face(1, 40);
    assert_int_equal(vt__face_id_make(probe, server->service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
    snprintf(identify, sizeof identify, "{\"faceIds\":[\"%s\"],\"personGroupId\":\"staff\"}", probe);
    client_answer answer = ask(server, "POST", "/face/v1.2/identify", identify, "");
    const char *at = strstr(answer.body, "\"candidates\":[],\"decision\":\"needsReview\""), *id = strstr(answer.body, "\"reviewId\":\"");
    if (!at || !id) fail_msg("%s", answer.body);
    snprintf(path, sizeof path, "/vultus/v1/reviews/%.36s", id + 12);
    client_answer_free(&answer);
    expect(server, "GET", "/vultus/v1/reviews?state=pending", "", 200, "\"name\":\"Ann\"");
    expect(server, "POST", path, "{\"personId\":\"" NONE "\"}", 400, "must be one of the review's candidates");
    snprintf(body, sizeof body, "{\"personId\":\"%s\"}", person);
    expect(server, "POST", path, body, 200, "\"state\":\"confirmed\"");
    expect(server, "POST", path, "{}", 409, "");
    expect(server, "GET", "/vultus/v1/reviews?state=pending", "", 200, "[]");
}

static void test_guards_over_the_wire(void **state)
{
    const serving *server = *state;
    char identify[200];
    expect(server, "GET", "/vultus/v1/guards", "", 200, "{\"personPerHour\":300.0,\"streamMinutes\":5.0,\"streamPauseSeconds\":10.0}");
    expect(server, "PUT", "/vultus/v1/guards", "{\"personPerHour\":2,\"streamMinutes\":0.000001}", 200, "");
    if (!server->engine) skip();
    snprintf(identify, sizeof identify, "{\"faceIds\":[\"%s\"],\"personGroupId\":\"staff\"}", probe);
    for (int i = 0; i < 2; i++) expect(server, "POST", "/face/v1.2/identify", identify, 200, person);
    expect(server, "POST", "/face/v1.2/identify", identify, 429, "One person was identified more than 2 times within an hour");
    expect(server, "PUT", "/vultus/v1/guards", "{\"personPerHour\":0,\"streamMinutes\":0.000001}", 200, "");
    client_answer first = ask(server, "POST", "/face/v1.2/identify", identify, "x-vultus-camera: door\r\n");
    usleep(5000);
    client_answer second = ask(server, "POST", "/face/v1.2/identify", identify, "x-vultus-camera: door\r\n");
    assert_int_equal(first.status, 200);
    assert_int_equal(second.status, 429);
    assert_non_null(strstr(second.body, "This camera has asked"));
    client_answer_free(&first);
    client_answer_free(&second);
    expect(server, "POST", "/face/v1.2/identify", identify, 200, person);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_review_over_the_wire, begin, serving_end),
        cmocka_unit_test_setup_teardown(test_guards_over_the_wire, begin, serving_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
