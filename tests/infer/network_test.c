/* Tiny networks whose answers are known; what does not fit is refused in words. */
#include "infer/network.h"

#include <pthread.h>

#include "support/failing.h"
#include "support/networks.h"
#include "support/test.h"

#include "base/memory.h"
#include "infer/denormals.h"

static float numbers[64];

static vt__tensor tensor_of(int64_t height, int64_t width)
{
    vt__tensor tensor = { .data = numbers, .shape = { 1, 1, height, width }, .rank = 4 };
    for (size_t i = 0; i < ROWS(numbers); i++) numbers[i] = (float)i - 2;
    if (height > 0 && width > 0) tensor.count = (size_t)(height * width);
    return tensor;
}

static void answers_by_name(void **state)
{
    (void)state;
    vt__network *network = test_network("two");
    assert_string_equal(vt__network_input_name(network, 0), "input");
    assert_null(vt__network_input_name(network, 1));
    assert_string_equal(vt__network_output_name(network, 0), "doubled");
    assert_string_equal(vt__network_output_name(network, 1), "next");
    assert_null(vt__network_output_name(network, 2));
    vt__tensor input = tensor_of(2, 3);
    static const char *const second[] = { "next" };
    static const struct {
        const char *const *names;
        size_t count;
        float factor, term;
    } rows[] = { { NULL, 1, 2, 0 }, { second, 1, 1, 1 } };
    for (size_t r = 0; r < ROWS(rows); r++) {
        vt__outputs outputs;
        assert_int_equal(vt__network_run(&outputs, network, &input, rows[r].names, rows[r].count, NULL), VT_OK);
        assert_int_equal(outputs.count, 1);
        const vt__tensor *answer = &outputs.items[0];
        assert_int_equal(answer->rank, 4);
        assert_memory_equal(answer->shape, input.shape, 4 * sizeof input.shape[0]);
        assert_int_equal(answer->count, 6);
        for (size_t i = 0; i < 6; i++) assert_float_equal(answer->data[i], numbers[i] * rows[r].factor + rows[r].term, 0);
        assert_ptr_equal(vt__outputs_get(&outputs, answer->name), answer);
        assert_null(vt__outputs_get(&outputs, "third"));
        vt__outputs_free(&outputs);
        vt__outputs_free(&outputs); /* again does nothing */
    }
    vt__network_close(network);
}

static void what_is_no_network_of_ours_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says;
    } rows[] = { { "two_inputs", "a network with 2 inputs and 1 outputs" }, { "outputs17", "a network with 1 inputs and 17 outputs" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t size;
        uint8_t *bytes = test_network_bytes(&size, rows[i].name);
        vt__network *network = NULL;
        vt_error err;
        assert_int_equal(vt__network_open(&network, test_runtime(), bytes, size, &err), VT_EMODEL);
        if (!strstr(err.text, rows[i].says)) fail_msg("%s: %s", rows[i].name, err.text);
        assert_null(network);
        vt__free(bytes);
    }
}

static void wrong_shapes_and_names_are_refused(void **state)
{
    (void)state;
    static const char *const unknown[] = { "mood" };
    static const struct {
        const char *network;
        int64_t height, width;
        size_t claimed; /* the tensor's count; 0: as it is */
        const char *const *names;
        size_t count;
        vt_status status;
        const char *says;
    } rows[] = {
        { "adds_up_28_numbers", 2, 28, 0, NULL, 1, VT_OK, NULL },
        { "adds_up_28_numbers", 2, 27, 0, NULL, 1, VT_EMODEL, "running a network: " },
        { "points68", 8, 8, 0, NULL, 1, VT_EMODEL, "running a network: " },
        { "echo", 4, 4, 15, NULL, 1, VT_EMODEL, "input: " },
        { "echo", -1, 4, 4, NULL, 1, VT_EMODEL, "input: " },
        { "echo", 4, 4, 0, unknown, 1, VT_EMODEL, "mood" },
        { "echo", 4, 4, 0, NULL, 2, VT_EINVAL, "2 outputs asked for, the network has 1" },
        { "echo", 4, 4, 0, unknown, 17, VT_EINVAL, "17 outputs asked for" },
        { "whole_numbers", 4, 4, 0, NULL, 1, VT_EMODEL, "output \"output\" is no float tensor" },
        { "rank7", 4, 4, 0, NULL, 1, VT_EMODEL, "is no float tensor of rank <= 6" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__network *network = test_network(rows[i].network);
        vt__tensor input = tensor_of(rows[i].height, rows[i].width);
        if (rows[i].claimed) input.count = rows[i].claimed;
        vt__outputs outputs;
        vt_error err = { 0 };
        vt_status status = vt__network_run(&outputs, network, &input, rows[i].names, rows[i].count, &err);
        if (status != rows[i].status) fail_msg("row %zu: status %d: %s", i, (int)status, err.text);
        if (rows[i].says && !strstr(err.text, rows[i].says)) fail_msg("row %zu: \"%s\" lacks \"%s\"", i, err.text, rows[i].says);
        if (status) assert_int_equal(outputs.count, 0);
        vt__outputs_free(&outputs);
        vt__network_close(network);
    }
}

/* A file cut anywhere is refused or, cut behind its graph, still a network; never a crash. */
static void cut_files_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "echo", "two", "points68", "scrfd" };
    for (size_t n = 0; n < ROWS(names); n++) {
        size_t size, refused = 0, tried = 0;
        uint8_t *bytes = test_network_bytes(&size, names[n]);
        for (size_t cut = 0; cut < size; cut += size > 500 ? 97 : 3) {
            vt__network *network = NULL;
            vt_error err = { 0 };
            uint8_t *copy = vt__malloc(cut + 1, 1);
            memcpy(copy, bytes, cut);
            vt_status status = vt__network_open(&network, test_runtime(), copy, cut, &err);
            tried++;
            refused += status != VT_OK;
            if (status) {
                assert_int_equal(status, VT_EMODEL);
                assert_non_null(strstr(err.text, "cannot load a network"));
            }
            vt__network_close(network);
            vt__free(copy);
        }
        if (refused * 10 < tried * 8) fail_msg("%s: only %zu of %zu cuts were refused", names[n], refused, tried);
        vt__free(bytes);
    }
}

typedef struct held {
    const uint8_t *bytes;
    size_t size;
} held;

static bool open_and_close(void *context)
{
    const held *h = context;
    vt__network *network = NULL;
    if (vt__network_open(&network, test_runtime(), h->bytes, h->size, NULL)) return false;
    vt__network_close(network);
    return true;
}

static void memory_may_be_short(void **state)
{
    (void)state;
    held two;
    uint8_t *bytes = test_network_bytes(&two.size, "two");
    two.bytes = bytes;
    assert_true(open_and_close(&two));
    assert_int_equal(failing_each(open_and_close, &two, 20, false), 4); /* the network and three names */
    vt__free(bytes);
}

static void *run_many(void *network)
{
    for (int i = 0; i < 200; i++) {
        float own[4] = { (float)i, 1, 2, 3 };
        vt__tensor input = { .data = own, .shape = { 1, 1, 2, 2 }, .rank = 4, .count = 4 };
        vt__outputs outputs;
        if (vt__network_run(&outputs, network, &input, NULL, 2, NULL)) return network;
        bool good = outputs.items[0].data[0] == 2 * (float)i && outputs.items[1].data[3] == 4;
        vt__outputs_free(&outputs);
        if (!good) return network;
    }
    return NULL;
}

static void threads_share_a_network(void **state)
{
    (void)state;
    vt__network *network = test_network("two");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, run_many, network), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    vt__network_close(network);
}

typedef vt_status (*runner)(vt__outputs *, const vt__network *, const vt__tensor *, const char *const *, size_t, vt_error *);

/* A number too small for full precision comes back as nothing, whatever the thread's flags were. */
static void denormals_are_flushed_by_run(void **state)
{
    (void)state;
#if !defined(__x86_64__) && !defined(__aarch64__)
    skip();
#endif
    const float denormal = 0x1p-140f;
    const struct {
        runner run;
        bool flags;
        float doubled;
    } rows[] = {
        { vt__network_run, false, 0 },
        { vt__network_run, true, 0 },
        { vt__network_run_unflushed, true, 0 },
        { vt__network_run_unflushed, false, 0x1p-139f },
    };
    vt__network *network = test_network("two");
    for (size_t i = 0; i < ROWS(rows); i++) {
        float own[4] = { denormal, 1, 2, 3 };
        vt__tensor input = { .data = own, .shape = { 1, 1, 2, 2 }, .rank = 4, .count = 4 };
        vt__outputs outputs;
        vt__denormals_flush(rows[i].flags);
        assert_int_equal(rows[i].run(&outputs, network, &input, NULL, 1, NULL), VT_OK);
        if (memcmp(outputs.items[0].data, &rows[i].doubled, sizeof denormal)) fail_msg("row %zu", i);
        vt__outputs_free(&outputs);
    }
    vt__network_close(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_by_name),
        cmocka_unit_test(what_is_no_network_of_ours_is_refused),
        cmocka_unit_test(wrong_shapes_and_names_are_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(memory_may_be_short),
        cmocka_unit_test(threads_share_a_network),
        cmocka_unit_test(denormals_are_flushed_by_run),
    };
    return cmocka_run_group_tests(tests, NULL, test_runtime_close);
}
