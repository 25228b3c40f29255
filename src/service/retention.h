/* How long what is kept may be kept, by rule, and what there is. One sweeper enforces: face ids, sessions and operations by
 * the expiry in their records, persons and faces of lists by the rules here, the audit by whole days. */
#ifndef VT_SERVICE_RETENTION_H
#define VT_SERVICE_RETENTION_H

#include "base/json.h"
#include "service/state.h"

enum { VT__RETENTION_MAX_DAYS = 36500 };
#define VT__RETENTION_PERSONS "persons" /* of every collection without a rule of its own, and faces of lists */
#define VT__RETENTION_AUDIT "audit"

/* `what` is "persons", "audit" or a collection ("pg/staff", "dir"); days 0 takes the rule away. BAD_ARGUMENT. */
vt__code vt__retention_set(vt__service *service, const vt__caller *caller, const char *what, int64_t days, vt_error *err);

/* Sets the rule for persons, when there is none yet. */
vt__code vt__retention_default(vt__service *service, const vt__caller *caller, int64_t days, vt_error *err);

/* Removes what is older than its rule, in all tenants; what is under hold stays. *removed: persons and faces. */
vt_status vt__retention_enforce(size_t *removed, vt__service *service, vt_error *err);

/* What the caller's tenant holds: rows of kind, collection, count, oldest, rule, next removal, and the holds. */
vt__code vt__retention_report(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err);

#endif
