#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static char *in_folder(const char *name)
{
    return vt__path_join(test_folder(), name);
}

static void writes_whole_or_not(void **state)
{
    (void)state;
    char *path = in_folder("a.txt");
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__file_write(path, "one", 3, 0600, NULL), VT_OK);
    assert_int_equal(vt__file_write(path, "second", 6, 0600, NULL), VT_OK);
    assert_int_equal(vt__file_read(&bytes, &size, path, 100, NULL), VT_OK);
    assert_int_equal(size, 6);
    assert_string_equal((char *)bytes, "second");
    vt__free(bytes);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    vt__names names;
    assert_int_equal(vt__folder_list(&names, test_folder(), NULL), VT_OK);
    assert_int_equal(names.count, 1); /* no temporary file stays */
    vt__names_free(&names);
    vt__free(path);
}

static void failures_are_named(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    vt_error err;
    char *path = in_folder("b"), *missing = in_folder("none/x");
    assert_int_equal(vt__file_read(&bytes, NULL, missing, 10, &err), VT_ENOTFOUND);
    assert_non_null(strstr(err.text, "none/x: No such file"));
    assert_int_equal(vt__file_write(missing, "x", 1, 0600, &err), VT_ENOTFOUND);
    assert_int_equal(vt__file_write(path, "12345", 5, 0600, NULL), VT_OK);
    assert_int_equal(vt__file_read(&bytes, NULL, path, 4, &err), VT_ELIMIT);
    assert_int_equal(vt__file_read(&bytes, NULL, test_folder(), 4000, &err), VT_EIO);
    assert_int_equal(vt__folder_make(path, 0700, &err), VT_EEXISTS);
    assert_null(bytes);
    vt__free(path);
    vt__free(missing);
}

static void folders_and_names(void **state)
{
    (void)state;
    char *deep = in_folder("x/y/z");
    assert_int_equal(vt__folder_make(deep, 0700, NULL), VT_OK);
    assert_int_equal(vt__folder_make(deep, 0700, NULL), VT_OK);
    assert_true(vt__folder_exists(deep));
    assert_false(vt__file_exists(deep));
    static const char *const made[] = { "b", "a", "C" };
    for (size_t i = 0; i < ROWS(made); i++) {
        char *path = vt__path_join(deep, made[i]);
        assert_int_equal(vt__file_write(path, "", 0, 0600, NULL), VT_OK);
        vt__free(path);
    }
    vt__names names;
    assert_int_equal(vt__folder_list(&names, deep, NULL), VT_OK);
    assert_int_equal(names.count, 3);
    assert_string_equal(names.items[0], "C");
    assert_string_equal(names.items[2], "b");
    vt__names_free(&names);
    assert_int_equal(vt__folder_list(&names, "/nowhere", NULL), VT_ENOTFOUND);
    vt__free(deep);
}

static void paths_join(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *name, *path;
    } rows[] = { { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" }, { "a", "/b", "/b" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char *path = vt__path_join(rows[i].folder, rows[i].name);
        assert_string_equal(path, rows[i].path);
        vt__free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_whole_or_not),
        cmocka_unit_test(failures_are_named),
        cmocka_unit_test(folders_and_names),
        cmocka_unit_test(paths_join),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
