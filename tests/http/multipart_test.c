#include "support/test.h"

#include <stdio.h>

#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=X"

static void parts_are_split(void **state)
{
    (void)state;
    static const char body[] = "preamble\r\n--X\r\n"
                               "content-type: text/plain; charset=UTF-8\r\n"
                               "CONTENT-disposition: form-data; name=\"livenessOperationMode\"\r\n\r\nPassive\r\n"
                               "--X  \r\nContent-Disposition: form-data; name=verifyImage\r\n\r\n\r\n--Y\r\n\0\r\n"
                               "--X\r\nContent-Disposition: form-data; name=\"e\"; filename=\"blob\"\r\n\r\n\r\n--X--\r\ntail";
    vt__parts parts;
    assert_int_equal(vt__multipart_parse(&parts, TYPE, body, sizeof body - 1, NULL), VT_OK);
    assert_int_equal(parts.count, 3);
    const vt__part *mode = vt__multipart_get(&parts, "LIVENESSoperationMode");
    assert_non_null(mode);
    assert_int_equal(mode->size_bytes, 7);
    assert_memory_equal(mode->bytes, "Passive", 7);
    assert_string_equal(mode->content_type, "text/plain; charset=UTF-8");
    const vt__part *image = vt__multipart_get(&parts, "verifyImage");
    assert_int_equal(image->size_bytes, 8);
    assert_memory_equal(image->bytes, "\r\n--Y\r\n\0", 8);
    assert_string_equal(image->filename, "");
    assert_int_equal(vt__multipart_get(&parts, "e")->size_bytes, 0);
    assert_string_equal(vt__multipart_get(&parts, "e")->filename, "blob");
    assert_null(vt__multipart_get(&parts, "f"));
}

static void damage_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
        vt_status status;
        const char *text;
    } rows[] = {
        { "multipart/form-data", "", VT_EFORMAT, "The multipart body has no usable boundary in its Content-Type." },
        { TYPE, "", VT_EFORMAT, "The multipart body does not contain its boundary." },
        { TYPE, "--Xjunk\r\n", VT_EFORMAT, "The multipart body has a damaged boundary line." },
        { TYPE, "--X\r\nA: b\r\n\r\nx\r\n--X--", VT_EFORMAT, "A part of the multipart body has no name." },
        { TYPE, "--X\r\nContent-Disposition: form-data; name=a\r\n\r\nrest", VT_EFORMAT,
          "The multipart body ends inside of part \"a\"." },
        { TYPE, "--X\r\nContent-Disposition: form-data; name=a", VT_EFORMAT,
          "A part of the multipart body has damaged or too many headers." },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__parts parts;
        vt_error err;
        assert_int_equal(vt__multipart_parse(&parts, rows[i].type, rows[i].body, strlen(rows[i].body), &err), rows[i].status);
        assert_string_equal(err.text, rows[i].text);
    }
}

static void too_many_parts(void **state)
{
    (void)state;
    char body[4000];
    size_t used = 0;
    for (int i = 0; i <= VT__MULTIPART_MAX_PARTS; i++)
        used += (size_t)snprintf(body + used, sizeof body - used, "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n");
    vt__parts parts;
    assert_int_equal(vt__multipart_parse(&parts, TYPE, body, used, NULL), VT_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_split),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(too_many_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
