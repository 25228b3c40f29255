#include "service/consent.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/state.h"

enum { ID_BYTES = 16, TEXT_MOST = 500 };

typedef struct entry {
    uint8_t person[ID_BYTES];
    int64_t from_ms, until_ms; /* in force in [from, until); withdrawn: until = when */
} entry;

/* The consents of one scope, sorted by person. */
typedef struct vt__consent_book {
    char tenant[VT__COLLECTION_ID_MAX + 1], scope[VT__SCOPE_TEXT_BYTES];
    pthread_rwlock_t reading;
    entry *entries;
    size_t count, capacity;
    struct vt__consent_book *next;
} vt__consent_book;

struct vt__consents {
    pthread_mutex_t lock; /* the list, and reading a book for the first time */
    vt__consent_book *first;
};

vt__consents *vt__consents_open(void)
{
    vt__consents *all = vt__calloc(1, sizeof *all);
    if (all) pthread_mutex_init(&all->lock, NULL);
    return all;
}

static void book_free(vt__consent_book *book)
{
    pthread_rwlock_destroy(&book->reading);
    vt__free(book->entries);
    vt__free(book);
}

void vt__consents_close(vt__consents *all)
{
    if (!all) return;
    for (vt__consent_book *book = all->first, *next; book; book = next) {
        next = book->next;
        book_free(book);
    }
    pthread_mutex_destroy(&all->lock);
    vt__free(all);
}

/* ---- books ---- */

static bool id_of(uint8_t out[ID_BYTES], const char *uuid)
{
    char digits[2 * ID_BYTES + 1];
    size_t count = 0;
    if (!vt__uuid_valid(uuid)) return false;
    for (; *uuid; uuid++)
        if (*uuid != '-') digits[count++] = *uuid;
    digits[count] = '\0';
    return vt__hex_decode(out, ID_BYTES, digits);
}

/* Where a person stands, or would. */
static size_t place_of(bool *there, const vt__consent_book *book, const uint8_t person[ID_BYTES])
{
    size_t low = 0, high = book->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(book->entries[middle].person, person, ID_BYTES) < 0) low = middle + 1;
        else high = middle;
    }
    *there = low < book->count && !memcmp(book->entries[low].person, person, ID_BYTES);
    return low;
}

static vt_status put_entry(vt__consent_book *book, const entry *e, vt_error *err)
{
    bool there;
    size_t at = place_of(&there, book, e->person);
    if (!there && book->count == book->capacity) {
        size_t capacity = book->capacity ? 2 * book->capacity : 64;
        entry *grown = vt__realloc(book->entries, capacity, sizeof *grown);
        if (!grown) return vt__fail_memory(err, capacity * sizeof *grown);
        book->entries = grown;
        book->capacity = capacity;
    }
    if (!there) memmove(&book->entries[at + 1], &book->entries[at], (book->count++ - at) * sizeof *e);
    book->entries[at] = *e;
    return VT_OK;
}

/* A record that cannot be read admits nobody: it ended before it began. */
static void entry_of(entry *out, const vt__json *json)
{
    int64_t withdrawn_ms;
    out->from_ms = INT64_MAX;
    out->until_ms = INT64_MAX;
    const char *until = vt__json_string_or(json, "until", NULL), *withdrawn = vt__json_string_or(json, "withdrawn", NULL);
    if (!vt__time_parse(&out->from_ms, vt__json_string_or(json, "given", ""))) out->from_ms = INT64_MAX;
    if (until && !vt__time_parse(&out->until_ms, until)) out->until_ms = INT64_MIN;
    if (!withdrawn) return;
    if (!vt__time_parse(&withdrawn_ms, withdrawn)) withdrawn_ms = INT64_MIN;
    if (withdrawn_ms < out->until_ms) out->until_ms = withdrawn_ms;
}

static vt_status read_book(vt__consent_book *book, vt__store *store, vt_error *err)
{
    vt__records found;
    const vt__query query = { .kind = VT__RECORD_CONSENT, .tenant = book->tenant, .scope = book->scope };
    vt_status status = vt__store_find(&found, store, &query, err);
    for (size_t i = 0; i < found.count && !status; i++) {
        entry e = { .person = { 0 } };
        vt__json *json = NULL;
        if (!id_of(e.person, found.items[i].id)) continue;
        vt__json_parse(&json, found.items[i].body, found.items[i].body_bytes, 0, NULL);
        entry_of(&e, json);
        vt__json_free(json);
        status = put_entry(book, &e, err);
    }
    vt__records_free(&found);
    return status;
}

static vt_status open_book(vt__consent_book **out, vt__consents *all, vt__store *store, const char *tenant, const char *scope,
                           vt_error *err)
{
    vt__consent_book *book = vt__calloc(1, sizeof *book);
    if (!book) return vt__fail_memory(err, sizeof *book);
    pthread_rwlockattr_t kind; /* a withdrawal does not wait for a quiet moment */
    pthread_rwlockattr_init(&kind);
    pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&book->reading, &kind);
    pthread_rwlockattr_destroy(&kind);
    vt__copy_text(book->tenant, sizeof book->tenant, tenant);
    vt__copy_text(book->scope, sizeof book->scope, scope);
    vt_status status = read_book(book, store, err);
    if (status) {
        book_free(book);
        return status;
    }
    book->next = all->first;
    all->first = *out = book;
    return VT_OK;
}

static vt_status find_book(vt__consent_book **out, vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    vt__consents *all = service->consents;
    pthread_mutex_lock(&all->lock);
    vt__consent_book *book = all->first;
    while (book && (strcmp(book->scope, scope) || strcmp(book->tenant, tenant))) book = book->next;
    vt_status status = VT_OK;
    if (!book) status = open_book(&book, all, service->store, tenant, scope, err);
    pthread_mutex_unlock(&all->lock);
    *out = book;
    return status;
}

/* ---- the question ---- */

bool vt__consent_admits(const vt__consent_rule *rule, const uint8_t person[ID_BYTES])
{
    static const uint8_t nobody[ID_BYTES];
    bool there;
    if (!memcmp(person, nobody, ID_BYTES)) return true;
    size_t at = place_of(&there, rule->book, person);
    if (!there) return !rule->required;
    return rule->now_ms >= rule->book->entries[at].from_ms && rule->now_ms < rule->book->entries[at].until_ms;
}

vt__code vt__consent_begin(vt__consent_rule *out, vt__service *service, const vt__caller *caller, vt__action action,
                           const char *scope, vt_error *err)
{
    *out = (vt__consent_rule){ NULL, vt__policy_requires_consent(service, caller, action), vt__service_now_ms(service) };
    vt__consent_book *book;
    vt_status status = find_book(&book, service, caller->tenant, scope, err);
    if (status) return vt__code_of(status);
    pthread_rwlock_rdlock(&book->reading);
    if (book->count || out->required) out->book = book;
    else pthread_rwlock_unlock(&book->reading);
    return VT__CODE_OK;
}

void vt__consent_end(vt__consent_rule *rule)
{
    if (rule->book) pthread_rwlock_unlock(&rule->book->reading);
    rule->book = NULL;
}

vt__code vt__consent_check(vt__service *service, const vt__caller *caller, vt__action action, vt__collection_id which,
                           const char *person_id, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    uint8_t id[ID_BYTES];
    vt__consent_rule rule;
    vt__scope_text(scope, which);
    vt__code code = id_of(id, person_id) ? VT__CODE_OK : vt__code_fail(err, VT__CODE_BAD_ID);
    if (code == VT__CODE_OK) code = vt__consent_begin(&rule, service, caller, action, scope, err);
    if (code != VT__CODE_OK) return code;
    if (rule.book && !vt__consent_admits(&rule, id)) {
        vt__fail(err, VT_EDENIED, "%s", rule.required ? "it is absent or has ended, and this use requires it" : "it has ended");
        code = VT__CODE_NO_CONSENT;
    }
    vt__consent_end(&rule);
    return code;
}

/* ---- records ---- */

static vt__code begin(vt__records *person, vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err)
{
    *person = (vt__records){ NULL, 0 };
    bool allowed = caller->tenant && caller->key_id && (caller->scopes & (VT__SCOPE_MANAGE | VT__SCOPE_ADMIN));
    if (!allowed) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    if (!vt__uuid_valid(person_id)) return vt__code_fail(err, VT__CODE_BAD_ID);
    const vt__query query = { .kind = VT__RECORD_PERSON, .tenant = caller->tenant, .id = person_id, .without_body = true };
    vt_status status = vt__store_find(person, service->store, &query, err);
    if (status) return vt__code_of(status);
    return person->count ? VT__CODE_OK : vt__code_fail(err, VT__CODE_PERSON_NOT_FOUND);
}

static vt__code read_record(vt__json **out, vt__service *service, const vt__record *person, vt_error *err)
{
    vt__records found;
    const vt__query query = { .kind = VT__RECORD_CONSENT, .tenant = person->tenant, .scope = person->scope, .id = person->id };
    vt_status status = vt__store_find(&found, service->store, &query, err);
    *out = NULL;
    if (!status && found.count) status = vt__json_parse(out, found.items[0].body, found.items[0].body_bytes, 0, err);
    vt__records_free(&found);
    return vt__code_of(status);
}

/* Commits a person's record, and has it in force before the next search begins. */
static vt__code write_record(vt__service *service, const vt__record *person, const vt__json *json, vt_error *err)
{
    vt__consent_book *book;
    entry e;
    char *text = vt__json_text(json, false);
    if (!text) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    int64_t now_ms = vt__service_now_ms(service);
    const vt__change changes[] = {
        { VT__REQUIRE, { .kind = VT__RECORD_PERSON, .tenant = person->tenant, .scope = person->scope, .owner = person->id, .id = person->id }, 0 },
        { VT__PUT,
          { .kind = VT__RECORD_CONSENT, .tenant = person->tenant, .scope = person->scope, .owner = person->id, .id = person->id,
            .created_ms = now_ms, .changed_ms = now_ms, .body = (const uint8_t *)text, .body_bytes = strlen(text) },
          0 },
    };
    id_of(e.person, person->id);
    entry_of(&e, json);
    vt_status status = find_book(&book, service, person->tenant, person->scope, err);
    if (!status) {
        pthread_rwlock_wrlock(&book->reading);
        status = vt__store_commit(NULL, NULL, service->store, changes, 2, err);
        if (!status) status = put_entry(book, &e, err);
        pthread_rwlock_unlock(&book->reading);
    }
    vt__free_secret(text, strlen(text));
    return status == VT_ENOTFOUND ? vt__code_fail(err, VT__CODE_PERSON_NOT_FOUND) : vt__code_of(status);
}

static void audit_consent(vt__service *service, const vt__caller *caller, const char *operation, const char *person_id, vt__code code)
{
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "subject", person_id);
    vt__audit_event(service, caller, operation, fields, code);
}

static void add_state(vt__json *json, int64_t now_ms)
{
    entry e;
    entry_of(&e, json);
    bool withdrawn = vt__json_get(json, "withdrawn") != NULL;
    vt__json_set_string(json, "state", withdrawn ? "withdrawn" : now_ms >= e.until_ms ? "ended" : now_ms < e.from_ms ? "notYet" : "given");
}

static vt__code lacking(vt_error *err, const char *member, const char *help)
{
    vt__fail(err, VT_EINVAL, "'%s' must say %s", member, help);
    return VT__CODE_BAD_ARGUMENT;
}

static bool text_fits(const char *text)
{
    return text && *text && vt__text_fits(text, TEXT_MOST);
}

/* Only known members are kept. */
static vt__code read_given(vt__json *out, const vt__json *given, int64_t now_ms, vt_error *err)
{
    char now[VT__TIME_TEXT_BYTES];
    int64_t from_ms, until_ms = INT64_MAX;
    vt__time_text(now, now_ms);
    const char *how = vt__json_string_or(given, "how", NULL), *version = vt__json_string_or(given, "textVersion", NULL);
    const char *from = vt__json_string_or(given, "given", now), *until = vt__json_string_or(given, "until", NULL);
    if (!text_fits(how)) return lacking(err, "how", "how consent was given, in at most 500 characters");
    if (!text_fits(version)) return lacking(err, "textVersion", "which text was agreed to, in at most 500 characters");
    if (!vt__time_parse(&from_ms, from) || from_ms > now_ms + 1000) return lacking(err, "given", "when it was given, as 2026-01-31T10:00:00Z, and not in the future");
    if ((vt__json_get(given, "until") && !until) || (until && (!vt__time_parse(&until_ms, until) || until_ms <= from_ms)))
        return lacking(err, "until", "when it ends, as 2027-01-31T10:00:00Z, after it was given");
    vt__json_set_string(out, "given", from);
    vt__json_set_string(out, "until", until);
    vt__json_set_string(out, "how", how);
    vt__json_set_string(out, "textVersion", version);
    return VT__CODE_OK;
}

vt__code vt__consent_set(vt__json **out, vt__service *service, const vt__caller *caller, const char *person_id,
                         const vt__json *given, vt_error *err)
{
    vt__records person;
    vt__json *json = vt__json_object();
    int64_t now_ms = vt__service_now_ms(service);
    vt__code code = begin(&person, service, caller, person_id, err);
    vt__json_set_string(json, "personId", person_id);
    if (!code) vt__json_set_string(json, "collection", person.items[0].scope);
    if (!code) code = read_given(json, given, now_ms, err);
    if (!code) code = write_record(service, &person.items[0], json, err);
    vt__records_free(&person);
    audit_consent(service, caller, "CONSENT_SET", person_id, code);
    if (!code) add_state(json, now_ms);
    if (!code) *out = json;
    else vt__json_free(json);
    return code;
}

vt__code vt__consent_get(vt__json **out, vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err)
{
    vt__records person;
    vt__json *json = NULL;
    vt__code code = begin(&person, service, caller, person_id, err);
    if (!code) code = read_record(&json, service, &person.items[0], err);
    if (!code && json) {
        add_state(json, vt__service_now_ms(service));
    } else if (!code) {
        json = vt__json_object();
        vt__json_set_string(json, "personId", person_id);
        vt__json_set_string(json, "collection", person.items[0].scope);
        vt__json_set_string(json, "state", "none");
    }
    vt__records_free(&person);
    *out = json;
    return code;
}

vt__code vt__consent_withdraw(vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err)
{
    vt__records person;
    vt__json *json = NULL;
    char now[VT__TIME_TEXT_BYTES];
    vt__time_text(now, vt__service_now_ms(service));
    vt__code code = begin(&person, service, caller, person_id, err);
    if (!code) code = read_record(&json, service, &person.items[0], err);
    if (!code && !json) {
        json = vt__json_object();
        vt__json_set_string(json, "personId", person_id);
        vt__json_set_string(json, "collection", person.items[0].scope);
    }
    if (!code && !vt__json_get(json, "withdrawn")) {
        vt__json_set_string(json, "withdrawn", now);
        code = write_record(service, &person.items[0], json, err);
    }
    vt__json_free(json);
    vt__records_free(&person);
    audit_consent(service, caller, "CONSENT_WITHDRAW", person_id, code);
    return code;
}
