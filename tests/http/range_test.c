#include "support/test.h"

#include "http/range.h"

static void parts_of_a_hundred_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        vt__range_kind kind;
        uint64_t first, count;
    } rows[] = {
        { NULL, VT__RANGE_NONE, 0, 100 },          { "bytes=0-", VT__RANGE_PART, 0, 100 },      { "bytes=0-0", VT__RANGE_PART, 0, 1 },
        { "BYTES=10-19", VT__RANGE_PART, 10, 10 }, { "bytes=99-", VT__RANGE_PART, 99, 1 },      { "bytes=99-1000", VT__RANGE_PART, 99, 1 },
        { "bytes=-10", VT__RANGE_PART, 90, 10 },   { "bytes=-1000", VT__RANGE_PART, 0, 100 },   { "bytes=100-", VT__RANGE_OUTSIDE, 0, 100 },
        { "bytes=-0", VT__RANGE_OUTSIDE, 0, 100 }, { "bytes=20-10", VT__RANGE_NONE, 0, 100 },   { "bytes=0-1,4-5", VT__RANGE_NONE, 0, 100 },
        { "bytes=", VT__RANGE_NONE, 0, 100 },      { "bytes=-", VT__RANGE_NONE, 0, 100 },       { "lines=0-1", VT__RANGE_NONE, 0, 100 },
        { "bytes=a-b", VT__RANGE_NONE, 0, 100 },   { "bytes=99999999999999999999-", VT__RANGE_NONE, 0, 100 },
        { "bytes=5", VT__RANGE_NONE, 0, 100 },     { "bytes=1-2x", VT__RANGE_NONE, 0, 100 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__range got;
        vt__range_kind kind = vt__range_parse(&got, rows[i].text, 100);
        if (kind != rows[i].kind || got.first != rows[i].first || got.count != rows[i].count)
            fail_msg("%s: %d, %llu + %llu", rows[i].text, kind, (unsigned long long)got.first, (unsigned long long)got.count);
    }
}

static void nothing_has_no_part(void **state)
{
    (void)state;
    vt__range got;
    assert_int_equal(vt__range_parse(&got, "bytes=0-", 0), VT__RANGE_OUTSIDE);
    assert_int_equal(vt__range_parse(&got, "bytes=-5", 0), VT__RANGE_OUTSIDE);
    assert_int_equal(vt__range_parse(&got, NULL, 0), VT__RANGE_NONE);
    assert_int_equal(got.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parts_of_a_hundred_bytes), cmocka_unit_test(nothing_has_no_part) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
