/* Limits that make surveillance-like use fail: how often one person may be identified, and for how long one camera may ask
 * without a pause. On by default, set for a tenant. Counted in memory, kept in the store every half minute and at the end, so
 * that a restart begins no count anew. */
#ifndef VT_SERVICE_GUARD_H
#define VT_SERVICE_GUARD_H

#include "base/json.h"
#include "service/service.h"

typedef struct vt__guard vt__guard;
vt__guard *vt__guard_open(void); /* NULL: no memory */
void vt__guard_close(vt__guard *guard);
/* Counts that still limit something: kept as digests of ids with times, none older than an hour. Nothing is written when nothing
 * changed. */
vt_status vt__guard_save(vt__service *service, vt_error *err);
vt_status vt__guard_load(vt__service *service, vt_error *err);

/* "personPerHour" (0: no limit), "streamMinutes" (0: no limit), "streamPauseSeconds". Setting needs the admin scope. */
vt__code vt__guard_get(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err);
vt__code vt__guard_set(vt__service *service, const vt__caller *caller, const vt__json *given, vt_error *err);

/* Before an identification: RATE_LIMITED when the caller's camera asks without a pause for too long. Callers without a camera
 * label have no stream. */
vt__code vt__guard_stream(vt__service *service, const vt__caller *caller, vt_error *err);
/* After one: RATE_LIMITED when the person was identified too often; then nothing is to be answered. */
vt__code vt__guard_person(vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err);

#endif
