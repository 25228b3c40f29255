/* The one gate before every operation: scopes of the key, then the use case registered for it. Fails closed. */
#ifndef VT_SERVICE_POLICY_H
#define VT_SERVICE_POLICY_H

#include "service/service.h"

/* X(name, scope, recognition): recognition operations need a registered use case. */
#define VT__ACTION_MAP(X)                                                                                            \
    X(DETECT, VT__SCOPE_DETECT, false)                                                                               \
    X(DETECT_FACE_ID, VT__SCOPE_RECOGNIZE, true)                                                                     \
    X(VERIFY, VT__SCOPE_RECOGNIZE, true)                                                                             \
    X(IDENTIFY, VT__SCOPE_RECOGNIZE, true)                                                                           \
    X(SIMILAR, VT__SCOPE_RECOGNIZE, true)                                                                            \
    X(GROUP, VT__SCOPE_RECOGNIZE, true)                                                                              \
    X(COLLECTION_READ, VT__SCOPE_MANAGE, true)                                                                       \
    X(COLLECTION_WRITE, VT__SCOPE_MANAGE, true)                                                                      \
    X(PERSON_READ, VT__SCOPE_MANAGE, true)                                                                           \
    X(PERSON_WRITE, VT__SCOPE_MANAGE, true)                                                                          \
    X(FACE_READ, VT__SCOPE_MANAGE, true)                                                                             \
    X(FACE_WRITE, VT__SCOPE_MANAGE, true)                                                                            \
    X(TRAIN, VT__SCOPE_MANAGE, true)                                                                                 \
    X(OPERATION_READ, VT__SCOPE_MANAGE, false)

#define VT__ACTION_ENTRY(name, scope, recognition) VT__ACTION_##name,
typedef enum vt__action { VT__ACTION_MAP(VT__ACTION_ENTRY) VT__ACTION_COUNT } vt__action;
#undef VT__ACTION_ENTRY
const char *vt__action_name(vt__action action);

/* OK, SCOPE_MISSING or NOT_REGISTERED. */
vt__code vt__policy_check(vt__service *service, const vt__caller *caller, vt__action action, vt_error *err);

/* Registers a use for a tenant's key until a time: `actions` is a mask of 1 << vt__action. */
vt_status vt__policy_register(vt__service *service, const char *tenant, const char *key_id, const char *purpose,
                              uint32_t actions, int64_t until_ms, vt_error *err);
/* VT_ENOTFOUND when none is registered. */
vt_status vt__policy_revoke(vt__service *service, const char *tenant, const char *key_id, vt_error *err);

#endif
