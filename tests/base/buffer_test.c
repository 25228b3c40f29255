#include "support/test.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "support/failing.h"

static void appends_and_formats(void **state)
{
    (void)state;
    vt__buffer buffer;
    vt__buffer_init(&buffer, 1000);
    vt__buffer_text(&buffer, "ab");
    vt__buffer_format(&buffer, "%03d", 7);
    vt__buffer_append(&buffer, "\0z", 2);
    assert_int_equal(buffer.size, 7);
    assert_memory_equal(buffer.data, "ab007\0z", 8);
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__buffer_take(&bytes, &size, &buffer, NULL), VT_OK);
    assert_int_equal(size, 7);
    assert_null(buffer.data);
    vt__free(bytes);
}

static void ceiling_sticks(void **state)
{
    (void)state;
    vt__buffer buffer;
    vt__buffer_init(&buffer, 4);
    vt__buffer_text(&buffer, "abc");
    vt__buffer_text(&buffer, "de");
    vt__buffer_text(&buffer, "f");
    assert_int_equal(buffer.status, VT_ELIMIT);
    assert_int_equal(buffer.size, 3);
    uint8_t *bytes;
    vt_error err;
    assert_int_equal(vt__buffer_take(&bytes, NULL, &buffer, &err), VT_ELIMIT);
    vt__buffer_clear(&buffer);
    vt__buffer_text(&buffer, "wxyz");
    assert_int_equal(buffer.status, VT_OK);
    assert_string_equal((char *)buffer.data, "wxyz");
    vt__buffer_free(&buffer);
}

static bool fill_hundred(void *context)
{
    (void)context;
    vt__buffer buffer;
    vt__buffer_init(&buffer, 100000);
    for (int i = 0; i < 100; i++) vt__buffer_format(&buffer, "line %d\n", i);
    bool good = buffer.status == VT_OK;
    if (!good) assert_int_equal(buffer.status, VT_ENOMEM);
    vt__buffer_free(&buffer);
    return good;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_in_range(failing_each(fill_hundred, NULL, 100, false), 3, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_formats),
        cmocka_unit_test(ceiling_sticks),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
