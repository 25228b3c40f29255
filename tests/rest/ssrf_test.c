/* URLs that lead inside: each is refused with InvalidURL on the wire, by detect and by enrolment. */
#include "support/test.h"

#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "support/client.h"
#include "support/serving.h"

#define REDIRECT "http://127.0.0.1:%u/?to="

typedef struct fixture {
    serving *server;
    vt__http_server *inside; /* a server on loopback: what an attacker would like to reach, and what redirects */
    unsigned port;
    vt__networks loopback; /* 127.0.0.1 alone */
    char own_name[64];     /* this machine's, which resolves to an address of its own */
} fixture;

static bool admit(vt__http_response *response, vt__http_request *request, void *context)
{
    (void)context;
    const char *to = vt__http_query(request, "to");
    if (to) vt__http_response_header(response, "Location", to);
    if (to) vt__http_response_empty(response, 302);
    else vt__http_response_static(response, 200, "text/plain", "inside", 6);
    return false;
}

static int set_up(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    void *server;
    serving_begin(&server);
    f.server = server;
    vt__http_options options = { .workers = 1 };
    vt__http_handler handler = { .admit = admit };
    assert_int_equal(vt__http_server_open(&f.inside, &options, &handler, NULL), VT_OK);
    f.port = vt__http_server_port(f.inside);
    assert_int_equal(vt__networks_parse(&f.loopback, "127.0.0.1", NULL), VT_OK);
    gethostname(f.own_name, sizeof f.own_name - 1);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    vt__http_server_close(f->inside);
    serving_close(f->server);
    return 0;
}

static void ask(client_answer *out, const fixture *f, const char *target, const char *url)
{
    char body[400];
    int size = snprintf(body, sizeof body, "{\"url\":\"%s\"}", url);
    client_request(out, f->server->port, "POST", target,
                   "Ocp-Apim-Subscription-Key: " SERVING_KEY "\r\nContent-Type: application/json\r\n", body, (size_t)size);
}

/* "Invalid image URL." is the guard's word; a URL that was merely unreachable is told otherwise. */
static void assert_refused(const fixture *f, const char *form)
{
    static const char *const targets[] = { "/face/v1.2/detect", "/face/v1.2/facelists/l/persistedfaces" };
    char url[300];
    snprintf(url, sizeof url, form, f->port);
    for (size_t i = 0; i < ROWS(targets); i++) {
        client_answer a;
        ask(&a, f, targets[i], url);
        if (a.status != 400 || !strstr(a.body, "\"code\":\"InvalidURL\",\"message\":\"Invalid image URL."))
            fail_msg("%s %s: %d %s", targets[i], url, a.status, a.body);
        assert_null(strstr(a.body, "inside"));
        client_answer_free(&a);
    }
}

static void addresses_inside_are_refused(void **state)
{
    fixture *f = *state;
    static const char *const forms[] = {
        "http://127.0.0.1:%u/", "http://127.9.9.9:%u/", "http://0.0.0.0:%u/", "http://0:%u/", "http://127.1:%u/", "http://0x7f.1:%u/",
        "http://0177.0.0.1:%u/", "http://2130706433:%u/", "http://[::1]:%u/", "http://[::]:%u/", "http://[::ffff:127.0.0.1]:%u/",
        "http://[::ffff:7f00:1]:%u/", "http://[64:ff9b::7f00:1]:%u/", "http://[2002:7f00:1::]:%u/", /* loopback */
        "http://10.0.0.1:%u/", "http://172.16.0.1:%u/", "http://192.168.0.1:%u/", "http://100.64.0.1:%u/", "http://[fc00::1]:%u/",
        "http://[fd12:3456::1]:%u/", "http://198.18.0.1:%u/", /* private */
        "http://169.254.1.1:%u/", "http://[fe80::1]:%u/", "http://224.0.0.1:%u/", "http://255.255.255.255:%u/", /* link-local and such */
        "http://169.254.169.254/latest/meta-data/?%u", "http://[fd00:ec2::254]/?%u", "http://168.63.129.16/?%u",
        "http://100.100.100.200/?%u", "https://169.254.169.254/?%u", /* metadata */
        "http://localhost:%u/", "http://LOCALHOST:%u/", /* names */
        "file:///etc/passwd?%u", "ftp://127.0.0.1:%u/", "gopher://127.0.0.1:%u/", "dict://127.0.0.1:%u/", "scp://127.0.0.1:%u/",
        "ldap://127.0.0.1:%u/", "data:image/png;base64,AAAA%u", "javascript:%u", "//127.0.0.1:%u/", "127.0.0.1:%u", "http://a:b@127.0.0.1:%u/",
    };
    for (size_t i = 0; i < ROWS(forms); i++) assert_refused(f, forms[i]);
}

static void names_that_lead_inside_are_refused(void **state)
{
    fixture *f = *state;
    char form[100];
    struct addrinfo hints = { .ai_family = AF_INET }, *found = NULL;
    if (getaddrinfo(f->own_name, NULL, &hints, &found)) skip();
    freeaddrinfo(found);
    snprintf(form, sizeof form, "http://%s:%%u/", f->own_name);
    assert_refused(f, form);
}

/* 127.0.0.1 is let through, so that the first hop is good; then no other address is. */
static void redirects_inside_are_refused(void **state)
{
    fixture *f = *state;
    static const char *const forms[] = {
        REDIRECT "http://127.0.0.2/", REDIRECT "http://10.0.0.1/", REDIRECT "http://192.168.1.1/", REDIRECT "http://[::1]/",
        REDIRECT "http://169.254.169.254/latest/", REDIRECT "http://[fd00:ec2::254]/", REDIRECT "https://172.16.0.1/",
        REDIRECT "http://[::ffff:10.0.0.1]/", REDIRECT "file:///etc/passwd", REDIRECT "gopher://127.0.0.1/", REDIRECT "ftp://127.0.0.1/",
    };
    f->server->rest.fetch.allowed = &f->loopback;
    for (size_t i = 0; i < ROWS(forms); i++) assert_refused(f, forms[i]);
    client_answer a;
    char url[100];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/?to=/", f->port);
    ask(&a, f, "/face/v1.2/detect", url);
    assert_int_equal(a.status, 400);
    assert_non_null(strstr(a.body, "\"InvalidImageSize\"")); /* fetched, and too small for a picture */
    client_answer_free(&a);
    f->server->rest.fetch.allowed = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_inside_are_refused),
        cmocka_unit_test(names_that_lead_inside_are_refused),
        cmocka_unit_test(redirects_inside_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
