#include "support/test.h"

#include <math.h>
#include <stdlib.h>

#include <vultus/match.h>

#include "support/failing.h"

enum { width = 8 };

/* A unit vector at `degrees` in the plane of axes 0 and 1 of person p's own axes. */
static void at(float out[width], int axis, float degrees)
{
    memset(out, 0, width * sizeof(float));
    out[axis] = cosf(degrees * 3.14159265f / 180);
    out[axis + 1] = sinf(degrees * 3.14159265f / 180);
}

static void persons_are_numbered_by_size(void **state)
{
    (void)state;
    float t[6][width];
    at(t[0], 0, 0);
    at(t[1], 2, 0);
    at(t[2], 2, 5);
    at(t[3], 4, 0);
    at(t[4], 2, 8);
    at(t[5], 4, 6);
    uint32_t groups[6], count;
    assert_int_equal(vt_group(groups, &count, t[0], 6, width, width, 0.9f, NULL), VT_OK);
    assert_int_equal(count, 2);
    static const uint32_t expected[6] = { VT_GROUP_MESSY, 0, 0, 1, 0, 1 };
    assert_memory_equal(groups, expected, sizeof expected);
}

/* A chain 0, 20, 40, 60, 80 degrees: each link is near (cosine .94), the ends are not (.17). Average linkage does not
 * run along it as single linkage would. */
static void a_bridge_does_not_join_persons(void **state)
{
    (void)state;
    float t[5][width];
    for (int i = 0; i < 5; i++) at(t[i], 0, 20 * (float)i);
    uint32_t groups[5], count;
    assert_int_equal(vt_group(groups, &count, t[0], 5, width, width, 0.85f, NULL), VT_OK);
    assert_true(groups[0] != groups[4]);
}

/* A different order of the same faces gives the same parts. */
static void order_does_not_matter(void **state)
{
    (void)state;
    enum { n = 60 };
    static float t[n][width], shuffled[n][width];
    uint32_t groups[n], again[n], count, count_again;
    int place[n];
    srand(7);
    for (int i = 0; i < n; i++) {
        at(t[i], 2 * (i % 3), (float)(rand() % 60));
        place[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
        int k = rand() % (i + 1), kept = place[i];
        place[i] = place[k];
        place[k] = kept;
    }
    for (int i = 0; i < n; i++) memcpy(shuffled[i], t[place[i]], sizeof t[0]);
    assert_int_equal(vt_group(groups, &count, t[0], n, width, width, 0.9f, NULL), VT_OK);
    assert_int_equal(vt_group(again, &count_again, shuffled[0], n, width, width, 0.9f, NULL), VT_OK);
    assert_int_equal(count, count_again);
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++)
            assert_int_equal(groups[place[a]] == groups[place[b]] && groups[place[a]] != VT_GROUP_MESSY,
                             again[a] == again[b] && again[a] != VT_GROUP_MESSY);
}

static bool group_three(void *context)
{
    uint32_t groups[3], count;
    return vt_group(groups, &count, context, 3, width, width, 0.9f, NULL) == VT_OK;
}

static void edges(void **state)
{
    (void)state;
    float t[3][width];
    for (int i = 0; i < 3; i++) at(t[i], 0, 0);
    uint32_t groups[3], count = 9;
    vt_error err;
    assert_int_equal(vt_group(groups, &count, t[0], 0, width, width, 0.9f, NULL), VT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(vt_group(groups, &count, t[0], 1, width, width, 0.9f, NULL), VT_OK);
    assert_int_equal(groups[0], VT_GROUP_MESSY);
    assert_int_equal(vt_group(groups, &count, t[0], 3, width, width - 1, 0.9f, &err), VT_EINVAL);
    assert_int_equal(vt_group(groups, &count, t[0], 200000, width, width, 0.9f, &err), VT_ELIMIT);
    assert_int_equal(failing_each(group_three, t, 20, false), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(persons_are_numbered_by_size),
        cmocka_unit_test(a_bridge_does_not_join_persons),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
