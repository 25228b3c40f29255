#include "service/registration.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/retention.h"
#include "service/state.h"

#define DAY_MS INT64_C(86400000)
enum { TEXT_LEAST = 3, TEXT_MOST = 2000 };

#define ALLOW(action) (1u << VT__ACTION_##action)
static const vt__purpose purposes[] = {
#define X(id, sector, consent, days, actions, summary) { id, sector, consent, days, actions, summary },
#include "service/purposes_table.h"
#undef X
};

const vt__purpose *vt__purpose_at(size_t index)
{
    return index < sizeof purposes / sizeof *purposes ? &purposes[index] : NULL;
}

const vt__purpose *vt__purpose_find(const char *id)
{
    for (size_t i = 0; id && i < sizeof purposes / sizeof *purposes; i++)
        if (!strcmp(purposes[i].id, id)) return &purposes[i];
    return NULL;
}

const vt__policy_member vt__policy_members[] = {
    { "organisation", "who answers for the use" },
    { "contact", "whom data subjects and authorities reach, and how" },
    { "legalBasis", "the law or consent that permits it" },
    { "subjectsInformed", "whether data subjects are told, and how" },
    { "consentProcess", "how consent is asked, kept and withdrawn, or why none is needed" },
    { "secondaryWay", "the non-biometric way for whoever does not want or cannot use this one" },
    { "humanReviewer", "who reviews decisions that matter to a person" },
    { NULL, NULL },
};

const char *const vt__policy_terms =
    "This is not used by or for state or local police in the United States; not for real-time recognition on mobile cameras by law "
    "enforcement anywhere; not for ongoing surveillance or persistent tracking; not to infer emotion, gender or age.";

/* ---- what is given ---- */

static vt__code lacking(vt_error *err, const char *member, const char *help)
{
    vt__fail(err, VT_EINVAL, "'%s' is missing, too short or too long: say %s", member, help);
    return VT__CODE_BAD_ARGUMENT;
}

static vt__code check_texts(const vt__json *given, const vt__purpose *purpose, vt_error *err)
{
    for (const vt__policy_member *m = vt__policy_members; m->name; m++) {
        size_t length = strlen(vt__json_string_or(given, m->name, ""));
        if (length < TEXT_LEAST || length > TEXT_MOST) return lacking(err, m->name, m->help);
    }
    if (!strcmp(purpose->id, "apprehended-suspects") && strlen(vt__json_string_or(given, "authority", "")) < TEXT_LEAST)
        return lacking(err, "authority", "under whose lawful authority suspects are apprehended, and that none is a minor");
    return VT__CODE_OK;
}

static vt__code check_numbers(const vt__json *given, const vt__purpose *purpose, vt_error *err)
{
    int64_t kept = vt__json_integer_or(given, "retentionDays", 0), days = vt__json_integer_or(given, "days", VT__POLICY_DAYS);
    if (kept < 1 || kept > purpose->retention_days)
        vt__fail(err, VT_EINVAL, "'retentionDays' must be 1 to %lld for the purpose %s", (long long)purpose->retention_days, purpose->id);
    else if (days < 1 || days > VT__POLICY_MAX_DAYS)
        vt__fail(err, VT_EINVAL, "'days' until the registration ends must be 1 to %d", VT__POLICY_MAX_DAYS);
    else if (!vt__json_bool_or(given, "termsAccepted", false))
        vt__fail(err, VT_EINVAL, "'termsAccepted' must be true: read the terms in docs/policy.md or vultus policy register --help");
    else
        return VT__CODE_OK;
    return VT__CODE_BAD_ARGUMENT;
}

static vt__code check_keys(const vt__json *keys, vt_error *err)
{
    bool good = vt__json_get_kind(keys) == VT__JSON_ARRAY && vt__json_count(keys) >= 1 && vt__json_count(keys) <= 16;
    for (size_t i = 0; good && i < vt__json_count(keys); i++) {
        const char *key;
        good = vt__json_as_string(&key, vt__json_at(keys, i)) && vt__collection_id_valid(key);
    }
    if (good) return VT__CODE_OK;
    vt__fail(err, VT_EINVAL, "'keys' must name the API keys that it is for, as [\"1\"], or [\"program\"] for the program's own commands");
    return VT__CODE_BAD_ARGUMENT;
}

static vt__code check_given(const vt__purpose **out, const vt__json *given, vt_error *err)
{
    *out = vt__purpose_find(vt__json_string_or(given, "purpose", ""));
    if (!*out) {
        vt__fail(err, VT_EINVAL, "'purpose' must be one of api/purposes.tsv (vultus policy purposes lists them)");
        return VT__CODE_BAD_ARGUMENT;
    }
    vt__code code = check_keys(vt__json_get(given, "keys"), err);
    if (!code) code = check_texts(given, *out, err);
    return code ? code : check_numbers(given, *out, err);
}

/* ---- records: JSON, sealed ---- */

/* Only known members are kept. */
static vt__json *registration_json(const vt__json *given, const vt__purpose *purpose, const char *id, int64_t now_ms)
{
    char from[VT__TIME_TEXT_BYTES], until[VT__TIME_TEXT_BYTES];
    vt__time_text(from, now_ms);
    vt__time_text(until, now_ms + vt__json_integer_or(given, "days", VT__POLICY_DAYS) * DAY_MS);
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "policyId", id);
    vt__json_set_string(json, "purpose", purpose->id);
    vt__json_set(json, "keys", vt__json_copy(vt__json_get(given, "keys")));
    for (const vt__policy_member *m = vt__policy_members; m->name; m++)
        vt__json_set_string(json, m->name, vt__json_string_or(given, m->name, NULL));
    vt__json_set_string(json, "authority", vt__json_string_or(given, "authority", NULL));
    vt__json_set_integer(json, "retentionDays", vt__json_integer_or(given, "retentionDays", 0));
    vt__json_set_string(json, "terms", vt__policy_terms);
    vt__json_set_string(json, "from", from);
    vt__json_set_string(json, "until", until);
    return json;
}

static vt__code write_registration(vt__service *service, const char *tenant, const char *id, const vt__json *json, vt_error *err)
{
    char *text = vt__json_text(json, false);
    if (!text) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    int64_t now_ms = vt__service_now_ms(service);
    const vt__change change = { VT__PUT,
                                { .kind = VT__RECORD_POLICY, .tenant = tenant, .scope = VT__SCOPE_POLICIES, .owner = id, .id = id,
                                  .created_ms = now_ms, .changed_ms = now_ms, .body = (const uint8_t *)text,
                                  .body_bytes = strlen(text) },
                                0 };
    pthread_mutex_lock(&service->writing);
    vt_status status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    if (status == VT_OK) status = vt__policies_reload(service->policies, service->store, err);
    pthread_mutex_unlock(&service->writing);
    vt__free(text);
    return vt__code_of(status);
}

static vt__code check_admin(const vt__caller *caller, vt_error *err)
{
    return caller->tenant && (caller->scopes & VT__SCOPE_ADMIN) ? VT__CODE_OK : vt__code_fail(err, VT__CODE_SCOPE_MISSING);
}

static void audit_policy(vt__service *service, const vt__caller *caller, const char *operation, const char *id,
                         const char *purpose, vt__code code)
{
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "policy", id);
    vt__json_set_string(fields, "purpose", purpose);
    vt__audit_event(service, caller, operation, fields, code);
}

static void add_state(vt__json *json, int64_t now_ms)
{
    int64_t until_ms = 0;
    bool active = vt__time_parse(&until_ms, vt__json_string_or(json, "until", "")) && until_ms > now_ms;
    vt__json_set_string(json, "state", vt__json_get(json, "revoked") ? "revoked" : active ? "active" : "expired");
}

vt__code vt__policy_register(vt__json **out, vt__service *service, const vt__caller *caller, const vt__json *given, vt_error *err)
{
    const vt__purpose *purpose = NULL;
    char id[VT__UUID_TEXT_BYTES];
    vt__code code = check_admin(caller, err);
    if (!code) code = check_given(&purpose, given, err);
    if (code) return code;
    vt__uuid_make(id);
    vt__json *json = registration_json(given, purpose, id, vt__service_now_ms(service));
    code = write_registration(service, caller->tenant, id, json, err);
    if (!code) code = vt__retention_default(service, caller, vt__json_integer_or(json, "retentionDays", 0), err);
    audit_policy(service, caller, "POLICY_REGISTER", id, purpose->id, code);
    add_state(json, vt__service_now_ms(service));
    if (code) vt__json_free(json);
    else *out = json;
    return code;
}

static vt__code read_all(vt__records *out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    *out = (vt__records){ NULL, 0 };
    vt__code code = check_admin(caller, err);
    if (code) return code;
    const vt__query query = { .kind = VT__RECORD_POLICY, .tenant = caller->tenant, .scope = VT__SCOPE_POLICIES, .id = id };
    code = vt__code_of(vt__store_find(out, service->store, &query, err));
    return !code && id && out->count == 0 ? vt__code_fail(err, VT__CODE_POLICY_NOT_FOUND) : code;
}

static vt__json *read_json(const vt__record *record, vt_error *err)
{
    vt__json *json = NULL;
    return vt__json_parse(&json, record->body, record->body_bytes, 0, err) == VT_OK ? json : NULL;
}

vt__code vt__policy_list(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err)
{
    vt__records found;
    vt__code code = read_all(&found, service, caller, NULL, err);
    vt__json *list = code ? NULL : vt__json_array();
    for (size_t i = 0; i < found.count && !code; i++) {
        vt__json *json = read_json(&found.items[i], err);
        if (!json) continue; /* damaged: the gate permits nothing by it */
        add_state(json, vt__service_now_ms(service));
        vt__json_append(list, json);
    }
    vt__records_free(&found);
    if (!code) *out = list;
    return code;
}

vt__code vt__policy_show(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    vt__records found;
    vt__code code = read_all(&found, service, caller, id, err);
    if (!code) {
        *out = read_json(&found.items[0], err);
        if (*out) add_state(*out, vt__service_now_ms(service));
        else code = VT__CODE_FAILED;
    }
    vt__records_free(&found);
    return code;
}

vt__code vt__policy_revoke(vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    vt__records found;
    char now[VT__TIME_TEXT_BYTES];
    vt__code code = read_all(&found, service, caller, id, err);
    vt__json *json = code ? NULL : read_json(&found.items[0], err);
    vt__records_free(&found);
    if (!code && !json) code = VT__CODE_FAILED;
    if (!code && !vt__json_get(json, "revoked")) {
        vt__time_text(now, vt__service_now_ms(service));
        vt__json_set_string(json, "revoked", now);
        code = write_registration(service, caller->tenant, id, json, err);
    }
    audit_policy(service, caller, "POLICY_REVOKE", id, vt__json_string_or(json, "purpose", NULL), code);
    vt__json_free(json);
    return code;
}

vt_status vt__policy_evaluate(int64_t *until_ms, vt__service *service, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_POLICY, .tenant = "", .scope = VT__SCOPE_POLICIES, .id = VT__EVALUATION_PURPOSE };
    vt__records found;
    int64_t now_ms = vt__service_now_ms(service);
    vt_status status = vt__store_get(&found, service->store, &query, err);
    if (status == VT_ENOTFOUND) {
        const vt__change change = { VT__ADD,
                                    { .kind = VT__RECORD_POLICY, .tenant = "", .scope = VT__SCOPE_POLICIES,
                                      .owner = VT__EVALUATION_PURPOSE, .id = VT__EVALUATION_PURPOSE, .created_ms = now_ms,
                                      .changed_ms = now_ms, .body = (const uint8_t *)"{}", .body_bytes = 2 },
                                    0 };
        *until_ms = now_ms + VT__EVALUATION_DAYS * DAY_MS;
        return vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    }
    if (status) return status;
    /* a clock that was put back does not lengthen it */
    *until_ms = found.items[0].created_ms <= now_ms ? found.items[0].created_ms + VT__EVALUATION_DAYS * DAY_MS : 0;
    vt__records_free(&found);
    return VT_OK;
}
