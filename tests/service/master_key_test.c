/* Another master key: nothing is lost, whenever the process dies; nothing opens with the old one afterwards; and who reads and
 * writes meanwhile meets no failure. */
#include "support/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/collection.h"
#include "service/master_key.h"
#include "store/keyring.h"
#include "store/store.h"
#include "support/clocked.h"
#include "support/folder.h"

enum { PERSONS = 3000, ROUNDS = 16, BLOB_BYTES = VT__KEY_BYTES + VT__SEAL_EXTRA_BYTES, BLOBS = 200 };

static const int64_t now_ms = CLOCKED_START_MS;
static char keys[96];

static vt__service *open_service(void)
{
    snprintf(keys, sizeof keys, "%s/keys", test_folder());
    return clocked_open(&now_ms, NULL, false);
}

/* As the service has it open, with the key that is in the file. */
static vt_status open_store(vt__store **out, const uint8_t key[VT__KEY_BYTES])
{
    const vt__store_options options = { sizeof options, &vt__backend_sqlite, test_folder(), key, NULL };
    return vt__store_open(out, &options, NULL);
}

static void read_key(uint8_t out[VT__KEY_BYTES])
{
    vt_error err;
    if (vt__master_key_load(out, NULL, keys, &err)) fail_msg("%s", err.text);
}

/* Records of so many owners, each with a data key of its own, in one commit. */
static void fill(vt__store *store, size_t count)
{
    vt__change *changes = vt__calloc(count, sizeof *changes);
    char (*ids)[32] = vt__calloc(count, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "p%05zu", i);
        changes[i].record = (vt__record){ .kind = 10, .tenant = "default", .scope = "pg/x", .owner = ids[i], .id = ids[i], .created_ms = 1,
                                          .changed_ms = 1, .body = (const uint8_t *)ids[i], .body_bytes = strlen(ids[i]) };
    }
    assert_int_equal(vt__store_commit(NULL, NULL, store, changes, count, NULL), VT_OK);
    vt__free(ids);
    vt__free(changes);
}

static void expect_all(vt__store *store, size_t count)
{
    vt__records found;
    const vt__query query = { .kind = 10, .tenant = "default", .scope = "pg/x" };
    assert_int_equal(vt__store_find(&found, store, &query, NULL), VT_OK);
    assert_int_equal(found.count, count);
    for (size_t i = 0; i < count; i++) assert_string_equal((const char *)found.items[i].body, found.items[i].id);
    vt__records_free(&found);
}

/* A folder with a service's records and so many persons, closed. */
static void make_data(size_t count)
{
    uint8_t key[VT__KEY_BYTES];
    vt__store *store;
    test_folder_remove(NULL);
    vt__service_close(open_service());
    read_key(key);
    assert_int_equal(open_store(&store, key), VT_OK);
    fill(store, count);
    vt__store_close(store);
}

static void order(const char *given)
{
    vt_error err;
    if (vt__next_key_order(keys, given, &err)) fail_msg("%s", err.text);
}

typedef struct wrapped_keys {
    uint8_t bytes[BLOBS][BLOB_BYTES];
    size_t count;
} wrapped_keys;

static void read_wrapped(wrapped_keys *out, const char *file)
{
    char path[128];
    sqlite3 *db;
    sqlite3_stmt *statement;
    snprintf(path, sizeof path, "%s/%s", test_folder(), file);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT wrapped FROM data_key ORDER BY random() LIMIT 200", -1, &statement, NULL), SQLITE_OK);
    for (out->count = 0; sqlite3_step(statement) == SQLITE_ROW; out->count++) memcpy(out->bytes[out->count], sqlite3_column_blob(statement, 0), BLOB_BYTES);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* How many of them, or the key's text, stand in any file of the folder. */
static size_t on_disk(const wrapped_keys *blobs, const uint8_t key[VT__KEY_BYTES])
{
    char command[128], path[512], hex[2 * VT__KEY_BYTES + 1];
    size_t count = 0;
    vt__hex_encode(hex, key, VT__KEY_BYTES);
    snprintf(command, sizeof command, "find '%s' -type f", test_folder());
    FILE *list = popen(command, "r");
    while (fgets(path, sizeof path, list)) {
        uint8_t *content;
        size_t size;
        path[strcspn(path, "\n")] = '\0';
        assert_int_equal(vt__file_read(&content, &size, path, SIZE_MAX / 2, NULL), VT_OK);
        for (size_t i = 0; i < blobs->count; i++) count += memmem(content, size, blobs->bytes[i], BLOB_BYTES) != NULL;
        count += memmem(content, size, hex, strlen(hex)) != NULL;
        vt__free(content);
    }
    pclose(list);
    return count;
}

static void test_the_old_key_opens_nothing(void **state)
{
    (void)state;
    uint8_t old[VT__KEY_BYTES], fresh[VT__KEY_BYTES];
    vt__store *store = NULL;
    vt_error err;
    static wrapped_keys own, backup;
    size_t persons = getenv("VULTUS_TEST_LONG") ? 100000 : PERSONS;
    make_data(persons);
    read_key(old);
    vt__service *service = open_service();
    char copy[128], copy_keys[160];
    snprintf(copy, sizeof copy, "%s/copy", test_folder());
    snprintf(copy_keys, sizeof copy_keys, "%s.keys", copy);
    assert_int_equal(vt__service_backup(test_folder(), copy, NULL), VT_OK);
    read_wrapped(&own, "vultus.db");
    read_wrapped(&backup, "copy.keys");
    assert_int_equal(own.count, BLOBS);
    assert_true(on_disk(&own, old) > BLOBS && on_disk(&backup, old) > BLOBS);
    order(NULL);
    assert_int_equal(vt__next_key_order(keys, NULL, NULL), VT_EEXISTS);
    int64_t began_ns = vt__monotonic_ns();
    if (vt__master_key_rotate(service, &err)) fail_msg("%s", err.text);
    print_message("%zu data keys, and as many in a backup, in %.0f ms\n", persons, (double)(vt__monotonic_ns() - began_ns) * 1e-6);
    assert_false(vt__next_key_ordered(keys));
    assert_int_equal(on_disk(&own, old), 0);
    assert_int_equal(on_disk(&backup, old), 0);
    char text[VT__API_KEY_TEXT_BYTES]; /* a running service goes on reading and writing */
    assert_int_equal(vt__service_key_make(text, service, "default", "1", VT__SCOPE_ALL, NULL, &err), VT_OK);
    vt__service_close(service);
    read_key(fresh);
    assert_memory_not_equal(old, fresh, sizeof old);
    assert_int_equal(open_store(&store, old), VT_EINTEGRITY);
    assert_int_equal(open_store(&store, fresh), VT_OK);
    expect_all(store, persons);
    vt__store_close(store);
    /* the backup of before opens with the new key, not with the old one */
    char command[256];
    snprintf(command, sizeof command, "rm '%s/vultus.db'", test_folder());
    assert_int_equal(system(command), 0);
    assert_int_equal(vt__service_restore(test_folder(), copy, copy_keys, NULL), VT_OK);
    assert_int_equal(open_store(&store, old), VT_EINTEGRITY);
    assert_int_equal(open_store(&store, fresh), VT_OK);
    expect_all(store, persons);
    vt__store_close(store);
}

/* A key of the operator's own, and one that others can read. */
static void test_a_given_key(void **state)
{
    (void)state;
    static const char hex[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
    uint8_t key[VT__KEY_BYTES], given[VT__KEY_BYTES];
    make_data(3);
    const char *file = test_folder_file("given.key");
    assert_int_equal(vt__file_write(file, hex, sizeof hex - 1, 0644, NULL), VT_OK);
    assert_int_equal(vt__next_key_order(keys, file, NULL), VT_EDENIED);
    assert_int_equal(vt__file_write(file, hex, sizeof hex - 1, 0600, NULL), VT_OK);
    order(file);
    vt__service_close(open_service()); /* opening carries it out */
    assert_true(vt__hex_decode(given, sizeof given, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
    read_key(key);
    assert_memory_equal(key, given, sizeof key);
}

/* Rotates in a process of its own that is killed after so long. */
static void rotate_and_kill(unsigned wait_us)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        vt__service *service = open_service(); /* carries it out */
        vt__service_close(service);
        pause();
    }
    usleep(wait_us);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
}

static void test_killed_in_the_middle(void **state)
{
    (void)state;
    uint8_t key[VT__KEY_BYTES], old[VT__KEY_BYTES];
    vt__store *store;
    int before = 0, between = 0, after = 0;
    make_data(PERSONS);
    for (unsigned round = 0; round < ROUNDS; round++) {
        read_key(old);
        order(NULL);
        rotate_and_kill(2000 + round * 2000);
        /* whether the database came to the new key, and the file with it */
        bool ordered = vt__next_key_ordered(keys);
        read_key(key);
        bool opens = open_store(&store, key) == VT_OK;
        if (opens) vt__store_close(store);
        assert_true(ordered || opens);
        *(!ordered ? &after : opens ? &before : &between) += 1;
        vt__service_close(open_service()); /* the next start ends it */
        assert_false(vt__next_key_ordered(keys));
        assert_int_equal(open_store(&store, old), VT_EINTEGRITY);
        read_key(key);
        assert_int_equal(open_store(&store, key), VT_OK);
        expect_all(store, PERSONS);
        assert_int_equal(vt__store_check(store, NULL), VT_OK);
        vt__store_close(store);
    }
    print_message("killed before the database changed: %d, between it and the key file: %d, after: %d\n", before, between, after);
}

/* The state between the database's commit and the key file's rename, made on purpose. */
static void test_ended_by_the_next_start(void **state)
{
    (void)state;
    uint8_t old[VT__KEY_BYTES], next[VT__KEY_BYTES], key[VT__KEY_BYTES];
    vt__store *store;
    vt__backup_keys *backups;
    size_t count;
    make_data(10);
    read_key(old);
    order(NULL);
    assert_int_equal(vt__next_key_load(next, keys, NULL), VT_OK);
    assert_int_equal(open_store(&store, old), VT_OK);
    assert_int_equal(vt__store_rotate(&backups, &count, store, next, NULL), VT_OK);
    vt__backup_keys_free(backups, count);
    vt__store_close(store);
    read_key(key);
    assert_memory_equal(key, old, sizeof key); /* the file is the old one's still */
    vt__service_close(open_service());
    read_key(key);
    assert_memory_equal(key, next, sizeof key);
    assert_int_equal(open_store(&store, key), VT_OK);
    expect_all(store, 10);
    vt__store_close(store);
}

typedef struct busy {
    vt__store *store;
    atomic_bool enough;
    atomic_size_t reads, writes;
} busy;

static void *read_on(void *argument)
{
    busy *b = argument;
    vt__records found;
    for (size_t i = 0; !atomic_load(&b->enough); i++) {
        char id[32];
        snprintf(id, sizeof id, "p%05zu", i % PERSONS);
        if (vt__store_get(&found, b->store, &(vt__query){ .kind = 10, .tenant = "default", .scope = "pg/x", .id = id }, NULL)) return (void *)"a read failed";
        vt__records_free(&found);
        atomic_fetch_add(&b->reads, 1);
    }
    return NULL;
}

static void *write_on(void *argument)
{
    busy *b = argument;
    for (size_t i = 0; !atomic_load(&b->enough); i++) {
        char id[32];
        snprintf(id, sizeof id, "w%05zu", i);
        const vt__change change = { VT__ADD, { .kind = 11, .tenant = "default", .scope = "pg/x", .owner = id, .id = id, .body = (const uint8_t *)"x", .body_bytes = 1 }, 0 };
        if (vt__store_commit(NULL, NULL, b->store, &change, 1, NULL)) return (void *)"a write failed";
        atomic_fetch_add(&b->writes, 1);
    }
    return NULL;
}

static void test_others_go_on(void **state)
{
    (void)state;
    uint8_t key[VT__KEY_BYTES];
    busy b = { .store = NULL };
    pthread_t threads[3];
    make_data(PERSONS);
    read_key(key);
    assert_int_equal(open_store(&b.store, key), VT_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, i ? read_on : write_on, &b), 0);
    for (int i = 0; i < 4; i++) {
        vt__backup_keys *backups;
        size_t count;
        size_t reads = atomic_load(&b.reads);
        vt__random_bytes(key, sizeof key);
        assert_int_equal(vt__store_rotate(&backups, &count, b.store, key, NULL), VT_OK);
        vt__backup_keys_free(backups, count);
        while (atomic_load(&b.reads) == reads) usleep(100);
    }
    atomic_store(&b.enough, true);
    for (int i = 0; i < 3; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        if (wrong) fail_msg("%s", (const char *)wrong);
    }
    expect_all(b.store, PERSONS);
    vt__store_close(b.store);
    assert_int_equal(open_store(&b.store, key), VT_OK);
    expect_all(b.store, PERSONS);
    uint64_t written;
    assert_int_equal(vt__store_count(&written, b.store, &(vt__query){ .kind = 11 }, NULL), VT_OK);
    assert_int_equal(written, atomic_load(&b.writes));
    vt__store_close(b.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_old_key_opens_nothing), cmocka_unit_test(test_a_given_key),
                                        cmocka_unit_test(test_killed_in_the_middle), cmocka_unit_test(test_ended_by_the_next_start),
                                        cmocka_unit_test(test_others_go_on) };
    return cmocka_run_group_tests(tests, NULL, test_folder_remove);
}
