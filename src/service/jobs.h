/* All jobs of a service: from its opening to its closing. */
#ifndef VT_SERVICE_JOBS_H
#define VT_SERVICE_JOBS_H

#include "service/job.h"

/* Goes on with what waits. The store and the engine are the service's. On failure *out may be set and is to be closed. */
vt_status vt__jobs_open(vt__jobs **out, vt__service *service, const vt__job_options *options, vt_error *err);
/* Lets go of what runs; it begins again at the next opening. NULL is allowed. */
void vt__jobs_close(vt__jobs *jobs);
/* Removes all of a tenant's, files and all. */
vt_status vt__jobs_drop_tenant(vt__jobs *jobs, const char *tenant, vt_error *err);
/* The same of those that index into an archive. */
vt_status vt__jobs_drop_archive(vt__jobs *jobs, const char *tenant, const char *archive, vt_error *err);
/* Removes what has expired, files and all; adds to *removed. */
vt_status vt__jobs_sweep(uint64_t *removed, vt__jobs *jobs, int64_t now_ms, vt_error *err);

#endif
