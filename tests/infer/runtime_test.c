/* What is no usable ONNX Runtime is refused in words; the pack's own opens. */
#include "infer/runtime.h"

#include <stdio.h>
#include <unistd.h>

#include "support/failing.h"
#include "support/networks.h"
#include "support/test.h"

#include "base/file.h"

static void what_cannot_serve_is_refused_in_words(void **state)
{
    (void)state;
    static const char garbage[] = "/tmp/vultus-garbage-runtime.so";
    static const struct {
        const char *path;
        vt_status status;
        const char *says;
    } rows[] = {
        { "/nowhere/libonnxruntime.so", VT_ENOTFOUND, "/nowhere/libonnxruntime.so is missing: run `vultus pack build`" },
        { "libonnxruntime-of-nobody.so", VT_EMODEL, "libonnxruntime-of-nobody.so" },
        { garbage, VT_EMODEL, "cannot load ONNX Runtime: " },
        { "/tmp", VT_ENOTFOUND, "/tmp is missing" },
        { BROKEN_RUNTIME "0.so", VT_EMODEL, "is not ONNX Runtime" },
        { BROKEN_RUNTIME "1.so", VT_EMODEL, "is not ONNX Runtime" },
        { BROKEN_RUNTIME "2.so", VT_EMODEL, "ONNX Runtime 1.12.1 is too old: 1.17 or later is needed" },
    };
    assert_int_equal(vt__file_write(garbage, "\177ELF and no more", 16, 0600, NULL), VT_OK);
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__runtime *runtime = NULL;
        vt_error err = { 0 };
        vt_status status = vt__runtime_open(&runtime, rows[i].path, &err);
        if (status != rows[i].status) fail_msg("row %zu: status %d: %s", i, (int)status, err.text);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: \"%s\" lacks \"%s\"", i, err.text, rows[i].says);
        assert_null(runtime);
        assert_int_equal(vt__runtime_open(&runtime, rows[i].path, NULL), rows[i].status);
    }
    unlink(garbage);
}

static void the_packs_runtime_opens_twice(void **state)
{
    (void)state;
    vt__runtime *one, *two;
    assert_int_equal(vt__runtime_open(&one, test_runtime_path(), NULL), VT_OK);
    assert_int_equal(vt__runtime_open(&two, test_runtime_path(), NULL), VT_OK);
    int minor = 0;
    assert_int_equal(sscanf(vt__runtime_version(one), "1.%d", &minor), 1);
    assert_true(minor >= 17);
    assert_string_equal(vt__runtime_version(one), vt__runtime_version(two));
    vt__runtime_close(two);
    vt__runtime_close(one);
    vt__runtime_close(NULL);
}

static bool open_and_close(void *path)
{
    vt__runtime *runtime;
    vt_error err;
    if (vt__runtime_open(&runtime, path, &err)) return false;
    vt__runtime_close(runtime);
    return true;
}

static void memory_may_be_short(void **state)
{
    (void)state;
    char *path = (char *)test_runtime_path();
    assert_true(open_and_close(path));
    assert_int_equal(failing_each(open_and_close, path, 20, false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_serve_is_refused_in_words),
        cmocka_unit_test(the_packs_runtime_opens_twice),
        cmocka_unit_test(memory_may_be_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
