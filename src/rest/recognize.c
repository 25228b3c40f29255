/* POST /verify, /identify, /findsimilars, /group */
#include <strings.h>

#include "base/memory.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/items.h"

/* ---- verify ---- */

static void answer_verified(vt__call *call, vt__code code, const vt__verified *verified, const vt_error *err)
{
    if (vt__call_refused(call, code, err)) return;
    vt__json *out = vt__json_object();
    vt__json_set_bool(out, "isIdentical", verified->identical);
    vt__json_set(out, "confidence", vt__json_rounded(verified->confidence, 5));
    vt__call_json(call, 200, out);
}

static void verify_faces(vt__call *call)
{
    const char *one, *two;
    vt__verified verified;
    vt_error err;
    if (!vt__read_uuid(&one, call, "faceId1", VT__WIRE_FACE_ID_INVALID)) return;
    if (!vt__read_uuid(&two, call, "faceId2", VT__WIRE_FACE_ID_INVALID)) return;
    vt__code code = vt__service_verify_faces(&verified, call->service, &call->caller, one, two, &err);
    answer_verified(call, code, &verified, &err);
}

/* The collection of a person: one group, or the directory when none is named. */
static bool read_person_scope(vt__collection_id *out, vt__call *call)
{
    const char *small, *large;
    if (!vt__read_collection_member(&small, call, VT__KIND_PERSON_GROUP) ||
        !vt__read_collection_member(&large, call, VT__KIND_LARGE_PERSON_GROUP))
        return false;
    if (small && large) {
        vt__call_fail(call, VT__WIRE_VERIFY_ARGUMENTS);
        return false;
    }
    *out = small   ? (vt__collection_id){ VT__KIND_PERSON_GROUP, small }
           : large ? (vt__collection_id){ VT__KIND_LARGE_PERSON_GROUP, large }
                   : (vt__collection_id){ VT__KIND_DIRECTORY, "" };
    return true;
}

/* A group that is not there and a person who is not in it are 400 here, a face and a person of the directory 404. */
static bool verify_refused(vt__call *call, vt__code code, const vt_error *err, vt__kind kind)
{
    call->search = code == VT__CODE_COLLECTION_NOT_FOUND || (code == VT__CODE_PERSON_NOT_FOUND && kind != VT__KIND_DIRECTORY);
    call->kind = kind;
    return vt__call_refused(call, code, err);
}

static void verify_person(vt__call *call)
{
    const char *face, *person;
    vt__collection_id scope;
    vt__verified verified;
    vt_error err;
    if (!vt__read_uuid(&face, call, "faceId", VT__WIRE_FACE_ID_INVALID) || !read_person_scope(&scope, call)) return;
    if (!vt__read_uuid(&person, call, "personId", VT__WIRE_PERSON_ID_INVALID)) return;
    vt__code code = vt__service_verify_person(&verified, call->service, &call->caller, face, scope, person, &err);
    if (!verify_refused(call, code, &err, scope.kind)) answer_verified(call, code, &verified, &err);
}

void vt__rest_verify(vt__call *call)
{
    bool two = vt__json_get(call->body, "faceId1") || vt__json_get(call->body, "faceId2");
    bool one = vt__json_get(call->body, "faceId") != NULL;
    if (two == one) vt__call_fail(call, VT__WIRE_VERIFY_ARGUMENTS);
    else if (two) verify_faces(call);
    else verify_person(call);
}

/* ---- identify ---- */

static bool old_scope_rules(const vt__call *call)
{
    return call->version == VT__V1_0;
}

/* personIds: 1 to 30 ids, or only "*". */
static bool read_person_ids(const char ***ids, vt__identify_request *out, vt__call *call)
{
    const vt__json *list = vt__json_get(call->body, "personIds");
    const char *first;
    out->scope = (vt__collection_id){ VT__KIND_DIRECTORY, "" };
    if (vt__json_count(list) == 1 && vt__json_as_string(&first, vt__json_at(list, 0)) && first[0] == '*' && !first[1]) return true;
    if (!vt__read_uuids(ids, &out->person_count, call, "personIds", 1, VT__IDENTIFY_PERSONS_MAX,
                        VT__WIRE_PERSON_IDS_LENGTH, VT__WIRE_PERSON_ID_INVALID))
        return false;
    out->person_ids = *ids;
    return true;
}

static bool read_identify_scope(const char ***person_ids, vt__identify_request *out, vt__call *call)
{
    static const vt__kind kinds[] = { VT__KIND_PERSON_GROUP, VT__KIND_LARGE_PERSON_GROUP, VT__KIND_DYNAMIC_GROUP };
    int given = 0;
    for (int i = 0; i < (old_scope_rules(call) ? 2 : 3); i++) {
        const char *id;
        if (!vt__read_collection_member(&id, call, kinds[i])) return false;
        if (!id) continue;
        out->scope = (vt__collection_id){ kinds[i], id };
        given++;
    }
    const vt__json *people = old_scope_rules(call) ? NULL : vt__json_get(call->body, "personIds");
    bool listed = people && vt__json_get_kind(people) != VT__JSON_NULL;
    given += listed;
    if (given == 1) return !listed || read_person_ids(person_ids, out, call);
    if (given == 0) vt__call_fail(call, old_scope_rules(call) ? VT__WIRE_SCOPE_NONE : VT__WIRE_SCOPE_MISSING);
    else vt__call_fail(call, old_scope_rules(call) ? VT__WIRE_SCOPE_BOTH : VT__WIRE_SCOPE_MANY);
    return false;
}

static vt__json *candidates_json(const vt__candidates *candidates, const char *id_name)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < candidates->count; i++) {
        vt__json *one = vt__json_object();
        vt__json_set_string(one, id_name, candidates->items[i].id);
        vt__json_set(one, "confidence", vt__json_rounded(candidates->items[i].confidence, 5));
        vt__json_append(list, one);
    }
    return list;
}

/* Only where it was asked for, or the collection is overseen: clients of the hosted service see what they know. */
static void add_decision(vt__json *one, const vt__candidates *found)
{
    static const char *const names[] = { NULL, "match", "unknown", "needsReview" };
    if (found->decision == VT__DECISION_NONE) return;
    vt__json_set_string(one, "decision", names[found->decision]);
    vt__json_set_bool(one, "ambiguous", found->ambiguous);
    vt__json_set(one, "threshold", vt__json_rounded((double)found->threshold, 5));
    if (found->review_id[0]) vt__json_set_string(one, "reviewId", found->review_id);
}

static void answer_identified(vt__call *call, const vt__identify_request *request, const vt__candidates *results)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < request->face_count; i++) {
        vt__json *one = vt__json_object();
        vt__json_set_string(one, "faceId", request->face_ids[i]);
        vt__json_set(one, "candidates", candidates_json(&results[i], "personId"));
        add_decision(one, &results[i]);
        vt__json_append(list, one);
    }
    vt__call_json(call, 200, list);
}

static bool read_identify(vt__identify_request *out, const char ***faces, const char ***people, vt__call *call)
{
    int64_t most;
    double threshold;
    if (!vt__read_uuids(faces, &out->face_count, call, "faceIds", 1, VT__IDENTIFY_FACES_MAX, VT__WIRE_FACE_IDS_LENGTH,
                        VT__WIRE_FACE_ID_INVALID))
        return false;
    if (!*faces) {
        vt__call_fail(call, VT__WIRE_FACE_IDS_LENGTH);
        return false;
    }
    int64_t usual = old_scope_rules(call) ? 1 : 10;
    if (!read_identify_scope(people, out, call) ||
        !vt__read_integer(&most, call, "maxNumOfCandidatesReturned", usual, 1, VT__IDENTIFY_CANDIDATES_MAX, VT__WIRE_MAX_CANDIDATES) ||
        !vt__read_number(&threshold, call, "confidenceThreshold", -1, 0, 1, VT__WIRE_CONFIDENCE_THRESHOLD) ||
        !vt__read_number(&out->target_fpir, call, "targetFpir", 0, 0, 0.5, VT__WIRE_BODY_INVALID))
        return false;
    out->explain = vt__json_bool_or(call->body, "returnDecision", false);
    out->face_ids = *faces;
    out->max_candidates = (size_t)most;
    out->threshold = (float)threshold;
    return true;
}

void vt__rest_identify(vt__call *call)
{
    vt__identify_request request = { 0 };
    const char **faces = NULL, **people = NULL;
    vt__candidates *results = NULL;
    vt_error err;
    if (read_identify(&request, &faces, &people, call)) {
        call->kind = request.scope.kind;
        call->search = true;
        vt__code code = vt__service_identify(&results, call->service, &call->caller, &request, &err);
        if (!vt__call_refused(call, code, &err)) {
            answer_identified(call, &request, results);
            vt__identified_free(results, request.face_count);
        }
    }
    vt__free(faces);
    vt__free(people);
}

/* ---- find similar ---- */

static bool read_similar_scope(vt__similar_request *out, const char ***faces, vt__call *call)
{
    const char *small, *large;
    if (!vt__read_collection_member(&small, call, VT__KIND_FACE_LIST) ||
        !vt__read_collection_member(&large, call, VT__KIND_LARGE_FACE_LIST))
        return false;
    if (!vt__read_uuids(faces, &out->face_count, call, "faceIds", 1, VT__SIMILAR_MAX, VT__WIRE_FACE_IDS_LENGTH,
                        VT__WIRE_FACE_ID_INVALID))
        return false;
    int given = (small != NULL) + (large != NULL) + (*faces != NULL);
    if (given != 1) {
        vt__call_fail(call, given ? VT__WIRE_FIND_SCOPE_MANY : VT__WIRE_FIND_SCOPE_NONE);
        return false;
    }
    out->face_ids = *faces;
    out->list = large ? (vt__collection_id){ VT__KIND_LARGE_FACE_LIST, large }
                      : (vt__collection_id){ VT__KIND_FACE_LIST, small ? small : "" };
    return true;
}

static bool read_mode(bool *match_face, vt__call *call)
{
    const char *mode;
    if (!vt__read_string(&mode, call, "mode")) return false;
    *match_face = mode && strcasecmp(mode, "matchFace") == 0;
    if (!mode || *match_face || strcasecmp(mode, "matchPerson") == 0) return true;
    vt__call_fail(call, VT__WIRE_MODE_INVALID);
    return false;
}

static bool read_similar(vt__similar_request *out, const char ***faces, vt__call *call)
{
    int64_t most;
    if (!vt__read_uuid(&out->face_id, call, "faceId", VT__WIRE_FACE_ID_INVALID) || !read_similar_scope(out, faces, call) ||
        !vt__read_integer(&most, call, "maxNumOfCandidatesReturned", 20, 1, VT__SIMILAR_MAX, VT__WIRE_MAX_CANDIDATES) ||
        !read_mode(&out->match_face, call))
        return false;
    out->max_candidates = (size_t)most;
    return true;
}

void vt__rest_find_similar(vt__call *call)
{
    vt__similar_request request = { 0 };
    vt__candidates candidates = { 0 };
    const char **faces = NULL;
    vt_error err;
    if (read_similar(&request, &faces, call)) {
        call->kind = request.list.kind;
        call->search = true;
        vt__code code = vt__service_similar(&candidates, call->service, &call->caller, &request, &err);
        if (!vt__call_refused(call, code, &err)) {
            vt__call_json(call, 200, candidates_json(&candidates, request.face_ids ? "faceId" : "persistedFaceId"));
            vt__free(candidates.items);
        }
    }
    vt__free(faces);
}

/* ---- group ---- */

static void answer_grouped(vt__call *call, const vt__grouping *grouping, const char *const *faces, size_t count)
{
    vt__json *out = vt__json_object(), *groups = vt__json_array(), *messy = vt__json_array();
    for (uint32_t g = 0; g < grouping->group_count; g++) {
        vt__json *group = vt__json_array();
        for (size_t i = 0; i < count; i++)
            if (grouping->group_of[i] == g) vt__json_append(group, vt__json_string(faces[i]));
        vt__json_append(groups, group);
    }
    for (size_t i = 0; i < count; i++)
        if (grouping->group_of[i] >= grouping->group_count) vt__json_append(messy, vt__json_string(faces[i]));
    vt__json_set(out, "groups", groups);
    vt__json_set(out, "messyGroup", messy);
    vt__call_json(call, 200, out);
}

void vt__rest_group(vt__call *call)
{
    const char **faces = NULL;
    size_t count;
    vt__grouping grouping = { 0 };
    vt_error err;
    if (!vt__read_uuids(&faces, &count, call, "faceIds", 2, VT__GROUP_MAX, VT__WIRE_FACE_IDS_LENGTH, VT__WIRE_FACE_ID_INVALID))
        return;
    if (!faces) {
        vt__call_fail(call, VT__WIRE_FACE_IDS_LENGTH);
        return;
    }
    call->search = true;
    vt__code code = vt__service_group(&grouping, call->service, &call->caller, faces, count, &err);
    if (!vt__call_refused(call, code, &err)) {
        answer_grouped(call, &grouping, faces, count);
        vt__free(grouping.group_of);
    }
    vt__free(faces);
}
