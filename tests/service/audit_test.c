#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "service/audit_chain.h"
#include "service/audit_verify.h"
#include "service/collection.h"
#include "service/state.h"

#define DAY_MS INT64_C(86400000)
#define START_MS INT64_C(1700000000000) /* 2023-11-14T22:13:20Z */

static char data[64], folder[128];
static vt__signing signing;
static vt__audit_chain *chain;
static vt__audit_found found;

static void open_chain(void)
{
    vt_error err;
    if (vt__audit_chain_open(&chain, &found, data, "default", &signing, &err) != VT_OK) fail_msg("%s", err.text);
}

static void add(int64_t now_ms, const char *operation)
{
    vt_error err;
    static vt__audit_line line;
    vt__audit_chain_next(&line, chain, now_ms);
    vt__audit_line_text(&line, "operation", operation);
    if (vt__audit_chain_append(chain, &line, now_ms, &err) != VT_OK) fail_msg("%s", err.text);
}

static int begin(void **state)
{
    (void)state;
    snprintf(data, sizeof data, "/tmp/vt_audit_test_XXXXXX");
    if (!mkdtemp(data)) return -1;
    snprintf(folder, sizeof folder, "%s/audit/default", data);
    static uint8_t secret[VT__SIGN_SECRET_BYTES];
    signing.secret_key = secret;
    vt__sign_keypair(signing.public_key, secret);
    open_chain();
    for (int i = 0; i < 12; i++) add(START_MS + i * DAY_MS / 4, i % 2 ? "IDENTIFY" : "VERIFY"); /* four days */
    vt__audit_chain_close(chain, START_MS + 12 * DAY_MS / 4);
    return 0;
}

static int end(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", data);
    return system(command);
}

static vt__audit_verdict verify(void)
{
    vt__audit_verdict verdict;
    vt_error err;
    if (vt__audit_verify(&verdict, folder, signing.public_key, &err) != VT_OK) fail_msg("%s", err.text);
    return verdict;
}

static void edit(const char *script)
{
    char command[512];
    snprintf(command, sizeof command, "cd '%s' && %s", folder, script);
    assert_int_equal(system(command), 0);
}

static void test_a_whole_chain_is_sound(void **state)
{
    (void)state;
    vt__audit_verdict verdict = verify();
    assert_true(verdict.sound);
    assert_int_equal(verdict.records, 12);
    assert_int_equal(verdict.files, 4);
    assert_int_equal(verdict.days, 3);
    assert_int_equal(verdict.unsealed, 0);
    assert_int_equal(verdict.sealed_ms, START_MS + 3 * DAY_MS);
}

/* Flips one bit of every byte in turn of every file that holds records. */
static void test_every_changed_byte_is_found(void **state)
{
    (void)state;
    vt__names days;
    assert_int_equal(vt__audit_day_files(&days, folder, NULL), VT_OK);
    assert_int_equal(days.count, 4);
    size_t changes = 0;
    for (size_t d = 0; d < days.count; d++) {
        char *path = vt__path_join(folder, days.items[d]);
        FILE *file = fopen(path, "r+");
        fseek(file, 0, SEEK_END);
        long size = ftell(file);
        for (long at = 0; at < size; at++, changes++) {
            fseek(file, at, SEEK_SET);
            int was = getc(file);
            fseek(file, at, SEEK_SET);
            putc(was ^ (1 << (at % 7)), file);
            fflush(file);
            vt__audit_verdict verdict = verify();
            if (verdict.sound || !verdict.wrong[0]) fail_msg("%s: byte %ld changed and not found", path, at);
            fseek(file, at, SEEK_SET);
            putc(was, file);
            fflush(file);
        }
        fclose(file);
        vt__free(path);
    }
    vt__names_free(&days);
    assert_true(changes > 1200);
    assert_true(verify().sound);
}

/* What is no plain text stays one line of sound JSON. */
static void test_lines_are_json_whatever_is_in_them(void **state)
{
    (void)state;
    static vt__audit_line line;
    static const uint8_t hash[VT__SHA256_BYTES];
    vt__json *fields = vt__json_object(), *read;
    vt__json_set_integer(fields, "days", 7);
    vt__json_set_string(fields, "what", "pg/\"x\"");
    vt__audit_line_begin(&line, INT64_MAX, -1, hash);
    vt__audit_line_text(&line, "a", "\"\\\n\x01\xc3\xa4\x7f{}");
    vt__audit_line_text(&line, "none", NULL);
    vt__audit_line_integer(&line, "least", INT64_MIN);
    vt__audit_line_real(&line, "half", 0.5);
    vt__audit_line_real(&line, "third", 1 / 3.0);
    vt__audit_line_real(&line, "one", 1);
    vt__audit_line_members(&line, fields);
    vt__audit_line_members(&line, NULL);
    assert_true(vt__audit_line_end(&line));
    assert_int_equal(vt__json_parse(&read, line.text, line.bytes, 0, NULL), VT_OK);
    char *text = vt__json_text(read, false);
    assert_non_null(strstr(text, "{\"number\":9223372036854775807,\"time\":\"1969-12-31T23:59:59.999Z\",\"previous\":\"000000"));
    assert_non_null(strstr(text, ",\"a\":\"\\\"\\\\\\n\\u0001???{}\",\"least\":-9223372036854775808,\"half\":0.5,\"third\":0.333333,\"one\":1.0,"
                                 "\"days\":7,\"what\":\"pg/\\\"x\\\"\"}"));
    vt__free(text);
    vt__json_free(read);
    vt__json_free(fields);
    char *most = vt__malloc(VT__AUDIT_LINE_MAX + 1, 1);
    memset(most, 'x', VT__AUDIT_LINE_MAX);
    most[VT__AUDIT_LINE_MAX] = '\0';
    vt__audit_line_begin(&line, 1, 0, hash);
    vt__audit_line_text(&line, "a", most);
    assert_false(vt__audit_line_end(&line));
    vt__free(most);
}

/* Each day that ended is signed once: by the seal of the day after, or by the first record of a later start. */
static void test_every_day_is_signed(void **state)
{
    (void)state;
    const int64_t next_ms = START_MS + 4 * DAY_MS;
    open_chain();
    add(START_MS + 3 * DAY_MS, "VERIFY"); /* a start later on the last day */
    assert_int_equal(vt__audit_chain_seal(chain, START_MS + 3 * DAY_MS, NULL), VT_OK);
    assert_int_equal(verify().days, 3);
    assert_int_equal(vt__audit_chain_seal(chain, next_ms, NULL), VT_OK); /* nothing was recorded, but the day is over */
    assert_int_equal(vt__audit_chain_seal(chain, next_ms, NULL), VT_OK);
    assert_int_equal(verify().days, 4);
    add(next_ms, "VERIFY");
    vt__audit_chain_close(chain, next_ms);
    assert_int_equal(verify().days, 4);
    open_chain(); /* stopped over midnight */
    add(next_ms + DAY_MS, "VERIFY");
    add(next_ms + DAY_MS, "VERIFY");
    vt__audit_chain_close(chain, next_ms + DAY_MS);
    assert_int_equal(verify().days, 5);
    assert_true(verify().sound);
    edit("test \"$(grep -c signature days.jsonl)\" = 5");
}

static void test_what_is_cut_or_moved_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *script, *wrong;
    } rows[] = {
        { "sed -i '$d' 2023-11-17.jsonl", "record 11 (head.json): records behind it were cut off: the signed head names more" },
        { "rm 2023-11-17.jsonl", "record 9 (head.json): records behind it were cut off: the signed head names more" },
        { "rm 2023-11-14.jsonl", "record 2 (2023-11-15.jsonl): the records before it are missing or changed" },
        { "rm 2023-11-15.jsonl", "record 1 (2023-11-16.jsonl): it was changed, or what follows it was cut out or moved" },
        { "sed -i 2d 2023-11-15.jsonl", "record 2 (2023-11-15.jsonl): it was changed, or what follows it was cut out or moved" },
        { "sed -i '1{h;d};2{G}' 2023-11-15.jsonl", "record 1 (2023-11-15.jsonl): it was changed, or what follows it was cut out or moved" },
        { "sed -i 2p 2023-11-15.jsonl", "record 3 (2023-11-15.jsonl): it was changed, or what follows it was cut out or moved" },
        { "cat 2023-11-15.jsonl >>2023-11-16.jsonl", "record 9 (2023-11-16.jsonl): it was changed, or what follows it was cut out or moved" },
        { "mv 2023-11-15.jsonl x && mv 2023-11-16.jsonl 2023-11-15.jsonl && mv x 2023-11-16.jsonl",
          "record 1 (2023-11-15.jsonl): it was changed, or what follows it was cut out or moved" },
        { "truncate -s -3 2023-11-17.jsonl", "record 11 (2023-11-17.jsonl): half a line stands behind it" },
        { "sed -i '1s/.*/{}/' 2023-11-14.jsonl", "record 0 (2023-11-14.jsonl): the line behind it is damaged" },
        { "head -c 20000 /dev/zero >>2023-11-17.jsonl", "record 12 (2023-11-17.jsonl): the line behind it is damaged" },
        { "sed -i 's/\"number\":12/\"number\":11/' head.json", "head.json is damaged or not signed by this key" },
        { "sed -i '2s/default/defaulu/' days.jsonl", "days.jsonl: a day's statement is damaged or not signed by this key" },
        { "echo >head.json", "head.json is damaged or not signed by this key" },
    };
    edit("mkdir ../whole && cp * ../whole/");
    for (size_t i = 0; i < ROWS(rows); i++) {
        edit(rows[i].script);
        vt__audit_verdict verdict = verify();
        assert_false(verdict.sound);
        assert_string_equal(verdict.wrong, rows[i].wrong);
        edit("cp ../whole/* .");
        assert_true(verify().sound);
    }
}

static void test_another_key_or_no_audit(void **state)
{
    (void)state;
    uint8_t other[VT__SIGN_PUBLIC_BYTES] = { 1 };
    vt__audit_verdict verdict;
    assert_int_equal(vt__audit_verify(&verdict, folder, other, NULL), VT_OK);
    assert_false(verdict.sound);
    assert_int_equal(vt__audit_verify(&verdict, "/nowhere", signing.public_key, NULL), VT_ENOTFOUND);
}

/* A kill leaves records behind the head, and a power cut half a line: both are taken up, and said. */
static void test_goes_on_after_a_kill(void **state)
{
    (void)state;
    edit("cp head.json ../head");
    open_chain();
    assert_int_equal(found.cut + found.unsealed, 0);
    add(START_MS + 3 * DAY_MS, "IDENTIFY");
    add(START_MS + 3 * DAY_MS, "IDENTIFY");
    vt__audit_chain_close(chain, START_MS + 3 * DAY_MS);
    edit("cp ../head head.json && printf '{\"number\":15,' >>2023-11-17.jsonl");
    assert_int_equal(verify().sound, false);
    open_chain();
    assert_int_equal(found.cut, 0);
    assert_int_equal(found.unsealed, 2);
    assert_true(verify().sound);
    assert_int_equal(verify().unsealed, 2);
    add(START_MS + 3 * DAY_MS, "VERIFY");
    vt__audit_chain_close(chain, START_MS + 3 * DAY_MS);
    vt__audit_verdict verdict = verify();
    assert_true(verdict.sound);
    assert_int_equal(verdict.records, 15);
    assert_int_equal(verdict.unsealed, 0);
}

static void test_a_cut_end_stays_visible(void **state)
{
    (void)state;
    edit("sed -i '$d' 2023-11-17.jsonl");
    open_chain();
    assert_int_equal(found.cut, 1);
    add(START_MS + 3 * DAY_MS, "VERIFY");
    vt__audit_chain_close(chain, START_MS + 3 * DAY_MS);
    assert_false(verify().sound);
}

static void test_retention_moves_the_beginning(void **state)
{
    (void)state;
    size_t removed;
    vt_error err;
    open_chain();
    if (vt__audit_chain_prune(&removed, chain, START_MS + 2 * DAY_MS, START_MS + 4 * DAY_MS, &err) != VT_OK) fail_msg("%s", err.text);
    vt__audit_chain_close(chain, START_MS + 4 * DAY_MS);
    assert_int_equal(removed, 2); /* the 14th and the 15th; the 16th holds the time itself */
    vt__audit_verdict verdict = verify();
    assert_true(verdict.sound);
    assert_int_equal(verdict.removed, 5);
    assert_int_equal(verdict.records, 7);
    edit("rm 2023-11-16.jsonl");
    assert_string_equal(verify().wrong, "record 10 (2023-11-17.jsonl): the records before it are missing or changed");
}

/* ---- through the service ---- */

static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, "r-1" };

static void open_service(void)
{
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    vt_error err;
    options.data_folder = data;
    options.evaluation = true;
    options.sweep = false;
    if (vt__service_open(&service, &options, &err) != VT_OK) fail_msg("%s", err.text);
}

static int begin_service(void **state)
{
    (void)state;
    snprintf(data, sizeof data, "/tmp/vt_audit_test_XXXXXX");
    if (!mkdtemp(data)) return -1;
    snprintf(folder, sizeof folder, "%s/audit/default", data);
    open_service();
    return 0;
}

static int end_service(void **state)
{
    vt__service_close(service);
    return end(state);
}

static vt__code create(const char *id)
{
    return vt__collection_create(service, &me, (vt__collection_id){ VT__KIND_PERSON_GROUP, id }, "Confidential name", "secret data",
                                 "recognition_04", NULL);
}

static void test_operations_are_recorded_without_names(void **state)
{
    (void)state;
    assert_int_equal(create("staff"), VT__CODE_OK);
    assert_int_equal(create("staff"), VT__CODE_COLLECTION_EXISTS);
    vt__audit_seal(service->audit, vt__service_now_ms(service));
    char path[160];
    snprintf(path, sizeof path, "%s/keys/" VT__SIGNING_PUBLIC_FILE, data);
    assert_int_equal(vt__signing_read_public(signing.public_key, path, NULL), VT_OK);
    vt__audit_verdict verdict = verify();
    assert_true(verdict.sound);
    assert_int_equal(verdict.records, 2);
    edit("grep -q '\"key\":\"1\",\"request\":\"r-1\",\"operation\":\"COLLECTION_WRITE\",\"purpose\":\"evaluation\",\"collection\":\"staff\",\"faces\":0,\"matches\":0,"
         "\"outcome\":\"COLLECTION_EXISTS\"}' *.jsonl && ! grep -q -e Confidential -e secret *.jsonl");
}

/* A full disk: nothing that must be recorded is done until the audit can be written again. */
static void test_no_audit_no_recognition(void **state)
{
    (void)state;
    struct rlimit was, none;
    assert_int_equal(create("first"), VT__CODE_OK);
    getrlimit(RLIMIT_FSIZE, &was);
    signal(SIGXFSZ, SIG_IGN);
    struct stat info;
    char day[VT__AUDIT_DAY_BYTES], path[160];
    vt__audit_day_text(day, vt__service_now_ms(service));
    snprintf(path, sizeof path, "%s/%s.jsonl", folder, day);
    assert_int_equal(stat(path, &info), 0);
    none = (struct rlimit){ (rlim_t)info.st_size + 10, was.rlim_max };
    setrlimit(RLIMIT_FSIZE, &none);
    vt__audit_event(service, &me, "PROBE", NULL, VT__CODE_OK);
    assert_int_equal(create("second"), VT__CODE_FAILED);
    setrlimit(RLIMIT_FSIZE, &was);
    assert_int_equal(create("second"), VT__CODE_OK);
    vt__audit_seal(service->audit, vt__service_now_ms(service));
    snprintf(path, sizeof path, "%s/keys/" VT__SIGNING_PUBLIC_FILE, data);
    assert_int_equal(vt__signing_read_public(signing.public_key, path, NULL), VT_OK);
    assert_true(verify().sound);
    edit("grep -c AUDIT_RESUMED *.jsonl | grep -qx 1");
}

int main(void)
{
#define CHAIN_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
#define SERVICE_TEST(test) cmocka_unit_test_setup_teardown(test, begin_service, end_service)
    const struct CMUnitTest tests[] = {
        CHAIN_TEST(test_a_whole_chain_is_sound),
        CHAIN_TEST(test_every_changed_byte_is_found),
        CHAIN_TEST(test_what_is_cut_or_moved_is_found),
        CHAIN_TEST(test_another_key_or_no_audit),
        CHAIN_TEST(test_goes_on_after_a_kill),
        CHAIN_TEST(test_a_cut_end_stays_visible),
        CHAIN_TEST(test_retention_moves_the_beginning),
        CHAIN_TEST(test_lines_are_json_whatever_is_in_them),
        CHAIN_TEST(test_every_day_is_signed),
        SERVICE_TEST(test_operations_are_recorded_without_names),
        SERVICE_TEST(test_no_audit_no_recognition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
