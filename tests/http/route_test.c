#include "support/test.h"

#include "http/route.h"

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *target;
        bool matches;
    } rows[] = {
        { "/face/{v}/detect", "/face/v1.0/detect", true },
        { "/face/{v}/detect", "//FACE//v1.0//Detect/", true },
        { "/face/{v}/detect", "/face/v1.0/detec", false },
        { "/face/{v}/detect", "/face/v1.0/detect/x", false },
        { "/face/{v}/detect", "/face/v1.0", false },
        { "/", "/", true },
        { "/", "/x", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__http_request r;
        assert_int_equal(vt__http_request_init(&r, "GET", rows[i].target, NULL), VT_OK);
        assert_int_equal(vt__route_path_matches(&r, rows[i].pattern), rows[i].matches);
        vt__http_request_free(&r);
    }
}

static void params_are_found_by_name(void **state)
{
    (void)state;
    vt__http_request r;
    assert_int_equal(vt__http_request_init(&r, "GET", "/g/One%20/p/TWO", NULL), VT_OK);
    assert_true(vt__route_path_matches(&r, "/G/{groupId}/p/{group}"));
    assert_string_equal(vt__http_param(&r, "groupid"), "One ");
    assert_string_equal(vt__http_param(&r, "group"), "TWO");
    assert_string_equal(vt__http_param(&r, "grou"), "");
    assert_false(vt__route_path_matches(&r, "/x/{groupId}"));
    vt__http_request_free(&r);
}

static void head_is_answered_by_get(void **state)
{
    (void)state;
    vt__http_request r = { .method = "HEAD" };
    assert_true(vt__route_method_matches(&r, "GET"));
    assert_false(vt__route_method_matches(&r, "POST"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns),
        cmocka_unit_test(params_are_found_by_name),
        cmocka_unit_test(head_is_answered_by_get),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
