#include "support/test.h"

#include <math.h>

#include "base/json.h"
#include "base/memory.h"
#include "support/failing.h"

static void bad_texts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        vt_status status;
        const char *says;
    } rows[] = {
        { "", VT_EFORMAT, "line 1" },
        { "{", VT_EFORMAT, "line 1" },
        { "{\"a\":1,\"a\":2}", VT_EFORMAT, "duplicate" },
        { "[1,\n x]", VT_EFORMAT, "line 2" },
        { "\"\xff\"", VT_EFORMAT, "0xff" },
        { "[[[[]]]]", VT_ELIMIT, "deeper than 3" },
        { "[1] 2", VT_EFORMAT, "end of file" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__json *value = NULL;
        vt_error err = { 0 };
        assert_int_equal(vt__json_parse(&value, rows[i].text, strlen(rows[i].text), 3, &err), rows[i].status);
        if (!strstr(err.text, rows[i].says)) fail_msg("%s: %s", rows[i].text, err.text);
        assert_null(value);
    }
}

static void brackets_in_strings_are_no_depth(void **state)
{
    (void)state;
    const char text[] = "[\"[[[[\\\"[[\"]";
    vt__json *value;
    assert_int_equal(vt__json_parse(&value, text, sizeof text - 1, 1, NULL), VT_OK);
    vt__json_free(value);
}

static void reads_members(void **state)
{
    (void)state;
    const char text[] = "{\"s\":\"x\",\"i\":-3,\"r\":0.5,\"b\":true,\"n\":null,\"a\":[1,2]}";
    vt__json *value;
    assert_int_equal(vt__json_parse(&value, text, sizeof text - 1, 0, NULL), VT_OK);
    assert_string_equal(vt__json_string_or(value, "s", "no"), "x");
    assert_string_equal(vt__json_string_or(value, "i", "no"), "no");
    assert_int_equal(vt__json_integer_or(value, "i", 9), -3);
    assert_int_equal(vt__json_integer_or(value, "r", 9), 9);
    assert_true(vt__json_number_or(value, "i", 9) == -3.0);
    assert_true(vt__json_number_or(value, "r", 9) == 0.5);
    assert_true(vt__json_bool_or(value, "b", false));
    assert_int_equal(vt__json_get_kind(vt__json_get(value, "n")), VT__JSON_NULL);
    assert_int_equal(vt__json_count(vt__json_get(value, "a")), 2);
    assert_string_equal(vt__json_key_at(value, 2), "r");
    assert_null(vt__json_key_at(value, 6));
    assert_null(vt__json_get(NULL, "a"));
    assert_int_equal(vt__json_count(NULL), 0);
    vt__json_free(value);
}

static bool build(void *context)
{
    (void)context;
    vt__json *root = vt__json_object();
    vt__json *list = vt__json_array();
    vt__json_append(list, vt__json_rounded(0.123456, 3));
    vt__json_append(list, vt__json_real(NAN));
    vt__json_set(root, "list", list);
    vt__json_set_string(root, "text", "ä\"\n");
    vt__json_set_string(root, "absent", NULL);
    vt__json_set_integer(root, "n", 1);
    char *text = vt__json_text(root, false);
    if (text) assert_string_equal(text, "{\"list\":[0.123,null],\"text\":\"ä\\\"\\n\",\"n\":1}");
    bool good = text != NULL;
    vt__free(text);
    vt__json_free(root);
    return good;
}

static void builds_text(void **state)
{
    (void)state;
    assert_true(build(NULL));
}

static void a_failed_set_shows_at_the_end(void **state)
{
    (void)state;
    vt__json *root = vt__json_object(), *inside = vt__json_object(), *list = vt__json_array();
    vt__json_set(inside, "x", NULL);
    vt__json_append(list, inside);
    vt__json_set(root, "list", list);
    assert_null(vt__json_text(root, false));
    vt__json_free(root);
    assert_null(vt__json_text(NULL, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_texts_are_refused), cmocka_unit_test(brackets_in_strings_are_no_depth),
        cmocka_unit_test(reads_members),         cmocka_unit_test(builds_text),
        cmocka_unit_test(a_failed_set_shows_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
