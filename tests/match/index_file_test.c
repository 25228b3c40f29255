#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "match/index_file.h"
#include "match/index_rows.h"
#include "support/failing.h"
#include "support/folder.h"
#include "support/vectors.h"

enum { dimension = VECTORS_DIMENSION, width = VECTORS_WIDTH, many = 5000 };

static const uint8_t key[VT__KEY_BYTES] = { 1, 2, 3 };
static const vt__index_stamp first_stamp = { 7, 3, 7, "recognition_04" };
static char codes_path[512], vectors_path[512];
static vectors v;

static vt__index_place place(void)
{
    return (vt__index_place){ codes_path, vectors_path, key };
}

static vt__axes axes(void)
{
    return (vt__axes){ dimension, width, v.axes[0] };
}

static int make_vectors(void **state)
{
    test_folder_make(state);
    snprintf(codes_path, sizeof codes_path, "%s", test_folder_file("a.codes"));
    snprintf(vectors_path, sizeof vectors_path, "%s", test_folder_file("a.vectors"));
    vectors_make(&v, many, 5);
    return 0;
}

static int drop_vectors(void **state)
{
    vectors_free(&v);
    return test_folder_remove(state);
}

static void add(vt__index *index, uint32_t number)
{
    vt__index_id id = vector_id(number), person = vector_id(1000000 + number / 5);
    assert_int_equal(vt__index_add(index, &id, &person, number % 7, v.rows[number], NULL), VT_OK);
}

static vt__index *make_files(uint32_t rows)
{
    vt__index *index = NULL;
    vt__axes turn = axes();
    vt__index_place at = place();
    assert_int_equal(vt__index_file_make(&index, &turn, &at, NULL), VT_OK);
    for (uint32_t i = 0; i < rows; i++) add(index, i);
    assert_int_equal(vt__index_file_stamp(index, &first_stamp, NULL), VT_OK);
    return index;
}

static vt_status reopen(vt__index **out, vt__index_stamp *stamp)
{
    vt__axes turn = axes();
    vt__index_place at = place();
    uint32_t found_dimension = 0;
    vt_status status = vt__index_file_open(out, stamp, &found_dimension, &turn, &at, NULL);
    if (!status) assert_int_equal(found_dimension, dimension);
    return status;
}

/* The best row for a row's own vector; UINT32_MAX for none as near. */
static uint32_t best_for(vt__index *index, uint32_t number)
{
    vt__index_hit hit;
    size_t found = 0;
    vt__index_query query = { .probes = v.rows[number], .count = 1, .k = 1, .min_cosine = 0.9999f };
    assert_int_equal(vt__index_search(&hit, &found, index, &query, NULL), VT_OK);
    return found ? vector_number(&hit.id) : UINT32_MAX;
}

static void opened_as_it_was_written(void **state)
{
    (void)state;
    const uint32_t sizes[] = { 0, 1, 63, 64, 65, 4096, many };
    for (size_t s = 0; s < ROWS(sizes); s++) {
        vt__index *written = make_files(sizes[s]), *read = NULL;
        vt__index_stamp stamp;
        assert_int_equal(reopen(&read, &stamp), VT_OK);
        assert_memory_equal(&stamp, &first_stamp, sizeof stamp);
        assert_int_equal(vt__index_count(read), sizes[s]);
        for (uint32_t p = 0; p < 20; p++) {
            vt__index_hit a[10], b[10];
            size_t found_a = 0, found_b = 0;
            const uint32_t most = p % 3;
            vt__index_query query = { .probes = v.rows[p * 17], .count = 1, .k = 10, .min_cosine = -1, .by_person = p & 1,
                                      .most_group = p & 2 ? &most : NULL };
            assert_int_equal(vt__index_search(a, &found_a, written, &query, NULL), VT_OK);
            query.by_float = true;
            assert_int_equal(vt__index_search(b, &found_b, read, &query, NULL), VT_OK);
            assert_int_equal(found_a, found_b);
            assert_memory_equal(a, b, found_a * sizeof *a);
        }
        vt__index_close(written);
        vt__index_close(read);
    }
}

static size_t resident_kib(void)
{
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
    return 0; /* these keep freed memory */
#endif
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* Many segments, whose slabs of codes the loaders must not make twice. Rows are alike; what is looked for is not. */
static void large_ones_are_opened_by_all_processors(void **state)
{
    (void)state;
    enum { LARGE = 20 * VT__SLAB_SEGMENTS / 8 * VT__SEGMENT_ROWS };
    vt__index *index = NULL;
    vt__axes turn = axes();
    vt__index_place at = place();
    const vt__index_id nobody = { { 0 } };
    vt__index_stamp stamp;
    assert_int_equal(vt__index_file_make(&index, &turn, &at, NULL), VT_OK);
    for (uint32_t i = 0; i < LARGE; i++) {
        vt__index_id id = vector_id(i);
        assert_int_equal(vt__index_add(index, &id, &nobody, 0, v.rows[i % 16384 == 77 ? i / 16384 : 4000], NULL), VT_OK);
    }
    assert_int_equal(vt__index_file_stamp(index, &first_stamp, NULL), VT_OK);
    vt__index_close(index);
    size_t before = 0;
    for (int round = 0; round < 6; round++) {
        assert_int_equal(reopen(&index, &stamp), VT_OK);
        assert_int_equal(vt__index_count(index), LARGE);
        for (uint32_t i = 0; i < LARGE / 16384; i++) assert_int_equal(best_for(index, i), i * 16384 + 77);
        vt__index_close(index);
        if (round == 1) before = resident_kib();
    }
    assert_true(resident_kib() < before + 2048);
}

static void every_change_is_in_the_files_once_stamped(void **state)
{
    (void)state;
    vt__index *index = make_files(300);
    vt__index_stamp stamp = first_stamp, found;
    for (uint32_t i = 0; i < 100; i += 3) {
        vt__index_id id = vector_id(i), person = vector_id(1000000 + 50 + i / 5);
        assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
        vt__index_remove_person(index, &person, NULL);
        add(index, 1000 + i);
        stamp.revision++;
        assert_int_equal(vt__index_file_stamp(index, &stamp, NULL), VT_OK);
    }
    size_t count = vt__index_count(index);
    vt__index_close(index);
    assert_int_equal(reopen(&index, &found), VT_OK);
    assert_int_equal(found.revision, stamp.revision);
    assert_int_equal(vt__index_count(index), count);
    assert_int_equal(best_for(index, 0), UINT32_MAX);
    assert_int_equal(best_for(index, 3), UINT32_MAX);
    assert_int_equal(best_for(index, 1), 1);
    assert_int_equal(best_for(index, 1099), 1099);
    assert_int_equal(best_for(index, 251), UINT32_MAX); /* with its person */
    /* places of the dead serve again, and ids are known */
    vt__index_id known = vector_id(1);
    assert_int_equal(vt__index_add(index, &known, &known, 0, v.rows[1], NULL), VT_EEXISTS);
    for (uint32_t i = 2000; i < 2040; i++) add(index, i);
    assert_int_equal(best_for(index, 2039), 2039);
    vt__index_close(index);
}

/* An unstamped change is as a crash between store and index: what was stamped does not open. */
static void a_change_without_stamp_does_not_open(void **state)
{
    (void)state;
    vt__index *index = make_files(100);
    uint8_t *old = NULL, *fresh = NULL;
    size_t old_bytes, fresh_bytes;
    assert_int_equal(vt__file_read(&old, &old_bytes, codes_path, 1 << 26, NULL), VT_OK);
    add(index, 200);
    vt__index_stamp stamp = first_stamp;
    assert_int_equal(vt__index_file_stamp(index, &stamp, NULL), VT_OK);
    assert_int_equal(vt__file_read(&fresh, &fresh_bytes, codes_path, 1 << 26, NULL), VT_OK);
    vt__index_close(index);
    memcpy(fresh, old, 4096); /* the blocks of now under the head of before */
    assert_int_equal(vt__file_write(codes_path, fresh, fresh_bytes, 0600, NULL), VT_OK);
    assert_int_equal(reopen(&index, &stamp), VT_EINTEGRITY);
    vt__free(old);
    vt__free(fresh);
}

static void damage_of_any_kind_is_noticed(void **state)
{
    (void)state;
    vt__index *index = make_files(200);
    vt__index_close(index);
    uint8_t *codes = NULL, *older = NULL;
    size_t bytes, older_bytes;
    vt__index_stamp stamp;
    assert_int_equal(vt__file_read(&codes, &bytes, codes_path, 1 << 26, NULL), VT_OK);
    const size_t block = (bytes - 4096) / 4; /* 200 rows are four blocks */
    const size_t flips[] = { 0, 9, 13, 17, 21, 25, 30, 50, 64, 100, 150, 199, 4096, 4100, 4104, 4200, 4096 + block, bytes - 1 };
    for (size_t i = 0; i < ROWS(flips); i++) {
        codes[flips[i]] ^= 4;
        assert_int_equal(vt__file_write(codes_path, codes, bytes, 0600, NULL), VT_OK);
        vt_status status = reopen(&index, &stamp);
        if (status != VT_EINTEGRITY && status != VT_EFORMAT) fail_msg("byte %zu changed: %d", flips[i], status);
        codes[flips[i]] ^= 4;
    }
    const size_t cuts[] = { 0, 1, 47, 63, 200, 4095, 4096, 4096 + block, bytes - 1 };
    for (size_t i = 0; i < ROWS(cuts); i++) {
        assert_int_equal(vt__file_write(codes_path, codes, cuts[i], 0600, NULL), VT_OK);
        assert_int_equal(reopen(&index, &stamp), VT_EINTEGRITY);
    }
    /* two blocks in each other's place; a block of an earlier time */
    uint8_t *changed = vt__malloc(bytes, 1);
    memcpy(changed, codes, bytes);
    memcpy(changed + 4096, codes + 4096 + block, block);
    memcpy(changed + 4096 + block, codes + 4096, block);
    assert_int_equal(vt__file_write(codes_path, changed, bytes, 0600, NULL), VT_OK);
    assert_int_equal(reopen(&index, &stamp), VT_EINTEGRITY);
    assert_int_equal(vt__file_write(codes_path, codes, bytes, 0600, NULL), VT_OK);
    assert_int_equal(reopen(&index, &stamp), VT_OK);
    vt__index_id id = vector_id(5);
    assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
    assert_int_equal(vt__index_file_stamp(index, &first_stamp, NULL), VT_OK);
    vt__index_close(index);
    assert_int_equal(vt__file_read(&older, &older_bytes, codes_path, 1 << 26, NULL), VT_OK);
    memcpy(older + 4096, codes + 4096, block); /* the deleted row back */
    assert_int_equal(vt__file_write(codes_path, older, older_bytes, 0600, NULL), VT_OK);
    assert_int_equal(reopen(&index, &stamp), VT_EINTEGRITY);
    vt__free(codes);
    vt__free(older);
    vt__free(changed);
}

static void other_keys_axes_and_partners_do_not_serve(void **state)
{
    (void)state;
    vt__index *index = make_files(10);
    vt__index_close(index);
    const uint8_t other_key[VT__KEY_BYTES] = { 9 };
    vt__axes turn = axes(), turned = { dimension, width, v.axes[1] }, narrow = { dimension, width - 16, v.axes[0] };
    vt__index_place at = place(), other = { codes_path, vectors_path, other_key }, none = { "/nowhere/x", vectors_path, key },
                    alone = { codes_path, "/nowhere/x", key };
    const struct {
        const vt__axes *axes;
        const vt__index_place *place;
        vt_status status;
    } rows[] = { { &turn, &other, VT_EINTEGRITY }, { &turned, &at, VT_EINTEGRITY }, { &narrow, &at, VT_EINTEGRITY },
                 { &turn, &none, VT_ENOTFOUND },   { &turn, &alone, VT_EINTEGRITY } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__index_stamp stamp;
        uint32_t found_dimension;
        assert_int_equal(vt__index_file_open(&index, &stamp, &found_dimension, rows[i].axes, rows[i].place, NULL), rows[i].status);
    }
}

/* Vectors are opened one by one: a damaged one shows when it is compared. */
static void a_damaged_vector_fails_the_search(void **state)
{
    (void)state;
    vt__index *index = make_files(100);
    vt__index_stamp stamp;
    vt__index_close(index);
    int descriptor = open(vectors_path, O_RDWR);
    uint8_t byte = 0;
    off_t at = 4096 + 42 * (dimension * 4 + 40) + 30;
    assert_int_equal(pread(descriptor, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(descriptor, &byte, 1, at), 1);
    close(descriptor);
    assert_int_equal(reopen(&index, &stamp), VT_OK);
    vt__index_hit hit;
    size_t found;
    vt__index_query query = { .probes = v.rows[42], .count = 1, .k = 1, .min_cosine = 0.9999f };
    assert_int_equal(vt__index_search(&hit, &found, index, &query, NULL), VT_EINTEGRITY);
    assert_int_equal(best_for(index, 12), 12);
    vt__index_close(index);
}

static bool holds(const char *path, const void *bytes, size_t size)
{
    uint8_t *all = NULL;
    size_t all_bytes;
    assert_int_equal(vt__file_read(&all, &all_bytes, path, 1 << 26, NULL), VT_OK);
    bool there = memmem(all, all_bytes, bytes, size) != NULL;
    vt__free(all);
    return there;
}

/* Neither in clear nor sealed: the sealed bytes that were there before are looked for in both files. */
static void nothing_is_left(bool searched)
{
    vt__index *index = make_files(100);
    if (searched) atomic_fetch_add(&index->readers[atomic_load(&index->room)], 1);
    const size_t slot = dimension * 4 + 40;
    uint8_t *codes = NULL, *vectors_before = NULL;
    size_t codes_bytes, vectors_bytes;
    assert_int_equal(vt__file_read(&codes, &codes_bytes, codes_path, 1 << 26, NULL), VT_OK);
    assert_int_equal(vt__file_read(&vectors_before, &vectors_bytes, vectors_path, 1 << 26, NULL), VT_OK);
    const uint8_t *sealed = vectors_before + 4096 + 42 * slot, *neighbour = sealed + slot, *block = codes + 4096;
    assert_true(holds(vectors_path, sealed, 64));
    assert_true(holds(codes_path, block, 64));
    vt__index_id id = vector_id(42);
    assert_int_equal(vt__index_remove(index, &id, NULL), VT_OK);
    assert_int_equal(vt__index_file_stamp(index, &first_stamp, NULL), VT_OK);
    for (size_t at = 0; at + 16 <= slot; at += 16) assert_false(holds(vectors_path, sealed + at, 16));
    assert_true(holds(vectors_path, neighbour, slot));
    for (size_t at = 0; at + 16 <= (codes_bytes - 4096) / 2; at += 16) assert_false(holds(codes_path, block + at, 16));
    assert_false(holds(codes_path, v.rows[42], 16));
    assert_false(holds(vectors_path, v.rows[42], 16));
    assert_false(holds(codes_path, &id, sizeof id));
    vt__free(codes);
    vt__free(vectors_before);
    if (searched) atomic_fetch_sub(&index->readers[atomic_load(&index->room)], 1);
    vt__index_close(index);
}

static void after_a_delete_nothing_of_it_is_in_the_files(void **state)
{
    (void)state;
    nothing_is_left(false);
    nothing_is_left(true); /* a search that began before is still under way: it does not keep the files waiting */
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
        uint32_t gone = atomic_load(&c->removed), there = atomic_load(&c->added), wanted = gone + turn % (there - gone);
        vt__index_hit hits[3];
        size_t found;
        vt__index_query query = { .probes = v.rows[wanted], .count = 1, .k = 3, .min_cosine = -1, .by_float = turn % 8 == 7 };
        if (vt__index_search(hits, &found, c->index, &query, NULL)) return (void *)"a search failed";
        bool seen = false;
        for (size_t h = 0; h < found; h++) {
            if (vector_number(&hits[h].id) < gone) return (void *)"a removed row is found";
            seen |= vector_number(&hits[h].id) == wanted;
        }
        /* the next to go may be gone before it is acknowledged */
        if (!seen && wanted > atomic_load(&c->removed)) return (void *)"an added row is not found";
    }
    return NULL;
}

/* Templates are overwritten in the file while searches want to compare them. */
static void searched_while_rows_come_and_go(void **state)
{
    (void)state;
    enum { KEPT = 20, CHANGES = 1200 };
    crowd c = { .index = make_files(KEPT), .added = KEPT };
    pthread_t readers[3];
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&readers[i], NULL, search_again_and_again, &c), 0);
    for (uint32_t i = KEPT; i < CHANGES; i++) {
        vt__index_id old = vector_id(i - KEPT);
        add(c.index, i);
        atomic_store(&c.added, i + 1);
        assert_int_equal(vt__index_remove(c.index, &old, NULL), VT_OK);
        assert_int_equal(vt__index_file_stamp(c.index, &first_stamp, NULL), VT_OK);
        atomic_store(&c.removed, i - KEPT + 1);
        if (i % 100 == 0) vt__index_tend(c.index);
    }
    atomic_store(&c.done, true);
    for (int i = 0; i < 3; i++) {
        void *answer = NULL;
        pthread_join(readers[i], &answer);
        if (answer) fail_msg("%s", (const char *)answer);
    }
    vt__index_close(c.index);
}

static void files_have_their_names_only_when_whole(void **state)
{
    (void)state;
    vt__index *index = NULL;
    vt__axes turn = axes();
    unlink(codes_path);
    unlink(vectors_path);
    vt__index_place at = place();
    assert_int_equal(vt__index_file_make(&index, &turn, &at, NULL), VT_OK);
    add(index, 1);
    assert_false(vt__file_exists(codes_path));
    assert_false(vt__file_exists(vectors_path));
    assert_int_equal(best_for(index, 1), 1);
    vt__index_close(index); /* as after a crash, or given up */
    vt__names names;
    assert_int_equal(vt__folder_list(&names, test_folder(), NULL), VT_OK);
    assert_int_equal(names.count, 0);
    vt__names_free(&names);
    index = make_files(3);
    struct stat info;
    assert_int_equal(stat(codes_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    vt__index_file_discard(index);
    assert_false(vt__file_exists(codes_path));
    assert_false(vt__file_exists(vectors_path));
    assert_int_equal(best_for(index, 2), 2); /* goes on */
    add(index, 7);
    assert_int_equal(best_for(index, 7), 7);
    vt__index_close(index);
}

static bool write_and_read(void *context)
{
    (void)context;
    vt__axes turn = axes();
    vt__index_place at = place();
    vt__index *index = NULL;
    vt__index_stamp stamp;
    bool good = vt__index_file_make(&index, &turn, &at, NULL) == VT_OK;
    vt__index_id id = vector_id(1);
    good = good && vt__index_add(index, &id, &id, 0, v.rows[1], NULL) == VT_OK && !vt__index_file_stamp(index, &first_stamp, NULL);
    if (index) vt__index_close(index);
    index = NULL;
    good = good && reopen(&index, &stamp) == VT_OK;
    if (index) vt__index_close(index);
    return good;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_in_range(failing_each(write_and_read, NULL, 100, false), 15, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opened_as_it_was_written),
        cmocka_unit_test(large_ones_are_opened_by_all_processors),
        cmocka_unit_test(every_change_is_in_the_files_once_stamped),
        cmocka_unit_test(a_change_without_stamp_does_not_open),
        cmocka_unit_test(damage_of_any_kind_is_noticed),
        cmocka_unit_test(other_keys_axes_and_partners_do_not_serve),
        cmocka_unit_test(a_damaged_vector_fails_the_search),
        cmocka_unit_test(after_a_delete_nothing_of_it_is_in_the_files),
        cmocka_unit_test(searched_while_rows_come_and_go),
        cmocka_unit_test(files_have_their_names_only_when_whole),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_vectors, drop_vectors);
}
