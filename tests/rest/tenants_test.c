/* Tenants over the wire: made, given keys, suspended, deleted with all that they have; and only by an operator. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "support/client.h"
#include "support/serving.h"

#define OPERATOR "test-key-of-the-operator"
#define GROUP "/face/v1.2/persongroups/staff"

static serving server;

static int begin(void **state)
{
    char made[VT__API_KEY_TEXT_BYTES];
    (void)state;
    serving_open(&server);
    return vt__service_key_make(made, server.service, VT__DEFAULT_TENANT, "operator", VT__SCOPE_OPERATOR, OPERATOR, NULL) ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    serving_close(&server);
    return 0;
}

static client_answer ask(const char *key, const char *method, const char *target, const char *body)
{
    client_answer answer;
    char headers[200];
    snprintf(headers, sizeof headers, "Ocp-Apim-Subscription-Key: %s\r\nContent-Type: application/json\r\n", key);
    client_request(&answer, server.port, method, target, headers, body ? body : "", body ? strlen(body) : 0);
    return answer;
}

static void expect(const char *key, const char *method, const char *target, const char *body, int status, const char *said)
{
    client_answer answer = ask(key, method, target, body);
    if (answer.status != status || !strstr(answer.body, said)) fail_msg("%s %s: %d %s", method, target, answer.status, answer.body);
    client_answer_free(&answer);
}

static void make_key(char key[VT__API_KEY_TEXT_BYTES], const char *target, const char *body)
{
    vt__json *json;
    client_answer answer = ask(OPERATOR, "POST", target, body);
    if (answer.status != 200) fail_msg("%s: %d %s", target, answer.status, answer.body);
    assert_int_equal(vt__json_parse(&json, answer.body, answer.body_bytes, 0, NULL), VT_OK);
    snprintf(key, VT__API_KEY_TEXT_BYTES, "%s", vt__json_string_or(json, "key", ""));
    assert_true(strlen(key) > 20);
    vt__json_free(json);
    client_answer_free(&answer);
}

static void test_a_tenants_life(void **state)
{
    (void)state;
    char key[VT__API_KEY_TEXT_BYTES], second[VT__API_KEY_TEXT_BYTES], renewed[VT__API_KEY_TEXT_BYTES];
    make_key(key, "/vultus/v1/tenants", "{\"tenantId\":\"acme\"}");
    expect(OPERATOR, "POST", "/vultus/v1/tenants", "{\"tenantId\":\"acme\"}", 409, "TenantExists");
    make_key(second, "/vultus/v1/tenants/acme/keys/web", "{\"scopes\":\"detect,manage\"}");
    expect(OPERATOR, "GET", "/vultus/v1/tenants/acme", NULL, 200, "{\"tenantId\":\"acme\",\"suspended\":false,\"keys\":[{\"keyId\":");
    expect(OPERATOR, "GET", "/vultus/v1/tenants", NULL, 200, "\"keyId\":\"web\",\"scopes\":[\"detect\",\"manage\"]");
    expect(key, "PUT", GROUP, "{\"name\":\"Acme people\",\"recognitionModel\":\"recognition_04\"}", 200, "");
    expect(SERVING_KEY, "GET", GROUP, NULL, 404, "PersonGroupNotFound");
    expect(second, "GET", GROUP, NULL, 200, "Acme people");
    expect(second, "POST", "/vultus/v1/tokens", "{\"scopes\":\"detect\"}", 403, "admin");
    make_key(renewed, "/vultus/v1/tenants/acme/keys/web", "{}");
    expect(second, "GET", GROUP, NULL, 401, "");
    expect(renewed, "GET", GROUP, NULL, 200, "Acme people");
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/acme/keys/web", NULL, 200, "");
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/acme/keys/web", NULL, 400, "no such key");
    expect(renewed, "GET", GROUP, NULL, 401, "");
    /* suspended: no key and no token is let in, nothing is lost */
    vt__json *json;
    char token[600], bearer[700];
    client_answer answer = ask(key, "POST", "/vultus/v1/tokens", "{\"scopes\":\"manage\"}");
    assert_int_equal(vt__json_parse(&json, answer.body, answer.body_bytes, 0, NULL), VT_OK);
    snprintf(token, sizeof token, "%s", vt__json_string_or(json, "token", ""));
    vt__json_free(json);
    client_answer_free(&answer);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\n", token);
    client_request(&answer, server.port, "GET", GROUP, bearer, "", 0);
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/acme", NULL, 409, "TenantOpen");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/acme/suspend", NULL, 200, "");
    expect(key, "GET", GROUP, NULL, 401, "");
    client_request(&answer, server.port, "GET", GROUP, bearer, "", 0);
    assert_int_equal(answer.status, 401);
    client_answer_free(&answer);
    expect(OPERATOR, "GET", "/vultus/v1/tenants/acme", NULL, 200, "\"suspended\":true");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/acme/resume", NULL, 200, "");
    expect(key, "GET", GROUP, NULL, 200, "Acme people");
    /* a hold keeps it; then all goes, and a new tenant of the name begins with nothing */
    expect(key, "POST", "/vultus/v1/holds", "{\"what\":\"pg/staff\",\"reason\":\"case 7\"}", 200, "");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/acme/suspend", NULL, 200, "");
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/acme", NULL, 409, "LegalHold");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/acme/resume", NULL, 200, "");
    expect(key, "POST", "/vultus/v1/holds/release", "{\"what\":\"pg/staff\"}", 200, "");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/acme/suspend", NULL, 200, "");
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/acme", NULL, 200, "");
    expect(OPERATOR, "GET", "/vultus/v1/tenants/acme", NULL, 404, "TenantNotFound");
    expect(key, "GET", GROUP, NULL, 401, "");
    make_key(key, "/vultus/v1/tenants", "{\"tenantId\":\"acme\"}");
    expect(key, "GET", GROUP, NULL, 404, "PersonGroupNotFound");
    expect(key, "GET", "/face/v1.2/persongroups", NULL, 200, "[]");
}

/* Only an operator; and nobody else learns which tenants there are. */
static void test_only_an_operator(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *body;
    } rows[] = {
        { "GET", "/vultus/v1/tenants", NULL }, { "POST", "/vultus/v1/tenants", "{\"tenantId\":\"%s\"}" }, { "GET", "/vultus/v1/tenants/%s", NULL },
        { "DELETE", "/vultus/v1/tenants/%s", NULL }, { "POST", "/vultus/v1/tenants/%s/suspend", NULL }, { "POST", "/vultus/v1/tenants/%s/resume", NULL },
        { "POST", "/vultus/v1/tenants/%s/keys/9", "{}" }, { "DELETE", "/vultus/v1/tenants/%s/keys/1", NULL },
    };
    char tenants_key[VT__API_KEY_TEXT_BYTES];
    make_key(tenants_key, "/vultus/v1/tenants", "{\"tenantId\":\"known\"}");
    for (size_t i = 0; i < ROWS(rows); i++)
        for (int k = 0; k < 2; k++) {
            client_answer answers[2];
            for (int known = 0; known < 2; known++) {
                char target[80], body[80] = "";
                snprintf(target, sizeof target, rows[i].target, known ? "known" : "nowhere"); /* a table of this test */
                if (rows[i].body) snprintf(body, sizeof body, rows[i].body, known ? "known" : "nowhere");
                answers[known] = ask(k ? SERVING_KEY : tenants_key, rows[i].method, target, rows[i].body ? body : NULL);
                assert_int_equal(answers[known].status, 403);
            }
            assert_string_equal(answers[0].body, answers[1].body);
            client_answer_free(&answers[0]);
            client_answer_free(&answers[1]);
        }
    /* the operator's key is good for nothing else, and gives itself nothing */
    expect(OPERATOR, "GET", "/face/v1.2/persongroups", NULL, 403, "");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/known/keys/2", "{\"scopes\":\"operator\"}", 400, "of the default tenant");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/known/keys/2", "{\"scopes\":\"everything\"}", 400, "'scopes' are");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/default/suspend", NULL, 400, "never suspended");
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/default", NULL, 400, "never suspended");
    expect(OPERATOR, "POST", "/vultus/v1/tenants", "{\"tenantId\":\"../x\"}", 400, "1 to 64");
    expect(OPERATOR, "POST", "/vultus/v1/tenants", "{}", 400, "1 to 64");
    expect(OPERATOR, "GET", "/vultus/v1/tenants/nowhere", NULL, 404, "TenantNotFound");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/nowhere/keys/1", "{}", 404, "TenantNotFound");
}

/* What was done stands in the operator's audit, by key and tenant, without key texts; a deleted tenant's own audit stays. */
static void test_in_the_audit(void **state)
{
    (void)state;
    char command[400], key[VT__API_KEY_TEXT_BYTES];
    make_key(key, "/vultus/v1/tenants", "{\"tenantId\":\"brief\"}");
    expect(key, "PUT", GROUP, "{\"name\":\"Acme people\",\"recognitionModel\":\"recognition_04\"}", 200, "");
    expect(OPERATOR, "POST", "/vultus/v1/tenants/brief/suspend", NULL, 200, "");
    expect(OPERATOR, "DELETE", "/vultus/v1/tenants/brief", NULL, 200, "");
    snprintf(command, sizeof command,
             "cd '%s/data' && grep -q '\"key\":\"operator\".*\"operation\":\"TENANT_DELETE\",\"tenant\":\"brief\",\"outcome\":\"OK\"' audit/default/*.jsonl && "
             "ls audit/brief/*.jsonl >/dev/null && ! grep -rqa -e %s -e 'Acme people' . && ! grep -qa brief vultus.db vultus.db-wal",
             server.folder, key);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_a_tenants_life, begin, end),
                                        cmocka_unit_test_setup_teardown(test_only_an_operator, begin, end),
                                        cmocka_unit_test_setup_teardown(test_in_the_audit, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
