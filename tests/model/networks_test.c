/* A pack folder made here: its networks load once, whichever thread comes first, and only as they were packed. */
#include "model/networks.h"

#include <pthread.h>
#include <stdio.h>

#include "support/folder.h"
#include "support/networks.h"
#include "support/test.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"

static void put(const char *name, const void *bytes, size_t size)
{
    assert_int_equal(vt__file_write(test_folder_file(name), bytes, size, 0600, NULL), VT_OK);
}

static void digest_of(char hex[65], const void *bytes, size_t size)
{
    uint8_t digest[VT__SHA256_BYTES];
    vt__sha256(digest, bytes, size);
    vt__hex_encode(hex, digest, sizeof digest);
}

/* A detector that is whole, landmarks that were changed, a pose network that is none, an attack network that is gone. */
static int make_pack(void **state)
{
    (void)state;
    size_t size;
    uint8_t *echo = test_network_bytes(&size, "echo");
    char right[65], of_text[65], text[2048];
    digest_of(right, echo, size);
    digest_of(of_text, "no network", 10);
    put("echo.onnx", echo, size);
    echo[size / 2] ^= 1;
    put("changed.onnx", echo, size);
    put("text.onnx", "no network", 10);
    put("runtime.so", "no runtime", 10);
    int length = snprintf(text, sizeof text,
                          "{\"format\":1,\"name\":\"mine\",\"models\":["
                          "{\"task\":\"detector\",\"family\":\"yunet\",\"file\":\"echo.onnx\",\"licence\":\"MIT\",\"sha256\":\"%s\"},"
                          "{\"task\":\"landmarks\",\"family\":\"x\",\"file\":\"changed.onnx\",\"licence\":\"MIT\",\"sha256\":\"%s\"},"
                          "{\"task\":\"pose\",\"family\":\"x\",\"file\":\"text.onnx\",\"licence\":\"MIT\",\"sha256\":\"%s\"},"
                          "{\"task\":\"attack\",\"family\":\"x\",\"file\":\"gone.onnx\",\"licence\":\"MIT\",\"sha256\":\"%s\"}],"
                          "\"runtime\":{\"file\":\"runtime.so\",\"sha256\":\"%s\"}}",
                          right, right, of_text, right, right);
    put("manifest.json", text, (size_t)length);
    vt__free(echo);
    return 0;
}

static void each_task_answers_for_itself(void **state)
{
    (void)state;
    static const struct {
        vt__task task;
        vt_status status;
        const char *says;
    } rows[] = {
        { VT__TASK_DETECTOR, VT_OK, NULL },
        { VT__TASK_LANDMARKS, VT_EINTEGRITY, "changed.onnx was changed: SHA-256 " },
        { VT__TASK_POSE, VT_EMODEL, "cannot load a network" },
        { VT__TASK_ATTACK, VT_ENOTFOUND, "gone.onnx" },
        { VT__TASK_EYES, VT_EUNSUPPORTED, "the pack has no network for \"eyes\"" },
        { VT__TASK_DETECTOR, VT_OK, NULL },
    };
    vt__networks *networks;
    assert_int_equal(vt__networks_open(&networks, test_folder(), test_runtime_path(), NULL), VT_OK);
    assert_string_equal(vt__networks_pack(networks)->name, "mine");
    for (size_t i = 0; i < ROWS(rows); i++) {
        const vt__network *network = NULL;
        const vt__model *model = NULL;
        vt_error err = { 0 };
        vt_status status = vt__networks_get(&network, &model, networks, rows[i].task, &err);
        if (status != rows[i].status) fail_msg("row %zu: status %d: %s", i, (int)status, err.text);
        if (rows[i].says && !strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
        assert_true((network != NULL) == (status == VT_OK));
        if (network) assert_string_equal(model->file, "echo.onnx");
    }
    vt__networks_close(networks);
}

static void a_changed_runtime_is_not_loaded(void **state)
{
    (void)state;
    vt__networks *networks = NULL;
    vt_error err;
    assert_int_equal(vt__networks_open(&networks, test_folder(), NULL, &err), VT_EINTEGRITY);
    assert_non_null(strstr(err.text, "runtime.so was changed"));
    assert_null(networks);
    assert_int_equal(vt__networks_open(&networks, "/nowhere", NULL, &err), VT_ENOTFOUND);
    assert_string_equal(err.text, "no model pack in /nowhere: run `vultus pack build`");
}

static void *get_detector(void *networks)
{
    const vt__network *network = NULL;
    const vt__model *model;
    vt__networks_get(&network, &model, networks, VT__TASK_DETECTOR, NULL);
    return (void *)network;
}

static void threads_get_one_and_the_same(void **state)
{
    (void)state;
    vt__networks *networks;
    pthread_t threads[8];
    void *got[8];
    assert_int_equal(vt__networks_open(&networks, test_folder(), test_runtime_path(), NULL), VT_OK);
    for (int i = 0; i < 8; i++) assert_int_equal(pthread_create(&threads[i], NULL, get_detector, networks), 0);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], &got[i]);
    assert_non_null(got[0]);
    for (int i = 1; i < 8; i++) assert_ptr_equal(got[i], got[0]);
    vt__networks_close(networks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_answers_for_itself),
        cmocka_unit_test(a_changed_runtime_is_not_loaded),
        cmocka_unit_test(threads_get_one_and_the_same),
    };
    return cmocka_run_group_tests(tests, make_pack, test_folder_remove);
}
