/* Jobs by a clock that the test moves: what has expired is gone, files and record, and nothing before. */
#include "support/folder.h"
#include "support/test.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/job.h"
#include "support/data.h"

#define HOUR_MS INT64_C(3600000)

static _Atomic(int64_t) now_ms = INT64_C(1700000000000);
static const vt__caller me = { VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, NULL }, stranger = { "other", "1", VT__SCOPE_ALL, NULL, NULL };
static vt_engine *engine;
static vt__service *service;

static int64_t read_clock(void *context)
{
    (void)context;
    return atomic_load(&now_ms);
}

static int begin(void **state)
{
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    if (!test_pack_folder()) test_skip("needs a model pack");
    test_folder_make(state);
    if (vt_engine_open(&engine, test_pack_folder(), NULL, NULL)) return -1;
    options.data_folder = test_folder();
    options.engine = engine;
    options.clock = (vt__clock){ read_clock, NULL };
    options.sweep = false;
    options.jobs.workers = 1;
    return vt__service_open(&service, &options, NULL) ? -1 : 0;
}

static int end(void **state)
{
    vt__service_close(service);
    vt_engine_close(engine);
    return test_folder_remove(state);
}

static size_t files(void)
{
    vt__names names;
    char path[256];
    snprintf(path, sizeof path, "%s/jobs", test_folder());
    assert_int_equal(vt__folder_list(&names, path, NULL), VT_OK);
    size_t count = names.count;
    vt__names_free(&names);
    return count;
}

static void redact(char id[VT__UUID_TEXT_BYTES], const char *clip, const char *expected)
{
    uint8_t *bytes;
    size_t size;
    vt__upload *upload;
    vt__json *job;
    vt_error err;
    const vt__redaction what = VT__REDACTION_INIT;
    char state[32] = "";
    assert_int_equal(vt__file_read(&bytes, &size, clip, 1 << 24, NULL), VT_OK);
    assert_int_equal(vt__upload_begin(&upload, service, &me, size, &err), VT__CODE_OK);
    assert_true(vt__upload_take(upload, bytes, size));
    vt__free(bytes);
    assert_int_equal(vt__job_redact(&job, service, &me, upload, &what, "mkv", &err), VT__CODE_OK);
    snprintf(id, VT__UUID_TEXT_BYTES, "%s", vt__json_string_or(job, "jobId", ""));
    vt__json_free(job);
    for (int i = 0; i < 3000 && strcmp(state, "succeeded") && strcmp(state, "failed"); i++) {
        nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
        assert_int_equal(vt__job_get(&job, service, &me, VT__JOB_ANY, id, &err), VT__CODE_OK);
        snprintf(state, sizeof state, "%s", vt__json_string_or(job, "state", ""));
        vt__json_free(job);
    }
    assert_string_equal(state, expected);
}

static vt__code look(const vt__caller *caller, const char *id)
{
    vt__json *job = NULL;
    vt__code code = vt__job_get(&job, service, caller, VT__JOB_ANY, id, NULL);
    vt__json_free(job);
    return code;
}

static void test_results_expire(void **state)
{
    (void)state;
    char done[VT__UUID_TEXT_BYTES], broken[VT__UUID_TEXT_BYTES], ending[VT__JOB_ENDING_BYTES];
    vt__sealed_file *file;
    vt_error err;
    redact(done, "fuzz/corpus/video/sound.mp4", "succeeded");
    redact(broken, "CMakeLists.txt", "failed");
    assert_int_equal(files(), 1); /* the result; uploads went */
    assert_int_equal(look(&stranger, done), VT__CODE_JOB_NOT_FOUND);
    assert_int_equal(vt__job_delete(service, &stranger, VT__JOB_ANY, done, &err), VT__CODE_JOB_NOT_FOUND);
    assert_int_equal(vt__job_result(&file, ending, service, &stranger, done, &err), VT__CODE_JOB_NOT_FOUND);
    atomic_fetch_add(&now_ms, 24 * HOUR_MS - 1000);
    assert_int_equal(vt__service_sweep(NULL, service, &err), VT_OK);
    assert_int_equal(vt__job_result(&file, ending, service, &me, done, &err), VT__CODE_OK);
    assert_string_equal(ending, "mkv");
    assert_true(vt__sealed_size(file) > 100);
    vt__sealed_close(file);
    atomic_fetch_add(&now_ms, 1001);
    assert_int_equal(vt__service_sweep(NULL, service, &err), VT_OK);
    assert_int_equal(look(&me, done), VT__CODE_JOB_NOT_FOUND);
    assert_int_equal(look(&me, broken), VT__CODE_JOB_NOT_FOUND);
    assert_int_equal(files(), 0);
}


static void test_what_was_received_and_not_used_goes(void **state)
{
    (void)state;
    vt__upload *upload;
    vt_error err;
    assert_int_equal(vt__upload_begin(&upload, service, &me, 0, &err), VT__CODE_OK);
    assert_true(vt__upload_take(upload, "bytes", 5));
    assert_int_equal(files(), 1);
    vt__upload_drop(upload);
    assert_int_equal(files(), 0);
    vt__upload *many[VT__JOB_UPLOADS];
    for (int i = 0; i < VT__JOB_UPLOADS; i++) assert_int_equal(vt__upload_begin(&many[i], service, &me, 0, &err), VT__CODE_OK);
    assert_int_equal(vt__upload_begin(&upload, service, &me, 0, &err), VT__CODE_JOBS_FULL);
    for (int i = 0; i < VT__JOB_UPLOADS; i++) vt__upload_drop(many[i]);
    assert_int_equal(vt__upload_begin(&upload, service, &me, (uint64_t)1 << 40, &err), VT__CODE_JOBS_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_results_expire), cmocka_unit_test(test_what_was_received_and_not_used_goes) };
    return cmocka_run_group_tests(tests, begin, end);
}
