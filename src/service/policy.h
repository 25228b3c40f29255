/* The one gate before every operation: scopes of the key, then the use case registered for it. Fails closed. */
#ifndef VT_SERVICE_POLICY_H
#define VT_SERVICE_POLICY_H

#include "service/service.h"
#include "store/store.h"

/* X(name, scope, recognition): the last says whether a registered use is needed. */
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
    X(OPERATION_READ, VT__SCOPE_MANAGE, false)                                                                        \
    X(LIVENESS, VT__SCOPE_LIVENESS, true)                                                                            \
    X(ARCHIVE, VT__SCOPE_RECOGNIZE, true)                                                                            \
    X(HIDE_PERSON, VT__SCOPE_RECOGNIZE, true) /* redaction that keeps or hides chosen people */

#define VT__ACTION_ENTRY(name, scope, recognition) VT__ACTION_##name,
typedef enum vt__action { VT__ACTION_MAP(VT__ACTION_ENTRY) VT__ACTION_COUNT } vt__action;
#undef VT__ACTION_ENTRY
const char *vt__action_name(vt__action action);
uint32_t vt__action_scope(vt__action action);

/* OK, SCOPE_MISSING or NOT_REGISTERED. */
vt__code vt__policy_check(vt__service *service, const vt__caller *caller, vt__action action, vt_error *err);

/* The purpose under which a caller may act ("touchless-access"), for the audit; NULL when none is registered. Static text. */
const char *vt__policy_purpose(vt__service *service, const vt__caller *caller, vt__action action);

/* Whether a purpose under which the caller may act asks for consent of every person; any one such purpose does. */
bool vt__policy_requires_consent(vt__service *service, const vt__caller *caller, vt__action action);

/* The gate's own memory of what is registered, in step with the store. */
typedef struct vt__policies vt__policies;
vt_status vt__policies_open(vt__policies **out, vt__store *store, vt_error *err);
void vt__policies_close(vt__policies *policies);
/* Reads the store again; until it has, nothing is permitted. */
vt_status vt__policies_reload(vt__policies *policies, vt__store *store, vt_error *err);

#endif
