/* Bearer tokens over the wire: what they open, and when they end. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "rest/token.h"
#include "support/client.h"
#include "support/serving.h"

static int ask(const serving *s, const char *method, const char *path, const char *token, const char *body)
{
    char header[700];
    client_answer a;
    snprintf(header, sizeof header, "Authorization: bearer %s\r\nContent-Type: application/json\r\n", token);
    client_request(&a, s->port, method, path, header, body, body ? strlen(body) : 0);
    int status = a.status;
    client_answer_free(&a);
    return status;
}

/* A token from the wire; free it. */
static char *issue(const serving *s, const char *body)
{
    client_answer a;
    vt__json *json;
    client_request(&a, s->port, "POST", "/vultus/v1/tokens", "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n",
                   body, strlen(body));
    if (a.status != 200) fail_msg("%d %s", a.status, a.body);
    assert_int_equal(vt__json_parse(&json, a.body, strlen(a.body), 0, NULL), VT_OK);
    char *token = strdup(vt__json_string_or(json, "token", ""));
    vt__json_free(json);
    client_answer_free(&a);
    return token;
}

/* Scopes bound it, and the registered uses of its key are its own: recognition is not off (403) but badly asked (400). */
static void a_token_opens_its_scopes(void **state)
{
    const serving *s = *state;
    static const struct {
        const char *scopes, *method, *path, *body;
        int status;
    } rows[] = {
        { "detect", "GET", "/vultus/v1/status", NULL, 200 },
        { "detect", "GET", "/face/v1.2/persongroups", NULL, 403 },
        { "detect", "POST", "/face/v1.2/verify", "{\"faceId1\":1}", 403 },
        { "manage", "GET", "/face/v1.2/persongroups", NULL, 200 },
        { "manage", "POST", "/vultus/v1/keys/1", NULL, 403 },
        { "recognize", "POST", "/face/v1.2/group", "{\"faceIds\":[]}", 400 },
        { "recognize,manage", "GET", "/face/v1.2/persongroups", NULL, 200 },
        { "liveness", "GET", "/face/v1.2/persongroups", NULL, 403 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char body[80];
        snprintf(body, sizeof body, "{\"scopes\":\"%s\",\"expiresInSeconds\":60}", rows[i].scopes);
        char *token = issue(s, body);
        int status = ask(s, rows[i].method, rows[i].path, token, rows[i].body);
        if (status != rows[i].status) fail_msg("%s %s %s: %d", rows[i].scopes, rows[i].method, rows[i].path, status);
        free(token);
    }
}

static void a_changed_token_opens_nothing(void **state)
{
    const serving *s = *state;
    char *token = issue(s, "{\"scopes\":\"manage\"}");
    assert_int_equal(ask(s, "GET", "/face/v1.2/persongroups", token, NULL), 200);
    for (size_t i = 0; token[i]; i++) {
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        int status = ask(s, "GET", "/face/v1.2/persongroups", token, NULL);
        if (status != 401) fail_msg("byte %zu: %d", i, status);
        token[i] = was;
    }
    for (size_t size = strlen(token); size-- > 0;) {
        token[size] = '\0';
        assert_int_equal(ask(s, "GET", "/face/v1.2/persongroups", token, NULL), 401);
    }
    free(token);
}

static void a_token_ends(void **state)
{
    const serving *s = *state;
    vt__api_key_info key;
    assert_int_equal(vt__service_key_get(&key, s->service, "default", "1", NULL), VT_OK);
    int64_t now = vt__service_now_ms(s->service);
    const struct {
        int64_t expires_ms, since_ms;
        const char *tenant, *key_id;
        int status;
    } rows[] = {
        { now + 60000, key.created_ms, "default", "1", 200 },    { now - 1000, key.created_ms, "default", "1", 401 },
        { now + 60000, key.created_ms - 1, "default", "1", 401 }, { now + 60000, key.created_ms, "default", "9", 401 },
        { now + 60000, key.created_ms, "other", "1", 401 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__token token = { .scopes = VT__SCOPE_MANAGE, .expires_ms = rows[i].expires_ms, .key_since_ms = rows[i].since_ms };
        snprintf(token.tenant, sizeof token.tenant, "%s", rows[i].tenant);
        snprintf(token.key_id, sizeof token.key_id, "%s", rows[i].key_id);
        char *text = vt__token_make(s->token_key, &token);
        int status = ask(s, "GET", "/face/v1.2/persongroups", text, NULL);
        if (status != rows[i].status) fail_msg("row %zu: %d", i, status);
        vt__free(text);
    }
}

/* Whoever makes a key anew because it leaked ends its tokens too. */
static void a_token_ends_with_its_key(void **state)
{
    const serving *s = *state;
    char *token = issue(s, "{\"scopes\":\"manage\"}"), made[VT__API_KEY_TEXT_BYTES];
    assert_int_equal(ask(s, "GET", "/face/v1.2/persongroups", token, NULL), 200);
    usleep(2000); /* keys are told apart by the millisecond that they were made in */
    assert_int_equal(vt__service_key_make(made, s->service, "default", "1", VT__SCOPE_ALL, NULL, NULL), VT_OK);
    assert_int_equal(ask(s, "GET", "/face/v1.2/persongroups", token, NULL), 401);
    free(token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_opens_its_scopes),
        cmocka_unit_test(a_changed_token_opens_nothing),
        cmocka_unit_test(a_token_ends),
        cmocka_unit_test(a_token_ends_with_its_key),
    };
    return cmocka_run_group_tests(tests, serving_begin, serving_end);
}
