#include "support/kept.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/file.h"
#include "service/liveness_record.h"
#include "service/state.h"
#include "store/store.h"
#include "support/test.h"

/* What is about a person has a row in tests/service/erase_test.c; a new kind that is belongs there, too. */
static const struct {
    int first, last;
    const char *how;
} kinds[] = {
    { VT__RECORD_COLLECTION, VT__RECORD_COLLECTION + VT__KIND_COUNT - 1, "erase_test: lists and groups, with name and user data" },
    { VT__RECORD_PERSON, VT__RECORD_PERSON, "erase_test: persons" },
    { VT__RECORD_FACE, VT__RECORD_FACE, "erase_test: persons, faces of lists" },
    { VT__RECORD_FACE_ID, VT__RECORD_FACE_ID, "erase_test: face id" },
    { VT__RECORD_MEMBER, VT__RECORD_REFERENCE, "erase_test: person in a dynamic group" },
    { VT__RECORD_TRAINING, VT__RECORD_TRAINING, "times only; goes with its collection" },
    { VT__RECORD_OPERATION, VT__RECORD_OPERATION, "an id and times; expires" },
    { VT__RECORD_API_KEY, VT__RECORD_API_KEY, "a digest; of no data subject" },
    { VT__RECORD_POLICY, VT__RECORD_POLICY, "the operator's own words; of no data subject" },
    { VT__RECORD_SIGNING, VT__RECORD_SIGNING, "the installation's" },
    { VT__RECORD_HOLD, VT__RECORD_HOLD, "what is held is not erased while it stands; released first" },
    { VT__RECORD_RETENTION, VT__RECORD_RETENTION, "a number of days" },
    { VT__RECORD_INDEX_KEY, VT__RECORD_INDEX_KEY, "erase_test: lists and groups; of index files" },
    { VT__RECORD_CONSENT, VT__RECORD_CONSENT, "erase_test: persons" },
    { VT__RECORD_OVERSIGHT, VT__RECORD_OVERSIGHT, "numbers" },
    { VT__RECORD_REVIEW, VT__RECORD_REVIEW, "erase_test: review" },
    { VT__RECORD_GUARD, VT__RECORD_GUARD, "numbers" },
    { VT__RECORD_TENANT, VT__RECORD_TENANT, "of no data subject" },
    { VT__RECORD_GUARD_COUNTS, VT__RECORD_GUARD_COUNTS, "digests of ids and times of the last hour" },
    { VT__RECORD_JOB, VT__RECORD_JOB, "ids of persons to keep or hide, until it expires; names nobody, and finds nobody who was erased" },
    { VT__RECORD_ARCHIVE, VT__RECORD_ARCHIVE, "a key; faces in an archive are nobody's by an id: an erasure finds them by template. Deleting the archive destroys it" },
    { VT__RECORD_LIVENESS, VT__RECORD_LIVENESS_IMAGE, "erase_test: liveness sessions" },
    { VT__RECORD_LIVENESS_SEEN, VT__RECORD_LIVENESS_DEVICE, "fingerprints of films against replay, digests of devices and addresses; expire within 48 h" },
    { VT__RECORD_LIVENESS_SETTING, VT__RECORD_LIVENESS_SETTING, "numbers" },
    { VT__RECORD_LIVENESS_LINK, VT__RECORD_LIVENESS_LINK, "numbers" },
    { 1000000, 1000000, "the proof of the master key" },
};

/* Tables, and what their clear columns say of a person. */
static const char *const tables[] = {
    "counter",       /* a number */
    "data_key",      /* the owner's id; goes with the key */
    "destroyed_key", /* digests of random ids */
    "latest",        /* scopes and numbers */
    "record",        /* ids and times; goes with the key */
    "tally",         /* scopes and numbers */
};

static const char *const files[] = {
    "archives",   /* tracks of unknown people, sealed with the archive's key */
    "audit",      /* ids of persons whose erasure or consent is recorded, by design; never a name */
    "backups",    /* places of key files */
    "index",      /* sealed with the collection's key; erase_test looks into them */
    "jobs",       /* videos, sealed with a job's key; expire with the job. Nobody in them is known by an id */
    "keys",       /* master, signing and token keys */
    "lock", "vultus.db", "vultus.db-shm", "vultus.db-wal",
};

static bool is_listed(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i], name)) return true;
    return false;
}

static bool kind_is_known(int kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kind >= kinds[i].first && kind <= kinds[i].last) return true;
    return false;
}

static int check_database(const char *path)
{
    int count = 0;
    sqlite3 *db;
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type='table'", -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        if (!is_listed(tables, ROWS(tables), (const char *)sqlite3_column_text(s, 0)))
            fail_msg("the table %s is new: say in tests/support/kept.c what erases it", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT DISTINCT kind FROM record", -1, &s, NULL), SQLITE_OK);
    for (; sqlite3_step(s) == SQLITE_ROW; count++)
        if (!kind_is_known(sqlite3_column_int(s, 0)))
            fail_msg("the record kind %d is new: say in tests/support/kept.c what erases it, and try it in erase_test", sqlite3_column_int(s, 0));
    sqlite3_finalize(s);
    sqlite3_close(db);
    return count;
}

int kept_is_known(const char *data_folder)
{
    vt__names names;
    char path[256];
    assert_int_equal(vt__folder_list(&names, data_folder, NULL), VT_OK);
    for (size_t i = 0; i < names.count; i++)
        if (!is_listed(files, ROWS(files), names.items[i]))
            fail_msg("%s in the data folder is new: say in tests/support/kept.c what erases it", names.items[i]);
    vt__names_free(&names);
    snprintf(path, sizeof path, "%s/vultus.db", data_folder);
    return check_database(path);
}
