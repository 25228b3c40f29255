/* One suite for every backend: a new one is a row of `backends`. */
#include "support/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/backend.h"
#include "store/keyring.h"
#include "store/store.h"
#include "support/failing.h"

static const vt__backend *const backends[] = { &vt__backend_sqlite };
static const vt__backend *backend;
static char folder[64];
static const uint8_t master[VT__KEY_BYTES] = { 1, 2, 3 };

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vt_store_test_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static vt__store *open_store(void)
{
    const vt__store_options options = { sizeof options, backend, folder, master, NULL };
    vt__store *store = NULL;
    vt_error err;
    if (vt__store_open(&store, &options, &err) != VT_OK) fail_msg("%s", err.text);
    return store;
}

static vt__change change(vt__change_op op, const char *tenant, const char *scope, const char *owner, const char *id,
                         const char *body)
{
    return (vt__change){ op,
                         { .kind = 7, .tenant = tenant, .scope = scope, .owner = owner, .id = id, .created_ms = 5,
                           .changed_ms = 5, .body = (const uint8_t *)body, .body_bytes = body ? strlen(body) : 0 },
                         0 };
}

static vt_status one(vt__store *store, vt__change c)
{
    return vt__store_commit(NULL, NULL, store, &c, 1, NULL);
}

static void assert_body(vt__store *store, const char *tenant, const char *scope, const char *id, const char *expected)
{
    vt__records found;
    const vt__query query = { .kind = 7, .tenant = tenant, .scope = scope, .id = id };
    vt_status status = vt__store_get(&found, store, &query, NULL);
    assert_int_equal(status, expected ? VT_OK : VT_ENOTFOUND);
    if (!expected) return;
    assert_string_equal((const char *)found.items[0].body, expected);
    vt__records_free(&found);
}

/* Whether bytes occur in any file of the data folder. */
static bool on_disk(const char *needle)
{
    char command[192];
    snprintf(command, sizeof command, "grep -rqa -- '%s' '%s'", needle, folder);
    return system(command) == 0;
}

static void changes_and_refusals(void **state)
{
    (void)state;
    vt__store *store = open_store();
    const struct {
        vt__change_op op;
        const char *id, *body;
        vt_status status;
        const char *after;
    } rows[] = {
        { VT__ADD, "a", "one", VT_OK, "one" },        { VT__ADD, "a", "two", VT_EEXISTS, "one" },
        { VT__REPLACE, "a", "three", VT_OK, "three" }, { VT__REPLACE, "b", "x", VT_ENOTFOUND, NULL },
        { VT__PUT, "b", "four", VT_OK, "four" },      { VT__PUT, "b", "", VT_OK, "" },
        { VT__REQUIRE, "b", NULL, VT_OK, "" },        { VT__REQUIRE, "c", NULL, VT_ENOTFOUND, NULL },
        { VT__REMOVE, "a", NULL, VT_OK, NULL },       { VT__REMOVE, "a", NULL, VT_ENOTFOUND, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(one(store, change(rows[i].op, "t", "s", "", rows[i].id, rows[i].body)), rows[i].status);
        assert_body(store, "t", "s", rows[i].id, rows[i].after);
    }
    assert_body(store, "other", "s", "b", NULL); /* another tenant sees nothing */
    vt__store_close(store);
}

static void all_or_none_with_limits(void **state)
{
    (void)state;
    vt__store *store = open_store();
    vt__change batch[3] = { change(VT__ADD, "t", "s", "p", "1", "x"), change(VT__ADD, "t", "s", "p", "2", "y"),
                            change(VT__LIMIT, "t", "s", NULL, NULL, NULL) };
    batch[2].limit = 2;
    size_t failed = 99;
    assert_int_equal(vt__store_commit(NULL, &failed, store, batch, 3, NULL), VT_ELIMIT);
    assert_int_equal(failed, 2);
    assert_body(store, "t", "s", "1", NULL);
    batch[2].limit = 3;
    uint64_t first, second, latest;
    assert_int_equal(vt__store_commit(&first, NULL, store, batch, 3, NULL), VT_OK);
    assert_body(store, "t", "s", "2", "y");
    vt__change third = change(VT__REPLACE, "t", "s", "p", "1", "z");
    assert_int_equal(vt__store_commit(&second, NULL, store, &third, 1, NULL), VT_OK);
    assert_true(second > first);
    assert_int_equal(vt__store_revision(&latest, store, "t", "s", NULL), VT_OK);
    assert_int_equal(latest, second);
    vt__records found;
    const vt__query query = { .tenant = "t", .after = "0", .limit = 1 };
    assert_int_equal(vt__store_find(&found, store, &query, NULL), VT_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].id, "1");
    assert_int_equal(found.items[0].revision, first); /* a change keeps when it was added */
    vt__records_free(&found);
    uint64_t count;
    assert_int_equal(vt__store_count(&count, store, &(vt__query){ .kind = 7, .tenant = "t", .scope = "s" }, NULL), VT_OK);
    assert_int_equal(count, 2);
    vt__store_close(store);
}

static void destroying_leaves_nothing(void **state)
{
    (void)state;
    vt__store *store = open_store();
    assert_int_equal(one(store, change(VT__ADD, "t", "pg", "alice", "id-of-alice", "NAME-AND-TEMPLATE")), VT_OK);
    assert_int_equal(one(store, change(VT__ADD, "t", "pg", "bob", "id-of-bob", "OTHER-NAME")), VT_OK);
    assert_true(on_disk("id-of-alice"));
    assert_false(on_disk("NAME-AND-TEMPLATE")); /* sealed while it lives */
    assert_int_equal(one(store, change(VT__DESTROY, "t", "pg", "alice", NULL, NULL)), VT_OK);
    assert_body(store, "t", "pg", "id-of-alice", NULL);
    assert_body(store, "t", "pg", "id-of-bob", "OTHER-NAME");
    assert_false(on_disk("id-of-alice")); /* neither in the database nor in its log */
    assert_int_equal(one(store, change(VT__DESTROY, "t", "pg", NULL, NULL, NULL)), VT_OK);
    assert_false(on_disk("id-of-bob"));
    vt__store_close(store);
}

static void expiry_sweeps(void **state)
{
    (void)state;
    vt__store *store = open_store();
    const int64_t expiries[] = { 0, 100, 200 };
    const char *const ids[] = { "never-ends", "early-ends", "later-ends" };
    for (int i = 0; i < 3; i++) {
        vt__change c = change(VT__ADD, "t", "faceid", ids[i], ids[i], "body");
        c.record.expires_ms = expiries[i];
        assert_int_equal(one(store, c), VT_OK);
    }
    uint64_t removed;
    assert_int_equal(vt__store_sweep(&removed, store, 99, NULL), VT_OK);
    assert_int_equal(removed, 0);
    assert_int_equal(vt__store_sweep(&removed, store, 100, NULL), VT_OK);
    assert_int_equal(removed, 1);
    assert_false(on_disk("early-ends"));
    assert_body(store, "t", "faceid", "later-ends", "body");
    uint8_t key[VT__WRAPPED_KEY_BYTES];
    void *raw = NULL;
    vt__store_close(store);
    assert_int_equal(backend->open(&raw, folder, NULL), VT_OK);
    assert_int_equal(backend->key(key, raw, "t", "faceid", "early-ends", NULL), VT_ENOTFOUND);
    assert_int_equal(backend->key(key, raw, "t", "faceid", "later-ends", NULL), VT_OK);
    backend->close(raw);
}

static void opening(void **state)
{
    (void)state;
    vt__store *store = open_store(), *second = NULL;
    vt_error err;
    vt__store_options options = { sizeof options, backend, folder, master, NULL };
    assert_int_equal(one(store, change(VT__ADD, "t", "s", "", "a", "kept")), VT_OK);
    assert_int_equal(vt__store_open(&second, &options, &err), VT_EBUSY);
    assert_non_null(strstr(err.text, "in use by another vultus"));
    vt__store_close(store);
    const uint8_t wrong[VT__KEY_BYTES] = { 9 };
    options.master_key = wrong;
    assert_int_equal(vt__store_open(&second, &options, &err), VT_EINTEGRITY);
    store = open_store();
    assert_body(store, "t", "s", "a", "kept");
    vt__store_close(store);
}

/* A folder's files beside each other. */
static char *beside(const char *name)
{
    char *path = vt__path_join(folder, name);
    assert_non_null(path);
    return path;
}

static void expect_private(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void backup_and_restore(void **state)
{
    (void)state;
    vt__store *store = open_store();
    char *copy = beside("copy"), *keys = beside("copy.keys"), *database = beside("vultus.db");
    vt__change passing = change(VT__ADD, "t", "s", "x", "x", "expires");
    passing.record.expires_ms = 1;
    assert_int_equal(one(store, change(VT__ADD, "t", "s", "", "a", "before")), VT_OK);
    assert_int_equal(one(store, passing), VT_OK);
    assert_int_equal(vt__store_backup(backend, folder, copy, NULL), VT_OK);
    expect_private(copy);
    expect_private(keys);
    assert_int_equal(one(store, change(VT__REPLACE, "t", "s", "", "a", "after")), VT_OK);
    assert_int_equal(vt__store_backup(backend, folder, copy, NULL), VT_EEXISTS);
    assert_int_equal(vt__store_restore(backend, folder, copy, keys, NULL), VT_EEXISTS);
    vt__store_close(store);
    assert_int_equal(unlink(database), 0);
    assert_int_equal(vt__store_restore(backend, folder, copy, "/nowhere", NULL), VT_ENOTFOUND);
    assert_int_equal(vt__store_restore(backend, folder, copy, keys, NULL), VT_OK);
    store = open_store();
    assert_body(store, "t", "s", "a", "before");
    vt__records found;
    const vt__query query = { .tenant = "t", .scope = "s" };
    assert_int_equal(vt__store_find(&found, store, &query, NULL), VT_OK);
    assert_int_equal(found.count, 1); /* what expires was left out */
    vt__records_free(&found);
    assert_int_equal(vt__store_check(store, NULL), VT_OK);
    vt__store_close(store);
    vt__free(database);
    vt__free(keys);
    vt__free(copy);
}

/* A destroyed key dies in the key files of earlier backups, whose records it then cannot open. */
static void destroyed_keys_die_in_backups(void **state)
{
    (void)state;
    vt__store *store = open_store();
    char *copy = beside("copy"), *keys = beside("copy.keys"), *database = beside("vultus.db"), *gone = beside("gone"),
         *gone_keys = beside("gone.keys");
    vt__backup_keys *files;
    size_t count;
    assert_int_equal(vt__store_forget(&files, &count, backend, folder, NULL), VT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(one(store, change(VT__ADD, "t", "s", "p", "a", "erased")), VT_OK);
    assert_int_equal(one(store, change(VT__ADD, "t", "s", "q", "b", "kept")), VT_OK);
    assert_int_equal(one(store, change(VT__ADD, "t", "list", "", "c", "list")), VT_OK);
    assert_int_equal(vt__store_backup(backend, folder, copy, NULL), VT_OK);
    assert_int_equal(vt__store_backup(backend, folder, gone, NULL), VT_OK);
    assert_int_equal(unlink(gone_keys), 0);
    const vt__change person = { VT__DESTROY, { .tenant = "t", .scope = "s", .owner = "p" }, 0 };
    const vt__change list = { VT__DESTROY, { .tenant = "t", .scope = "list" }, 0 };
    assert_int_equal(one(store, person), VT_OK);
    assert_int_equal(one(store, list), VT_OK);
    assert_int_equal(vt__store_forget(&files, &count, backend, folder, NULL), VT_OK);
    assert_int_equal(count, 2);
    assert_string_equal(files[0].path, keys);
    assert_true(files[0].forgotten);
    assert_false(files[1].forgotten);
    assert_int_equal(access(gone_keys, F_OK), -1);
    vt__backup_keys_free(files, count);
    vt__store_close(store);
    assert_int_equal(unlink(database), 0);
    assert_int_equal(vt__store_restore(backend, folder, copy, keys, NULL), VT_OK);
    store = open_store();
    vt__records found;
    const vt__query query = { .tenant = "t" };
    assert_int_equal(vt__store_find(&found, store, &query, NULL), VT_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].id, "b");
    vt__records_free(&found);
    vt__store_close(store);
    char *const paths[] = { copy, keys, database, gone, gone_keys };
    for (size_t i = 0; i < ROWS(paths); i++) vt__free(paths[i]);
}

/* A key of the same name that was made anew is another one: what destroyed the first does not reach the second's backup. */
static void keys_made_anew_stay_in_backups(void **state)
{
    (void)state;
    vt__store *store = open_store();
    char *early = beside("early"), *late = beside("late"), *late_keys = beside("late.keys"), *database = beside("vultus.db");
    const vt__change destroy = { VT__DESTROY, { .tenant = "t", .scope = "pg/staff" }, 0 };
    vt__backup_keys *files;
    size_t count;
    assert_int_equal(one(store, change(VT__ADD, "t", "pg/staff", "", "a", "first")), VT_OK);
    assert_int_equal(vt__store_backup(backend, folder, early, NULL), VT_OK);
    assert_int_equal(one(store, destroy), VT_OK);
    assert_int_equal(one(store, change(VT__ADD, "t", "pg/staff", "", "a", "second")), VT_OK);
    assert_int_equal(vt__store_backup(backend, folder, late, NULL), VT_OK);
    assert_int_equal(vt__store_forget(&files, &count, backend, folder, NULL), VT_OK);
    assert_true(count == 2 && files[0].forgotten && files[1].forgotten);
    vt__backup_keys_free(files, count);
    vt__store_close(store);
    assert_int_equal(unlink(database), 0);
    assert_int_equal(vt__store_restore(backend, folder, late, late_keys, NULL), VT_OK);
    store = open_store();
    assert_body(store, "t", "pg/staff", "a", "second");
    vt__store_close(store);
    char *const paths[] = { early, late, late_keys, database };
    for (size_t i = 0; i < ROWS(paths); i++) vt__free(paths[i]);
}

static void tampered_bodies_are_found(void **state)
{
    (void)state;
    vt__store *store = open_store();
    assert_int_equal(one(store, change(VT__ADD, "t", "s", "", "a", "one")), VT_OK);
    vt__store_close(store);
    void *raw = NULL;
    vt__records found;
    size_t failed;
    uint64_t revision;
    const vt__query query = { .kind = 7, .tenant = "t", .id = "a" };
    assert_int_equal(backend->open(&raw, folder, NULL), VT_OK);
    assert_int_equal(backend->find(&found, raw, &query, NULL), VT_OK);
    vt__change moved = { VT__ADD, found.items[0], 0 };
    moved.record.id = "b"; /* another record's body */
    assert_int_equal(backend->commit(&revision, &failed, raw, &moved, 1, NULL), VT_OK);
    vt__records_free(&found);
    backend->close(raw);
    store = open_store();
    const vt__query other = { .kind = 7, .tenant = "t", .id = "b" };
    assert_int_equal(vt__store_get(&found, store, &other, NULL), VT_EINTEGRITY);
    vt__store_close(store);
}

static void *read_on(void *argument)
{
    vt__store *store = argument;
    for (int i = 0; i < 60; i++) {
        vt__records found = { NULL, 0 };
        if (vt__store_find(&found, store, &(vt__query){ .kind = 7, .tenant = "t", .scope = "s" }, NULL) != VT_OK)
            return (void *)"find failed";
        vt__records_free(&found);
    }
    return NULL;
}

static void *write_on(void *argument)
{
    vt__store *store = argument;
    char id[37];
    for (int i = 0; i < 20; i++) {
        vt__uuid_make(id);
        if (one(store, change(VT__ADD, "t", "s", id, id, "body")) != VT_OK) return (void *)"add failed";
        if (i % 2 && one(store, change(VT__DESTROY, "t", "s", id, NULL, NULL)) != VT_OK) return (void *)"destroy failed";
    }
    return NULL;
}

static void many_threads(void **state)
{
    (void)state;
    vt__store *store = open_store();
    pthread_t threads[6];
    for (int i = 0; i < 6; i++) pthread_create(&threads[i], NULL, i % 2 ? read_on : write_on, store);
    for (int i = 0; i < 6; i++) {
        void *answer;
        pthread_join(threads[i], &answer);
        if (answer) fail_msg("%s", (const char *)answer);
    }
    uint64_t count;
    assert_int_equal(vt__store_count(&count, store, &(vt__query){ .kind = 7 }, NULL), VT_OK);
    assert_int_equal(count, 30);
    assert_int_equal(vt__store_check(store, NULL), VT_OK);
    vt__store_close(store);
}

/* Writes records as fast as it can and says on the pipe which are acknowledged, until it is killed. */
static void write_until_killed(int acknowledged, int round)
{
    const vt__store_options options = { sizeof options, backend, folder, master, NULL };
    vt__store *store = NULL;
    if (vt__store_open(&store, &options, NULL) != VT_OK) _exit(1);
    for (int i = 0;; i++) {
        char id[32];
        snprintf(id, sizeof id, "%03d-%06d", round, i);
        if (one(store, change(VT__ADD, "t", "s", i % 3 ? "" : id, id, id)) != VT_OK) _exit(2);
        if (write(acknowledged, &i, sizeof i) != (ssize_t)sizeof i) _exit(3);
    }
}

static void killed_writers_lose_nothing(void **state)
{
    (void)state;
    enum { ROUNDS = 50 };
    int acknowledged[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2], number;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) write_until_killed(ends[1], round);
        close(ends[1]);
        /* at least one is acknowledged, then it dies at a random moment */
        acknowledged[round] = -1;
        assert_int_equal(read(ends[0], &number, sizeof number), sizeof number);
        acknowledged[round] = number;
        uint8_t random[2];
        vt__random_bytes(random, sizeof random);
        usleep((random[0] * 256u + random[1]) % 20000);
        kill(child, SIGKILL);
        int how;
        waitpid(child, &how, 0);
        assert_true(WIFSIGNALED(how));
        while (read(ends[0], &number, sizeof number) == sizeof number) acknowledged[round] = number;
        close(ends[0]);
    }
    vt__store *store = open_store();
    assert_int_equal(vt__store_check(store, NULL), VT_OK);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i <= acknowledged[round]; i++) {
            char id[32];
            snprintf(id, sizeof id, "%03d-%06d", round, i);
            assert_body(store, "t", "s", id, id);
        }
    vt__store_close(store);
}

static bool commits(void *store)
{
    vt__change c = change(VT__PUT, "t", "s", "p", "a", "body");
    if (vt__store_commit(NULL, NULL, store, &c, 1, NULL) != VT_OK) return false;
    vt__records found = { NULL, 0 };
    vt_status status = vt__store_find(&found, store, &(vt__query){ .kind = 7, .tenant = "t" }, NULL);
    vt__records_free(&found);
    return status == VT_OK;
}

static void out_of_memory(void **state)
{
    (void)state;
    vt__store *store = open_store();
    assert_true(failing_each(commits, store, 100, false) > 3);
    assert_body(store, "t", "s", "a", "body");
    vt__store_close(store);
}

static void master_keys(void **state)
{
    (void)state;
    uint8_t made[VT__KEY_BYTES], again[VT__KEY_BYTES];
    char *path = vt__path_join(folder, "master.key");
    vt_error err;
    assert_int_equal(vt__master_key_load(made, NULL, folder, NULL), VT_OK);
    assert_int_equal(vt__master_key_load(again, NULL, folder, NULL), VT_OK);
    assert_memory_equal(made, again, sizeof made);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(vt__master_key_load(again, NULL, folder, &err), VT_EDENIED);
    assert_non_null(strstr(err.text, "chmod 600"));
    assert_int_equal(vt__file_write(path, "short", 5, 0600, NULL), VT_OK);
    assert_int_equal(vt__master_key_load(again, NULL, folder, NULL), VT_EFORMAT);
    assert_int_equal(vt__master_key_load(again, "00", folder, &err), VT_EINVAL);
    char hex[2 * VT__KEY_BYTES + 1];
    vt__hex_encode(hex, made, sizeof made);
    assert_int_equal(vt__master_key_load(again, hex, folder, NULL), VT_OK);
    assert_memory_equal(made, again, sizeof made);
    vt__free(path);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(changes_and_refusals), CASE(all_or_none_with_limits),   CASE(destroying_leaves_nothing),
        CASE(expiry_sweeps),        CASE(opening),                   CASE(backup_and_restore), CASE(destroyed_keys_die_in_backups),
        CASE(keys_made_anew_stay_in_backups),
        CASE(many_threads),         CASE(tampered_bodies_are_found), CASE(killed_writers_lose_nothing),
        CASE(out_of_memory),        CASE(master_keys),
    };
    int failures = 0;
    for (size_t i = 0; i < ROWS(backends); i++) {
        backend = backends[i];
        failures += cmocka_run_group_tests_name(backend->name, tests, NULL, NULL);
    }
    return failures;
}
