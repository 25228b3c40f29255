/* What the service refuses, in the wire's codes: the same failure is worded by the kind of collection and by whether
 * the call searches in it (400) or works on it (404). */
#include "rest/call.h"

typedef struct kind_errors {
    vt__wire_error bad_id, not_found, not_found_in_search, exists, not_trained, not_trained_in_search, training;
} kind_errors;

#define TRAINED(K)                                                                                                   \
    { VT__WIRE_##K##_ID_INVALID, VT__WIRE_##K##_NOT_FOUND, VT__WIRE_##K##_NOT_FOUND_IN_SEARCH, VT__WIRE_##K##_EXISTS, \
      VT__WIRE_##K##_NOT_TRAINED, VT__WIRE_##K##_NOT_TRAINED_IN_SEARCH, VT__WIRE_##K##_TRAINING }
#define UNTRAINED(K)                                                                                                 \
    { VT__WIRE_##K##_ID_INVALID, VT__WIRE_##K##_NOT_FOUND, VT__WIRE_##K##_NOT_FOUND_IN_SEARCH, VT__WIRE_##K##_EXISTS, \
      VT__WIRE_INTERNAL, VT__WIRE_INTERNAL, VT__WIRE_CONFLICT }

static const kind_errors by_kind[VT__KIND_COUNT + 1] = {
    [VT__KIND_FACE_LIST] = UNTRAINED(FACE_LIST),
    [VT__KIND_LARGE_FACE_LIST] = TRAINED(LARGE_FACE_LIST),
    [VT__KIND_PERSON_GROUP] = TRAINED(PERSON_GROUP),
    [VT__KIND_LARGE_PERSON_GROUP] = TRAINED(LARGE_PERSON_GROUP),
    [VT__KIND_DYNAMIC_GROUP] = UNTRAINED(DYNAMIC_PERSON_GROUP),
    [VT__KIND_DIRECTORY] = { VT__WIRE_PERSON_ID_INVALID, VT__WIRE_PERSON_NOT_FOUND, VT__WIRE_PERSON_NOT_FOUND_IN_SEARCH,
                             VT__WIRE_CONFLICT, VT__WIRE_INTERNAL, VT__WIRE_INTERNAL, VT__WIRE_CONFLICT },
    [VT__KIND_NONE] = { VT__WIRE_FACE_ID_INVALID, VT__WIRE_NOT_FOUND, VT__WIRE_NOT_FOUND, VT__WIRE_CONFLICT,
                        VT__WIRE_INTERNAL, VT__WIRE_INTERNAL, VT__WIRE_CONFLICT },
};

/* Codes that mean the same everywhere; the rest is decided below. */
static const struct {
    vt__code code;
    vt__wire_error error;
} plain[] = {
    { VT__CODE_BAD_ARGUMENT, VT__WIRE_ARGUMENT },
    { VT__CODE_NAME_EMPTY, VT__WIRE_NAME_EMPTY },
    { VT__CODE_NAME_TOO_LONG, VT__WIRE_NAME_LONG },
    { VT__CODE_USER_DATA_TOO_LONG, VT__WIRE_USER_DATA_LONG },
    { VT__CODE_NOTHING_TO_CHANGE, VT__WIRE_NAME_AND_USER_DATA_EMPTY },
    { VT__CODE_MODEL_INVALID, VT__WIRE_RECOGNITION_MODEL },
    { VT__CODE_MODEL_INCOMPATIBLE, VT__WIRE_MODEL_INCOMPATIBLE },
    { VT__CODE_COLLECTION_EMPTY, VT__WIRE_FACE_LIST_EMPTY },
    { VT__CODE_PERSON_WITHOUT_FACE, VT__WIRE_PERSON_WITHOUT_FACE },
    { VT__CODE_OPERATION_NOT_FOUND, VT__WIRE_OPERATION_NOT_FOUND },
    { VT__CODE_QUOTA_EXCEEDED, VT__WIRE_QUOTA },
    { VT__CODE_IMAGE_UNREADABLE, VT__WIRE_IMAGE_FORMAT },
    { VT__CODE_IMAGE_TOO_SMALL, VT__WIRE_IMAGE_SMALL },
    { VT__CODE_IMAGE_TOO_BIG, VT__WIRE_IMAGE_BIG },
    { VT__CODE_NO_FACE, VT__WIRE_IMAGE_NO_FACE },
    { VT__CODE_MANY_FACES, VT__WIRE_IMAGE_MANY_FACES },
    { VT__CODE_TARGET_OUTSIDE, VT__WIRE_TARGET_FACE_RANGE },
    { VT__CODE_NOT_REGISTERED, VT__WIRE_FEATURE_OFF },
    { VT__CODE_SCOPE_MISSING, VT__WIRE_FORBIDDEN },
    { VT__CODE_JOB_NOT_FOUND, VT__WIRE_JOB_NOT_FOUND },
    { VT__CODE_JOB_UNFINISHED, VT__WIRE_JOB_UNFINISHED },
    { VT__CODE_JOBS_FULL, VT__WIRE_JOBS_FULL },
    { VT__CODE_ARCHIVE_NOT_FOUND, VT__WIRE_ARCHIVE_NOT_FOUND },
    { VT__CODE_VIDEO_NOT_FOUND, VT__WIRE_VIDEO_NOT_FOUND },
    { VT__CODE_ARCHIVE_EXISTS, VT__WIRE_ARCHIVE_EXISTS },
    { VT__CODE_RATE_LIMITED, VT__WIRE_GUARDED },
    { VT__CODE_TENANT_NOT_FOUND, VT__WIRE_TENANT_NOT_FOUND },
    { VT__CODE_TENANT_EXISTS, VT__WIRE_TENANT_EXISTS },
    { VT__CODE_TENANT_OPEN, VT__WIRE_TENANT_OPEN },
    { VT__CODE_REVIEW_NOT_FOUND, VT__WIRE_REVIEW_NOT_FOUND },
    { VT__CODE_CONFLICT, VT__WIRE_CONFLICT },
    { VT__CODE_POLICY_NOT_FOUND, VT__WIRE_POLICY_NOT_FOUND },
    { VT__CODE_HELD, VT__WIRE_HELD },
    { VT__CODE_NO_CONSENT, VT__WIRE_NO_CONSENT },
    { VT__CODE_UNSUPPORTED, VT__WIRE_UNAVAILABLE },
};

static bool find_plain(vt__wire_error *out, vt__code code)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (plain[i].code != code) continue;
        *out = plain[i].error;
        return true;
    }
    return false;
}

static vt__wire_error person_missing(const vt__call *call)
{
    if (call->search) return VT__WIRE_PERSON_NOT_FOUND_IN_SEARCH;
    return call->kind == VT__KIND_PERSON_GROUP || call->kind == VT__KIND_LARGE_PERSON_GROUP ? VT__WIRE_PERSON_ID_NOT_FOUND
                                                                                            : VT__WIRE_PERSON_NOT_FOUND;
}

static vt__wire_error error_of(const vt__call *call, vt__code code)
{
    const kind_errors *kind = &by_kind[call->kind];
    vt__wire_error error;
    if (find_plain(&error, code)) return error;
    switch (code) {
    case VT__CODE_BAD_ID: return kind->bad_id;
    case VT__CODE_FACE_NOT_FOUND: return call->search ? VT__WIRE_FACE_NOT_FOUND_IN_SEARCH : VT__WIRE_FACE_NOT_FOUND;
    case VT__CODE_COLLECTION_NOT_FOUND: return call->search ? kind->not_found_in_search : kind->not_found;
    case VT__CODE_COLLECTION_EXISTS: return kind->exists;
    case VT__CODE_NOT_TRAINED: return call->search ? kind->not_trained_in_search : kind->not_trained;
    case VT__CODE_TRAINING_RUNNING: return kind->training;
    case VT__CODE_PERSON_NOT_FOUND: return person_missing(call);
    case VT__CODE_PERSISTED_FACE_NOT_FOUND:
        return call->kind == VT__KIND_LARGE_FACE_LIST ? VT__WIRE_LARGE_FACE_LIST_FACE_NOT_FOUND
                                                      : VT__WIRE_PERSISTED_FACE_NOT_FOUND;
    default: return VT__WIRE_INTERNAL;
    }
}

/* What stands in the gap of the message. */
static const char *about(const vt__call *call, vt__wire_error error, const vt_error *err)
{
    switch (error) {
    case VT__WIRE_INTERNAL: return call->request->id;
    case VT__WIRE_FORBIDDEN: return vt__scope_name(call->operation->scope);
    case VT__WIRE_CONFLICT: return "the same resource";
    case VT__WIRE_PERSON_ID_NOT_FOUND: return vt__http_param(call->request, "personId");
    case VT__WIRE_PERSISTED_FACE_NOT_FOUND:
    case VT__WIRE_LARGE_FACE_LIST_FACE_NOT_FOUND: return vt__http_param(call->request, "persistedFaceId");
    case VT__WIRE_DYNAMIC_PERSON_GROUP_EXISTS: return vt__http_param(call->request, "dynamicPersonGroupId");
    default: return err->text;
    }
}

bool vt__call_refused(vt__call *call, vt__code code, const vt_error *err)
{
    if (code == VT__CODE_OK) return false;
    vt__wire_error error = error_of(call, code);
    if (error == VT__WIRE_INTERNAL) vt__call_log_failure(call, vt__code_name(code), err);
    vt__wire_error_set(call->response, error, about(call, error, err));
    return true;
}
