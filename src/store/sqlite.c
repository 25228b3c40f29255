#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

static vt_status status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK: return VT_OK;
    case SQLITE_NOMEM: return VT_ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return VT_EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return VT_EFORMAT;
    case SQLITE_CONSTRAINT: return VT_ECONFLICT;
    default: return VT_EIO;
    }
}

vt_status vt__sqlite_fail(vt_error *err, sqlite3 *db, const char *doing)
{
    return vt__fail(err, status_of(sqlite3_errcode(db)), "database: %s: %s", doing, sqlite3_errmsg(db));
}

vt_status vt__sqlite_run(sqlite3 *db, const char *sql, vt_error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? VT_OK : vt__sqlite_fail(err, db, "statement");
}

vt_status vt__sqlite_number(uint64_t *number, sqlite3 *db, const char *sql, const char *const *texts, size_t count,
                            vt_error *err)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return vt__sqlite_fail(err, db, "prepare");
    for (size_t i = 0; i < count; i++) sqlite3_bind_text(statement, (int)i + 1, texts[i], -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    vt_status status = step == SQLITE_ROW ? VT_OK : VT_ENOTFOUND;
    if (step == SQLITE_ROW) *number = (uint64_t)sqlite3_column_int64(statement, 0);
    else if (step != SQLITE_DONE) status = vt__sqlite_fail(err, db, "read");
    sqlite3_finalize(statement);
    return status;
}

vt_status vt__sqlite_open_connection(vt__sqlite_connection *out, const char *path, const char *settings, vt_error *err)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &out->db, flags, NULL) != SQLITE_OK)
        return out->db ? vt__sqlite_fail(err, out->db, path) : vt__fail_memory(err, 0);
    sqlite3_busy_timeout(out->db, 10000);
    return vt__sqlite_run(out->db, settings, err);
}

static vt_status lock_folder(vt__sqlite *self, const char *folder, vt_error *err)
{
    char *path = vt__path_join(folder, "lock");
    if (!path) return vt__fail_memory(err, strlen(folder));
    self->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    vt_status status = VT_OK;
    if (self->lock < 0) status = vt__fail_errno(err, VT_EIO, errno, "%s", path);
    else if (flock(self->lock, LOCK_EX | LOCK_NB) != 0)
        status = vt__fail(err, VT_EBUSY, "%s is in use by another vultus; stop that one or give another folder", folder);
    vt__free(path);
    return status;
}

/* One writer, WAL, an fsync before a commit is acknowledged, deleted bytes overwritten, nothing in temporary files. 64 MiB of
 * pages (sealed, all of them) and a log of 64 MiB, so that an import does not write each page of the indexes many times. */
#define WRITER_SETTINGS                                                                                              \
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"             \
    "PRAGMA temp_store=MEMORY; PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=16384;"

static void close_sqlite(void *opaque)
{
    vt__sqlite *self = opaque;
    for (size_t i = 0; i < VT__SQLITE_READERS; i++) {
        sqlite3_finalize(self->readers[i].find_key);
        sqlite3_close(self->readers[i].db);
        pthread_mutex_destroy(&self->readers[i].using);
    }
    sqlite3_close(self->writer.db);
    pthread_mutex_destroy(&self->writer.using);
    if (self->lock >= 0) close(self->lock);
    vt__free(self);
}

static vt_status open_connections(vt__sqlite *self, const char *folder, vt_error *err)
{
    char *path = vt__path_join(folder, "vultus.db");
    if (!path) return vt__fail_memory(err, strlen(folder));
    /* the database and its side files take their mode from the file that is there first */
    int made = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    vt_status status = made < 0 ? vt__fail_errno(err, VT_EIO, errno, "%s", path) : VT_OK;
    if (made >= 0) close(made);
    if (status == VT_OK) status = vt__sqlite_open_connection(&self->writer, path, WRITER_SETTINGS, err);
    if (status == VT_OK) status = vt__sqlite_migrate(self->writer.db, err);
    if (status == VT_OK) status = vt__sqlite_add_digest(self->writer.db, err);
    for (size_t i = 0; i < VT__SQLITE_READERS && status == VT_OK; i++)
        status = vt__sqlite_open_connection(&self->readers[i], path, VT__SQLITE_READER, err);
    vt__free(path);
    return status;
}

static vt_status open_sqlite(void **out, const char *folder, vt_error *err)
{
    vt_status status = vt__folder_make(folder, 0700, err);
    if (status != VT_OK) return status;
    vt__sqlite *self = vt__calloc(1, sizeof *self);
    if (!self) return vt__fail_memory(err, sizeof *self);
    self->lock = -1;
    pthread_mutex_init(&self->writer.using, NULL);
    for (size_t i = 0; i < VT__SQLITE_READERS; i++) pthread_mutex_init(&self->readers[i].using, NULL);
    status = lock_folder(self, folder, err);
    if (status == VT_OK) status = open_connections(self, folder, err);
    if (status != VT_OK) {
        close_sqlite(self);
        return status;
    }
    *out = self;
    return VT_OK;
}

static vt_status check(void *opaque, vt_error *err)
{
    vt__sqlite_connection *reader = vt__sqlite_reader(opaque);
    sqlite3_stmt *statement = NULL;
    vt_status status = VT_OK;
    if (sqlite3_prepare_v2(reader->db, "PRAGMA integrity_check", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = vt__sqlite_fail(err, reader->db, "integrity check");
    else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
        status = vt__fail(err, VT_EFORMAT, "database is damaged: %s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    vt__sqlite_give_back(reader);
    return status;
}

const vt__backend vt__backend_sqlite = {
    .name = "sqlite",
    .open = open_sqlite,
    .close = close_sqlite,
    .commit = vt__sqlite_commit,
    .find = vt__sqlite_find,
    .count = vt__sqlite_count,
    .key = vt__sqlite_key,
    .revision = vt__sqlite_revision,
    .changed = vt__sqlite_changed,
    .sweep = vt__sqlite_sweep,
    .backup = vt__sqlite_backup,
    .restore = vt__sqlite_restore,
    .forget = vt__sqlite_forget,
    .rewrap = vt__sqlite_rewrap,
    .rewrap_backup = vt__sqlite_rewrap_backup,
    .check = check,
};
