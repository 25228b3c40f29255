#include "store/sqlite.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

enum { MAX_STATEMENTS = 16 };

typedef struct writing {
    sqlite3 *db;
    int64_t revision;
    bool erased; /* the log holds bytes that must go */
    const vt__record *announced; /* whose scope has this revision already */
    vt_error *err;
    struct {
        const char *sql; /* a literal: known by its address */
        sqlite3_stmt *statement;
    } prepared[MAX_STATEMENTS]; /* once a commit, however many changes it has */
    size_t prepared_count;
} writing;

/* The statement of a text, ready to be bound; NULL when it cannot be prepared. */
static sqlite3_stmt *prepare(writing *w, const char *sql)
{
    size_t i = 0;
    while (i < w->prepared_count && w->prepared[i].sql != sql) i++;
    if (i == w->prepared_count) {
        if (i == MAX_STATEMENTS) sqlite3_finalize(w->prepared[--i].statement), w->prepared_count--;
        w->prepared[i].sql = sql;
        if (sqlite3_prepare_v2(w->db, sql, -1, &w->prepared[i].statement, NULL) != SQLITE_OK) return NULL;
        w->prepared_count++;
    }
    return w->prepared[i].statement;
}

static void end_statements(writing *w)
{
    for (size_t i = 0; i < w->prepared_count; i++) sqlite3_finalize(w->prepared[i].statement);
    w->prepared_count = 0;
}

/* Runs one statement with the record's members bound to the same numbers everywhere; *rows = rows changed. */
static vt_status run(writing *w, int *rows, const char *sql, const vt__record *r)
{
    sqlite3_stmt *statement = prepare(w, sql);
    if (!statement) return vt__sqlite_fail(w->err, w->db, "prepare");
    const char *texts[] = { r->tenant, r->scope, r->owner, r->id };
    sqlite3_bind_int64(statement, 1, r->kind);
    for (int i = 0; i < 4; i++)
        if (texts[i]) sqlite3_bind_text(statement, i + 2, texts[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, r->created_ms);
    sqlite3_bind_int64(statement, 7, r->changed_ms);
    sqlite3_bind_int64(statement, 8, r->expires_ms);
    sqlite3_bind_int64(statement, 9, w->revision);
    sqlite3_bind_blob64(statement, 10, r->body ? (const void *)r->body : "", r->body ? r->body_bytes : 0, SQLITE_STATIC);
    int before = sqlite3_total_changes(w->db);
    int step = sqlite3_step(statement);
    vt_status status = step == SQLITE_DONE || step == SQLITE_ROW ? VT_OK : vt__sqlite_fail(w->err, w->db, "write");
    if (rows) *rows = step == SQLITE_ROW ? sqlite3_column_int(statement, 0) : sqlite3_total_changes(w->db) - before;
    sqlite3_reset(statement); /* repeats the step's failure, which is known */
    sqlite3_clear_bindings(statement);
    return status;
}

static vt_status add(writing *w, const vt__change *c)
{
    vt_status status = run(w, NULL, "INSERT INTO record VALUES(?2,?1,?3,?4,?5,?6,?7,?8,?9,?10)", &c->record);
    if (status != VT_OK && sqlite3_extended_errcode(w->db) == SQLITE_CONSTRAINT_PRIMARYKEY)
        return vt__fail(w->err, VT_EEXISTS, "the record exists already");
    return status;
}

static vt_status replace(writing *w, const vt__change *c)
{
    int rows = 0;
    vt_status status = run(w, &rows,
                           "UPDATE record SET owner=?4, changed_ms=?7, expires_ms=?8, body=?10"
                           " WHERE tenant=?2 AND kind=?1 AND scope=?3 AND id=?5",
                           &c->record);
    w->erased = true;
    return status == VT_OK && rows == 0 ? vt__fail(w->err, VT_ENOTFOUND, "no such record") : status;
}

static vt_status put(writing *w, const vt__change *c)
{
    vt_error *err = w->err;
    w->err = NULL;
    vt_status status = replace(w, c);
    w->err = err;
    return status == VT_ENOTFOUND ? add(w, c) : status;
}

static vt_status take_away(writing *w, const vt__change *c)
{
    int rows = 0;
    vt_status status = run(w, &rows, "DELETE FROM record WHERE tenant=?2 AND kind=?1 AND scope=?3 AND id=?5", &c->record);
    w->erased = true;
    return status == VT_OK && rows == 0 ? vt__fail(w->err, VT_ENOTFOUND, "no such record") : status;
}

/* Remembers which keys go, for the backups. */
static vt_status destroy(writing *w, const vt__change *c)
{
#define REMEMBER "INSERT OR IGNORE INTO destroyed_key SELECT key_digest(tenant, scope, owner, born) FROM data_key "
    static const char *const statements[][2] = {
        { REMEMBER "WHERE tenant=?2", "DELETE FROM data_key WHERE tenant=?2" },
        { REMEMBER "WHERE tenant=?2 AND scope=?3", "DELETE FROM data_key WHERE tenant=?2 AND scope=?3" },
        { REMEMBER "WHERE tenant=?2 AND scope=?3 AND owner=?4", "DELETE FROM data_key WHERE tenant=?2 AND scope=?3 AND owner=?4" },
    };
#undef REMEMBER
    w->erased = true;
    const char *const *both = statements[c->record.owner ? 2 : c->record.scope ? 1 : 0];
    vt_status status = run(w, NULL, both[0], &c->record);
    if (status == VT_OK) status = run(w, NULL, both[1], &c->record);
    return status == VT_OK && !c->record.scope ? run(w, NULL, "DELETE FROM latest WHERE tenant=?2", &c->record) : status;
}

static vt_status demand(writing *w, const vt__change *c)
{
    int there = 0;
    vt_status status = run(w, &there, "SELECT 1 FROM record WHERE tenant=?2 AND kind=?1 AND scope=?3 AND id=?5", &c->record);
    return status == VT_OK && !there ? vt__fail(w->err, VT_ENOTFOUND, "no such record") : status;
}

static vt_status hold_limit(writing *w, const vt__change *c)
{
    static const char *const counts[] = {
        "SELECT coalesce(sum(amount), 0) FROM tally WHERE tenant=?2 AND kind=?1",
        "SELECT coalesce(sum(amount), 0) FROM tally WHERE tenant=?2 AND kind=?1 AND scope=?3",
        "SELECT count(*) FROM record WHERE tenant=?2 AND scope=?3 AND owner=?4 AND kind=?1",
    };
    int amount = 0;
    vt_status status = run(w, &amount, counts[c->record.owner ? 2 : c->record.scope ? 1 : 0], &c->record);
    return status == VT_OK && (uint64_t)amount >= c->limit ? vt__fail(w->err, VT_ELIMIT, "a quota is reached") : status;
}

static vt_status new_key(writing *w, const vt__change *c)
{
    return run(w, NULL, "INSERT INTO data_key VALUES(?2,?3,?4,?10,random() | 1)", &c->record);
}

typedef vt_status (*apply_change)(writing *w, const vt__change *change);
static const apply_change apply[] = {
    [VT__ADD] = add,         [VT__REPLACE] = replace, [VT__PUT] = put,          [VT__REMOVE] = take_away,
    [VT__DESTROY] = destroy, [VT__REQUIRE] = demand,  [VT__LIMIT] = hold_limit, [VT__NEW_KEY] = new_key,
};

static vt_status announce(writing *w, const vt__change *c)
{
    if (c->op == VT__REQUIRE || c->op == VT__LIMIT || c->op == VT__NEW_KEY || !c->record.scope) return VT_OK;
    if (w->announced && !strcmp(w->announced->scope, c->record.scope) && !strcmp(w->announced->tenant, c->record.tenant)) return VT_OK;
    w->announced = &c->record;
    return run(w, NULL, "INSERT INTO latest VALUES(?2,?3,?9) ON CONFLICT DO UPDATE SET revision=?9", &c->record);
}

static vt_status next_revision(writing *w)
{
    uint64_t revision = 0;
    vt_status status = vt__sqlite_number(&revision, w->db,
                                         "UPDATE counter SET value = value + 1 WHERE name='revision' RETURNING value",
                                         NULL, 0, w->err);
    w->revision = (int64_t)revision;
    return status;
}

void vt__sqlite_empty_log(sqlite3 *db)
{
    sqlite3_busy_timeout(db, 20);
    sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db, 10000);
}

static vt_status finish(writing *w, vt_status status)
{
    end_statements(w);
    if (status == VT_OK) status = vt__sqlite_run(w->db, "COMMIT", w->err);
    if (status != VT_OK) sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
    else if (w->erased) vt__sqlite_empty_log(w->db);
    return status;
}

vt_status vt__sqlite_commit(uint64_t *revision, size_t *failed, void *opaque, const vt__change *changes, size_t count,
                            vt_error *err)
{
    vt__sqlite *self = opaque;
    pthread_mutex_lock(&self->writer.using);
    writing w = { .db = self->writer.db, .err = err };
    vt_status status = vt__sqlite_run(w.db, "BEGIN IMMEDIATE", err);
    if (status == VT_OK) {
        status = next_revision(&w);
        for (size_t i = 0; i < count && status == VT_OK; i++) {
            *failed = i;
            status = apply[changes[i].op](&w, &changes[i]);
            if (status == VT_OK) status = announce(&w, &changes[i]);
        }
        status = finish(&w, status);
    }
    *revision = (uint64_t)w.revision;
    pthread_mutex_unlock(&self->writer.using);
    return status;
}

vt_status vt__sqlite_sweep(uint64_t *removed, void *opaque, int64_t now_ms, vt_error *err)
{
    vt__sqlite *self = opaque;
    pthread_mutex_lock(&self->writer.using);
    writing w = { .db = self->writer.db, .err = err };
    const vt__record at = { .tenant = "", .scope = "", .owner = "", .id = "", .expires_ms = now_ms };
    int expired = 0;
    vt_status status = run(&w, &expired, "SELECT count(*) FROM record WHERE expires_ms > 0 AND expires_ms <= ?8", &at);
    *removed = (uint64_t)expired;
    if (status == VT_OK && expired > 0) {
        status = vt__sqlite_run(w.db, "BEGIN IMMEDIATE", err);
        if (status == VT_OK) {
            w.erased = true;
            status = run(&w, NULL,
                         "DELETE FROM data_key WHERE (tenant, scope, owner) IN (SELECT tenant, scope, owner FROM record"
                         " WHERE expires_ms > 0 AND expires_ms <= ?8 AND owner = id)", &at);
            if (status == VT_OK)
                status = run(&w, NULL, "DELETE FROM record WHERE expires_ms > 0 AND expires_ms <= ?8", &at);
            status = finish(&w, status);
        }
    } else if (status == VT_OK) {
        vt__sqlite_empty_log(w.db);
    }
    end_statements(&w);
    pthread_mutex_unlock(&self->writer.using);
    return status;
}
