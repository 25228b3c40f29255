/* The decision over simulated presentations (simulate.h): live ones, flat pictures moved about, recordings replayed. */
#include "support/test.h"

#include "liveness/simulate.h"

/* Sanitizers look at the code, not at the statistics, and slow it ten to forty times. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { trials = 60 };
#else
enum { trials = 500 };
#endif

static vt_liveness_script draw(uint64_t *random, bool flashes)
{
    uint8_t bytes[VT_LIVENESS_RANDOM_BYTES];
    vt_liveness_script script;
    for (int i = 0; i < VT_LIVENESS_RANDOM_BYTES; i++) bytes[i] = (uint8_t)sim_random(random);
    assert_int_equal(vt_liveness_script_draw(&script, sim_random(random) % 2 ? VT_LIVENESS_PASSIVE_ACTIVE : VT_LIVENESS_PASSIVE, flashes, bytes, NULL), VT_OK);
    return script;
}

/* Follows `followed`, is judged by `judged`. */
static vt_liveness_result present(const vt_liveness_script *followed, const vt_liveness_script *judged, float flatness, float answer,
                                  uint64_t *random)
{
    sim_person who = sim_draw_person(random);
    float relief = who.relief * (1 - flatness), far_away = sim_uniform(random, 7.0f, 9.0f), delay = sim_uniform(random, 150, 450);
    vt_liveness *l;
    vt_liveness_result result;
    assert_int_equal(vt_liveness_open(&l, judged, NULL), VT_OK);
    float end = (float)judged->steps[judged->count - 1].end_ms + 200;
    for (float ms = 0; ms < end; ms += 100 + sim_uniform(random, -15, 15)) {
        sim_pose at = sim_follow(&who, followed, ms, far_away, delay);
        at.x = 12 * sinf(ms / 900);
        at.roll = 0.03f * sinf(ms / 1300);
        at.pitch += 0.04f * sinf(ms / 1100);
        vt_liveness_frame frame = sim_frame(&who, followed, relief, at, ms, answer, random);
        assert_int_equal(vt_liveness_add(l, &frame, NULL), VT_OK);
    }
    assert_int_equal(vt_liveness_decide(&result, l, NULL), VT_OK);
    vt_liveness_close(l);
    return result;
}

static void tell(const vt_liveness_result *r)
{
    for (int i = 0; i < VT_LIVENESS_CHECKS; i++)
        if (!r->checks[i].passed) print_message("  %s %.3f (threshold %.3f)\n", r->checks[i].name, (double)r->checks[i].value, (double)r->checks[i].threshold);
}

static void live_presentations_are_accepted(void **state)
{
    (void)state;
    uint64_t random = 7;
    int accepted = 0;
    for (int i = 0; i < trials; i++) {
        vt_liveness_script script = draw(&random, i % 3 != 0);
        vt_liveness_result r = present(&script, &script, 0, 0.25f, &random);
        accepted += r.decision == VT_LIVENESS_REALFACE;
        if (r.decision != VT_LIVENESS_REALFACE && i - accepted < 6) tell(&r);
    }
    print_message("live: %d of %d accepted\n", accepted, trials);
    assert_true(accepted * 100 >= trials * 95);
}

/* The picture is brought closer, tilted like a turning head and lit by the screen: the geometry alone must betray it. */
static void flat_pictures_are_refused(void **state)
{
    (void)state;
    uint64_t random = 11;
    int accepted = 0;
    for (int i = 0; i < trials; i++) {
        vt_liveness_script script = draw(&random, i % 3 != 0);
        vt_liveness_result r = present(&script, &script, 1, 0.25f, &random);
        accepted += r.decision == VT_LIVENESS_REALFACE;
    }
    print_message("flat: %d of %d accepted\n", accepted, trials);
    assert_int_equal(accepted, 0);
}

/* A genuine recording of one script is shown to another; even its light was recorded. */
static void recordings_of_other_scripts_are_refused(void **state)
{
    (void)state;
    uint64_t random = 13;
    int accepted = 0;
    for (int i = 0; i < trials; i++) {
        bool flashes = i % 3 != 0;
        vt_liveness_script recorded = draw(&random, flashes), asked = draw(&random, flashes);
        vt_liveness_result r = present(&recorded, &asked, 0, 0.25f, &random);
        accepted += r.decision == VT_LIVENESS_REALFACE;
        if (r.decision == VT_LIVENESS_REALFACE) {
            char a[VT_LIVENESS_SCRIPT_TEXT_BYTES], b[VT_LIVENESS_SCRIPT_TEXT_BYTES];
            vt_liveness_script_write(a, sizeof a, &recorded, NULL);
            vt_liveness_script_write(b, sizeof b, &asked, NULL);
            print_message("taken: %s\n   for %s\n", a, b);
        }
    }
    print_message("recordings: %d of %d accepted\n", accepted, trials);
    assert_int_equal(accepted, 0);
}

typedef enum harm { STRANGER, SECOND_FACE, TIMES_FALL, LOOP, MASK, NO_FACE, CLOSE_CROP, LOW_SCORES, NO_LIGHT } harm;

static void spoil(vt_liveness_frame *f, harm how, size_t i, const vt_liveness_frame *earlier)
{
    if (how == STRANGER && i > 40) f->face_template.values[0] = 0, f->face_template.values[1] = 1;
    if (how == SECOND_FACE && i == 30) f->faces = 2;
    if (how == TIMES_FALL && i == 30) f->time_ms -= 500;
    if (how == LOOP && i >= 30) *f = earlier[i % 30], f->time_ms = (int64_t)i * 100;
    if (how == MASK) f->face.have |= VT_WANT_MASK, f->face.attributes.mask = VT_MASK_FACE;
    if (how == NO_FACE) f->faces = 0;
    if (how == CLOSE_CROP) f->live = NAN, f->surround_lacking = true;
    if (how == LOW_SCORES) f->live = 0.1f;
    if (how == NO_LIGHT) memset(f->face_colour, 0, sizeof f->face_colour);
}

static void each_check_stands_alone(void **state)
{
    (void)state;
    static const struct {
        harm how;
        vt_liveness_decision decision;
        vt_liveness_check_id check;
        const char *failure;
    } rows[] = {
        { STRANGER, VT_LIVENESS_SPOOFFACE, VT_LIVENESS_CHECK_SAME_FACE, NULL },
        { SECOND_FACE, VT_LIVENESS_UNCERTAIN, VT_LIVENESS_CHECK_ONE_FACE, "FaceTrackingFailed" },
        { TIMES_FALL, VT_LIVENESS_UNCERTAIN, VT_LIVENESS_CHECK_TIMES, "EnvironmentNotSupported" },
        { LOOP, VT_LIVENESS_SPOOFFACE, VT_LIVENESS_CHECK_DUPLICATES, NULL },
        { MASK, VT_LIVENESS_UNCERTAIN, VT_LIVENESS_CHECKS, "FaceWithMaskDetected" },
        { NO_FACE, VT_LIVENESS_UNCERTAIN, VT_LIVENESS_CHECK_ONE_FACE, "NoFaceDetected" },
        { CLOSE_CROP, VT_LIVENESS_UNCERTAIN, VT_LIVENESS_CHECK_SURROUND, NULL },
        { LOW_SCORES, VT_LIVENESS_SPOOFFACE, VT_LIVENESS_CHECK_ATTACK, NULL },
        { NO_LIGHT, VT_LIVENESS_UNCERTAIN, VT_LIVENESS_CHECK_LIGHT, NULL },
    };
    for (size_t row = 0; row < ROWS(rows); row++) {
        uint64_t random = 3;
        const uint8_t bytes[VT_LIVENESS_RANDOM_BYTES] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
        vt_liveness_script script;
        static vt_liveness_frame earlier[VT_LIVENESS_MAX_FRAMES];
        vt_liveness *l;
        vt_liveness_result r;
        assert_int_equal(vt_liveness_script_draw(&script, VT_LIVENESS_PASSIVE_ACTIVE, true, bytes, NULL), VT_OK);
        assert_int_equal(vt_liveness_open(&l, &script, NULL), VT_OK);
        sim_person who = sim_draw_person(&random);
        size_t count = (size_t)script.steps[script.count - 1].end_ms / 100 + 3;
        for (size_t i = 0; i < count; i++) {
            float ms = (float)i * 100;
            earlier[i] = sim_frame(&who, &script, who.relief, sim_follow(&who, &script, ms, 8, 200), ms, 0.25f, &random);
            spoil(&earlier[i], rows[row].how, i, earlier);
            assert_int_equal(vt_liveness_add(l, &earlier[i], NULL), VT_OK);
        }
        assert_int_equal(vt_liveness_decide(&r, l, NULL), VT_OK);
        vt_liveness_close(l);
        if (r.decision != rows[row].decision) fail_msg("row %zu: %s", row, vt_liveness_decision_name(r.decision));
        if (rows[row].check < VT_LIVENESS_CHECKS) assert_false(r.checks[rows[row].check].passed);
        if (rows[row].failure) assert_string_equal(r.failure, rows[row].failure);
    }
}

static void an_empty_presentation_is_an_error(void **state)
{
    (void)state;
    const vt_liveness_script script = { .count = 1, .steps = { { .act = VT_LIVENESS_HOLD, .end_ms = 1000 } } }, none = { .count = 0 };
    vt_liveness *l;
    vt_liveness_result r;
    assert_int_equal(vt_liveness_open(&l, &none, NULL), VT_EINVAL);
    assert_int_equal(vt_liveness_open(&l, &script, NULL), VT_OK);
    assert_int_equal(vt_liveness_decide(&r, l, NULL), VT_ENOFACE);
    vt_liveness_frame frame = { .live = NAN };
    for (int i = 0; i < VT_LIVENESS_MAX_FRAMES; i++) assert_int_equal(vt_liveness_add(l, &frame, NULL), VT_OK);
    assert_int_equal(vt_liveness_add(l, &frame, NULL), VT_ELIMIT);
    vt_liveness_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_presentations_are_accepted),  cmocka_unit_test(flat_pictures_are_refused),
        cmocka_unit_test(recordings_of_other_scripts_are_refused), cmocka_unit_test(each_check_stands_alone),
        cmocka_unit_test(an_empty_presentation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
