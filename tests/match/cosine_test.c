#include "support/test.h"

#include <vultus/match.h>

static void every_length_and_alignment(void **state)
{
    (void)state;
    static float a[600], b[600];
    for (int i = 0; i < 600; i++) {
        a[i] = (float)((i * 37) % 101 - 50) / 50;
        b[i] = (float)((i * 53) % 97 - 48) / 48;
    }
    for (size_t offset = 0; offset < 4; offset++)
        for (size_t n = 0; n <= 530; n++) {
            double exact = 0;
            for (size_t i = 0; i < n; i++) exact += (double)a[offset + i] * b[offset + i];
            assert_float_equal(vt_cosine(a + offset, b + offset, n), exact, 1e-4);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_length_and_alignment) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
