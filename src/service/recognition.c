#include "service/recognition.h"

#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/consent.h"
#include "service/face_id.h"
#include "service/gallery.h"
#include "service/guard.h"
#include "service/item.h"
#include "service/oversight.h"
#include "service/review.h"
#include "service/write.h"

static vt__code begin(vt__service *service, const vt__caller *caller, vt__action action, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, action, err);
    return code == VT__CODE_OK && !service->engine ? vt__code_fail(err, VT__CODE_UNSUPPORTED) : code;
}

static bool same_kind(const vt__face_fields *a, const vt__face_fields *b)
{
    return a->dimension == b->dimension && !strcmp(a->model, b->model);
}

static void verify(vt__verified *out, vt__service *service, float cosine)
{
    out->confidence = vt_engine_confidence(service->engine, cosine);
    out->identical = out->confidence >= VT_IDENTICAL_CONFIDENCE;
}

vt__code vt__service_verify_faces(vt__verified *out, vt__service *service, const vt__caller *caller,
                                  const char *face_id_1, const char *face_id_2, vt_error *err)
{
    *out = (vt__verified){ false, 0 };
    vt__face_fields a, b;
    vt__code code = begin(service, caller, VT__ACTION_VERIFY, err);
    if (code == VT__CODE_OK) code = vt__face_id_read(&a, service, caller, face_id_1, err);
    if (code == VT__CODE_OK) code = vt__face_id_read(&b, service, caller, face_id_2, err);
    if (code == VT__CODE_OK && !same_kind(&a, &b)) code = vt__code_fail(err, VT__CODE_MODEL_INCOMPATIBLE);
    if (code == VT__CODE_OK) verify(out, service, vt_cosine(a.values, b.values, a.dimension));
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_VERIFY, NULL, 2, out->identical,
                                                                 VT_IDENTICAL_CONFIDENCE, code });
}

/* Highest cosine to the person's faces of the probe's model. */
static vt__code best_of_person(float *out, vt__service *service, const vt__caller *caller, const vt__face_fields *probe,
                               vt__collection_id which, const char *person_id, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, which);
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = caller->tenant, .scope = scope, .owner = person_id };
    vt__records faces;
    vt__code code = vt__code_of(vt__store_find(&faces, service->store, &query, err));
    bool any = false, other_model = false;
    for (size_t i = 0; i < faces.count; i++) {
        vt__face_fields f;
        if (!vt__face_unpack(&f, &faces.items[i])) continue;
        if (!same_kind(&f, probe)) {
            other_model = true;
            continue;
        }
        float cosine = vt_cosine(f.values, probe->values, f.dimension);
        if (!any || cosine > *out) *out = cosine;
        any = true;
    }
    vt__records_free(&faces);
    if (code != VT__CODE_OK || any) return code;
    return vt__code_fail(err, other_model ? VT__CODE_MODEL_INCOMPATIBLE : VT__CODE_PERSON_WITHOUT_FACE);
}

vt__code vt__service_verify_person(vt__verified *out, vt__service *service, const vt__caller *caller,
                                   const char *face_id, vt__collection_id which, const char *person_id, vt_error *err)
{
    *out = (vt__verified){ false, 0 };
    vt__face_fields probe;
    float cosine = -1;
    vt__code code = begin(service, caller, VT__ACTION_VERIFY, err);
    if (code == VT__CODE_OK) code = vt__face_id_read(&probe, service, caller, face_id, err);
    if (code == VT__CODE_OK) code = vt__person_exists(service, caller->tenant, which, person_id, err);
    if (code == VT__CODE_OK) code = vt__consent_check(service, caller, VT__ACTION_VERIFY, which, person_id, err);
    if (code == VT__CODE_OK) code = best_of_person(&cosine, service, caller, &probe, which, person_id, err);
    if (code == VT__CODE_OK) verify(out, service, cosine);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_VERIFY, which.id, 1, out->identical,
                                                                 VT_IDENTICAL_CONFIDENCE, code });
}

/* Searches one gallery; out->items is fresh. */
static vt__code search(vt__candidates *out, vt__service *service, vt__gallery *gallery, const vt__search *query,
                       vt_error *err)
{
    *out = (vt__candidates){ .items = NULL };
    vt__hit *hits = vt__calloc(query->max_hits, sizeof *hits);
    out->items = vt__calloc(query->max_hits, sizeof *out->items);
    vt_status status = hits && out->items ? vt__gallery_search(hits, &out->count, service, gallery, query, err) : VT_ENOMEM;
    for (size_t i = 0; i < out->count; i++) {
        memcpy(out->items[i].id, hits[i].id, sizeof hits[i].id);
        out->items[i].confidence = vt_engine_confidence(service->engine, hits[i].cosine);
    }
    vt__free(hits);
    return status == VT_ENOMEM ? vt__code_fail(err, VT__CODE_NO_MEMORY) : vt__code_of(status);
}

/* Recognition model of a collection ("" for the directory and its groups, which hold several). */
static vt__code collection_model(char out[VT__MODEL_BYTES], vt__service *service, const vt__caller *caller,
                                 vt__collection_id which, vt_error *err)
{
    vt__records found;
    vt__item item = { 0 };
    out[0] = '\0';
    vt__code code = vt__collection_find(&found, service, caller->tenant, which, err);
    if (code == VT__CODE_OK && found.count) code = vt__item_of(&item, &found.items[0], err);
    if (code == VT__CODE_OK) vt__copy_text(out, VT__MODEL_BYTES, item.recognition_model);
    vt__item_free(&item);
    vt__records_free(&found);
    return code;
}

void vt__identified_free(vt__candidates *results, size_t count)
{
    for (size_t i = 0; results && i < count; i++) vt__free(results[i].items);
    vt__free(results);
}

/* The persons that a request narrows the directory to; NULL for all. `members` holds a dynamic group's. */
static vt__code narrow(const char ***out, size_t *count, vt__records *members, vt__service *service,
                       const vt__caller *caller, const vt__identify_request *request, vt_error *err)
{
    *out = NULL;
    *count = request->person_count;
    if (request->scope.kind == VT__KIND_DYNAMIC_GROUP) {
        char scope[VT__SCOPE_TEXT_BYTES];
        vt__scope_text(scope, request->scope);
        const vt__query query = { .kind = VT__RECORD_MEMBER, .tenant = caller->tenant, .scope = scope, .without_body = true };
        vt_status status = vt__store_find(members, service->store, &query, err);
        if (status != VT_OK) return vt__code_of(status);
        *count = members->count;
    } else if (request->scope.kind != VT__KIND_DIRECTORY || !request->person_ids) {
        return VT__CODE_OK;
    }
    *out = vt__calloc(*count + 1, sizeof **out);
    for (size_t i = 0; *out && i < *count; i++) (*out)[i] = members->items ? members->items[i].id : request->person_ids[i];
    return *out ? VT__CODE_OK : vt__code_fail(err, VT__CODE_NO_MEMORY);
}

static vt__code check_identify(const vt__identify_request *r, vt_error *err)
{
    bool good = r->face_count >= 1 && r->face_count <= VT__IDENTIFY_FACES_MAX && r->max_candidates >= 1 &&
                r->max_candidates <= VT__IDENTIFY_CANDIDATES_MAX && r->threshold <= 1 && r->target_fpir >= 0 && r->target_fpir <= 0.5 &&
                r->person_count <= VT__IDENTIFY_PERSONS_MAX &&
                (vt__kind_get_rules(r->scope.kind)->holds_persons || r->scope.kind == VT__KIND_DYNAMIC_GROUP);
    return good ? VT__CODE_OK : vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
}

/* All probes are read before any is searched, so that an unknown face id refuses the whole request. */
static vt__code identify(vt__candidates *out, vt__service *service, const vt__caller *caller,
                         const vt__identify_request *request, vt__gallery *gallery, const char *model,
                         vt__search *query, vt_error *err)
{
    vt__face_fields *probes = vt__calloc(request->face_count, sizeof *probes);
    vt__code code = probes ? VT__CODE_OK : vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t i = 0; i < request->face_count && code == VT__CODE_OK; i++) {
        code = vt__face_id_read(&probes[i], service, caller, request->face_ids[i], err);
        if (code == VT__CODE_OK && model[0] && strcmp(model, probes[i].model))
            code = vt__code_fail(err, VT__CODE_MODEL_INCOMPATIBLE);
    }
    for (size_t i = 0; i < request->face_count && code == VT__CODE_OK; i++) {
        query->probe = probes[i].values;
        query->dimension = probes[i].dimension;
        query->model = probes[i].model;
        code = search(&out[i], service, gallery, query, err);
    }
    vt__free_secret(probes, probes ? request->face_count * sizeof *probes : 0);
    return code;
}

/* Thresholds of an identification: `accept` above which a match stands, and the lower one to search from. */
typedef struct bounds {
    vt__oversight rule;
    bool decides;
    float accept, from;
} bounds;

static void set_bounds(bounds *b, const vt__identify_request *request, size_t faces)
{
    double fpir = request->target_fpir > 0 ? request->target_fpir : b->rule.target_fpir;
    float least = vt__oversight_threshold(fpir, faces);
    b->decides = b->rule.set || request->explain || fpir > 0;
    b->accept = request->threshold < 0 ? VT_IDENTICAL_CONFIDENCE : request->threshold;
    if (b->rule.review && b->rule.accept > b->accept) b->accept = b->rule.accept;
    if (least > b->accept) b->accept = least;
    b->from = b->rule.review && b->rule.review_from < b->accept ? b->rule.review_from : b->accept;
}

/* What oversight and guards make of what was found: answers are cut to what may be said. */
static vt__code judge(vt__candidates *found, vt__service *service, const vt__caller *caller, const vt__identify_request *request,
                      const bounds *b, size_t face, vt_error *err)
{
    vt__code code = VT__CODE_OK;
    if (b->decides) vt__oversight_judge(found, &b->rule, b->accept, request->max_candidates);
    if (found->decision == VT__DECISION_NEEDS_REVIEW) {
        code = vt__review_open(found->review_id, service, caller, request->scope, request->face_ids[face], found, err);
        found->count = 0;
    }
    return code == VT__CODE_OK && found->count ? vt__guard_person(service, caller, found->items[0].id, err) : code;
}

static vt__code identify_in_gallery(vt__candidates *out, vt__service *service, const vt__caller *caller, const vt__identify_request *request,
                                    const char *scope, const char *model, vt__search *query, vt_error *err)
{
    vt__gallery *gallery = NULL;
    bounds b;
    vt__code code = vt__oversight_find(&b.rule, service, caller->tenant, request->scope, err);
    if (code == VT__CODE_OK)
        code = vt__code_of(vt__gallery_acquire(&gallery, service, caller->tenant, scope, query->max_revision, err));
    if (code != VT__CODE_OK) return code;
    set_bounds(&b, request, vt__gallery_count(gallery));
    query->min_cosine = vt_engine_cosine(service->engine, b.from);
    if (b.decides && query->max_hits < 2) query->max_hits = 2; /* to see whether the best is alone */
    code = identify(out, service, caller, request, gallery, model, query, err);
    for (size_t i = 0; i < request->face_count && code == VT__CODE_OK; i++) code = judge(&out[i], service, caller, request, &b, i, err);
    vt__gallery_release(gallery);
    return code;
}

static vt__code identify_in_scope(vt__candidates *out, vt__service *service, const vt__caller *caller,
                                  const vt__identify_request *request, vt_error *err)
{
    char model[VT__MODEL_BYTES], scope[VT__SCOPE_TEXT_BYTES];
    vt__search query = { .by_person = true, .max_hits = request->max_candidates };
    const char **persons = NULL;
    vt__records members = { NULL, 0 };
    bool dynamic = request->scope.kind == VT__KIND_DYNAMIC_GROUP;
    vt__scope_text(scope, dynamic ? (vt__collection_id){ VT__KIND_DIRECTORY, "" } : request->scope);
    vt__code code = collection_model(model, service, caller, request->scope, err);
    if (code == VT__CODE_OK) code = vt__trained_revision(&query.max_revision, service, caller->tenant, request->scope, err);
    if (code == VT__CODE_OK) code = narrow(&persons, &query.person_count, &members, service, caller, request, err);
    query.persons = persons;
    vt__consent_rule consent = { NULL, false, 0 };
    if (code == VT__CODE_OK) code = vt__consent_begin(&consent, service, caller, VT__ACTION_IDENTIFY, scope, err);
    if (consent.book) query.consent = &consent;
    if (code == VT__CODE_OK) code = identify_in_gallery(out, service, caller, request, scope, model, &query, err);
    vt__consent_end(&consent);
    vt__free(persons);
    vt__records_free(&members);
    return code;
}

vt__code vt__service_identify(vt__candidates **out, vt__service *service, const vt__caller *caller,
                              const vt__identify_request *request, vt_error *err)
{
    *out = NULL;
    size_t matches = 0;
    vt__code code = begin(service, caller, VT__ACTION_IDENTIFY, err);
    if (code == VT__CODE_OK) code = check_identify(request, err);
    if (code == VT__CODE_OK) code = vt__guard_stream(service, caller, err);
    vt__candidates *results = code == VT__CODE_OK ? vt__calloc(request->face_count, sizeof *results) : NULL;
    if (code == VT__CODE_OK && !results) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    if (code == VT__CODE_OK) code = identify_in_scope(results, service, caller, request, err);
    for (size_t i = 0; code == VT__CODE_OK && i < request->face_count; i++) matches += results[i].count > 0;
    if (code == VT__CODE_OK) *out = results;
    else vt__identified_free(results, request->face_count);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_IDENTIFY, request->scope.id,
                                                                 request->face_count, matches, request->threshold, code });
}

static int compare_candidates(const void *a, const void *b)
{
    const vt__candidate *x = a, *y = b;
    if (x->confidence != y->confidence) return x->confidence > y->confidence ? -1 : 1;
    return strcmp(x->id, y->id);
}

static vt__code similar_in_ids(vt__candidates *out, vt__service *service, const vt__caller *caller,
                               const vt__similar_request *request, const vt__face_fields *probe, vt_error *err)
{
    out->items = vt__calloc(request->face_count, sizeof *out->items);
    if (!out->items) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt__code code = VT__CODE_OK;
    for (size_t i = 0; i < request->face_count && code == VT__CODE_OK; i++) {
        vt__face_fields f;
        code = vt__face_id_read(&f, service, caller, request->face_ids[i], err);
        if (code == VT__CODE_OK && !same_kind(&f, probe)) code = vt__code_fail(err, VT__CODE_MODEL_INCOMPATIBLE);
        if (code != VT__CODE_OK) break;
        float confidence = vt_engine_confidence(service->engine, vt_cosine(f.values, probe->values, f.dimension));
        if (!request->match_face && confidence < VT_IDENTICAL_CONFIDENCE) continue;
        vt__copy_text(out->items[out->count].id, sizeof out->items[0].id, request->face_ids[i]);
        out->items[out->count++].confidence = confidence;
    }
    if (code != VT__CODE_OK) return code;
    qsort(out->items, out->count, sizeof *out->items, compare_candidates);
    if (out->count > request->max_candidates) out->count = request->max_candidates;
    return VT__CODE_OK;
}

static vt__code similar_in_list(vt__candidates *out, vt__service *service, const vt__caller *caller,
                                const vt__similar_request *request, const vt__face_fields *probe, vt_error *err)
{
    char model[VT__MODEL_BYTES], scope[VT__SCOPE_TEXT_BYTES];
    float least = request->match_face ? -2 : vt_engine_cosine(service->engine, VT_IDENTICAL_CONFIDENCE);
    vt__search query = { .probe = probe->values, .dimension = probe->dimension, .model = probe->model, .min_cosine = least,
                         .max_hits = request->max_candidates };
    vt__gallery *gallery = NULL;
    vt__scope_text(scope, request->list);
    vt__code code = collection_model(model, service, caller, request->list, err);
    if (code == VT__CODE_OK && strcmp(model, probe->model)) code = vt__code_fail(err, VT__CODE_MODEL_INCOMPATIBLE);
    if (code == VT__CODE_OK) code = vt__trained_revision(&query.max_revision, service, caller->tenant, request->list, err);
    if (code == VT__CODE_OK)
        code = vt__code_of(vt__gallery_acquire(&gallery, service, caller->tenant, scope, query.max_revision, err));
    if (code == VT__CODE_OK && request->list.kind == VT__KIND_FACE_LIST && !vt__gallery_count(gallery))
        code = vt__code_fail(err, VT__CODE_COLLECTION_EMPTY);
    if (code == VT__CODE_OK) code = search(out, service, gallery, &query, err);
    vt__gallery_release(gallery);
    return code;
}

vt__code vt__service_similar(vt__candidates *out, vt__service *service, const vt__caller *caller,
                             const vt__similar_request *request, vt_error *err)
{
    *out = (vt__candidates){ .items = NULL };
    vt__face_fields probe;
    vt__code code = begin(service, caller, VT__ACTION_SIMILAR, err);
    bool in_list = !request->face_ids;
    if (code == VT__CODE_OK &&
        (request->max_candidates < 1 || request->max_candidates > VT__SIMILAR_MAX ||
         (in_list && vt__kind_get_rules(request->list.kind)->holds_persons) ||
         (!in_list && (request->face_count < 1 || request->face_count > VT__SIMILAR_MAX))))
        code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (code == VT__CODE_OK) code = vt__face_id_read(&probe, service, caller, request->face_id, err);
    if (code == VT__CODE_OK)
        code = in_list ? similar_in_list(out, service, caller, request, &probe, err)
                       : similar_in_ids(out, service, caller, request, &probe, err);
    if (code != VT__CODE_OK) {
        vt__free(out->items);
        *out = (vt__candidates){ .items = NULL };
    }
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_SIMILAR, in_list ? request->list.id : NULL, 1,
                                                                 out->count, -1, code });
}

/* The templates of face ids as rows; all of one model. */
static vt__code read_rows(float *rows, uint32_t *dimension, vt__service *service, const vt__caller *caller,
                          const char *const *face_ids, size_t count, vt_error *err)
{
    vt__face_fields first = { 0 }, f = { 0 };
    for (size_t i = 0; i < count; i++) {
        vt__code code = vt__face_id_read(&f, service, caller, face_ids[i], err);
        if (code != VT__CODE_OK) return code;
        if (i == 0) first = f;
        if (!same_kind(&first, &f)) return vt__code_fail(err, VT__CODE_MODEL_INCOMPATIBLE);
        memcpy(rows + i * f.dimension, f.values, f.dimension * sizeof(float));
    }
    *dimension = f.dimension;
    return VT__CODE_OK;
}

vt__code vt__service_group(vt__grouping *out, vt__service *service, const vt__caller *caller,
                           const char *const *face_ids, size_t count, vt_error *err)
{
    *out = (vt__grouping){ NULL, 0 };
    uint32_t dimension = 0;
    float *rows = NULL;
    size_t bytes = count * VT_TEMPLATE_MAX_DIMENSION * sizeof(float);
    vt__code code = begin(service, caller, VT__ACTION_GROUP, err);
    if (code == VT__CODE_OK && (count < 2 || count > VT__GROUP_MAX)) code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (code == VT__CODE_OK) {
        rows = vt__calloc(count, VT_TEMPLATE_MAX_DIMENSION * sizeof *rows);
        out->group_of = vt__calloc(count, sizeof *out->group_of);
        if (!rows || !out->group_of) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    }
    if (code == VT__CODE_OK) code = read_rows(rows, &dimension, service, caller, face_ids, count, err);
    if (code == VT__CODE_OK)
        code = vt__code_of(vt_group(out->group_of, &out->group_count, rows, count, dimension, dimension,
                                    vt_engine_cosine(service->engine, VT_IDENTICAL_CONFIDENCE), err));
    vt__free_secret(rows, rows ? bytes : 0);
    if (code != VT__CODE_OK) {
        vt__free(out->group_of);
        *out = (vt__grouping){ NULL, 0 };
    }
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_GROUP, NULL, count, out->group_count, -1, code });
}
