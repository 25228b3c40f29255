/* The best ten of the index are those of the float scan, over sizes 1 to 5,000; with VULTUS_TEST_LONG over 100,000 probes
 * and sizes to 1,000,000 (2 GB of memory, some minutes). */
#include "support/test.h"

#include <math.h>
#include <stdlib.h>

#include <vultus/match.h>

#include "base/memory.h"
#include "match/index.h"

enum { dimension = 512, width = 160, hits_wanted = 10, at_once = 32 };

static float axes[width][dimension];
static uint64_t seed = 20;

static float near_normal(void)
{
    float sum = 0;
    for (int i = 0; i < 4; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        sum += (float)(seed >> 40) / 16777216.0f;
    }
    return (sum - 2) * 1.7320508f;
}

static void unit(float *v)
{
    float by = 1 / sqrtf(vt_cosine(v, v, dimension));
    for (int i = 0; i < dimension; i++) v[i] *= by;
}

static int make_axes(void **state)
{
    (void)state;
    for (int k = 0; k < width; k++) {
        for (int i = 0; i < dimension; i++) axes[k][i] = near_normal();
        for (int turn = 0; turn < 2; turn++)
            for (int j = 0; j < k; j++) {
                float along = vt_cosine(axes[k], axes[j], dimension);
                for (int i = 0; i < dimension; i++) axes[k][i] -= along * axes[j][i];
            }
        unit(axes[k]);
    }
    return 0;
}

/* A template along the axes with a little beside them; `like` (NULL: none) at a cosine of about 0.65, or the very same
 * where that is asked, so that scores tie. */
static void make(float *out, const float *like, bool same)
{
    for (int i = 0; i < dimension; i++) out[i] = 0.002f * near_normal();
    for (int k = 0; k < width; k++) {
        float along = near_normal() / (1 + 0.01f * (float)k);
        for (int i = 0; i < dimension; i++) out[i] += along * axes[k][i];
    }
    unit(out);
    for (int i = 0; like && i < dimension; i++) out[i] = same ? like[i] : 0.81f * like[i] + 0.59f * out[i];
    if (like && !same) unit(out);
}

typedef struct world {
    vt__index *index;
    float kept[100][dimension]; /* some rows, for mates */
    size_t rows;
} world;

static void grow(world *w, size_t size)
{
    float values[dimension];
    for (; w->rows < size; w->rows++) {
        make(values, w->rows % 5 ? w->kept[(w->rows - 1) % 100] : NULL, w->rows % 50 == 1);
        memcpy(w->kept[w->rows % 100], values, sizeof values);
        vt__index_id id = { { 0 } }, person = { { 1 } };
        size_t mixed = w->rows * 0x9E3779B97F4A7C15u; /* ties are not in order of adding */
        memcpy(id.bytes, &mixed, sizeof mixed);
        memcpy(id.bytes + 8, &w->rows, sizeof w->rows);
        size_t whose = w->rows / 5;
        memcpy(person.bytes + 8, &whose, sizeof whose);
        assert_int_equal(vt__index_add(w->index, &id, &person, 0, values, NULL), VT_OK);
    }
}

/* Returns how many probes were compared. */
static size_t compare(const world *w, size_t wanted)
{
    static float probes[at_once][dimension];
    static vt__index_hit coded[at_once][hits_wanted], exact[at_once][hits_wanted];
    size_t found[at_once], found_exact[at_once], done = 0;
    for (; done < wanted; done += at_once) {
        for (size_t p = 0; p < at_once; p++) make(probes[p], p % 2 && w->rows > p ? w->kept[(w->rows - p) % 100] : NULL, p % 8 == 7);
        vt__index_query query = { .probes = probes[0], .count = at_once, .k = hits_wanted, .min_cosine = -1, .by_person = done / at_once % 4 == 3 };
        assert_int_equal(vt__index_search(coded[0], found, w->index, &query, NULL), VT_OK);
        query.by_float = true;
        assert_int_equal(vt__index_search(exact[0], found_exact, w->index, &query, NULL), VT_OK);
        for (size_t p = 0; p < at_once; p++) {
            assert_int_equal(found[p], found_exact[p]);
            if (!query.by_person) assert_int_equal(found[p], w->rows < hits_wanted ? w->rows : hits_wanted);
            for (size_t h = 0; h < found[p]; h++) {
                assert_memory_equal(&coded[p][h].id, &exact[p][h].id, sizeof coded[p][h].id);
                assert_true(coded[p][h].cosine == exact[p][h].cosine);
            }
        }
    }
    return done;
}

static void best_ten_are_those_of_the_float_scan(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 2, 5, 9, 10, 11, 15, 16, 17, 31, 63, 64, 65, 100, 255, 256, 257, 1000, 4095, 4096, 4097, 5000,
                                    10000, 30000, 100000, 300000, 1000000 };
    bool whole = getenv("VULTUS_TEST_LONG") != NULL;
    static world w;
    size_t probes = 0, rows = 0;
    vt__axes turn = { dimension, width, axes[0] };
    assert_int_equal(vt__index_open(&w.index, &turn, NULL), VT_OK);
    for (size_t i = 0; i < ROWS(sizes) && (whole || sizes[i] <= 5000); i++) {
        size_t wanted = !whole ? 32 : sizes[i] > 50000 ? 80000000 / sizes[i] : 4300;
        grow(&w, sizes[i]);
        probes += compare(&w, wanted);
        rows = w.rows;
    }
    print_message("%zu probes, sizes to %zu: all the same\n", probes, rows);
    assert_true(probes >= (whole ? 100000 : 600));
    vt__index_close(w.index);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(best_ten_are_those_of_the_float_scan) };
    return cmocka_run_group_tests(tests, make_axes, NULL);
}
