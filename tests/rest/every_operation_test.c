/* Every operation of the table, asked for over the wire with a well-formed request of each of its bodies: under no policy, every
 * wrong purpose, an expired, a revoked and a right one; and with another tenant's key. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/registration.h"
#include "support/clocked.h"
#include "support/data.h"
#include "support/kept.h"
#include "support/world.h"

#define OTHER_KEY "test-key-of-another-use"
#define STRANGERS_KEY "test-key-of-another-tenant"
#define DAY_MS INT64_C(86400000)

static serving server;
static _Atomic int64_t now_ms; /* the sweeper reads it, too */
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__caller stranger = { "other", "1", VT__SCOPE_ALL, NULL, NULL };

static void permit_all(const vt__caller *caller)
{
    world_register(NULL, &server, caller, "international-justice", caller->key_id);
    world_register(NULL, &server, caller, "public-liveness", caller->key_id);
}

/* ---- what no answer and no line of the log may hold ---- */

static vt__log *server_log;
static int log_file;
static char master_key[65];

static void open_log(void)
{
    uint8_t *text;
    size_t size;
    char path[128];
    vt_error err;
    log_file = memfd_create("log", 0);
    if (vt__log_open(&server_log, log_file, VT__LOG_DEBUG, &err)) fail_msg("%s", err.text);
    server.rest.log = server_log;
    snprintf(path, sizeof path, "%s/data/keys/master.key", server.folder);
    assert_int_equal(vt__file_read(&text, &size, path, 4096, NULL), VT_OK);
    snprintf(master_key, sizeof master_key, "%s", (const char *)text);
    vt__free_secret(text, size);
}

static void expect_no_secret(const char *text, const char *where)
{
    const char *const keys[] = { SERVING_KEY, OTHER_KEY, STRANGERS_KEY, master_key };
    for (size_t i = 0; i < ROWS(keys); i++)
        if (strstr(text, keys[i])) fail_msg("%s: the secret %zu is in: %s", where, i, text);
}

/* Nor are names, user data or templates in the log. */
static void close_log(void)
{
    static char text[1 << 22];
    static const char *const private[] = { "Secret name", "Secret person", "secret data", "face_id" };
    ssize_t size = pread(log_file, text, sizeof text - 1, 0);
    assert_true(size > 1000);
    expect_no_secret(text, "log");
    for (size_t i = 0; i < ROWS(private); i++) assert_null(strstr(text, private[i]));
    vt__log_close(server_log);
    close(log_file);
}

static int begin(void **state)
{
    char made[VT__API_KEY_TEXT_BYTES];
    (void)state;
    if (!test_pack_folder()) test_skip("needs a model pack");
    now_ms = CLOCKED_START_MS;
    serving_open_clocked(&server, &now_ms);
    if (vt__service_key_make(made, server.service, "default", "2", VT__SCOPE_ALL, OTHER_KEY, NULL)) return -1;
    if (vt__service_key_make(made, server.service, "other", "1", VT__SCOPE_ALL, STRANGERS_KEY, NULL)) return -1;
    permit_all(&me);
    permit_all(&stranger);
    open_log();
    return 0;
}

static int end(void **state)
{
    (void)state;
    serving_close(&server);
    close_log();
    return 0;
}

static bool asked_with_key(const vt__wire_operation *o)
{
    return o->scope != VT__SCOPE_OPEN && strcmp(o->pattern, "/vultus/v1/keys/{keyId}"); /* it would end the key that asks */
}

/* Asks all operations that need a registered use; all must be refused but those of `permitted`. */
static size_t expect_refused(const world *w, uint32_t permitted, const char *when)
{
    size_t asked = 0;
    for (size_t i = 0; vt__wire_operation_at(i); i++) {
        const vt__wire_operation *o = vt__wire_operation_at(i);
        if (o->action < 0 || (permitted >> o->action & 1)) continue;
        for (size_t n = 0; n < world_requests(o); n++) {
            client_answer a;
            if (!world_ask(&a, &server, w, o, n, OTHER_KEY, w->tag)) continue;
            if (a.status != 403 || !strstr(a.body, "\"UnsupportedFeature\"")) fail_msg("%s, %s %s (%zu): %d %s", when, o->method, o->pattern, n, a.status, a.body);
            expect_no_secret(a.body, o->name);
            client_answer_free(&a);
            asked++;
        }
    }
    return asked;
}

static void test_every_operation_under_every_policy(void **state)
{
    (void)state;
    world w;
    char id[40];
    world_make(&w, &server, &me, "here");
    size_t asked = expect_refused(&w, 0, "no policy");
    for (size_t p = 0; vt__purpose_at(p); p++) {
        const vt__purpose *purpose = vt__purpose_at(p);
        world_register(id, &server, &me, purpose->id, "2");
        asked += expect_refused(&w, purpose->actions, purpose->id);
        now_ms += 10 * 60000; /* the world's face ids live on */
        assert_int_equal(vt__policy_revoke(server.service, &me, id, NULL), VT__CODE_OK);
    }
    asked += expect_refused(&w, 0, "all revoked");
    world_register(NULL, &server, &me, "international-justice", "2");
    world_register(NULL, &server, &me, "public-liveness", "2");
    now_ms += VT__POLICY_DAYS * DAY_MS;
    asked += expect_refused(&w, 0, "all expired");
    print_message("%zu refusals\n", asked);
    assert_true(asked > 600);
}

/* Requests that a right does not make succeed: why stands beside them. */
static const struct {
    const char *name;
    size_t n;
    int status;
    const char *said;
} otherwise[] = {
    { "detect", 1, 400, "InvalidURL" },   { "addFaceListFace", 1, 400, "InvalidURL" },         { "addLargeFaceListFace", 1, 400, "InvalidURL" },
    { "addPersonFace", 1, 400, "InvalidURL" }, { "addPersonGroupPersonFace", 1, 400, "InvalidURL" }, { "addLargePersonGroupPersonFace", 1, 400, "InvalidURL" },
    { "getSessionImage", 0, 404, "" },    { "getSessionImagePreview", 0, 404, "" },
};

static void expect_answered(const vt__wire_operation *o, size_t n, const client_answer *a)
{
    for (size_t i = 0; i < ROWS(otherwise); i++)
        if (!strcmp(otherwise[i].name, o->name) && otherwise[i].n == n && a->status == otherwise[i].status && strstr(a->body, otherwise[i].said)) return;
    if (a->status != 200 && a->status != 202 && a->status != 204) fail_msg("%s %s %s (%zu): %d %s", o->name, o->method, o->pattern, n, a->status, a->body);
}

static void test_every_operation_with_the_right_one(void **state)
{
    (void)state;
    size_t asked = 0;
    world w;
    bool spoilt = true;
    world_register(NULL, &server, &me, "international-justice", "2");
    world_register(NULL, &server, &me, "public-liveness", "2");
    for (size_t i = 0; vt__wire_operation_at(i); i++) {
        const vt__wire_operation *o = vt__wire_operation_at(i);
        if (o->action < 0) continue;
        for (size_t n = 0; n < world_requests(o); n++) {
            char tag[48], new_tag[64];
            client_answer a;
            bool changes = strcmp(o->method, "GET") && strcmp(o->method, "POST");
            snprintf(tag, sizeof tag, "t%zu-%zu", i, n);
            snprintf(new_tag, sizeof new_tag, "new-%s", tag);
            if (spoilt) world_make(&w, &server, &me, tag);
            spoilt = changes || strstr(o->pattern, "/reviews/");
            if (strstr(o->pattern, "WithVerify") && strstr(o->pattern, "{sessionId}")) continue; /* the world's is of the other kind */
            if (!world_ask(&a, &server, &w, o, n, OTHER_KEY, new_tag)) continue;
            expect_answered(o, n, &a);
            expect_no_secret(a.body, o->name);
            client_answer_free(&a);
            asked++;
        }
    }
    char data[128];
    snprintf(data, sizeof data, "%s/data", server.folder);
    print_message("%zu answered, %d kinds of record kept\n", asked, kept_is_known(data));
    assert_true(asked > 80);
}

/* ---- another tenant ---- */

/* Ids and digits away, so that answers of different times can be compared. */
static void blur(char *text, const world *w)
{
    char *out = text;
    size_t tag = strlen(w->tag);
    for (char *at = text; *at;) {
        if (!strncmp(at, w->tag, tag)) at += tag, *out++ = '#';
        else if (strchr("0123456789abcdef-", *at) && strspn(at, "0123456789abcdefABCDEF-") >= 16) at += strspn(at, "0123456789abcdefABCDEF-"), *out++ = '*';
        else *out++ = *at++;
    }
    *out = '\0';
}

static const char *const secrets[] = { "Secret name", "Secret person", "secret data" };

/* What a tenant's own key sees of all it has. */
static char *look(const world *w, const char *key)
{
    char *out = vt__strdup("");
    for (size_t i = 0; vt__wire_operation_at(i); i++) {
        const vt__wire_operation *o = vt__wire_operation_at(i);
        client_answer a;
        if (strcmp(o->method, "GET") || !asked_with_key(o) || strstr(o->pattern, "/status") || !world_ask(&a, &server, w, o, 0, key, w->tag)) continue;
        char *grown = vt__format("%s%s %d %s\n", out, o->name, a.status, strstr(o->pattern, "subjects") ? "" : a.body);
        client_answer_free(&a);
        vt__free(out);
        out = grown;
    }
    return out;
}

static void test_nothing_of_one_tenant_reaches_another(void **state)
{
    (void)state;
    world w, nothing;
    size_t asked = 0;
    world_make(&w, &server, &me, "xqours");
    world_of_nothing(&nothing, "xqnone");
    char *before = look(&w, SERVING_KEY);
    for (size_t s = 0; s < ROWS(secrets); s++) assert_non_null(strstr(before, secrets[s]));
    for (size_t i = 0; vt__wire_operation_at(i); i++) {
        const vt__wire_operation *o = vt__wire_operation_at(i);
        if (!asked_with_key(o)) continue;
        for (size_t n = 0; n < world_requests(o); n++) {
            client_answer theirs, nobodys;
            if (!world_ask(&nobodys, &server, &nothing, o, n, STRANGERS_KEY, nothing.tag)) continue;
            world_ask(&theirs, &server, &w, o, n, STRANGERS_KEY, w.tag);
            for (size_t s = 0; s < ROWS(secrets); s++) assert_null(strstr(theirs.body, secrets[s]));
            expect_no_secret(theirs.body, o->name);
            blur(theirs.body, &w);
            blur(nobodys.body, &nothing);
            bool lists = !strcmp(o->method, "GET") && !strchr(o->pattern + 1, '}');
            bool own = strstr(theirs.body, "oken\":\"") != NULL; /* a secret of one's own */
            if (theirs.status != nobodys.status || (!lists && !own && strcmp(theirs.body, nobodys.body)))
                fail_msg("%s %s (%zu): %d %s\nwhere there is nothing: %d %s", o->method, o->pattern, n, theirs.status, theirs.body, nobodys.status, nobodys.body);
            client_answer_free(&theirs);
            client_answer_free(&nobodys);
            asked++;
        }
    }
    char *after = look(&w, SERVING_KEY);
    if (strcmp(before, after)) fail_msg("changed from\n%s\nto\n%s", before, after);
    vt__free(before);
    vt__free(after);
    print_message("%zu requests of a stranger\n", asked);
    assert_true(asked > 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_operation_under_every_policy, begin, end),
        cmocka_unit_test_setup_teardown(test_every_operation_with_the_right_one, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_of_one_tenant_reaches_another, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
