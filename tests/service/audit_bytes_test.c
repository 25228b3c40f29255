/* An audit of 100,000 records: whatever single byte of it changes is found, and it is verified in time.
 *
 * A byte is found when the line that it stands in has another SHA-256 than the next line, or the signed head, says. That is
 * looked at in memory for one byte of every record, walking through all places of a line (VULTUS_TEST_LONG=1: for every byte of
 * every record). That the verifier does look so is shown with the verifier itself: for every byte of records at the beginning,
 * at the ends of days, in the middle and at the end, as a small audit of their own with a signed head, and for one byte of each
 * member in the whole one. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "service/audit_chain.h"
#include "service/audit_verify.h"
#include "support/folder.h"

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__ /* ten times slower, and nothing else to learn from more */
enum { RECORDS = 4000, WINDOWS = 1, MOST_MS = 600000 };
#else
enum { RECORDS = 100000, WINDOWS = 2, MOST_MS = 5000 };
#endif
enum { DAYS = 4, WINDOW = 3 };
#define DAY_MS INT64_C(86400000)
#define START_MS INT64_C(1700006400000) /* 2023-11-15 */

typedef struct place {
    const char *text;
    size_t bytes;
    int day;
} place;

static vt__signing signing;
static char folder[128];
static uint8_t *days[DAYS];
static size_t day_bytes[DAYS];
static place *lines;

static char *day_path(int day)
{
    return vt__format("%s/2023-11-%d.jsonl", folder, 15 + day);
}

static void add(vt__audit_chain *chain, int number)
{
    static const char *const operations[] = { "IDENTIFY", "VERIFY", "PERSON_WRITE", "LIVENESS" };
    static vt__audit_line line;
    char request[VT__UUID_TEXT_BYTES];
    vt_error err;
    int64_t now_ms = START_MS + (int64_t)((double)number * DAYS * (double)DAY_MS / RECORDS);
    vt__uuid_make(request);
    vt__audit_chain_next(&line, chain, now_ms);
    vt__audit_line_text(&line, "key", "1");
    vt__audit_line_text(&line, "request", request);
    vt__audit_line_text(&line, "operation", operations[number % 4]);
    vt__audit_line_text(&line, "purpose", "touchless-access");
    vt__audit_line_text(&line, "collection", "staff");
    vt__audit_line_integer(&line, "faces", 1);
    vt__audit_line_integer(&line, "matches", number % 3 == 0);
    vt__audit_line_real(&line, "threshold", 0.5);
    vt__audit_line_text(&line, "outcome", "OK");
    if (vt__audit_chain_append(chain, &line, now_ms, &err)) fail_msg("%s", err.text);
}

static void index_lines(void)
{
    size_t count = 0;
    lines = vt__calloc(RECORDS, sizeof *lines);
    for (int d = 0; d < DAYS; d++) {
        char *path = day_path(d);
        assert_int_equal(vt__file_read(&days[d], &day_bytes[d], path, SIZE_MAX / 2, NULL), VT_OK);
        vt__free(path);
        for (const char *at = (const char *)days[d], *stop = at + day_bytes[d]; at < stop;) {
            const char *end = memchr(at, '\n', (size_t)(stop - at));
            assert_true(end && count < RECORDS);
            lines[count++] = (place){ at, (size_t)(end - at), d };
            at = end + 1;
        }
    }
    assert_int_equal(count, RECORDS);
}

static int build(void **state)
{
    (void)state;
    vt__audit_chain *chain;
    vt__audit_found found;
    static uint8_t secret[VT__SIGN_SECRET_BYTES];
    signing.secret_key = secret;
    vt__sign_keypair(signing.public_key, secret);
    snprintf(folder, sizeof folder, "%s/audit/default", test_folder());
    if (vt__audit_chain_open(&chain, &found, test_folder(), "default", &signing, NULL)) return -1;
    for (int i = 0; i < RECORDS; i++) add(chain, i);
    vt__audit_chain_close(chain, START_MS + DAYS * DAY_MS);
    index_lines();
    return 0;
}

static int clean(void **state)
{
    for (int d = 0; d < DAYS; d++) vt__free(days[d]);
    vt__free(lines);
    return test_folder_remove(state);
}

static vt__audit_verdict verify(const char *where)
{
    vt__audit_verdict verdict;
    vt_error err;
    if (vt__audit_verify(&verdict, where, signing.public_key, &err)) fail_msg("%s", err.text);
    return verdict;
}

static void test_verified_in_time(void **state)
{
    (void)state;
    int64_t began_ns = vt__monotonic_ns();
    vt__audit_verdict verdict = verify(folder);
    double ms = (double)(vt__monotonic_ns() - began_ns) * 1e-6;
    print_message("%d records, %zu bytes in %d days, verified in %.0f ms\n", RECORDS, day_bytes[0] + day_bytes[1] + day_bytes[2] + day_bytes[3],
                  DAYS, ms);
    assert_true(verdict.sound);
    assert_int_equal(verdict.records, RECORDS);
    assert_int_equal(verdict.days, DAYS);
    assert_true(ms < MOST_MS);
}

/* The SHA-256 that the line behind says, or the signed head. */
static void expected_hash(uint8_t out[VT__SHA256_BYTES], int record)
{
    static const char name[] = "\"previous\":\"";
    if (record + 1 < RECORDS) {
        char hex[2 * VT__SHA256_BYTES + 1];
        const char *at = strstr(lines[record + 1].text, name);
        snprintf(hex, sizeof hex, "%.64s", at + sizeof name - 1);
        assert_true(vt__hex_decode(out, VT__SHA256_BYTES, hex));
        return;
    }
    uint8_t *text;
    size_t bytes;
    vt__audit_head head;
    char *path = vt__path_join(folder, VT__AUDIT_HEAD_FILE);
    assert_int_equal(vt__file_read(&text, &bytes, path, VT__AUDIT_LINE_MAX, NULL), VT_OK);
    assert_int_equal(vt__audit_head_read(&head, (char *)text, bytes, signing.public_key, NULL), VT_OK);
    memcpy(out, head.last.hash, VT__SHA256_BYTES);
    vt__free(text);
    vt__free(path);
}

static void test_every_record_is_bound(void **state)
{
    (void)state;
    bool all = getenv("VULTUS_TEST_LONG") != NULL;
    size_t changed = 0, longest = 0;
    char line[1024];
    for (int i = 0; i < RECORDS; i++) {
        uint8_t expected[VT__SHA256_BYTES], hash[VT__SHA256_BYTES];
        size_t bytes = lines[i].bytes;
        assert_true(bytes < sizeof line);
        if (bytes > longest) longest = bytes;
        memcpy(line, lines[i].text, bytes);
        expected_hash(expected, i);
        vt__sha256(hash, line, bytes);
        assert_memory_equal(hash, expected, sizeof hash);
        for (size_t at = all ? 0 : (size_t)i % bytes; at < (all ? bytes : (size_t)i % bytes + 1); at++, changed++) {
            line[at] = (char)(line[at] ^ (1 << (changed % 8)));
            vt__sha256(hash, line, bytes);
            if (!memcmp(hash, expected, sizeof hash)) fail_msg("record %d, byte %zu: changed and not found", i + 1, at);
            line[at] = lines[i].text[at];
        }
    }
    print_message("%zu changed bytes in %d records of up to %zu bytes break the chain\n", changed, RECORDS, longest);
    assert_true(longest < RECORDS / 10); /* so that each place of a line came often */
}

/* ---- the verifier itself ---- */

/* Three records with what they follow and what signs them, as an audit of its own. */
static void make_window(const char *where, int first, char *text, size_t *bytes)
{
    char *head_text, *path = vt__path_join(where, VT__AUDIT_HEAD_FILE);
    vt__audit_head head = { .tenant = "default", .time_ms = START_MS };
    head.base.number = first;
    if (first) expected_hash(head.base.hash, first - 1);
    head.last.number = first + WINDOW;
    expected_hash(head.last.hash, first + WINDOW - 1);
    assert_int_equal(vt__audit_head_text(&head_text, &head, &signing, NULL), VT_OK);
    assert_int_equal(vt__file_write(path, head_text, strlen(head_text), 0600, NULL), VT_OK);
    vt__free(head_text);
    vt__free(path);
    *bytes = 0;
    for (int i = first; i < first + WINDOW; i++) {
        memcpy(text + *bytes, lines[i].text, lines[i].bytes + 1); /* with its end */
        *bytes += lines[i].bytes + 1;
    }
}

static bool is_sound(const char *where, FILE *file, const char *text, size_t bytes)
{
    rewind(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    fflush(file);
    return verify(where).sound;
}

static size_t change_window(const char *where, FILE *file, char *text, size_t bytes)
{
    size_t changes = 0;
    for (size_t at = 0; at < bytes; at++) {
        const char was = text[at], others[] = { (char)(was ^ 1), (char)(was ^ 0x20), '\n', '\0' };
        for (size_t k = 0; k < sizeof others; k++) {
            if (others[k] == was) continue;
            text[at] = others[k];
            if (is_sound(where, file, text, bytes)) fail_msg("byte %zu of a window, now %d: not found", at, others[k]);
            changes++;
        }
        text[at] = was;
    }
    assert_true(is_sound(where, file, text, bytes));
    return changes;
}

static void test_every_byte_of_windows(void **state)
{
    (void)state;
    static char text[4096];
    const int firsts[] = { 0, RECORDS / DAYS - 1, RECORDS / 2 + 321, RECORDS - WINDOW };
    size_t windows = getenv("VULTUS_TEST_LONG") ? ROWS(firsts) : WINDOWS, changes = 0, bytes;
    char where[160], path[192];
    snprintf(where, sizeof where, "%s/window", test_folder());
    snprintf(path, sizeof path, "%s/2023-11-15.jsonl", where);
    assert_int_equal(mkdir(where, 0700), 0);
    FILE *file = fopen(path, "w+");
    for (size_t i = 0; i < windows; i++) {
        make_window(where, firsts[i], text, &bytes);
        assert_int_equal(ftruncate(fileno(file), 0), 0);
        assert_true(is_sound(where, file, text, bytes));
        changes += change_window(where, file, text, bytes);
    }
    fclose(file);
    print_message("%zu changes, of every byte of %zu records, found by the verifier\n", changes, windows * WINDOW);
}

/* A byte of a member's value in the whole audit, each time in another record. */
static void test_one_byte_of_each_member_of_all(void **state)
{
    (void)state;
    static const char *const members[] = { "\"number\":", "\"outcome\":\"", "\"time\":\"", "\"previous\":\"", "\"key\":\"", "\"request\":\"",
                                           "\"operation\":\"", "\"purpose\":\"", "\"collection\":\"", "\"faces\":", "\"matches\":", "\"threshold\":" };
    size_t count = getenv("VULTUS_TEST_LONG") ? ROWS(members) : 3;
    for (size_t i = 0; i < count; i++) {
        const place *line = &lines[(2 * i + 1) * (RECORDS - 1) / (2 * count)];
        const char *value = strstr(line->text, members[i]) + strlen(members[i]);
        char *path = day_path(line->day);
        FILE *file = fopen(path, "r+");
        long at = (long)(value - (const char *)days[line->day]);
        fseek(file, at, SEEK_SET);
        putc(*value ^ 1, file);
        fflush(file);
        vt__audit_verdict verdict = verify(folder);
        if (verdict.sound || !strstr(verdict.wrong, "record ")) fail_msg("%s changed and not found", members[i]);
        fseek(file, at, SEEK_SET);
        putc(*value, file);
        fclose(file);
        vt__free(path);
    }
    assert_true(verify(folder).sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_verified_in_time), cmocka_unit_test(test_every_record_is_bound),
                                        cmocka_unit_test(test_every_byte_of_windows), cmocka_unit_test(test_one_byte_of_each_member_of_all) };
    return cmocka_run_group_tests(tests, build, clean);
}
