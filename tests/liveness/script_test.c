#include "support/test.h"

#include <string.h>

#include <vultus/liveness.h>

static void drawn_scripts_read_back(void **state)
{
    (void)state;
    for (int round = 0; round < 256; round++) {
        uint8_t random[VT_LIVENESS_RANDOM_BYTES];
        for (int i = 0; i < VT_LIVENESS_RANDOM_BYTES; i++) random[i] = (uint8_t)(round * 37 + i * 101 + round * i);
        vt_liveness_script drawn, read;
        char text[VT_LIVENESS_SCRIPT_TEXT_BYTES], again[VT_LIVENESS_SCRIPT_TEXT_BYTES];
        assert_int_equal(vt_liveness_script_draw(&drawn, round % 2 ? VT_LIVENESS_PASSIVE : VT_LIVENESS_PASSIVE_ACTIVE, round % 4 < 2, random, NULL), VT_OK);
        assert_int_equal(vt_liveness_script_write(text, sizeof text, &drawn, NULL), VT_OK);
        assert_int_equal(vt_liveness_script_read(&read, text, NULL), VT_OK);
        assert_int_equal(vt_liveness_script_write(again, sizeof again, &read, NULL), VT_OK);
        assert_string_equal(text, again);
        assert_int_equal(drawn.steps[0].act, VT_LIVENESS_HOLD);
        assert_int_equal(drawn.steps[1].act, VT_LIVENESS_CLOSER);
        assert_true(drawn.steps[drawn.count - 1].end_ms < 35000);
    }
}

static void without_flashes_a_turn_is_asked(void **state)
{
    (void)state;
    const uint8_t random[VT_LIVENESS_RANDOM_BYTES] = { 5, 9 };
    vt_liveness_script s;
    assert_int_equal(vt_liveness_script_draw(&s, VT_LIVENESS_PASSIVE, false, random, NULL), VT_OK);
    assert_int_equal(s.count, 12);
    for (int i = 3; i < 12; i += 2) assert_true(s.steps[i].act == VT_LIVENESS_LEFT || s.steps[i].act == VT_LIVENESS_RIGHT);
}

static void damaged_scripts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "1", "2 passive hold:0-100", "1 passive", "1 passive hold:0", "1 passive hold:100-100", "1 passive hold:0-100 closer:50-200",
        "1 passive nod:0-100", "1 passive colour:0-100", "1 passive colour:0-100:ff00", "1 brave hold:0-100", "1 passive hold:0-999999",
        "1 passive hold:-5-100", "1 passive hold:0-100x",
    };
    for (size_t i = 0; i < ROWS(texts); i++) {
        vt_liveness_script s;
        vt_error err;
        if (vt_liveness_script_read(&s, texts[i], &err) != VT_EFORMAT) fail_msg("taken: \"%s\"", texts[i]);
        assert_true(err.text[0] != 0);
    }
    char small[8];
    vt_liveness_script s = { .count = 1, .steps = { { .act = VT_LIVENESS_HOLD, .end_ms = 5 } } };
    assert_int_equal(vt_liveness_script_write(small, sizeof small, &s, NULL), VT_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_scripts_read_back),
        cmocka_unit_test(without_flashes_a_turn_is_asked),
        cmocka_unit_test(damaged_scripts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
