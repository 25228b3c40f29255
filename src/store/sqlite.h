/* The SQLite backend's own: one writing connection, several reading ones. */
#ifndef VT_STORE_SQLITE_H
#define VT_STORE_SQLITE_H

#include <pthread.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "store/backend.h"

enum { VT__SQLITE_READERS = 4 };

typedef struct vt__sqlite_connection {
    sqlite3 *db;
    sqlite3_stmt *find_key; /* asked for with every record; prepared once */
    pthread_mutex_t using;
} vt__sqlite_connection;

typedef struct vt__sqlite {
    vt__sqlite_connection writer;
    vt__sqlite_connection readers[VT__SQLITE_READERS];
    atomic_uint next_reader;
    int lock; /* descriptor of the locked file */
} vt__sqlite;

/* Fills err from the connection's last error. */
vt_status vt__sqlite_fail(vt_error *err, sqlite3 *db, const char *doing);
vt_status vt__sqlite_run(sqlite3 *db, const char *sql, vt_error *err);
vt_status vt__sqlite_migrate(sqlite3 *db, vt_error *err);
/* Makes the SQL function key_digest(tenant, scope, owner, born) known to a connection: SHA-256 of what names a data key. */
vt_status vt__sqlite_add_digest(sqlite3 *db, vt_error *err);

/* Opens a database with settings; out->db is to be closed also on failure. */
vt_status vt__sqlite_open_connection(vt__sqlite_connection *out, const char *path, const char *settings, vt_error *err);
/* Folds the write-ahead log into the database and empties it, so that it holds no erased bytes. Readers at work may
 * keep it from that; the next commit or sweep tries again. */
void vt__sqlite_empty_log(sqlite3 *db);
/* vt__backend.rewrap and .rewrap_backup, in sqlite_rewrap.c. */
vt_status vt__sqlite_rewrap(void *self, vt__rewrap one, void *context, vt_error *err);
vt_status vt__sqlite_rewrap_backup(const char *keys_path, vt__rewrap one, void *context, vt_error *err);
/* vt__backend.backup, .restore and .forget, in sqlite_backup.c. */
vt_status vt__sqlite_backup(const char *folder, const char *path, vt_error *err);
vt_status vt__sqlite_restore(const char *folder, const char *path, const char *keys_path, vt_error *err);
vt_status vt__sqlite_forget(const char *folder, const char *keys_path, vt_error *err);

/* A reader writes nothing and makes no temporary files. */
#define VT__SQLITE_READER "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;"

/* A connection for reading; give it back. */
vt__sqlite_connection *vt__sqlite_reader(vt__sqlite *self);
void vt__sqlite_give_back(vt__sqlite_connection *connection);

/* VT_OK with *number, VT_ENOTFOUND when no row. Parameters are texts; NULL is bound as NULL. */
vt_status vt__sqlite_number(uint64_t *number, sqlite3 *db, const char *sql, const char *const *texts, size_t count,
                            vt_error *err);
/* The same for the text of a query: WHERE ... with its parameters bound to ?1.. */
void vt__sqlite_where(char *out, size_t out_bytes, const vt__query *query);
void vt__sqlite_bind_query(sqlite3_stmt *statement, const vt__query *query);

vt_status vt__sqlite_commit(uint64_t *revision, size_t *failed, void *self, const vt__change *changes, size_t count,
                            vt_error *err);
vt_status vt__sqlite_sweep(uint64_t *removed, void *self, int64_t now_ms, vt_error *err);
vt_status vt__sqlite_find(vt__records *out, void *self, const vt__query *query, vt_error *err);
vt_status vt__sqlite_count(uint64_t *out, void *self, const vt__query *query, vt_error *err);
vt_status vt__sqlite_key(uint8_t out[VT__WRAPPED_KEY_BYTES], void *self, const char *tenant, const char *scope,
                         const char *owner, vt_error *err);
vt_status vt__sqlite_changed(uint64_t *out, void *self, const vt__query *query, vt_error *err);
vt_status vt__sqlite_revision(uint64_t *out, void *self, const char *tenant, const char *scope, vt_error *err);

#endif
