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

/* One member of a good manifest or of its model set otherwise. */
static void each_member_has_a_range(void **state)
{
    (void)state;
    static const struct {
        const char *top, *model; /* in place of the good ones */
        const char *says;        /* NULL: taken */
    } rows[] = {
        { "\"format\":1", "\"threshold\":0.5,\"nms_iou\":0.4,\"crop\":2.7", NULL },
        { "\"format\":1", "\"input\":{\"mean\":[1,2,3],\"scale\":[0.1,0.2,0.3],\"pad_to\":64}", NULL },
        { "\"format\":2", "", "\"format\" is not 1" },
        { "\"name\":\"x\"", "", "\"format\" is not 1" },
        { "\"format\":1", "\"threshold\":1", "threshold, nms_iou or crop out of range" },
        { "\"format\":1", "\"threshold\":0", "threshold, nms_iou or crop out of range" },
        { "\"format\":1", "\"nms_iou\":-0.1", "threshold, nms_iou or crop out of range" },
        { "\"format\":1", "\"crop\":10", "threshold, nms_iou or crop out of range" },
        { "\"format\":1", "\"input\":{\"mean\":[1,2]}", "input mean or scale" },
        { "\"format\":1", "\"input\":{\"mean\":\"grey\"}", "input mean or scale" },
        { "\"format\":1", "\"input\":{\"scale\":1e7}", "input mean or scale" },
        { "\"format\":1", "\"input\":{\"pad_to\":0}", "input size" },
        { "\"format\":1", "\"input\":{\"height\":4097}", "input size" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[1024];
        vt__pack pack;
        vt_error err = { 0 };
        int length = snprintf(text, sizeof text,
                              "{%s,\"models\":[{\"task\":\"pose\",\"family\":\"pose66\",\"file\":\"a.onnx\",\"sha256\":\"" DIGEST
                              "\",\"licence\":\"MIT\"%s%s}]}",
                              rows[i].top, *rows[i].model ? "," : "", rows[i].model);
        vt_status status = vt__pack_parse(&pack, "p", text, (size_t)length, &err);
        if (status != (rows[i].says ? VT_EFORMAT : VT_OK)) fail_msg("row %zu: status %d: %s", i, (int)status, err.text);
        if (rows[i].says && !strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
        if (!status) vt__pack_close(&pack);
    }
}

static void models_are_one_to_sixteen_and_one_a_task(void **state)
{
    (void)state;
    static const char one[] = "{\"task\":\"pose\",\"family\":\"pose66\",\"file\":\"a.onnx\",\"sha256\":\"" DIGEST "\",\"licence\":\"MIT\"}";
    static const struct {
        size_t models;
        const char *says;
    } rows[] = { { 0, "\"models\" has 0 entries; 1 to 16 are allowed" },
                 { 2, "two models for the task \"pose\"" },
                 { 17, "\"models\" has 17 entries; 1 to 16 are allowed" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[8192] = "{\"format\":1,\"models\":[";
        size_t length = strlen(text);
        vt__pack pack;
        vt_error err = { 0 };
        for (size_t m = 0; m < rows[i].models; m++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", m ? "," : "", one);
        length += (size_t)snprintf(text + length, sizeof text - length, "]}");
        assert_int_equal(vt__pack_parse(&pack, "p", text, length, &err), VT_EFORMAT);
        if (!strstr(err.text, rows[i].says)) fail_msg("row %zu: %s", i, err.text);
    }
}

static void text_that_is_no_manifest_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "{", "[]", "null", "{}", "{\"format\":1}", "{\"format\":1,\"models\":{}}", "{\"format\":1,\"models\":[7]}",
                                         "{\"format\":1,\"models\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}" };
    for (size_t i = 0; i < ROWS(texts); i++) {
        vt__pack pack;
        vt_error err = { 0 };
        vt_status status = vt__pack_parse(&pack, "packs/mine", texts[i], strlen(texts[i]), &err);
        if (!status) fail_msg("row %zu was taken", i);
        if (strncmp(err.text, "packs/mine/manifest.json: ", 26) != 0) fail_msg("row %zu: %s", i, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_manifest_is_read),
        cmocka_unit_test(a_bad_manifest_is_refused_by_name),
        cmocka_unit_test(each_member_has_a_range),
        cmocka_unit_test(models_are_one_to_sixteen_and_one_a_task),
        cmocka_unit_test(text_that_is_no_manifest_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
