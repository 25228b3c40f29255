#include "model/scratch.h"

#include "support/failing.h"
#include "support/test.h"

static void it_grows_and_is_used_again(void **state)
{
    (void)state;
    vt__scratch scratch = { 0 };
    assert_int_equal(vt__scratch_need(&scratch, 100, NULL), VT_OK);
    assert_int_equal((uintptr_t)scratch.floats % 64, 0);
    float *first = scratch.floats;
    scratch.floats[99] = 1;
    assert_int_equal(vt__scratch_need(&scratch, 40, NULL), VT_OK);
    assert_ptr_equal(scratch.floats, first);
    assert_int_equal(scratch.capacity, 100);
    assert_int_equal(vt__scratch_need(&scratch, 5000, NULL), VT_OK);
    assert_true(scratch.capacity >= 5000);
    scratch.floats[4999] = 1;
    vt__scratch_free(&scratch);
    assert_null(scratch.floats);
    assert_int_equal(scratch.capacity, 0);
    vt__scratch_free(&scratch);
}

static void what_was_there_survives_short_memory(void **state)
{
    (void)state;
    vt__scratch scratch = { 0 };
    vt_error err;
    assert_int_equal(vt__scratch_need(&scratch, 10, NULL), VT_OK);
    scratch.floats[9] = 7;
    failing_set(1);
    assert_int_equal(vt__scratch_need(&scratch, 1000, &err), VT_ENOMEM);
    failing_set(0);
    assert_int_equal(scratch.capacity, 10);
    assert_float_equal(scratch.floats[9], 7, 0);
    assert_int_equal(vt__scratch_need(&scratch, SIZE_MAX / 2, &err), VT_ENOMEM); /* overflows */
    assert_float_equal(scratch.floats[9], 7, 0);
    vt__scratch_free(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_and_is_used_again),
        cmocka_unit_test(what_was_there_survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
