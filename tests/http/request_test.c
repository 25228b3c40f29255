#include "support/test.h"

#include <stdio.h>

#include "http/request.h"

static void paths_are_split_and_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *target, *segments; /* joined by "|" */
    } rows[] = {
        { "/", "" },
        { "//face//v1.0/detect/", "face|v1.0|detect" },
        { "/a%2Fb/%41", "a/b|A" },
        { "/a?x=/b/c", "a" },
        { "no/slash", "no|slash" },
        { "/caf%C3%A9#part", "caf\xc3\xa9" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__http_request r;
        assert_int_equal(vt__http_request_init(&r, "GET", rows[i].target, NULL), VT_OK);
        char joined[200] = "";
        for (size_t s = 0, used = 0; s < r.segment_count; s++)
            used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s", s ? "|" : "", r.segments[s]);
        assert_string_equal(joined, rows[i].segments);
        vt__http_request_free(&r);
    }
}

static void bad_targets_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *target, *why;
    } rows[] = {
        { "/a%", "The path has a bad %-escape." },
        { "/a%4", "The path has a bad %-escape." },
        { "/a%zz", "The path has a bad %-escape." },
        { "/a%00b", "The path has a bad %-escape." },
        { "/a?b=%0", "The query has a bad %-escape." },
        { "/a?%00=1", "The query has a bad %-escape." },
        { "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "The path has too many segments." },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__http_request r;
        vt_error err;
        assert_int_equal(vt__http_request_init(&r, "GET", rows[i].target, &err), VT_EINVAL);
        assert_string_equal(err.text, rows[i].why);
        vt__http_request_free(&r);
    }
}

static void query_arguments(void **state)
{
    (void)state;
    vt__http_request r;
    assert_int_equal(vt__http_request_init(&r, "GET", "/x?a=1&B=two+words&c=1%2C2,3&&flag&e==&a=2#no?z=1", NULL), VT_OK);
    assert_string_equal(vt__http_query(&r, "A"), "1");
    assert_string_equal(vt__http_query(&r, "b"), "two words");
    assert_string_equal(vt__http_query(&r, "c"), "1,2,3");
    assert_string_equal(vt__http_query(&r, "flag"), "");
    assert_string_equal(vt__http_query(&r, "e"), "=");
    assert_null(vt__http_query(&r, "z"));
    vt__http_request_free(&r);
    char many[1000] = "/x?";
    for (size_t i = 0; i < 65; i++) memcpy(many + 3 + i * 2, "a&", 3);
    vt_error err;
    assert_int_equal(vt__http_request_init(&r, "GET", many, &err), VT_EINVAL);
    assert_string_equal(err.text, "The query has too many arguments.");
    vt__http_request_free(&r);
}

static void headers(void **state)
{
    (void)state;
    vt__http_request r;
    assert_int_equal(vt__http_request_init(&r, "POST", "/", NULL), VT_OK);
    assert_true(vt__http_request_add_header(&r, "content-TYPE", "Application/JSON; charset=UTF-8"));
    assert_true(vt__http_content_type_is(&r, "application/json"));
    assert_false(vt__http_content_type_is(&r, "application/jso"));
    for (int i = 1; i < VT__HTTP_MAX_FIELDS; i++) assert_true(vt__http_request_add_header(&r, "a", "b"));
    assert_false(vt__http_request_add_header(&r, "a", "b"));
    vt__http_request_free(&r);
}

static void header_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *value, *found; /* NULL: not found */
    } rows[] = {
        { "multipart/form-data; boundary=abc", "abc" },
        { "multipart/form-data;charset=x; Boundary=\"a b;c\\\"d\" ", "a b;c\"d" },
        { "form-data; filename=\"boundary=x\"; boundary=y", "y" },
        { "multipart/form-data", NULL },
        { "multipart/form-data; boundary", NULL },
        { "multipart/form-data; boundary=0123456789012345678901234567890123456789", NULL },
        { ";;;boundary=z", "z" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char out[32] = "";
        assert_int_equal(vt__http_header_parameter(out, sizeof out, rows[i].value, "boundary"), rows[i].found != NULL);
        if (rows[i].found) assert_string_equal(out, rows[i].found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_split_and_decoded), cmocka_unit_test(bad_targets_are_refused),
        cmocka_unit_test(query_arguments),             cmocka_unit_test(headers),
        cmocka_unit_test(header_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
