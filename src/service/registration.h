/* Uses of recognition and liveness as their owner registers them: who, for what purpose of api/purposes.tsv, on what legal
 * basis, with what safeguards, until when. The gate (policy.h) permits only what a registered purpose permits. */
#ifndef VT_SERVICE_REGISTRATION_H
#define VT_SERVICE_REGISTRATION_H

#include "base/json.h"
#include "service/policy.h"

typedef struct vt__purpose {
    const char *id, *sector; /* "commercial" or "public" */
    bool consent_required;   /* on every person that is identified or verified */
    int64_t retention_days;  /* the longest that persons may be kept under it */
    uint32_t actions;        /* 1 << vt__action */
    const char *summary;
} vt__purpose;
/* NULL at the end. */
const vt__purpose *vt__purpose_at(size_t index);
const vt__purpose *vt__purpose_find(const char *id); /* NULL: unknown */

enum { VT__POLICY_DAYS = 365, VT__POLICY_MAX_DAYS = 730, VT__EVALUATION_DAYS = 30 };
#define VT__EVALUATION_PURPOSE "evaluation" /* every action, only while the service is opened with `evaluation` */

/* Members of a registration that must be given, with what each says. NULL names end it. */
typedef struct vt__policy_member {
    const char *name, *help;
} vt__policy_member;
extern const vt__policy_member vt__policy_members[];
/* What "termsAccepted": true acknowledges. */
extern const char *const vt__policy_terms;

/* Registers a use of the keys named in "keys" (an array of key ids; "program" is this program's own commands). `given` holds
 * the members above, "retentionDays" (1 to the purpose's), "days" (optional, until it ends) and "termsAccepted". *out is the
 * registration with its "policyId"; its days become the rule for persons when none is set (retention.h). BAD_ARGUMENT: err says which member lacks what. Needs the admin scope. */
vt__code vt__policy_register(vt__json **out, vt__service *service, const vt__caller *caller, const vt__json *given, vt_error *err);
/* An array of the tenant's registrations, revoked and expired ones too, with "state": active, expired or revoked. */
vt__code vt__policy_list(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err);
/* POLICY_NOT_FOUND. */
vt__code vt__policy_show(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err);
/* In force when it returns. */
vt__code vt__policy_revoke(vt__service *service, const vt__caller *caller, const char *id, vt_error *err);

/* Finds or makes the evaluation of this data folder: its 30 days count from the first start with it. *until_ms. */
vt_status vt__policy_evaluate(int64_t *until_ms, vt__service *service, vt_error *err);

#endif
