#include "support/test.h"

#include "base/clock.h"

static void prints_and_reads(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { 1623187281159, "2021-06-08T21:21:21.159Z" },
        { 1623187281150, "2021-06-08T21:21:21.15Z" },
        { 1623187281005, "2021-06-08T21:21:21.005Z" },
        { -1, "1969-12-31T23:59:59.999Z" },
        { 4102444800000, "2100-01-01T00:00:00Z" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[VT__TIME_TEXT_BYTES];
        vt__time_text(text, rows[i].ms);
        assert_string_equal(text, rows[i].text);
        int64_t back = 5;
        assert_true(vt__time_parse(&back, text));
        assert_int_equal(back, rows[i].ms);
    }
}

static void reads_other_forms(void **state)
{
    (void)state;
    int64_t ms = 0;
    assert_true(vt__time_parse(&ms, "2021-06-08T20:21:21.1598247Z"));
    assert_int_equal(ms, 1623183681159);
    assert_true(vt__time_parse(&ms, "2021-06-08T20:21:21+00:00"));
    assert_int_equal(ms, 1623183681000);
    static const char *const bad[] = { "", "2021-06-08", "2021-06-08T20:21:21", "2021-06-08T20:21:21+01:00", "x" };
    for (size_t i = 0; i < ROWS(bad); i++) assert_false(vt__time_parse(&ms, bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(prints_and_reads), cmocka_unit_test(reads_other_forms) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
