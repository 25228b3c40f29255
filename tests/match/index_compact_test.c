#include "support/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "match/index_file.h"
#include "match/index_rows.h"
#include "support/folder.h"
#include "support/vectors.h"

enum { many = 12000, every = 6 /* of which one stays */ };

static const uint8_t key[VT__KEY_BYTES] = { 4 };
static vectors v;
static char codes_path[512], vectors_path[512];

static int make_vectors(void **state)
{
    test_folder_make(state);
    snprintf(codes_path, sizeof codes_path, "%s", test_folder_file("c.codes"));
    snprintf(vectors_path, sizeof vectors_path, "%s", test_folder_file("c.vectors"));
    vectors_make(&v, many, 3);
    return 0;
}

static int drop_vectors(void **state)
{
    vectors_free(&v);
    return test_folder_remove(state);
}

static void add(vt__index *index, uint32_t number)
{
    vt__index_id id = vector_id(number), person = vector_id(1000000 + number / 9);
    assert_int_equal(vt__index_add(index, &id, &person, number % 4, v.rows[number], NULL), VT_OK);
}

static vt__index *full_index(bool in_files)
{
    vt__index *index = NULL;
    const vt__axes axes = { VECTORS_DIMENSION, VECTORS_WIDTH, v.axes[0] };
    const vt__index_place place = { codes_path, vectors_path, key };
    const vt__index_stamp stamp = { 1, 1, 1, "m" };
    assert_int_equal(in_files ? vt__index_file_make(&index, &axes, &place, NULL) : vt__index_open(&index, &axes, NULL), VT_OK);
    for (uint32_t i = 0; i < many; i++) add(index, i);
    assert_int_equal(vt__index_file_stamp(index, &stamp, NULL), VT_OK);
    return index;
}

static void thin_out(vt__index *index)
{
    for (uint32_t i = 0; i < many; i++) {
        vt__index_id id = vector_id(i);
        if (i % every) assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
    }
}

static void tend_until_done(vt__index *index)
{
    for (int i = 0; i < 200 && atomic_load(&index->rows) > many / every; i++) vt__index_tend(index);
    vt__index_tend(index);
    assert_int_equal(atomic_load(&index->rows), many / every);
    assert_int_equal(vt__index_count(index), many / every);
    assert_null(atomic_load(&index->segments[1]));
}

/* The same hits as an index that never held more. */
static void same_as_fresh(vt__index *index)
{
    vt__index *fresh = NULL;
    const vt__axes axes = { VECTORS_DIMENSION, VECTORS_WIDTH, v.axes[0] };
    assert_int_equal(vt__index_open(&fresh, &axes, NULL), VT_OK);
    for (uint32_t i = 0; i < many; i += every) add(fresh, i);
    for (uint32_t p = 0; p < 60; p++) {
        vt__index_hit a[10], b[10];
        size_t found_a, found_b;
        const uint32_t group = 2;
        const vt__index_id person = vector_id(1000000 + p);
        vt__index_query query = { .probes = v.rows[p * 131], .count = 1, .k = 10, .min_cosine = -1, .by_person = p & 1,
                                  .group = p & 2 ? &group : NULL, .persons = p & 4 ? &person : NULL, .persons_count = 1 };
        assert_int_equal(vt__index_search(a, &found_a, index, &query, NULL), VT_OK);
        assert_int_equal(vt__index_search(b, &found_b, fresh, &query, NULL), VT_OK);
        assert_int_equal(found_a, found_b);
        for (size_t h = 0; h < found_a; h++) {
            assert_memory_equal(&a[h].id, &b[h].id, sizeof a[h].id);
            assert_memory_equal(&a[h].person, &b[h].person, sizeof a[h].person);
            assert_true(a[h].cosine == b[h].cosine);
        }
    }
    vt__index_close(fresh);
}

static void rows_close_up_in_memory(void **state)
{
    (void)state;
    vt__index *index = full_index(false);
    thin_out(index);
    tend_until_done(index);
    same_as_fresh(index);
    /* and it goes on: the removed come back, the rest go */
    for (uint32_t i = 1; i < many; i += every) add(index, i);
    for (uint32_t i = 0; i < many; i += every) {
        vt__index_id id = vector_id(i);
        assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
    }
    assert_int_equal(vt__index_count(index), many / every);
    vt__index_close(index);
}

static void files_close_up_and_open_again(void **state)
{
    (void)state;
    struct stat before, after;
    vt__index *index = full_index(true);
    assert_int_equal(stat(codes_path, &before), 0);
    thin_out(index);
    tend_until_done(index);
    same_as_fresh(index);
    vt__index_close(index);
    assert_int_equal(stat(codes_path, &after), 0);
    assert_true(after.st_size < before.st_size / 5);
    assert_int_equal(stat(vectors_path, &after), 0);
    assert_int_equal(after.st_size, 4096 + VT__SEGMENT_ROWS * (VECTORS_DIMENSION * 4 + 40));
    for (int round = 0; round < 2; round++) {
        const vt__axes axes = { VECTORS_DIMENSION, VECTORS_WIDTH, v.axes[0] };
        const vt__index_place place = { codes_path, vectors_path, key };
        vt__index_stamp stamp;
        uint32_t dimension;
        assert_int_equal(vt__index_file_open(&index, &stamp, &dimension, &axes, &place, NULL), VT_OK);
        if (!round) same_as_fresh(index);
        assert_int_equal(vt__index_count(index), many / every + (round ? 2000 : 0));
        for (uint32_t i = 1; i < 12000 && !round; i += every) add(index, i); /* over places that were cut off */
        assert_int_equal(vt__index_file_stamp(index, &stamp, NULL), VT_OK);
        vt__index_close(index);
    }
}

typedef struct crowd {
    vt__index *index;
    atomic_bool done;
    atomic_uint searches;
} crowd;

/* Whoever stays is found whole the time, and nobody twice. */
static void *search_the_rest(void *argument)
{
    crowd *c = argument;
    for (uint32_t turn = 0; !atomic_load(&c->done); turn++) {
        uint32_t wanted = turn * 7919 % (many / every) * every;
        vt__index_hit hits[5];
        size_t found;
        const vt__index_query query = { .probes = v.rows[wanted], .count = 1, .k = 5, .min_cosine = -1 };
        if (vt__index_search(hits, &found, c->index, &query, NULL)) return (void *)"a search failed";
        if (found != 5 || vector_number(&hits[0].id) != wanted) return (void *)"one that stays was not found";
        for (size_t h = 1; h < found; h++)
            for (size_t k = 0; k < h; k++)
                if (!memcmp(&hits[h].id, &hits[k].id, sizeof hits[h].id)) return (void *)"one was found twice";
        atomic_fetch_add(&c->searches, 1);
    }
    return NULL;
}

static void *tend_again_and_again(void *argument)
{
    crowd *c = argument;
    while (!atomic_load(&c->done)) {
        vt__index_tend(c->index);
        usleep(500);
    }
    return NULL;
}

static void searches_see_everybody_meanwhile(void **state)
{
    (void)state;
    for (int in_files = 0; in_files < 2; in_files++) {
        crowd c = { .index = full_index(in_files) };
        pthread_t readers[3], tender;
        void *answers[3];
        for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&readers[i], NULL, search_the_rest, &c), 0);
        assert_int_equal(pthread_create(&tender, NULL, tend_again_and_again, &c), 0);
        thin_out(c.index);
        while (atomic_load(&c.searches) < 300 || atomic_load(&c.index->rows) > many / 2) sched_yield();
        atomic_store(&c.done, true);
        for (int i = 0; i < 3; i++) pthread_join(readers[i], &answers[i]);
        pthread_join(tender, NULL);
        for (int i = 0; i < 3; i++)
            if (answers[i]) fail_msg("%s", (const char *)answers[i]);
        assert_int_equal(vt__index_count(c.index), many / every);
        same_as_fresh(c.index);
        vt__index_close(c.index);
    }
}

/* A large index keeps its codes in slabs of many segments: they go with their first one, and come back. */
static void slabs_go_with_their_segments(void **state)
{
    (void)state;
    enum { more = VT__SLAB_SEGMENTS * VT__SEGMENT_ROWS + 2 * VT__SEGMENT_ROWS + 5, stay = 40 };
    const vt__axes axes = { 16, 16, NULL };
    float values[16] = { 0 };
    vt__index *index;
    assert_int_equal(vt__index_open(&index, &axes, NULL), VT_OK);
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t i = turn ? stay : 0; i < more; i++) {
            vt__index_id id = vector_id(i), person = vector_id(1000000 + i);
            for (int k = 0; k < 16; k++) values[k] = (i >> k & 1 ? 0.25f : -0.25f);
            assert_int_equal(vt__index_add(index, &id, &person, 0, values, NULL), VT_OK);
        }
        assert_non_null(index->slabs[1]);
        vt__index_hit hit;
        size_t found;
        vt__index_query query = { .probes = values, .count = 1, .k = 1, .min_cosine = -1 };
        assert_int_equal(vt__index_search(&hit, &found, index, &query, NULL), VT_OK);
        vt__index_id best = vector_id((more - 1) & 0xFFFF); /* the first of the same sixteen signs */
        assert_memory_equal(&hit.id, &best, sizeof best);
        for (uint32_t i = stay; i < more; i++) {
            vt__index_id id = vector_id(i);
            assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
        }
        vt__index_tend(index);
        assert_int_equal(vt__index_count(index), stay);
        assert_null(index->slabs[1]);
        assert_null(atomic_load(&index->segments[1]));
    }
    vt__index_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_close_up_in_memory),
        cmocka_unit_test(files_close_up_and_open_again),
        cmocka_unit_test(searches_see_everybody_meanwhile),
        cmocka_unit_test(slabs_go_with_their_segments),
    };
    return cmocka_run_group_tests(tests, make_vectors, drop_vectors);
}
