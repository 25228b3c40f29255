/* Indexing videos into an archive as a job. */
#include "base/error.h"
#include "service/job_state.h"

vt_status vt__job_do_indexing(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err)
{
    (void)found;
    (void)jobs;
    (void)job;
    (void)session;
    return vt__fail(err, VT_EUNSUPPORTED, "indexing comes next");
}
