#include "model/manifest.h"

#include "support/test.h"

#include <stdio.h>
#include <string.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A manifest of one model, of which a case sets task, file, digest and input. */
static vt_status parse(vt__pack *pack, const char *task, const char *file, const char *digest, const char *input,
                       vt_error *err)
{
    char text[1024];
    int length = snprintf(text, sizeof text,
                          "{\"format\":1,\"name\":\"mine\",\"models\":[{\"task\":\"%s\",\"family\":\"yunet\","
                          "\"file\":\"%s\","
                          "\"sha256\":\"%s\",\"licence\":\"MIT\",\"input\":%s}]}", task, file, digest, input);
    assert_in_range(length, 1, sizeof text - 1);
    return vt__pack_parse(pack, "packs/mine", text, (size_t)length, err);
}

static const char good_input[] = "{\"order\":\"BGR\",\"width\":320,\"height\":240}";

static void a_good_manifest_is_read(void **state)
{
    (void)state;
    vt__pack pack;
    vt_error err;
    assert_int_equal(parse(&pack, "detector", "a.onnx", DIGEST, good_input, &err), VT_OK);
    assert_string_equal(pack.folder, "packs/mine");
    assert_string_equal(pack.name, "mine");
    assert_int_equal(pack.count, 1);
    const vt__model *model = vt__pack_model(&pack, VT__TASK_DETECTOR);
    assert_non_null(model);
    assert_string_equal(model->family, "yunet");
    assert_string_equal(model->file, "a.onnx");
    assert_string_equal(model->sha256, DIGEST);
    assert_null(vt__pack_model(&pack, VT__TASK_POSE));
    vt__pack_close(&pack);
}

/* Each refusal names what is at fault. */
static void a_bad_manifest_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *task, *file, *digest, *input, *says;
    } rows[] = {
        { "mood", "a.onnx", DIGEST, good_input, "unknown task \"mood\"" },
        { "detector", "../a.onnx", DIGEST, good_input, "not a plain file name" },
        { "detector", "/etc/passwd", DIGEST, good_input, "not a plain file name" },
        { "detector", "", DIGEST, good_input, "not a plain file name" },
        { "detector", "a.onnx", "0123", good_input, "\"sha256\" is missing" },
        { "detector", "a.onnx", DIGEST, "{\"order\":\"CMYK\",\"width\":320,\"height\":240}", "input order \"CMYK\"" },
        { "detector", "a.onnx", DIGEST, "{\"order\":\"BGR\",\"width\":-1,\"height\":240}", "input size" },
        { "detector", "a.onnx", DIGEST, "{\"order\":\"BGR\",\"width\":99999999,\"height\":240}", "input size" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__pack pack;
        vt_error err;
        vt_status status = parse(&pack, rows[i].task, rows[i].file, rows[i].digest, rows[i].input, &err);
        if (status != VT_EFORMAT) fail_msg("row %zu: status %d", i, (int)status);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: \"%s\" lacks \"%s\"", i, err.text, rows[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_manifest_is_read),
        cmocka_unit_test(a_bad_manifest_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
