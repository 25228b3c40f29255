#include "support/test.h"

#include <errno.h>

#include "base/error.h"

static void names_and_texts(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *name, *text;
    } rows[] = {
        { 0, "VT_OK", "success" },
        { -2, "VT_ENOMEM", "out of memory" },
        { -19, "VT_EINTERNAL", "internal error" },
        { -20, "VT_UNKNOWN", "unknown status" },
        { 1, "VT_UNKNOWN", "unknown status" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_string_equal(vt_status_name((vt_status)rows[i].code), rows[i].name);
        assert_string_equal(vt_status_text((vt_status)rows[i].code), rows[i].text);
    }
}

static void fail_fills_one_line(void **state)
{
    (void)state;
    vt_error err;
    assert_int_equal(vt__fail(&err, VT_EIO, "a\nb %d", 7), VT_EIO);
    assert_int_equal(err.code, VT_EIO);
    assert_string_equal(err.text, "a b 7");
    assert_int_equal(vt__fail(&err, VT_ELIMIT, "%s", ""), VT_ELIMIT);
    assert_string_equal(err.text, "a limit is exceeded");
    assert_int_equal(vt__fail(NULL, VT_EINVAL, "ignored"), VT_EINVAL);
}

static void long_text_is_cut(void **state)
{
    (void)state;
    vt_error err;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    vt__fail(&err, VT_EIO, "%s", text);
    assert_int_equal(strlen(err.text), VT_ERROR_TEXT_BYTES - 1);
    vt__error_prefix(&err, err.code, "before");
    assert_int_equal(strlen(err.text), VT_ERROR_TEXT_BYTES - 1);
}

static void errno_and_prefix(void **state)
{
    (void)state;
    vt_error err;
    vt__fail_errno(&err, VT_ENOTFOUND, ENOENT, "cannot open %s", "x");
    assert_string_equal(err.text, "cannot open x: No such file or directory");
    assert_int_equal(vt__error_prefix(&err, VT_ENOTFOUND, "row %d", 3), VT_ENOTFOUND);
    assert_string_equal(err.text, "row 3: cannot open x: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts),
        cmocka_unit_test(fail_fills_one_line),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(errno_and_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
