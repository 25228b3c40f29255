/* Data keys under another master key: one statement, so that SQLite's transaction makes it whole or nothing. */
#include <string.h>

#include "base/error.h"
#include "store/sqlite.h"

typedef struct rewrapping {
    vt__rewrap one;
    void *context;
    vt_error *err;
    vt_status status;
} rewrapping;

static void rewrap(sqlite3_context *context, int count, sqlite3_value **values)
{
    rewrapping *r = sqlite3_user_data(context);
    uint8_t wrapped[VT__WRAPPED_KEY_BYTES];
    (void)count;
    if (sqlite3_value_bytes(values[3]) != (int)sizeof wrapped) {
        r->status = vt__fail(r->err, VT_EINTEGRITY, "a data key is damaged");
    } else {
        memcpy(wrapped, sqlite3_value_blob(values[3]), sizeof wrapped);
        r->status = r->one(wrapped, r->context, (const char *)sqlite3_value_text(values[0]), (const char *)sqlite3_value_text(values[1]),
                           (const char *)sqlite3_value_text(values[2]), r->err);
    }
    if (r->status) sqlite3_result_error(context, "rewrap", -1);
    else sqlite3_result_blob(context, wrapped, sizeof wrapped, SQLITE_TRANSIENT);
}

static vt_status rewrap_all(sqlite3 *db, vt__rewrap one, void *context, vt_error *err)
{
    rewrapping r = { one, context, err, VT_OK };
    if (sqlite3_create_function(db, "rewrap", 4, SQLITE_UTF8, &r, rewrap, NULL, NULL) != SQLITE_OK) return vt__sqlite_fail(err, db, "function");
    vt_status status = vt__sqlite_run(db, "UPDATE data_key SET wrapped = rewrap(tenant, scope, owner, wrapped)", NULL);
    if (status != VT_OK && r.status == VT_OK) status = vt__sqlite_fail(err, db, "new master key");
    sqlite3_create_function(db, "rewrap", 4, SQLITE_UTF8, NULL, NULL, NULL, NULL);
    return r.status ? r.status : status;
}

vt_status vt__sqlite_rewrap(void *opaque, vt__rewrap one, void *context, vt_error *err)
{
    vt__sqlite *self = opaque;
    pthread_mutex_lock(&self->writer.using);
    vt_status status = rewrap_all(self->writer.db, one, context, err);
    if (status == VT_OK) vt__sqlite_empty_log(self->writer.db);
    pthread_mutex_unlock(&self->writer.using);
    return status;
}

vt_status vt__sqlite_rewrap_backup(const char *keys_path, vt__rewrap one, void *context, vt_error *err)
{
    vt__sqlite_connection keys = { .db = NULL };
    vt_status status = vt__sqlite_open_connection(&keys, keys_path, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; "
                                                                    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;", err);
    if (status == VT_OK) status = rewrap_all(keys.db, one, context, err);
    sqlite3_close(keys.db);
    return status;
}
