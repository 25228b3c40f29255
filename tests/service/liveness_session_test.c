/* Liveness sessions over a real store, with a clock that the test moves. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "service/liveness_record.h"
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
    bool seen;
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_keep_image(image_id, service, &caller, &s, "jpeg", 4, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_image(&bytes, &size, service, &caller, image_id, NULL), VT__CODE_OK);
    assert_int_equal(size, 4);
    free(bytes);
    assert_int_equal(vt__liveness_watch(service, &caller, "device-c", 1, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_seen(&seen, service, &caller, prints[0], 2, NULL), VT__CODE_OK);
    assert_false(seen);
    assert_int_equal(vt__liveness_seen(&seen, service, &caller, prints[0], 2, NULL), VT__CODE_OK);
    assert_true(seen);
    now += VT__LIVENESS_KEPT_MS + 1;
    assert_int_equal(vt__liveness_get(&back, service, &caller, s.id, false, NULL), VT__CODE_OPERATION_NOT_FOUND);
    assert_int_equal(vt__liveness_image(&bytes, &size, service, &caller, image_id, NULL), VT__CODE_OPERATION_NOT_FOUND);
    assert_int_equal(vt__service_sweep(&size, service, NULL), VT_OK);
    assert_true(size >= 4);
    assert_int_equal(vt__liveness_seen(&seen, service, &caller, prints[0], 2, NULL), VT__CODE_OK);
    assert_false(seen);
}

static void a_failing_device_is_flagged_for_a_time(void **state)
{
    (void)state;
    vt__liveness_session s = wish("device-d");
    for (int i = 0; i < 10; i++) assert_int_equal(vt__liveness_watch(service, &caller, "device-d", 1, NULL), VT__CODE_OK);
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_RATE_LIMITED);
    now += VT__LIVENESS_KEPT_MS + 1;
    assert_int_equal(vt__liveness_create(&s, service, &caller, NULL, NULL, 0, NULL), VT__CODE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_are_made_read_and_deleted),
        cmocka_unit_test(attempts_are_counted_and_scripts_differ),
        cmocka_unit_test(everything_is_gone_after_48_hours),
        cmocka_unit_test(a_failing_device_is_flagged_for_a_time),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
