/* Liveness sessions over a real store, with a clock that the test moves. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "service/liveness_packing.h"
#include "service/liveness_record.h"
#include "service/liveness_watch.h"
#include "support/data.h"

static int64_t now = INT64_C(1700000000000);

static int64_t read_clock(void *context)
{
    (void)context;
    return now;
}

static vt__service *service;
static char folder[64];
static const vt__caller caller = { VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, NULL };

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vultus-liveness-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    vt_error err;
    options.data_folder = folder;
    options.clock = (vt__clock){ read_clock, NULL };
    options.sweep = false;
    options.evaluation = true;
    return vt__service_open(&service, &options, &err) ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    char command[96];
    vt__service_close(service);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* Records of any liveness kind, expired ones too. */
static size_t rows_left(void)
{
    static const char *const scopes[] = { VT__SCOPE_LIVENESS_SESSIONS, VT__SCOPE_LIVENESS_WATCH };
    size_t n = 0;
    static const uint32_t kinds[] = { VT__RECORD_LIVENESS, VT__RECORD_LIVENESS_IMAGE, VT__RECORD_LIVENESS_SEEN, VT__RECORD_LIVENESS_DEVICE,
                                      VT__RECORD_LIVENESS_LINK };
    for (size_t k = 0; k < ROWS(kinds); k++)
        for (size_t i = 0; i < 2; i++) {
            const vt__query query = { .kind = kinds[k], .tenant = caller.tenant, .scope = scopes[i] };
            vt__records found;
            assert_int_equal(vt__store_find(&found, service->store, &query, NULL), VT_OK);
            n += found.count;
            vt__records_free(&found);
        }
    return n;
}

/* Whether a text is in any file of the data folder. */
static bool stands_in_files(const char *text)
{
    char command[256];
    snprintf(command, sizeof command, "grep -rqaF -e '%s' '%s'", text, folder);
    return system(command) == 0;
}

static vt__liveness_session wish(const char *device)
{
    vt__liveness_session s = { .ttl_s = 600, .attempts_allowed = 2, .verify_threshold = -1, .image_wanted = true };
    snprintf(s.device, sizeof s.device, "%s", device);
    return s;
}

static void sessions_are_made_read_and_deleted(void **state)
{
    (void)state;
    vt__liveness_session s = wish("device-a"), back;
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_get(&back, service, &caller, s.id, false, NULL), VT__CODE_OK);
    assert_memory_equal(back.secret, s.secret, sizeof s.secret);
    assert_int_equal(vt__liveness_get(&back, service, &caller, s.id, true, NULL), VT__CODE_OPERATION_NOT_FOUND);
    const vt__caller other = { "elsewhere", "1", VT__SCOPE_ALL, NULL, NULL }, weak = { VT__DEFAULT_TENANT, "1", VT__SCOPE_DETECT, NULL, NULL };
    assert_int_equal(vt__liveness_get(&back, service, &other, s.id, false, NULL), VT__CODE_OPERATION_NOT_FOUND);
    assert_int_equal(vt__liveness_get(&back, service, &weak, s.id, false, NULL), VT__CODE_SCOPE_MISSING);
    assert_int_equal(vt__liveness_delete(service, &caller, s.id, false, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_get(&back, service, &caller, s.id, false, NULL), VT__CODE_OPERATION_NOT_FOUND);
    assert_int_equal(vt__liveness_delete(service, &caller, s.id, false, NULL), VT__CODE_OPERATION_NOT_FOUND);
}

static void attempts_are_counted_and_scripts_differ(void **state)
{
    (void)state;
    vt__liveness_session s = wish("device-b");
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_end(&s, service, &caller, "TimedOut", NULL), VT__CODE_CONFLICT);
    assert_int_equal(vt__liveness_start(&s, service, &caller, true, NULL, "192.0.2.1", NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_end(&s, service, &caller, "UserCanceledSession", NULL), VT__CODE_OK);
    assert_int_equal(s.attempts[0].state, VT__LIVENESS_CANCELED);
    assert_int_equal(vt__liveness_start(&s, service, &caller, true, NULL, "192.0.2.1", NULL), VT__CODE_OK);
    assert_string_not_equal(s.attempts[0].script, s.attempts[1].script);
    assert_int_equal(vt__liveness_start(&s, service, &caller, true, NULL, "192.0.2.1", NULL), VT__CODE_CONFLICT);
}

static void everything_is_gone_after_48_hours(void **state)
{
    (void)state;
    vt__liveness_session s = wish("device-c"), back;
    char image_id[VT__UUID_TEXT_BYTES];
    uint8_t prints[2][VT_LIVENESS_FINGERPRINT_BYTES] = { { 1 }, { 255, 255 } }, *bytes;
    size_t size;
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_keep_image(image_id, service, &caller, &s, "jpeg", 4, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_image(&bytes, &size, service, &caller, image_id, NULL), VT__CODE_OK);
    assert_int_equal(size, 4);
    free(bytes);
    assert_int_equal(vt__liveness_start(&s, service, &caller, true, NULL, "192.0.2.9", NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_watch(service, &caller, &s, "192.0.2.9", 1, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_seen(&s, service, &caller, prints[0], 2, NULL), VT__CODE_OK);
    assert_false(s.attempts[0].abuse);
    assert_int_equal(vt__liveness_seen(&s, service, &caller, prints[0], 2, NULL), VT__CODE_OK);
    assert_true(s.attempts[0].abuse);
    assert_string_equal(s.attempts[0].flagged_session, s.id);
    assert_int_equal(s.attempts[0].flagged_attempt, 1);
    assert_int_equal(vt__liveness_open_link(service, &caller, &s, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_open_link(service, &caller, &s, NULL), VT__CODE_CONFLICT);
    assert_true(rows_left() >= 6); /* session, image, film, device, address, opened link */
    now += VT__LIVENESS_KEPT_MS + 1;
    assert_int_equal(vt__liveness_get(&back, service, &caller, s.id, false, NULL), VT__CODE_OPERATION_NOT_FOUND);
    assert_int_equal(vt__liveness_image(&bytes, &size, service, &caller, image_id, NULL), VT__CODE_OPERATION_NOT_FOUND);
    assert_int_equal(vt__liveness_seen(&s, service, &caller, prints[1], 1, NULL), VT__CODE_OK); /* not even before the sweep */
    assert_false(s.attempts[0].abuse);
    assert_int_equal(vt__service_sweep(&size, service, NULL), VT_OK);
    assert_int_equal(rows_left(), 0);
    assert_false(stands_in_files(s.id)); /* nor in the database, its log of writes, nor the audit */
    assert_false(stands_in_files(image_id));
    assert_false(stands_in_files("device-c"));
    assert_false(stands_in_files("192.0.2.9"));
}

static void records_read_back_and_damage_is_refused(void **state)
{
    (void)state;
    vt__liveness_session *s = calloc(1, sizeof *s), *back = calloc(1, sizeof *back);
    vt__buffer packed;
    uint8_t *body;
    size_t size;
    *s = (vt__liveness_session){ .with_verify = true, .has_reference = true, .watched = true, .ttl_s = 77, .attempts_allowed = 3, .attempt_count = 2,
                                 .verify_threshold = 0.25f, .created_ms = 123456789, .reference = { .dimension = 3, .values = { 0.5f, -0.25f, 1 } },
                                 .reference_box = { 1, 2, 3, 4 }, .reference_quality = VT_LEVEL_HIGH, .id = "an id", .device = "\xc3\xa9", .expected_client = "10.0.0.0/8" };
    memset(s->secret, 7, sizeof s->secret);
    s->attempts[1] = (vt__liveness_attempt){ .state = VT__LIVENESS_SUCCEEDED, .decision = VT_LIVENESS_REALFACE, .script = "1 passive hold:0-1", .identical = true,
                                             .confidence = 0.75f, .received_ms = 5, .checks = { { .asked = true, .passed = true, .value = 0.5f, .threshold = -1 } } };
    vt__buffer_init(&packed, 1 << 20);
    vt__liveness_pack(&packed, s);
    assert_int_equal(vt__buffer_take(&body, &size, &packed, NULL), VT_OK);
    vt__record record = { .body = body, .body_bytes = size };
    assert_true(vt__liveness_unpack(back, &record));
    assert_memory_equal(back, s, sizeof *s);
    for (record.body_bytes = 0; record.body_bytes < size; record.body_bytes++) assert_false(vt__liveness_unpack(back, &record));
    record.body_bytes = size;
    for (size_t i = 0; i < size; i++) { /* whatever a changed byte gives, it stays within its bounds */
        body[i] ^= 0x80;
        if (vt__liveness_unpack(back, &record)) assert_true(back->attempt_count <= VT__LIVENESS_ATTEMPTS_MAX && back->reference.dimension <= VT_TEMPLATE_MAX_DIMENSION);
        body[i] ^= 0x80;
    }
    free(body);
    free(s);
    free(back);
}

static void a_failing_device_is_flagged_for_a_time(void **state)
{
    (void)state;
    vt__liveness_session s = wish("device-d"), other = wish("device-e");
    s.watched = true;
    for (int i = 0; i < VT__DEVICE_FAILURES_MAX; i++) assert_int_equal(vt__liveness_watch(service, &caller, &s, NULL, 1, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_RATE_LIMITED);
    assert_int_equal(vt__liveness_create(&other, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    now += VT__LIVENESS_KEPT_MS + 1;
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
}

/* However many devices it says it is. */
static void a_failing_address_is_flagged_too(void **state)
{
    (void)state;
    vt__liveness_session s = wish("");
    for (int i = 0; i < VT__ADDRESS_FAILURES_MAX; i++) {
        vt__liveness_session one = { .watched = true };
        snprintf(one.device, sizeof one.device, "device-%d", i);
        assert_int_equal(vt__liveness_watch(service, &caller, &one, "198.51.100.7", 1, NULL), VT__CODE_OK);
    }
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_start(&s, service, &caller, true, NULL, "198.51.100.7", NULL), VT__CODE_RATE_LIMITED);
    assert_int_equal(vt__liveness_start(&s, service, &caller, true, NULL, "198.51.100.8", NULL), VT__CODE_OK);
}

static void watching_can_be_switched_off_for_later_sessions(void **state)
{
    (void)state;
    bool on = false;
    vt__liveness_session s = wish("device-f");
    s.watched = true;
    for (int i = 0; i < VT__DEVICE_FAILURES_MAX; i++) assert_int_equal(vt__liveness_watch(service, &caller, &s, NULL, 1, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_watching(&on, service, &caller, NULL), VT__CODE_OK);
    assert_true(on);
    assert_int_equal(vt__liveness_set_watching(service, &caller, false, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_set_watching(service, &caller, false, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    assert_false(s.watched);
    assert_int_equal(vt__liveness_set_watching(service, &caller, true, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_RATE_LIMITED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_are_made_read_and_deleted),
        cmocka_unit_test(attempts_are_counted_and_scripts_differ),
        cmocka_unit_test(everything_is_gone_after_48_hours),
        cmocka_unit_test(records_read_back_and_damage_is_refused),
        cmocka_unit_test(a_failing_device_is_flagged_for_a_time),
        cmocka_unit_test(a_failing_address_is_flagged_too),
        cmocka_unit_test(watching_can_be_switched_off_for_later_sessions),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
