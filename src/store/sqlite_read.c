#include "store/sqlite.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "store/records.h"

vt__sqlite_connection *vt__sqlite_reader(vt__sqlite *self)
{
    unsigned first = atomic_fetch_add(&self->next_reader, 1);
    for (unsigned i = 0; i < VT__SQLITE_READERS; i++) {
        vt__sqlite_connection *c = &self->readers[(first + i) % VT__SQLITE_READERS];
        if (pthread_mutex_trylock(&c->using) == 0) return c;
    }
    vt__sqlite_connection *c = &self->readers[first % VT__SQLITE_READERS];
    pthread_mutex_lock(&c->using);
    return c;
}

void vt__sqlite_give_back(vt__sqlite_connection *connection)
{
    pthread_mutex_unlock(&connection->using);
}

/* Only the conditions asked for, so that the planner sees which index serves. A kind of all tenants is sought in the scopes that
 * have it, of which there are few, rather than in all records. */
void vt__sqlite_where(char *out, size_t out_bytes, const vt__query *q)
{
    const char *kind = !q->kind    ? ""
                       : q->tenant ? " AND kind=?1"
                                   : " AND kind=?1 AND (tenant, scope) IN (SELECT tenant, scope FROM tally WHERE kind=?1)";
    snprintf(out, out_bytes, " WHERE 1%s%s%s%s%s%s", kind, q->tenant ? " AND tenant=?2" : "",
             q->scope ? " AND scope=?3" : "", q->owner ? " AND owner=?4" : "", q->id ? " AND id=?5" : "",
             q->after && q->after[0] ? " AND id>?6" : "");
}

void vt__sqlite_bind_query(sqlite3_stmt *statement, const vt__query *q)
{
    const char *texts[] = { q->tenant, q->scope, q->owner, q->id, q->after };
    if (q->kind) sqlite3_bind_int64(statement, 1, q->kind);
    for (int i = 0; i < 5; i++)
        if (texts[i]) sqlite3_bind_text(statement, i + 2, texts[i], -1, SQLITE_STATIC);
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}

static vt__record row_of(sqlite3_stmt *statement, bool with_body)
{
    vt__record r = { .kind = (uint32_t)sqlite3_column_int64(statement, 0),
                     .tenant = text_of(statement, 1),
                     .scope = text_of(statement, 2),
                     .owner = text_of(statement, 3),
                     .id = text_of(statement, 4),
                     .created_ms = sqlite3_column_int64(statement, 5),
                     .changed_ms = sqlite3_column_int64(statement, 6),
                     .expires_ms = sqlite3_column_int64(statement, 7),
                     .revision = (uint64_t)sqlite3_column_int64(statement, 8) };
    if (with_body) {
        r.body = sqlite3_column_blob(statement, 9);
        r.body_bytes = (size_t)sqlite3_column_bytes(statement, 9);
    }
    return r;
}

vt_status vt__sqlite_find(vt__records *out, void *opaque, const vt__query *query, vt_error *err)
{
    *out = (vt__records){ NULL, 0 };
    char where[256], sql[512];
    vt__sqlite_where(where, sizeof where, query);
    snprintf(sql, sizeof sql,
             "SELECT kind, tenant, scope, owner, id, created_ms, changed_ms, expires_ms, revision%s FROM record%s"
             " ORDER BY id, scope LIMIT %lld",
             query->without_body ? "" : ", body", where, query->limit ? (long long)query->limit : -1LL);
    vt__sqlite_connection *reader = vt__sqlite_reader(opaque);
    sqlite3_stmt *statement = NULL;
    vt_status status = VT_OK;
    if (sqlite3_prepare_v2(reader->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        status = vt__sqlite_fail(err, reader->db, "prepare");
        goto done;
    }
    vt__sqlite_bind_query(statement, query);
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW && status == VT_OK) {
        vt__record row = row_of(statement, !query->without_body);
        status = vt__records_append(out, &row, err);
    }
    if (status == VT_OK && step != SQLITE_DONE) status = vt__sqlite_fail(err, reader->db, "find");
done:
    sqlite3_finalize(statement);
    vt__sqlite_give_back(reader);
    if (status != VT_OK) vt__records_free(out);
    return status;
}

vt_status vt__sqlite_count(uint64_t *out, void *opaque, const vt__query *query, vt_error *err)
{
    char where[256], sql[512];
    vt__sqlite_where(where, sizeof where, query);
    bool tallied = !query->owner && !query->id && !(query->after && query->after[0]);
    snprintf(sql, sizeof sql, "SELECT %s FROM %s%s", tallied ? "coalesce(sum(amount), 0)" : "count(*)",
             tallied ? "tally" : "record", where);
    vt__sqlite_connection *reader = vt__sqlite_reader(opaque);
    sqlite3_stmt *statement = NULL;
    vt_status status = VT_OK;
    if (sqlite3_prepare_v2(reader->db, sql, -1, &statement, NULL) == SQLITE_OK) vt__sqlite_bind_query(statement, query);
    if (!statement || sqlite3_step(statement) != SQLITE_ROW) status = vt__sqlite_fail(err, reader->db, "count");
    else *out = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    vt__sqlite_give_back(reader);
    return status;
}

vt_status vt__sqlite_key(uint8_t out[VT__WRAPPED_KEY_BYTES], void *opaque, const char *tenant, const char *scope,
                         const char *owner, vt_error *err)
{
    vt__sqlite_connection *reader = vt__sqlite_reader(opaque);
    vt_status status = VT_OK;
    const char *sql = "SELECT wrapped FROM data_key WHERE tenant=?1 AND scope=?2 AND owner=?3";
    if (!reader->find_key &&
        sqlite3_prepare_v3(reader->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &reader->find_key, NULL) != SQLITE_OK) {
        status = vt__sqlite_fail(err, reader->db, "prepare");
        vt__sqlite_give_back(reader);
        return status;
    }
    sqlite3_stmt *statement = reader->find_key;
    const char *texts[] = { tenant, scope, owner };
    for (int i = 0; i < 3; i++) sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    if (step == SQLITE_DONE) status = vt__fail(err, VT_ENOTFOUND, "no such data key");
    else if (step != SQLITE_ROW) status = vt__sqlite_fail(err, reader->db, "read key");
    else if (sqlite3_column_bytes(statement, 0) != VT__WRAPPED_KEY_BYTES)
        status = vt__fail(err, VT_EINTEGRITY, "a data key is damaged");
    else memcpy(out, sqlite3_column_blob(statement, 0), VT__WRAPPED_KEY_BYTES);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    vt__sqlite_give_back(reader);
    return status;
}

vt_status vt__sqlite_revision(uint64_t *out, void *opaque, const char *tenant, const char *scope, vt_error *err)
{
    *out = 0;
    const char *texts[] = { tenant, scope };
    vt__sqlite_connection *reader = vt__sqlite_reader(opaque);
    vt_status status = vt__sqlite_number(out, reader->db, "SELECT revision FROM latest WHERE tenant=?1 AND scope=?2",
                                         texts, 2, err);
    vt__sqlite_give_back(reader);
    return status == VT_ENOTFOUND ? VT_OK : status;
}

vt_status vt__sqlite_changed(uint64_t *out, void *opaque, const vt__query *query, vt_error *err)
{
    char kind[16];
    *out = 0;
    snprintf(kind, sizeof kind, "%u", query->kind);
    const char *texts[] = { query->tenant, query->scope, kind };
    vt__sqlite_connection *reader = vt__sqlite_reader(opaque);
    vt_status status = vt__sqlite_number(
        out, reader->db, "SELECT changed FROM tally WHERE tenant=?1 AND scope=?2 AND kind=CAST(?3 AS INTEGER)", texts, 3, err);
    vt__sqlite_give_back(reader);
    return status == VT_ENOTFOUND ? VT_OK : status;
}
