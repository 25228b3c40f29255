/* As much of cmocka as scan_test.c uses, for a processor that its package is not installed for. */
#ifndef VT_TESTS_ARM_CMOCKA_H
#define VT_TESTS_ARM_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
};

#define fail_msg(...) (printf(__VA_ARGS__), printf(" (%s:%d)\n", __FILE__, __LINE__), exit(1))
#define print_message printf
#define assert_int_equal(a, b) ((long long)(a) == (long long)(b) ? (void)0 : (void)fail_msg("%lld, not %lld", (long long)(a), (long long)(b)))
#define assert_in_range(value, low, high) ((value) >= (low) && (value) <= (high) ? (void)0 : (void)fail_msg("%zu out of range", (size_t)(value)))
#define cmocka_unit_test(function) { #function, function }
#define cmocka_run_group_tests(tests, before, after) run_all(tests, sizeof(tests) / sizeof((tests)[0]))

static int run_all(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", tests[i].name);
        tests[i].test(NULL);
    }
    return 0;
}

#endif
