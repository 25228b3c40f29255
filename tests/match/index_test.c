#include "support/test.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <vultus/match.h>

#include "base/memory.h"
#include "match/index_rows.h"
#include "support/failing.h"

enum { dimension = 64, width = 32, most = 6000 };

static float axes[width][dimension];
static float rows[most][dimension];
static uint64_t seed;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform() + 1e-300)) * cos(6.283185307179586 * uniform());
}

static void unit(float *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)v[i] * v[i];
    for (size_t i = 0; i < n; i++) v[i] /= (float)sqrt(sum);
}

/* Orthonormal axes (Gram and Schmidt), and rows that lie mostly along them, in families of near neighbours. */
static int make_rows(void **state)
{
    (void)state;
    seed = 11;
    for (int k = 0; k < width; k++) {
        for (int i = 0; i < dimension; i++) axes[k][i] = (float)normal();
        for (int j = 0; j < k; j++) {
            float along = vt_cosine(axes[k], axes[j], dimension);
            for (int i = 0; i < dimension; i++) axes[k][i] -= along * axes[j][i];
        }
        unit(axes[k], dimension);
    }
    for (int r = 0; r < most; r++) {
        for (int k = 0; k < width; k++) {
            float along = (float)(normal() / (1 + k * 0.1));
            for (int i = 0; i < dimension; i++) rows[r][i] += along * axes[k][i];
        }
        for (int i = 0; i < dimension; i++) rows[r][i] += (float)(0.01 * normal());
        if (r % 5) /* near the one before */
            for (int i = 0; i < dimension; i++) rows[r][i] = rows[r - 1][i] + 0.05f * rows[r][i];
        unit(rows[r], dimension);
    }
    return 0;
}

static vt__index_id id_of(uint32_t number)
{
    vt__index_id id = { { 1 } };
    for (int i = 0; i < 4; i++) id.bytes[i + 4] = (uint8_t)(number >> (24 - 8 * i)); /* byte order is number order */
    return id;
}

static uint32_t number_of(const vt__index_id *id)
{
    return (uint32_t)id->bytes[4] << 24 | (uint32_t)id->bytes[5] << 16 | (uint32_t)id->bytes[6] << 8 | id->bytes[7];
}

static vt__index *index_of(size_t count)
{
    vt__axes turn = { dimension, width, axes[0] };
    vt__index *index;
    assert_int_equal(vt__index_open(&index, &turn, NULL), VT_OK);
    for (uint32_t i = 0; i < count; i++) {
        vt__index_id id = id_of(i), person = id_of(1000000 + i / 5);
        assert_int_equal(vt__index_add(index, &id, &person, i % 7, rows[i], NULL), VT_OK);
    }
    return index;
}

static void same_hits(const vt__index_hit *a, size_t count_a, const vt__index_hit *b, size_t count_b)
{
    assert_int_equal(count_a, count_b);
    for (size_t i = 0; i < count_a; i++) {
        assert_memory_equal(&a[i].id, &b[i].id, sizeof a[i].id);
        assert_true(a[i].cosine == b[i].cosine);
    }
}

/* The coded search against the float one, for sizes around quads, runs and segments. */
static void hits_are_those_of_the_float_scan(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 3, 4, 5, 63, 64, 257, 1000, 4095, 4096, 4097, 6000 };
    static const uint32_t group = 3;
    static vt__index_hit coded[5][10], exact[5][10];
    for (size_t s = 0; s < ROWS(sizes); s++) {
        vt__index *index = index_of(sizes[s]);
        for (int variant = 0; variant < 8; variant++) {
            size_t found[5], found_exact[5];
            vt__index_query query = { .probes = rows[17], .count = 5, .k = 10, .min_cosine = variant & 4 ? 0.6f : -1,
                                      .by_person = variant & 1, .group = variant & 2 ? &group : NULL };
            assert_int_equal(vt__index_search(coded[0], found, index, &query, NULL), VT_OK);
            query.by_float = true;
            assert_int_equal(vt__index_search(exact[0], found_exact, index, &query, NULL), VT_OK);
            for (int p = 0; p < 5; p++) {
                same_hits(coded[p], found[p], exact[p], found_exact[p]);
                for (size_t h = 0; h < found[p]; h++) {
                    if (variant & 2) assert_int_equal(number_of(&coded[p][h].id) % 7, group);
                    for (size_t g = 0; (variant & 1) && g < h; g++) assert_memory_not_equal(&coded[p][g].person, &coded[p][h].person, 16);
                }
            }
        }
        vt__index_close(index);
    }
}

/* Rows of a rare label are picked one by one; a label with the same hint is another label. */
static void a_rare_label_is_a_filter(void **state)
{
    (void)state;
    enum { rare = 3, others = 200 };
    uint32_t twin = 1000;
    while (vt__group_hint(twin) != vt__group_hint(rare)) twin++;
    vt__axes turn = { dimension, width, axes[0] };
    vt__index *index;
    assert_int_equal(vt__index_open(&index, &turn, NULL), VT_OK);
    for (uint32_t i = 0; i < most; i++) {
        vt__index_id id = id_of(i), person = id_of(1000000 + i / 5);
        uint32_t label = i % 97 == 0 ? rare : i % 5 == 0 ? twin : others + i % 50;
        assert_int_equal(vt__index_add(index, &id, &person, label, rows[i], NULL), VT_OK);
    }
    static vt__index_hit coded[5][10], exact[5][10];
    static const uint32_t group = rare;
    for (int by_person = 0; by_person < 2; by_person++) {
        size_t found[5], found_exact[5];
        vt__index_query query = { .probes = rows[17], .count = 5, .k = 10, .min_cosine = -1, .by_person = by_person, .group = &group };
        assert_int_equal(vt__index_search(coded[0], found, index, &query, NULL), VT_OK);
        query.by_float = true;
        assert_int_equal(vt__index_search(exact[0], found_exact, index, &query, NULL), VT_OK);
        for (int p = 0; p < 5; p++) {
            assert_int_equal(found[p], 10);
            same_hits(coded[p], found[p], exact[p], found_exact[p]);
            for (size_t h = 0; h < found[p]; h++) assert_int_equal(number_of(&coded[p][h].id) % 97, 0);
        }
    }
    vt__index_close(index);
}

/* Below 1 hits may be missing, with the true cosines of those that are there; no more than was asked for. */
static void recall_is_what_was_asked_for(void **state)
{
    (void)state;
    static const float wanted[] = { 0.5f, 0.9f, 0.999f };
    vt__index *index = index_of(most);
    for (size_t w = 0; w < ROWS(wanted); w++) {
        size_t same = 0, all = 0;
        for (size_t probe = 0; probe < most; probe += 20) {
            vt__index_hit exact[10], some[10];
            size_t found, found_some;
            vt__index_query query = { .probes = rows[probe], .count = 1, .k = 10, .min_cosine = -1 };
            assert_int_equal(vt__index_search(exact, &found, index, &query, NULL), VT_OK);
            query.recall = wanted[w];
            assert_int_equal(vt__index_search(some, &found_some, index, &query, NULL), VT_OK);
            for (size_t e = 0, h = 0; e < found && h < found_some; e++) {
                if (memcmp(&exact[e].id, &some[h].id, sizeof exact[e].id)) continue;
                assert_true(exact[e].cosine == some[h++].cosine);
                same++;
            }
            all += found;
        }
        assert_int_equal(all, 3000);
        assert_true((double)same / (double)all >= (double)wanted[w]);
    }
    vt__index_close(index);
}

static void equal_templates_come_in_order_of_id(void **state)
{
    (void)state;
    vt__axes turn = { dimension, width, axes[0] };
    vt__index *index;
    vt__index_id none = { { 0 } };
    vt__index_hit hits[8];
    size_t found;
    assert_int_equal(vt__index_open(&index, &turn, NULL), VT_OK);
    for (uint32_t i = 0; i < 20; i++) {
        vt__index_id id = id_of((i * 13) % 20);
        assert_int_equal(vt__index_add(index, &id, &none, 0, rows[0], NULL), VT_OK);
    }
    vt__index_query query = { .probes = rows[0], .count = 1, .k = 8, .min_cosine = -1, .by_person = true };
    assert_int_equal(vt__index_search(hits, &found, index, &query, NULL), VT_OK);
    assert_int_equal(found, 8); /* no person: each row for itself */
    for (uint32_t i = 0; i < 8; i++) assert_int_equal(number_of(&hits[i].id), i);
    vt__index_close(index);
}

static void removed_rows_are_gone_and_their_places_serve_again(void **state)
{
    (void)state;
    vt__index *index = index_of(1000);
    vt_error err;
    for (uint32_t i = 0; i < 1000; i += 2) {
        vt__index_id id = id_of(i);
        assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
        assert_int_equal(vt__index_remove(index, &id, &err), VT_ENOTFOUND);
    }
    assert_int_equal(vt__index_count(index), 500);
    vt__index_hit hits[20];
    size_t found;
    vt__index_query query = { .probes = rows[20], .count = 1, .k = 20, .min_cosine = -1 };
    assert_int_equal(vt__index_search(hits, &found, index, &query, NULL), VT_OK);
    for (size_t h = 0; h < found; h++) assert_int_equal(number_of(&hits[h].id) % 2, 1);
    for (uint32_t i = 0; i < 1000; i += 2) {
        vt__index_id id = id_of(i), person = id_of(1000000 + i / 5);
        assert_int_equal(vt__index_add(index, &id, &person, 0, rows[i], NULL), VT_OK);
        assert_int_equal(vt__index_add(index, &id, &person, 0, rows[i], &err), VT_EEXISTS);
    }
    assert_int_equal(vt__index_search(hits, &found, index, &query, NULL), VT_OK);
    assert_int_equal(number_of(&hits[0].id), 20);
    assert_true(hits[0].cosine > 0.99999f);
    vt__index_close(index);
}

static void a_list_of_ids_is_a_filter(void **state)
{
    (void)state;
    vt__index *index = index_of(2000);
    vt__index_id ids[40];
    for (uint32_t i = 0; i < 40; i++) ids[i] = id_of(3000 - i * 50); /* some are not there */
    vt__index_hit hits[50];
    size_t found;
    vt__index_query query = { .probes = rows[7], .count = 1, .k = 50, .min_cosine = -1, .ids = ids, .ids_count = 40 };
    assert_int_equal(vt__index_search(hits, &found, index, &query, NULL), VT_OK);
    assert_int_equal(found, 19); /* 1050 to 1950 */
    for (size_t h = 0; h < found; h++) {
        uint32_t number = number_of(&hits[h].id);
        assert_int_equal(number % 50, 0);
        assert_true(hits[h].cosine == vt_cosine(rows[7], rows[number], dimension));
        if (h) assert_true(hits[h - 1].cosine >= hits[h].cosine);
    }
    vt__index_close(index);
}

/* While a writer holds the tables, rows named are found without them. */
static void nobody_waits_for_a_writer(void **state)
{
    (void)state;
    vt__index *index = index_of(2000);
    static vt__index_id ids[200], persons[90];
    for (uint32_t i = 0; i < 200; i++) ids[i] = id_of(i * 13 % 2100);
    for (uint32_t i = 0; i < 90; i++) persons[i] = id_of(1000000 + i * 5);
    ids[7] = ids[8];
    const struct {
        size_t ids, persons;
    } cases[] = { { 1, 0 }, { 40, 0 }, { 200, 0 }, { 0, 1 }, { 0, 9 }, { 0, 90 } };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        vt__index_hit free[20], held[20];
        size_t found_free, found_held;
        const vt__index_query query = { .probes = rows[5], .count = 1, .k = 20, .min_cosine = -1, .ids = cases[c].ids ? ids : NULL,
                                        .ids_count = cases[c].ids, .persons = cases[c].persons ? persons : NULL,
                                        .persons_count = cases[c].persons };
        assert_int_equal(vt__index_search(free, &found_free, index, &query, NULL), VT_OK);
        pthread_mutex_lock(&index->writing);
        assert_int_equal(vt__index_search(held, &found_held, index, &query, NULL), VT_OK);
        pthread_mutex_unlock(&index->writing);
        assert_true(found_free > 0);
        assert_int_equal(found_held, found_free);
        assert_memory_equal(held, free, found_free * sizeof *free);
    }
    vt__index_id none = id_of(999999);
    size_t found = 9;
    vt__index_hit hit;
    const vt__index_query query = { .probes = rows[5], .count = 1, .k = 1, .min_cosine = -1, .ids = &none, .ids_count = 1 };
    pthread_mutex_lock(&index->writing);
    assert_int_equal(vt__index_search(&hit, &found, index, &query, NULL), VT_OK);
    pthread_mutex_unlock(&index->writing);
    assert_int_equal(found, 0);
    vt__index_close(index);
}

typedef struct crowd {
    vt__index *index;
    atomic_uint added, removed; /* acknowledged: rows below `added` are there, below `removed` gone */
    atomic_bool done;
} crowd;

static void *search_again_and_again(void *argument)
{
    crowd *c = argument;
    for (uint32_t turn = 0; !atomic_load(&c->done); turn++) {
        uint32_t gone = atomic_load(&c->removed), there = atomic_load(&c->added);
        uint32_t wanted = there ? gone + turn % (there - gone) : 0;
        vt__index_hit hits[3];
        size_t found;
        vt__index_query query = { .probes = rows[wanted], .count = 1, .k = 3, .min_cosine = -1 };
        assert_int_equal(vt__index_search(hits, &found, c->index, &query, NULL), VT_OK);
        bool seen = false;
        for (size_t h = 0; h < found; h++) {
            assert_true(number_of(&hits[h].id) >= gone);
            seen |= number_of(&hits[h].id) == wanted;
        }
        /* the next to go may be gone before it is acknowledged */
        if (there && wanted > atomic_load(&c->removed)) assert_true(seen);
    }
    return NULL;
}

static void acknowledged_is_found_and_removed_is_not(void **state)
{
    (void)state;
    crowd c = { .index = index_of(0) };
    pthread_t readers[3];
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&readers[i], NULL, search_again_and_again, &c), 0);
    for (uint32_t i = 0; i < 3000; i++) {
        vt__index_id id = id_of(i), person = id_of(i + 1000000), old = id_of(i - 200);
        assert_int_equal(vt__index_add(c.index, &id, &person, 0, rows[i], NULL), VT_OK);
        atomic_store(&c.added, i + 1);
        if (i < 200) continue;
        assert_int_equal(vt__index_remove(c.index, &old, NULL), VT_OK);
        atomic_store(&c.removed, i - 199);
    }
    atomic_store(&c.done, true);
    for (int i = 0; i < 3; i++) pthread_join(readers[i], NULL);
    assert_int_equal(vt__index_count(c.index), 200);
    vt__index_close(c.index);
}

static bool build_and_search(void *context)
{
    (void)context;
    vt__axes turn = { dimension, width, axes[0] };
    vt__index *index = NULL;
    vt__index_hit hits[2];
    size_t found;
    bool good = vt__index_open(&index, &turn, NULL) == VT_OK;
    for (uint32_t i = 0; i < 20 && good; i++) {
        vt__index_id id = id_of(i);
        good = vt__index_add(index, &id, &id, 0, rows[i], NULL) == VT_OK;
    }
    vt__index_query query = { .probes = rows[0], .count = 1, .k = 2, .min_cosine = -1 };
    if (good) good = vt__index_search(hits, &found, index, &query, NULL) == VT_OK && number_of(&hits[0].id) == 0;
    if (index) vt__index_close(index);
    return good;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_in_range(failing_each(build_and_search, NULL, 60, false), 8, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_those_of_the_float_scan),
        cmocka_unit_test(a_rare_label_is_a_filter),
        cmocka_unit_test(recall_is_what_was_asked_for),
        cmocka_unit_test(equal_templates_come_in_order_of_id),
        cmocka_unit_test(removed_rows_are_gone_and_their_places_serve_again),
        cmocka_unit_test(a_list_of_ids_is_a_filter),
        cmocka_unit_test(nobody_waits_for_a_writer),
        cmocka_unit_test(acknowledged_is_found_and_removed_is_not),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_rows, NULL);
}
