#include "support/folder.h"
#include "support/test.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/sealed_file.h"

enum { SIZE = 200000, BLOCK = 65536, SLOT = BLOCK + VT__SEAL_EXTRA_BYTES };

static const uint8_t key[VT__KEY_BYTES] = { 1, 2, 3 };
static uint8_t plain[SIZE];

static char *path_of(const char *name)
{
    return vt__path_join(test_folder(), name);
}

/* Written in pieces of odd sizes. */
static vt__sealed_file *made(const char *path)
{
    vt__sealed_file *file;
    for (size_t i = 0; i < SIZE; i++) plain[i] = (uint8_t)(i * 7 + i / 251);
    assert_int_equal(vt__sealed_create(&file, path, key, NULL), VT_OK);
    for (size_t at = 0, step = 1; at < SIZE; at += step, step = step * 3 % 50021) {
        if (step > SIZE - at) step = SIZE - at;
        assert_int_equal(vt__sealed_write(file, plain + at, step, at, NULL), VT_OK);
    }
    return file;
}

static void expect_plain(vt__sealed_file *file, uint64_t offset, size_t wanted)
{
    uint8_t *got = vt__malloc(wanted + 1, 1);
    size_t size = wanted, left = offset < SIZE ? SIZE - (size_t)offset : 0;
    assert_int_equal(vt__sealed_read(got, &size, file, offset, NULL), VT_OK);
    assert_int_equal(size, wanted < left ? wanted : left);
    if (size) assert_memory_equal(got, plain + offset, size);
    vt__free(got);
}

static void reads_what_was_written_at_any_place(void **state)
{
    (void)state;
    static const struct {
        uint64_t offset;
        size_t wanted;
    } rows[] = { { 0, SIZE }, { 0, 1 }, { 65535, 2 }, { 65536, 65536 }, { 100, 150000 }, { SIZE - 1, 100 }, { SIZE, 5 }, { SIZE + 1000, 5 } };
    char *path = path_of("any");
    vt__sealed_file *file = made(path);
    for (size_t i = 0; i < ROWS(rows); i++) expect_plain(file, rows[i].offset, rows[i].wanted);
    memcpy(plain + 65530, "over a border", 13); /* as an MP4's header is filled in at the end */
    assert_int_equal(vt__sealed_write(file, plain + 65530, 13, 65530, NULL), VT_OK);
    assert_int_equal(vt__sealed_write(file, "x", 1, SIZE + 1, NULL), VT_EINVAL);
    assert_int_equal(vt__sealed_flush(file, NULL), VT_OK);
    assert_int_equal(vt__sealed_size(file), SIZE);
    vt__sealed_close(file);
    assert_int_equal(vt__sealed_open(&file, path, SIZE, key, NULL), VT_OK);
    for (size_t i = ROWS(rows); i-- > 0;) expect_plain(file, rows[i].offset, rows[i].wanted);
    vt__sealed_close(file);
    assert_int_equal(vt__sealed_create(&file, path, key, NULL), VT_EEXISTS);
    vt__free(path);
}

static void expect_refused(const char *path, uint64_t size, const uint8_t *with, vt_status expected)
{
    vt__sealed_file *file = NULL;
    uint8_t *got = vt__malloc(SIZE, 1);
    size_t read = SIZE;
    vt_status status = vt__sealed_open(&file, path, size, with, NULL);
    if (!status) status = vt__sealed_read(got, &read, file, 0, NULL);
    assert_int_equal(status, expected);
    vt__sealed_close(file);
    vt__free(got);
}

static void what_was_changed_is_found(void **state)
{
    (void)state;
    static const uint8_t other[VT__KEY_BYTES] = { 9 };
    char *path = path_of("changed");
    uint8_t *disk, *swapped;
    size_t size;
    vt__sealed_file *file = made(path);
    assert_int_equal(vt__sealed_flush(file, NULL), VT_OK);
    vt__sealed_close(file);
    assert_int_equal(vt__file_read(&disk, &size, path, 1 << 20, NULL), VT_OK);
    assert_int_equal(size, 4 * SLOT);
    for (size_t i = 0; i + 64 < SIZE; i += 4096) assert_null(memmem(disk, size, plain + i, 64)); /* nothing plain on the disk */
    expect_refused(path, SIZE, other, VT_EINTEGRITY);
    expect_refused(path, SIZE + BLOCK, key, VT_EINTEGRITY);
    expect_refused(path, SIZE, key, VT_OK);
    swapped = vt__malloc(size, 1);
    memcpy(swapped, disk + SLOT, SLOT);
    memcpy(swapped + SLOT, disk, SLOT);
    memcpy(swapped + 2 * (size_t)SLOT, disk + 2 * (size_t)SLOT, 2 * (size_t)SLOT);
    assert_int_equal(vt__file_write(path, swapped, size, 0600, NULL), VT_OK);
    expect_refused(path, SIZE, key, VT_EINTEGRITY);
    disk[SLOT + 100] ^= 1;
    assert_int_equal(vt__file_write(path, disk, size, 0600, NULL), VT_OK);
    expect_refused(path, SIZE, key, VT_EINTEGRITY);
    assert_int_equal(vt__file_write(path, disk, 3 * (size_t)SLOT, 0600, NULL), VT_OK);
    expect_refused(path, SIZE, key, VT_EINTEGRITY);
    expect_refused("/nowhere/at-all", SIZE, key, VT_ENOTFOUND);
    vt__free(swapped);
    vt__free(disk);
    vt__free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_what_was_written_at_any_place), cmocka_unit_test(what_was_changed_is_found) };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
