/* What operations on videos share: uploads and sealed files as answers. */
#ifndef VT_REST_JOBS_H
#define VT_REST_JOBS_H

#include "rest/call.h"
#include "service/job.h"

/* The video that the request brought, the caller's from now on. NULL: there is none, answered. */
vt__upload *vt__take_upload(vt__call *call);

/* Answers a file, whole or the range that is asked for, reading it as it is sent. Takes it over. `type` is static text. */
void vt__answer_sealed(vt__call *call, vt__sealed_file *file, const char *type);

#endif
