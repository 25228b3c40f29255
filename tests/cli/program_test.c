#include "support/folder.h"
#include "support/program.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "support/data.h"

static const char *data;

static int find_data(void **state)
{
    (void)state;
    data = test_data_folder();
    if (!data) test_skip("no development pictures: name their folder in VULTUS_TEST_DATA");
    return 0;
}

/* What is asked wrongly gets its exit code and a line that says what to do. */
static void wrong_use_is_explained(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        int code;
        const char *says;
    } rows[] = {
        { "", 2, "usage: vultus COMMAND" },
        { "--help", 0, "find faces" },
        { "frobnicate", 2, "no command \"frobnicate\"" },
        { "eval", 2, "say which" },
        { "detect", 2, "name a picture" },
        { "detect --nonsense x.jpg", 2, "unknown option --nonsense" },
        { "detect --min-face", 2, "a value is missing behind --min-face" },
        { "detect --min-face many x.jpg", 2, "takes a number from 4 to 10000, not \"many\"" },
        { "detect --attributes age x.jpg", 2, "\"age\" is not known" },
        { "detect /nowhere.jpg", 3, "no such file" },
        { "detect --help", 0, "--draw OUT.png" },
        { "verify one.jpg", 2, "name two pictures" },
        { "redact one.jpg", 2, "and last the file" },
        { "redact --method erase a.jpg b.png", 2, "one of: blur pixelate block" },
        { "version", 0, "vultus 0." },
        { "detect --pack /nowhere x.jpg", 3, "no such file" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        program_result out = program_run("%s", rows[i].arguments);
        if (out.code != rows[i].code || !strstr(out.output, rows[i].says)) fail_msg("vultus %s: %d, %s", rows[i].arguments, out.code, out.output);
        free(out.output);
    }
}

static void detect_answers_in_the_words_of_the_wire(void **state)
{
    (void)state;
    program_result out = program_run("detect --json --landmarks --attributes all '%s/face-samples/Family1-Dad1.jpg'", data);
    vt__json *json;
    assert_int_equal(out.code, 0);
    assert_int_equal(vt__json_parse(&json, out.output, strlen(out.output), 0, NULL), VT_OK);
    assert_int_equal(vt__json_integer_or(json, "width", 0), 203);
    assert_int_equal(vt__json_integer_or(json, "height", 0), 241);
    const vt__json *face = vt__json_at(vt__json_get(json, "faces"), 0), *rectangle = vt__json_get(face, "faceRectangle");
    assert_int_equal(vt__json_count(vt__json_get(json, "faces")), 1);
    assert_float_equal((float)vt__json_integer_or(rectangle, "left", -1), 29, 3);
    assert_float_equal((float)vt__json_integer_or(rectangle, "width", -1), 145, 4);
    const vt__json *landmarks = vt__json_get(face, "faceLandmarks");
    assert_int_equal(vt__json_count(landmarks), 27);
    assert_string_equal(vt__json_key_at(landmarks, 0), "pupilLeft");
    double left = 0, right = 0;
    assert_true(vt__json_as_number(&left, vt__json_get(vt__json_get(landmarks, "pupilLeft"), "x")));
    assert_true(vt__json_as_number(&right, vt__json_get(vt__json_get(landmarks, "pupilRight"), "x")));
    assert_true(left < right);
    static const char *const attributes[] = { "headPose", "glasses", "occlusion", "accessories", "blur", "exposure", "noise", "qualityForRecognition", "mask" };
    for (size_t i = 0; i < ROWS(attributes); i++) assert_non_null(vt__json_get(vt__json_get(face, "faceAttributes"), attributes[i]));
    assert_string_equal(vt__json_string_or(vt__json_get(face, "faceAttributes"), "glasses", ""), "NoGlasses");
    vt__json_free(json);
    free(out.output);
}

static void verify_says_yes_and_no(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int code;
    } rows[] = { { "Dad1", "Dad2", 0 }, { "Mom1", "Mom2", 0 }, { "Dad1", "Mom1", 1 }, { "Son1", "Daughter1", 1 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        program_result out = program_run("verify --evaluation --data '%s/data' --json '%s/face-samples/Family1-%s.jpg' '%s/face-samples/Family1-%s.jpg'", test_folder(), data, rows[i].a, data, rows[i].b);
        assert_int_equal(out.code, rows[i].code);
        assert_non_null(strstr(out.output, rows[i].code ? "\"isIdentical\":false" : "\"isIdentical\":true"));
        free(out.output);
    }
}

/* Recognition and liveness are off where no use is registered, redaction of everybody is not; a refusal makes no template. */
static void recognition_needs_a_use(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        bool refused;
    } rows[] = {
        { "verify %s %s", true },  { "group %s %s", true },      { "similar %s %s", true }, { "identify %s %s", true },
        { "liveness %s %s", true }, { "video search %s --archive %s", true }, { "video people --archive a %s%.0s", true },
        { "redact --keep %s %s out.mp4", true }, { "redact --only %s %s out.mp4", true }, { "detect %s %s", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char picture[512], command[1200];
        snprintf(picture, sizeof picture, "'%s/face-samples/Family1-Dad1.jpg'", data);
        snprintf(command, sizeof command, rows[i].command, picture, strstr(rows[i].command, "--archive %s") ? "a" : picture);
        program_result out = rows[i].refused ? program_run("%s --data '%s/none'", command, test_folder()) : program_run("%s", command);
        bool said = strstr(out.output, "recognition is off: register a use (vultus policy register --help)") != NULL;
        if (said != rows[i].refused || (out.code == 0) == rows[i].refused) fail_msg("vultus %s: %d, %s", command, out.code, out.output);
        free(out.output);
    }
    program_result audit = program_run("audit show --data '%s/none' --json", test_folder());
    if (!strstr(audit.output, "\"VERIFY\"") || !strstr(audit.output, "\"HIDE_PERSON\"")) fail_msg("%s", audit.output);
    free(audit.output);
}

static void a_bad_file_among_good_ones_is_reported_and_skipped(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/bad.jpg", test_folder());
    assert_int_equal(vt__file_write(path, "no picture", 10, 0600, NULL), VT_OK);
    program_result out = program_run("detect '%s' '%s/face-samples/Family1-Dad1.jpg'", path, data);
    assert_int_equal(out.code, 3);
    assert_non_null(strstr(out.output, "bad.jpg: not a JPEG, PNG"));
    assert_non_null(strstr(out.output, "203 x 241, 1 face"));
    free(out.output);
    unlink(path);
}

static void group_puts_the_family_together(void **state)
{
    (void)state;
    program_result out = program_run("group --evaluation --data '%s/data' --json '%s/face-samples'", test_folder(), data);
    vt__json *json;
    assert_int_equal(out.code, 0);
    assert_int_equal(vt__json_parse(&json, out.output, strlen(out.output), 0, NULL), VT_OK);
    const vt__json *groups = vt__json_get(json, "groups");
    static const size_t sizes[] = { 5, 4, 3, 3 };
    assert_int_equal(vt__json_count(groups), ROWS(sizes));
    for (size_t g = 0; g < ROWS(sizes); g++) assert_int_equal(vt__json_count(vt__json_at(groups, g)), sizes[g]);
    assert_int_equal(vt__json_count(vt__json_get(json, "messyGroup")), 1);
    vt__json_free(json);
    free(out.output);
}

/* Nothing that is written after redaction shows a face to the detector, and EXIF is gone with all else. */
static void redacted_pictures_show_no_face(void **state)
{
    (void)state;
    static const char *const methods[] = { "blur", "pixelate", "block" };
    for (size_t i = 0; i < ROWS(methods); i++) {
        program_result out = program_run("redact --method %s '%s/face-samples/identification1.jpg' '%s/hidden.png'", methods[i], data, test_folder());
        assert_int_equal(out.code, 0);
        assert_non_null(strstr(out.output, "4 faces hidden"));
        free(out.output);
        out = program_run("detect --json '%s/hidden.png'", test_folder());
        assert_int_equal(out.code, 0);
        assert_non_null(strstr(out.output, "\"faces\":[]"));
        free(out.output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_use_is_explained),
        cmocka_unit_test(detect_answers_in_the_words_of_the_wire),
        cmocka_unit_test(verify_says_yes_and_no),
        cmocka_unit_test(recognition_needs_a_use),
        cmocka_unit_test(a_bad_file_among_good_ones_is_reported_and_skipped),
        cmocka_unit_test(group_puts_the_family_together),
        cmocka_unit_test(redacted_pictures_show_no_face),
    };
    return cmocka_run_group_tests(tests, find_data, test_folder_remove);
}
