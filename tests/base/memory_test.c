#include "support/test.h"

#include "base/memory.h"
#include "support/failing.h"

static void sizes_are_checked(void **state)
{
    (void)state;
    size_t out;
    assert_true(vt__mul_size(&out, 6, 7));
    assert_int_equal(out, 42);
    assert_false(vt__mul_size(&out, SIZE_MAX / 2, 3));
    assert_false(vt__add_size(&out, SIZE_MAX, 1));
    assert_null(vt__malloc(SIZE_MAX, 2));
    assert_null(vt__calloc(SIZE_MAX / 2, 1));
    assert_null(vt__calloc_aligned(SIZE_MAX / 2, 2));
    void *keep = vt__malloc(4, 1);
    assert_null(vt__realloc(keep, SIZE_MAX, 8));
    vt__free(keep);
}

static void aligned_and_zeroed(void **state)
{
    (void)state;
    uint8_t *memory = vt__calloc_aligned(100, 1);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % 64, 0);
    for (int i = 0; i < 100; i++) assert_int_equal(memory[i], 0);
    vt__free_secret(memory, 100);
    vt__free_secret(NULL, 5);
}

static void texts(void **state)
{
    (void)state;
    assert_null(vt__strdup(NULL));
    char *text = vt__format("%s-%d", "a", 5);
    assert_string_equal(text, "a-5");
    vt__free(text);
    failing_set(1);
    assert_null(vt__strdup("abc"));
    assert_true(failing_reached());
    failing_set(1);
    assert_null(vt__format("abc"));
    failing_set(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(aligned_and_zeroed),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
