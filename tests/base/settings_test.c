#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/settings.h"

static char path[] = "/tmp/vt_settings_test.ini";

static void environment_goes_before_the_file(void **state)
{
    (void)state;
    const char text[] = "# comment\nmax-faces = 7\nlisten=0.0.0.0:5000\n";
    assert_int_equal(vt__file_write(path, text, sizeof text - 1, 0600, NULL), VT_OK);
    vt__settings *settings;
    assert_int_equal(vt__settings_open(&settings, path, NULL), VT_OK);
    assert_string_equal(vt__settings_get(settings, "max-faces"), "7");
    setenv("VULTUS_MAX_FACES", "9", 1);
    assert_string_equal(vt__settings_get(settings, "max-faces"), "9");
    unsetenv("VULTUS_MAX_FACES");
    assert_string_equal(vt__settings_get(settings, "listen"), "0.0.0.0:5000");
    assert_null(vt__settings_get(settings, "none"));
    assert_string_equal(vt__settings_name_at(settings, 1), "listen");
    assert_null(vt__settings_name_at(settings, 2));
    vt__settings_close(settings);
}

static void a_bad_line_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = { { "a = 1\nnonsense\n", "line 2" }, { "[server]\nlisten = x\n", "line 2" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(vt__file_write(path, rows[i].text, strlen(rows[i].text), 0600, NULL), VT_OK);
        vt__settings *settings = NULL;
        vt_error err;
        assert_int_equal(vt__settings_open(&settings, path, &err), VT_EFORMAT);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_null(settings);
    }
    unlink(path);
}

static void no_file_is_fine(void **state)
{
    (void)state;
    vt__settings *settings;
    assert_int_equal(vt__settings_open(&settings, "/nowhere/vultus.ini", NULL), VT_OK);
    assert_null(vt__settings_get(settings, "listen"));
    vt__settings_close(settings);
}

static void home_follows_the_environment(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *value, *home;
    } rows[] = { { "HOME", "/h", "/h/.local/share/vultus" },
                 { "XDG_DATA_HOME", "/x", "/x/vultus" },
                 { "VULTUS_HOME", "/v", "/v" } };
    unsetenv("XDG_DATA_HOME");
    unsetenv("VULTUS_HOME");
    for (size_t i = 0; i < ROWS(rows); i++) {
        setenv(rows[i].variable, rows[i].value, 1);
        char *home = vt__settings_home();
        assert_string_equal(home, rows[i].home);
        vt__free(home);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_goes_before_the_file),
        cmocka_unit_test(a_bad_line_is_named),
        cmocka_unit_test(no_file_is_fine),
        cmocka_unit_test(home_follows_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
