#include "service/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/item.h"
#include "service/state.h"
#include "service/write.h"

#define DAY_MS INT64_C(86400000)

static vt__json *candidates_json(const vt__candidates *found)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < found->count; i++) {
        vt__json *one = vt__json_object();
        vt__json_set_string(one, "personId", found->items[i].id);
        vt__json_set(one, "confidence", vt__json_rounded((double)found->items[i].confidence, 5));
        vt__json_append(list, one);
    }
    return list;
}

static vt__code put(vt__service *service, const vt__record *place, const vt__json *json, vt__change_op op, vt_error *err)
{
    char *text = vt__json_text(json, false);
    if (!text) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt__change change = { op, *place, 0 };
    change.record.body = (const uint8_t *)text;
    change.record.body_bytes = strlen(text);
    change.record.changed_ms = vt__service_now_ms(service);
    vt_status status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__free_secret(text, strlen(text));
    return status == VT_ENOTFOUND ? vt__code_fail(err, VT__CODE_REVIEW_NOT_FOUND) : vt__code_of(status);
}

vt__code vt__review_open(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller, vt__collection_id which,
                         const char *face_id, const vt__candidates *found, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES], now[VT__TIME_TEXT_BYTES];
    int64_t now_ms = vt__service_now_ms(service);
    vt__uuid_make(out_id);
    vt__scope_text(scope, which);
    vt__time_text(now, now_ms);
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "reviewId", out_id);
    vt__json_set_string(json, "state", "pending");
    vt__json_set_string(json, "collection", scope);
    vt__json_set_string(json, "faceId", face_id);
    vt__json_set_string(json, "camera", caller->camera);
    vt__json_set_string(json, "time", now);
    vt__json_set_bool(json, "ambiguous", found->ambiguous);
    vt__json_set(json, "threshold", vt__json_rounded((double)found->threshold, 5));
    vt__json_set(json, "candidates", candidates_json(found));
    const vt__record place = { .kind = VT__RECORD_REVIEW, .tenant = caller->tenant, .scope = scope, .owner = out_id, .id = out_id,
                               .created_ms = now_ms, .expires_ms = now_ms + VT__REVIEW_DAYS * DAY_MS };
    vt__code code = put(service, &place, json, VT__ADD, err);
    vt__json_free(json);
    return code;
}

/* The names of those candidates who are still there. */
static void add_names(vt__json *review, vt__service *service, const char *tenant)
{
    const vt__json *candidates = vt__json_get(review, "candidates");
    const char *scope = vt__json_string_or(review, "collection", "");
    for (size_t i = 0; i < vt__json_count(candidates); i++) {
        vt__json *one = (vt__json *)vt__json_at(candidates, i);
        vt__records found;
        vt__item item = { 0 };
        const vt__query query = { .kind = VT__RECORD_PERSON, .tenant = tenant, .scope = strncmp(scope, "dpg/", 4) ? scope : "dir",
                                  .id = vt__json_string_or(one, "personId", "") };
        if (vt__store_find(&found, service->store, &query, NULL) == VT_OK && found.count && !vt__item_of(&item, &found.items[0], NULL)) {
            vt__json_set_string(one, "name", item.name);
            vt__json_set_string(one, "userData", item.user_data);
        }
        vt__item_free(&item);
        vt__records_free(&found);
    }
}

static vt__code find(vt__records *out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    *out = (vt__records){ NULL, 0 };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_PERSON_READ, err);
    if (code) return code;
    const vt__query query = { .kind = VT__RECORD_REVIEW, .tenant = caller->tenant, .id = id };
    code = vt__code_of(vt__store_find(out, service->store, &query, err));
    bool there = !id || (out->count && out->items[0].expires_ms > vt__service_now_ms(service));
    if (!code && !there) code = vt__code_fail(err, VT__CODE_REVIEW_NOT_FOUND);
    if (code) vt__records_free(out);
    return code;
}

static int by_age(const void *a, const void *b)
{
    const vt__record *x = a, *y = b;
    if (x->created_ms != y->created_ms) return x->created_ms < y->created_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

vt__code vt__review_list(vt__json **out, vt__service *service, const vt__caller *caller, const char *state, vt_error *err)
{
    vt__records found;
    vt__code code = find(&found, service, caller, NULL, err);
    if (code) return code;
    if (found.count) qsort(found.items, found.count, sizeof *found.items, by_age);
    *out = vt__json_array();
    for (size_t i = 0; i < found.count; i++) {
        vt__json *json = NULL;
        const vt__record *r = &found.items[i];
        if (r->expires_ms <= vt__service_now_ms(service) || vt__json_parse(&json, r->body, r->body_bytes, 0, NULL)) continue;
        if (state && strcmp(vt__json_string_or(json, "state", ""), state)) {
            vt__json_free(json);
            continue;
        }
        add_names(json, service, caller->tenant);
        vt__json_append(*out, json);
    }
    vt__records_free(&found);
    return VT__CODE_OK;
}

vt__code vt__review_get(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err)
{
    vt__records found;
    vt__code code = find(&found, service, caller, id, err);
    if (code) return code;
    code = vt__code_of(vt__json_parse(out, found.items[0].body, found.items[0].body_bytes, 0, err));
    if (!code) add_names(*out, service, caller->tenant);
    vt__records_free(&found);
    return code;
}

static bool is_candidate(const vt__json *review, const char *person_id)
{
    const vt__json *list = vt__json_get(review, "candidates");
    for (size_t i = 0; i < vt__json_count(list); i++)
        if (!strcmp(vt__json_string_or(vt__json_at(list, i), "personId", ""), person_id)) return true;
    return false;
}

static vt__code check_decision(const vt__json *review, const char *person_id, vt_error *err)
{
    if (strcmp(vt__json_string_or(review, "state", ""), "pending")) return vt__code_fail(err, VT__CODE_CONFLICT);
    if (!person_id || is_candidate(review, person_id)) return VT__CODE_OK;
    vt__fail(err, VT_EINVAL, "'personId' must be one of the review's candidates; leave it out when it is none of them");
    return VT__CODE_BAD_ARGUMENT;
}

vt__code vt__review_decide(vt__service *service, const vt__caller *caller, const char *id, const char *person_id, vt_error *err)
{
    vt__records found;
    vt__json *json = NULL, *fields = vt__json_object();
    char now[VT__TIME_TEXT_BYTES];
    vt__time_text(now, vt__service_now_ms(service));
    pthread_mutex_lock(&service->writing);
    vt__code code = find(&found, service, caller, id, err);
    if (!code) code = vt__code_of(vt__json_parse(&json, found.items[0].body, found.items[0].body_bytes, 0, err));
    if (!code) code = check_decision(json, person_id, err);
    if (!code) {
        vt__json_set_string(json, "state", person_id ? "confirmed" : "rejected");
        vt__json_set_string(json, "personId", person_id);
        vt__json_set_string(json, "decided", now);
        vt__json_set_string(json, "decidedBy", caller->key_id);
        code = put(service, &found.items[0], json, VT__REPLACE, err);
    }
    pthread_mutex_unlock(&service->writing);
    vt__json_set_string(fields, "review", id);
    vt__json_set_string(fields, "collection", vt__json_string_or(json, "collection", NULL));
    vt__json_set_string(fields, "decision", person_id ? "confirmed" : "rejected");
    vt__json_set_string(fields, "subject", person_id);
    vt__audit_event(service, caller, "REVIEW", fields, code);
    vt__json_free(json);
    vt__records_free(&found);
    return code;
}
