#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "http/fetch.h"

/* The guarded fetching itself is in server_test.c, against a real server; here the folder that stands for a URL. */
static void urls_from_a_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/vultus-fetch-XXXXXX", path[100], outside[100];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pictures/a b", folder);
    assert_int_equal(vt__folder_make(path, 0700, NULL), VT_OK);
    snprintf(path, sizeof path, "%s/pictures/a b/x.jpg", folder);
    vt__file_write(path, "picture", 7, 0600, NULL);
    snprintf(path, sizeof path, "%s/secret", folder);
    vt__file_write(path, "secret", 6, 0600, NULL);
    snprintf(outside, sizeof outside, "%s/pictures/link", folder);
    assert_int_equal(symlink(path, outside), 0);
    snprintf(path, sizeof path, "%s/pictures", folder);

    vt__url_map map = { "http://p.test/i/", path };
    vt__fetch_rules rules = { .max_bytes = 100, .maps = &map, .map_count = 1 };
    static const struct {
        const char *url;
        size_t max_bytes;
        vt_status status;
    } rows[] = {
        { "http://p.test/i/a%20b/x.jpg", 100, VT_OK },
        { "http://p.test/i//a%20b//x.jpg?size=3#f", 7, VT_OK },
        { "http://p.test/i/a%20b/x.jpg", 6, VT_ELIMIT },
        { "http://p.test/i/nothing", 100, VT_EIO },
        { "http://p.test/i/../secret", 100, VT_EIO },
        { "http://p.test/i/%2e%2e/secret", 100, VT_EIO },
        { "http://p.test/i/..%2fsecret", 100, VT_EIO },
        { "http://p.test/i/%2fetc%2fpasswd", 100, VT_EIO },
        { "http://p.test/i/link", 100, VT_EIO },
        { "http://p.test/i/a%", 100, VT_EINVAL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        rules.max_bytes = rows[i].max_bytes;
        vt_status status = vt__fetch(&bytes, &size, rows[i].url, &rules, NULL);
        if (status != rows[i].status) fail_msg("%s: %s", rows[i].url, vt_status_name(status));
        if (!status) {
            assert_int_equal(size, 7);
            assert_memory_equal(bytes, "picture", 7);
        }
        vt__free(bytes);
    }
    static const char *const made[] = { "pictures/link", "pictures/a b/x.jpg", "secret", "pictures/a b", "pictures", "" };
    for (size_t i = 0; i < ROWS(made); i++) {
        char *gone = vt__path_join(folder, made[i]);
        assert_int_equal(remove(gone), 0);
        vt__free(gone);
    }
}

static void maps_are_read(void **state)
{
    (void)state;
    char text[] = "http://a/?b=c/=/srv/x";
    vt__url_map map;
    assert_int_equal(vt__url_map_parse(&map, text, NULL), VT_OK);
    assert_string_equal(map.prefix, "http://a/?b=c/");
    assert_string_equal(map.folder, "/srv/x");
    char bad[] = "http://a/=";
    vt_error err;
    assert_int_equal(vt__url_map_parse(&map, bad, &err), VT_EINVAL);
    assert_string_equal(err.text, "\"http://a/=\" is no URL map; write it like http://pictures.test/=/srv/pictures");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_from_a_folder),
        cmocka_unit_test(maps_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
