/* Work on videos that outlasts a request: redaction, indexing. A job is a record in the store and at most two sealed files
 * in DATA/jobs; it survives a restart and a kill, and goes with all it has when it expires.
 *
 * Few threads of low priority do the work, oldest job of the tenant first that waited longest. Uploads and results are
 * sealed under a key of the job's own, which dies with its record: nothing of a video ever lies plain on the disk. */
#ifndef VT_SERVICE_JOB_H
#define VT_SERVICE_JOB_H

#include "base/json.h"
#include "base/sealed_file.h"
#include "service/redaction.h"

typedef struct vt__jobs vt__jobs;
typedef struct vt__upload vt__upload;

typedef enum vt__job_kind { VT__JOB_REDACTION = 0, VT__JOB_INDEXING, VT__JOB_KINDS } vt__job_kind;
#define VT__JOB_ANY VT__JOB_KINDS

enum { VT__JOB_ATTEMPTS = 3, VT__JOB_UPLOADS = 8, VT__JOB_ENDING_BYTES = 8 };

/* ---- uploads ---- */

/* Room for a video that is about to come; quick. `announced_bytes` 0: not known. JOBS_FULL: too many jobs, uploads or bytes;
 * UNSUPPORTED: this server runs no jobs. */
vt__code vt__upload_begin(vt__upload **out, vt__service *service, const vt__caller *caller, uint64_t announced_bytes, vt_error *err);
/* One user at a time. False: no room; the upload is of no use any more. */
bool vt__upload_take(vt__upload *upload, const void *bytes, size_t size_bytes);
uint64_t vt__upload_bytes(const vt__upload *upload);
/* Removes what has come. NULL is allowed. */
void vt__upload_drop(vt__upload *upload);
/* The largest video that is taken. */
uint64_t vt__upload_most_bytes(const vt__service *service);

/* ---- jobs; what a job is, is answered as the wire shows it ---- */

/* Has an upload redacted into a container ("mp4"). Takes the upload over in any case. */
vt__code vt__job_redact(vt__json **out, vt__service *service, const vt__caller *caller, vt__upload *upload, const vt__redaction *what,
                        const char *ending, vt_error *err);

/* Jobs of the caller's tenant that its scopes may see; `kind` VT__JOB_ANY: of any. JOB_NOT_FOUND. */
vt__code vt__job_list(vt__json **out, vt__service *service, const vt__caller *caller, vt__job_kind kind, vt_error *err);
vt__code vt__job_get(vt__json **out, vt__service *service, const vt__caller *caller, vt__job_kind kind, const char *id, vt_error *err);
/* Ends a job that runs, and removes all of it at once. */
vt__code vt__job_delete(vt__service *service, const vt__caller *caller, vt__job_kind kind, const char *id, vt_error *err);
/* The result, open for reading: vt__sealed_close. JOB_UNFINISHED: err says whether it waits, runs or has failed. */
vt__code vt__job_result(vt__sealed_file **out, char ending[VT__JOB_ENDING_BYTES], vt__service *service, const vt__caller *caller,
                        const char *id, vt_error *err);

#endif
