#include "store/sqlite.h"

#include <stdio.h>

#include "base/error.h"

/* Number n brings the database from user_version n to n + 1. Never change one that has been released: add one. */
static const char *const migrations[] = {
    "CREATE TABLE data_key("
    " tenant TEXT NOT NULL, scope TEXT NOT NULL, owner TEXT NOT NULL, wrapped BLOB NOT NULL,"
    " PRIMARY KEY(tenant, scope, owner)) WITHOUT ROWID;"
    "CREATE TABLE record("
    " tenant TEXT NOT NULL, kind INTEGER NOT NULL, scope TEXT NOT NULL, owner TEXT NOT NULL, id TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY(tenant, kind, scope, id),"
    " FOREIGN KEY(tenant, scope, owner) REFERENCES data_key(tenant, scope, owner) ON DELETE CASCADE);"
    "CREATE INDEX record_by_owner ON record(tenant, scope, owner, kind, id);"
    "CREATE INDEX record_by_id ON record(tenant, kind, id);"
    "CREATE INDEX record_by_expiry ON record(expires_ms) WHERE expires_ms > 0;"
    /* how many records of a kind a scope holds: quotas must not count a million rows */
    "CREATE TABLE tally("
    " tenant TEXT NOT NULL, kind INTEGER NOT NULL, scope TEXT NOT NULL, amount INTEGER NOT NULL,"
    " PRIMARY KEY(tenant, kind, scope)) WITHOUT ROWID;"
    "CREATE TRIGGER record_added AFTER INSERT ON record BEGIN"
    " INSERT INTO tally VALUES(new.tenant, new.kind, new.scope, 1)"
    " ON CONFLICT DO UPDATE SET amount = amount + 1; END;"
    "CREATE TRIGGER record_removed AFTER DELETE ON record BEGIN"
    " UPDATE tally SET amount = amount - 1 WHERE tenant = old.tenant AND kind = old.kind AND scope = old.scope;"
    " DELETE FROM tally WHERE tenant = old.tenant AND kind = old.kind AND scope = old.scope AND amount <= 0; END;"
    "CREATE TABLE latest("
    " tenant TEXT NOT NULL, scope TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY(tenant, scope)) WITHOUT ROWID;"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO counter VALUES('revision', 0);",
    /* digests of keys that were destroyed, for taking them out of backups' key files */
    "CREATE TABLE destroyed_key(digest BLOB PRIMARY KEY) WITHOUT ROWID;",
    /* the revision at which records of a kind were last added to a scope, or went: what search files are held against */
    "ALTER TABLE tally ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;"
    "DROP TRIGGER record_added; DROP TRIGGER record_removed;"
    "CREATE TRIGGER record_added AFTER INSERT ON record BEGIN"
    " INSERT INTO tally VALUES(new.tenant, new.kind, new.scope, 1, new.revision)"
    " ON CONFLICT DO UPDATE SET amount = amount + 1, changed = new.revision; END;"
    "CREATE TRIGGER record_removed AFTER DELETE ON record BEGIN"
    " UPDATE tally SET amount = amount - 1, changed = (SELECT value FROM counter WHERE name = 'revision')"
    " WHERE tenant = old.tenant AND kind = old.kind AND scope = old.scope;"
    " DELETE FROM tally WHERE tenant = old.tenant AND kind = old.kind AND scope = old.scope AND amount <= 0; END;",
    /* tells a key from an earlier one of the same name: what was destroyed must not take the later one out of backups */
    "ALTER TABLE data_key ADD COLUMN born INTEGER NOT NULL DEFAULT 0;",
};
enum { NEWEST = sizeof migrations / sizeof migrations[0] };

vt_status vt__sqlite_migrate(sqlite3 *db, vt_error *err)
{
    uint64_t version;
    vt_status status = vt__sqlite_number(&version, db, "PRAGMA user_version", NULL, 0, err);
    if (status == VT_OK && version > NEWEST)
        return vt__fail(err, VT_EUNSUPPORTED, "the database is of a newer Vultus (migration %llu, this one knows %d)",
                        (unsigned long long)version, NEWEST);
    for (; status == VT_OK && version < NEWEST; version++) {
        char stamp[48];
        snprintf(stamp, sizeof stamp, "PRAGMA user_version=%llu", (unsigned long long)version + 1);
        status = vt__sqlite_run(db, "BEGIN IMMEDIATE", err);
        if (status == VT_OK) status = vt__sqlite_run(db, migrations[version], err);
        if (status == VT_OK) status = vt__sqlite_run(db, stamp, err);
        if (status == VT_OK) status = vt__sqlite_run(db, "COMMIT", err);
    }
    return status;
}
