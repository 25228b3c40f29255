/* Backups in two files, and taking destroyed keys out of the second. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/sqlite.h"

/* No journal beside a file: it would hold the keys that are being taken out. */
#define ALONE_SETTINGS                                                                                                 \
    "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
#define KEY_TABLE                                                                                                      \
    "CREATE TABLE keys.data_key(tenant TEXT NOT NULL, scope TEXT NOT NULL, owner TEXT NOT NULL, wrapped BLOB NOT NULL," \
    " born INTEGER NOT NULL, PRIMARY KEY(tenant, scope, owner)) WITHOUT ROWID;"

static void key_digest(sqlite3_context *context, int count, sqlite3_value **values)
{
    vt__sha256_state state;
    uint8_t digest[VT__SHA256_BYTES];
    vt__sha256_begin(&state);
    /* keys made before they were told apart were born at 0 and have their names only */
    if (sqlite3_value_int64(values[3]) == 0) count = 3;
    for (int i = 0; i < count; i++) /* with the zeros, so that names cannot run together */
        vt__sha256_add(&state, sqlite3_value_text(values[i]), (size_t)sqlite3_value_bytes(values[i]) + 1);
    vt__sha256_end(digest, &state);
    sqlite3_result_blob(context, digest, sizeof digest, SQLITE_TRANSIENT);
}

vt_status vt__sqlite_add_digest(sqlite3 *db, vt_error *err)
{
    int code = sqlite3_create_function(db, "key_digest", 4, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, key_digest, NULL, NULL);
    return code == SQLITE_OK ? VT_OK : vt__sqlite_fail(err, db, "function");
}

/* Makes an empty file that only its owner can read. */
static vt_status make_file(const char *path, vt_error *err)
{
    int made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0) return vt__fail_errno(err, errno == EEXIST ? VT_EEXISTS : VT_EIO, errno, "%s", path);
    close(made);
    return VT_OK;
}

static vt_status attach(sqlite3 *db, const char *path, vt_error *err)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, "ATTACH DATABASE ?1 AS keys", -1, &statement, NULL) != SQLITE_OK)
        return vt__sqlite_fail(err, db, "attach");
    sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    vt_status status = sqlite3_step(statement) == SQLITE_DONE ? VT_OK : vt__sqlite_fail(err, db, path);
    sqlite3_finalize(statement);
    /* a journal, so that a kill in the middle leaves the file whole; it goes with the commit */
    if (status == VT_OK) status = vt__sqlite_run(db, "PRAGMA keys.journal_mode=DELETE; PRAGMA keys.secure_delete=ON", err);
    return status;
}

/* Key files of before keys were told apart lack the column. */
static vt_status bring_forward(sqlite3 *db, vt_error *err)
{
    uint64_t found;
    vt_status status = vt__sqlite_number(&found, db, "SELECT 1 FROM pragma_table_info('data_key', 'keys') WHERE name='born'", NULL, 0, err);
    return status == VT_ENOTFOUND ? vt__sqlite_run(db, "ALTER TABLE keys.data_key ADD COLUMN born INTEGER NOT NULL DEFAULT 0", err) : status;
}

static vt_status copy_pages(sqlite3 *target, sqlite3 *source, vt_error *err)
{
    sqlite3_backup *copy = sqlite3_backup_init(target, "main", source, "main");
    bool done = copy && sqlite3_backup_step(copy, -1) == SQLITE_DONE;
    if (copy && sqlite3_backup_finish(copy) != SQLITE_OK) done = false;
    return done ? VT_OK : vt__sqlite_fail(err, target, "backup");
}

/* What expires is not worth a backup, and keys go into their own file. */
static vt_status part(sqlite3 *target, const char *keys_path, vt_error *err)
{
    vt_status status = vt__sqlite_run(target, "PRAGMA journal_mode=DELETE", err); /* out of the write-ahead mode */
    if (status == VT_OK) status = vt__sqlite_run(target, ALONE_SETTINGS " PRAGMA foreign_keys=OFF", err);
    if (status == VT_OK) status = attach(target, keys_path, err);
    if (status == VT_OK)
        status = vt__sqlite_run(target,
                                "BEGIN; DELETE FROM record WHERE expires_ms > 0;"
                                "DELETE FROM data_key WHERE NOT EXISTS (SELECT 1 FROM record AS r WHERE r.tenant = data_key.tenant"
                                " AND r.scope = data_key.scope AND r.owner = data_key.owner);" KEY_TABLE
                                "INSERT INTO keys.data_key SELECT tenant, scope, owner, wrapped, born FROM main.data_key;"
                                "DELETE FROM main.data_key; DELETE FROM main.destroyed_key; COMMIT; VACUUM main", err);
    return status;
}

/* FOLDER/backups: a line a key file. */
static vt_status remember(const char *folder, const char *keys_path, vt_error *err)
{
    char *list = vt__path_join(folder, "backups"), *whole = realpath(keys_path, NULL);
    char *line = list && whole ? vt__format("%s\n", whole) : NULL;
    vt_status status = line ? VT_OK : vt__fail_memory(err, 1);
    int file = status ? -1 : open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (status == VT_OK && (file < 0 || write(file, line, strlen(line)) != (ssize_t)strlen(line) || fsync(file) != 0))
        status = vt__fail_errno(err, VT_EIO, errno, "%s", list);
    if (file >= 0) close(file);
    vt__free(line);
    free(whole);
    vt__free(list);
    return status;
}

static vt_status copy_database(sqlite3 *source, const char *path, const char *keys_path, vt_error *err)
{
    vt__sqlite_connection target = { .db = NULL };
    vt_status status = vt__sqlite_open_connection(&target, path, "PRAGMA secure_delete=ON", err);
    if (status == VT_OK) status = copy_pages(target.db, source, err);
    if (status == VT_OK) status = part(target.db, keys_path, err);
    sqlite3_close(target.db);
    return status;
}

/* Reads beside the process that holds the folder's lock: the write-ahead log gives one consistent view. */
static vt_status copy_parts(const char *folder, const char *database, const char *path, const char *keys_path, vt_error *err)
{
    vt__sqlite_connection source = { .db = NULL };
    vt_status status = make_file(path, err);
    if (status != VT_OK) return status;
    status = make_file(keys_path, err);
    if (status == VT_OK) {
        status = vt__sqlite_open_connection(&source, database, VT__SQLITE_READER, err);
        if (status == VT_OK) status = copy_database(source.db, path, keys_path, err);
        if (status == VT_OK) status = remember(folder, keys_path, err);
        sqlite3_close(source.db);
        if (status != VT_OK) unlink(keys_path);
    }
    if (status != VT_OK) unlink(path);
    return status;
}

/* Until a key file is remembered, no master key may be changed: it would be wrapped under one that is gone. */
static vt_status make_backup(const char *folder, const char *database, const char *path, const char *keys_path, vt_error *err)
{
    int lock = -1;
    vt_status status = vt__file_exists(database) ? vt__backups_lock(&lock, folder, err) : vt__fail(err, VT_ENOTFOUND, "%s holds no database", folder);
    if (status == VT_OK) status = copy_parts(folder, database, path, keys_path, err);
    vt__backups_unlock(lock);
    return status;
}

vt_status vt__sqlite_backup(const char *folder, const char *path, vt_error *err)
{
    char *database = vt__path_join(folder, "vultus.db"), *keys_path = vt__format("%s.keys", path);
    vt_status status = database && keys_path ? make_backup(folder, database, path, keys_path, err) : vt__fail_memory(err, 1);
    vt__free(database);
    vt__free(keys_path);
    return status;
}

static vt_status put_back(const char *database, const char *path, const char *keys_path, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    vt__sqlite_connection target = { .db = NULL };
    vt_status status = vt__file_exists(keys_path) ? vt__file_read(&bytes, &size, path, SIZE_MAX / 2, err)
                                                  : vt__fail(err, VT_ENOTFOUND, "%s, the backup's key file, is not there", keys_path);
    if (status == VT_OK) status = vt__file_write(database, bytes, size, 0600, err);
    vt__free(bytes);
    if (status != VT_OK) return status;
    status = vt__sqlite_open_connection(&target, database, ALONE_SETTINGS " PRAGMA foreign_keys=OFF", err);
    if (status == VT_OK) status = vt__sqlite_migrate(target.db, err);
    if (status == VT_OK) status = attach(target.db, keys_path, err);
    if (status == VT_OK) status = bring_forward(target.db, err);
    if (status == VT_OK)
        status = vt__sqlite_run(target.db,
                                "BEGIN; INSERT OR IGNORE INTO main.data_key SELECT tenant, scope, owner, wrapped, born FROM keys.data_key;"
                                "DELETE FROM record WHERE NOT EXISTS (SELECT 1 FROM main.data_key AS k WHERE k.tenant = record.tenant"
                                " AND k.scope = record.scope AND k.owner = record.owner); COMMIT", err);
    sqlite3_close(target.db);
    if (status != VT_OK) unlink(database);
    return status;
}

vt_status vt__sqlite_restore(const char *folder, const char *path, const char *keys_path, vt_error *err)
{
    char *database = vt__path_join(folder, "vultus.db");
    vt_status status = database ? vt__folder_make(folder, 0700, err) : vt__fail_memory(err, 1);
    if (status == VT_OK && vt__file_exists(database))
        status = vt__fail(err, VT_EEXISTS, "%s is there already; move it and its -wal and -shm away first", database);
    if (status == VT_OK) status = put_back(database, path, keys_path, err);
    vt__free(database);
    return status;
}

vt_status vt__sqlite_forget(const char *folder, const char *keys_path, vt_error *err)
{
    vt__sqlite_connection own = { .db = NULL };
    char *database = vt__path_join(folder, "vultus.db");
    if (!database) return vt__fail_memory(err, 1);
    vt_status status = vt__sqlite_open_connection(&own, database, "PRAGMA temp_store=MEMORY", err);
    if (status == VT_OK) status = vt__sqlite_add_digest(own.db, err);
    if (status == VT_OK) status = attach(own.db, keys_path, err);
    if (status == VT_OK) status = bring_forward(own.db, err);
    if (status == VT_OK)
        status = vt__sqlite_run(own.db, "DELETE FROM keys.data_key WHERE key_digest(tenant, scope, owner, born) IN (SELECT digest FROM "
                                        "main.destroyed_key)", err);
    sqlite3_close(own.db);
    vt__free(database);
    return status;
}
