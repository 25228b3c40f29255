/* Legal hold: what is under it is neither deleted nor expired until it is released. A hold names a person (its id, in
 * whatever collections it is) or a collection ("persongroups/staff" on the wire, "pg/staff" here). */
#ifndef VT_SERVICE_HOLD_H
#define VT_SERVICE_HOLD_H

#include "service/collection.h"
#include "service/state.h"

/* PERSON_NOT_FOUND or COLLECTION_NOT_FOUND when nothing of that name is there; `reason` is kept with it (a case number). */
vt__code vt__hold_set(vt__service *service, const vt__caller *caller, const char *what, const char *reason, vt_error *err);
/* BAD_ID when there is none. */
vt__code vt__hold_release(vt__service *service, const vt__caller *caller, const char *what, vt_error *err);

/* HELD when the person, its collection (`scope`), or, with person_id NULL, anybody in the collection is under hold. The write
 * lock is held, so that no hold comes between this and the deletion. */
vt__code vt__hold_check(vt__service *service, const char *tenant, const char *scope, const char *person_id, vt_error *err);

#endif
