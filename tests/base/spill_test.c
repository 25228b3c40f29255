/* Bytes put by come back, from memory and from the nameless file alike. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/spill.h"

typedef struct row {
    size_t in_memory, piece, count;
} row;

static void test_bytes_come_back(void **state)
{
    (void)state;
    static const row rows[] = { { 1 << 20, 100, 50 }, { 1000, 300, 50 }, { 0, 4096, 20 }, { 5000, 70000, 3 }, { 10, 1, 30 } };
    for (size_t r = 0; r < ROWS(rows); r++) {
        vt__spill *spill;
        vt_error err;
        uint64_t at[64];
        uint8_t *piece = malloc(rows[r].piece), *back = malloc(rows[r].piece);
        assert_int_equal(vt__spill_open(&spill, rows[r].in_memory, &err), VT_OK);
        for (size_t i = 0; i < rows[r].count; i++) {
            memset(piece, (int)(i + 1), rows[r].piece);
            assert_int_equal(vt__spill_append(&at[i], spill, piece, rows[r].piece, &err), VT_OK);
        }
        for (size_t i = rows[r].count; i-- > 0;) {
            memset(piece, (int)(i + 1), rows[r].piece);
            assert_int_equal(vt__spill_read(back, spill, at[i], rows[r].piece, &err), VT_OK);
            assert_memory_equal(back, piece, rows[r].piece);
        }
        vt__spill_close(spill);
        free(piece);
        free(back);
    }
}

static void test_reading_past_the_end_fails(void **state)
{
    (void)state;
    vt__spill *spill;
    vt_error err;
    uint64_t at;
    char bytes[16] = "0123456789abcde";
    assert_int_equal(vt__spill_open(&spill, 8, &err), VT_OK);
    assert_int_equal(vt__spill_append(&at, spill, bytes, 16, &err), VT_OK);
    assert_int_equal(vt__spill_read(bytes, spill, at + 1, 16, &err), VT_EIO);
    assert_int_equal(vt__spill_read(bytes, spill, 0, 4, &err), VT_EIO);
    vt__spill_close(spill);
}

static void test_falls_back_where_the_folder_is_none(void **state)
{
    (void)state;
    vt__spill *spill;
    vt_error err;
    uint64_t at;
    char before[512] = "", back[4];
    if (getenv("TMPDIR")) snprintf(before, sizeof before, "%s", getenv("TMPDIR"));
    setenv("TMPDIR", "/no/such/folder", 1);
    assert_int_equal(vt__spill_open(&spill, 0, &err), VT_OK);
    assert_int_equal(vt__spill_append(&at, spill, "abc", 4, &err), VT_OK);
    assert_int_equal(vt__spill_read(back, spill, at, 4, &err), VT_OK);
    assert_string_equal(back, "abc");
    vt__spill_close(spill);
    if (*before) setenv("TMPDIR", before, 1);
    else unsetenv("TMPDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_come_back),
        cmocka_unit_test(test_reading_past_the_end_fails),
        cmocka_unit_test(test_falls_back_where_the_folder_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
