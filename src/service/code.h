/* What an operation of the service answers beside its result: one list, from which the wire makes its own codes. */
#ifndef VT_SERVICE_CODE_H
#define VT_SERVICE_CODE_H

#include <vultus/status.h>

/* X(name, text). COLLECTION means the kind that the call named: the wire words it (PersonGroupNotFound ...). */
#define VT__CODE_MAP(X)                                                                                              \
    X(OK, "success")                                                                                                 \
    X(BAD_ARGUMENT, "an argument is invalid")                                                                        \
    X(BAD_ID, "an identifier is malformed")                                                                          \
    X(NAME_EMPTY, "'name' is empty")                                                                                 \
    X(NAME_TOO_LONG, "'name' is too long")                                                                           \
    X(USER_DATA_TOO_LONG, "'userData' is too long")                                                                  \
    X(NOTHING_TO_CHANGE, "both 'name' and 'userData' are absent")                                                    \
    X(MODEL_INVALID, "no such recognition model here")                                                               \
    X(MODEL_INCOMPATIBLE, "the recognition models differ")                                                           \
    X(FACE_NOT_FOUND, "the face id is unknown or expired")                                                           \
    X(COLLECTION_NOT_FOUND, "the collection is not found")                                                           \
    X(COLLECTION_EXISTS, "the collection exists already")                                                            \
    X(COLLECTION_EMPTY, "the face list is empty")                                                                    \
    X(NOT_TRAINED, "the collection was never trained")                                                               \
    X(TRAINING_RUNNING, "the collection is being trained")                                                           \
    X(PERSON_NOT_FOUND, "the person is not found")                                                                   \
    X(PERSON_WITHOUT_FACE, "the person has no persisted face")                                                       \
    X(PERSISTED_FACE_NOT_FOUND, "the persisted face is not found")                                                   \
    X(OPERATION_NOT_FOUND, "the operation is unknown or older than 48 hours")                                        \
    X(QUOTA_EXCEEDED, "a quota is reached")                                                                          \
    X(IMAGE_UNREADABLE, "the image format is unknown or the file damaged")                                           \
    X(IMAGE_TOO_SMALL, "the image file is too small")                                                                \
    X(IMAGE_TOO_BIG, "the image file is too big")                                                                    \
    X(NO_FACE, "no face in the image")                                                                               \
    X(MANY_FACES, "more than one face in the image")                                                                 \
    X(TARGET_OUTSIDE, "the target rectangle is out of range or holds no face")                                       \
    X(NOT_REGISTERED, "no use case is registered for this operation")                                                \
    X(NO_CONSENT, "the person's consent is absent or has ended")                                                     \
    X(SCOPE_MISSING, "the key has no scope for this operation")                                                      \
    X(POLICY_NOT_FOUND, "no such registration")                                                                      \
    X(REVIEW_NOT_FOUND, "no such review")                                                                            \
    X(TENANT_NOT_FOUND, "no such tenant")                                                                            \
    X(TENANT_EXISTS, "the tenant exists already")                                                                    \
    X(TENANT_OPEN, "the tenant is not suspended")                                                                    \
    X(JOB_NOT_FOUND, "no such job")                                                                                  \
    X(JOB_UNFINISHED, "the job has no result yet")                                                                   \
    X(JOBS_FULL, "no room for another job")                                                                          \
    X(ARCHIVE_NOT_FOUND, "no such archive")                                                                          \
    X(VIDEO_NOT_FOUND, "no such video in the archive")                                                               \
    X(ARCHIVE_EXISTS, "the archive exists already")                                                                  \
    X(RATE_LIMITED, "a rate guard refused")                                                                          \
    X(HELD, "it is under legal hold")                                                                                \
    X(CONFLICT, "another write on the same resource is running")                                                     \
    X(UNSUPPORTED, "not supported by this build or pack")                                                            \
    X(NO_MEMORY, "out of memory")                                                                                    \
    X(FAILED, "internal failure")

#define VT__CODE_ENTRY(name, text) VT__CODE_##name,
typedef enum vt__code { VT__CODE_MAP(VT__CODE_ENTRY) VT__CODE_COUNT } vt__code;
#undef VT__CODE_ENTRY

/* "COLLECTION_NOT_FOUND", and the text of the list. Static storage. */
const char *vt__code_name(vt__code code);
const char *vt__code_text(vt__code code);

/* Fills err (may be NULL) with the code's text and returns the code. */
vt__code vt__code_fail(vt_error *err, vt__code code);
/* The code for a failure below that is not the caller's fault; err stays as it was filled. */
vt__code vt__code_of(vt_status status);

#endif
