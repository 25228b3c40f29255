/* The threads that work on jobs: few, of low priority, so that requests go first. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/job_state.h"

enum { NICE = 10 };
static const int64_t longest_run_ms = INT64_C(7) * 86400000;

static const struct {
    const char *name;
    vt__job_work work;
} kinds[VT__JOB_KINDS] = { [VT__JOB_REDACTION] = { "redaction", vt__job_do_redaction }, [VT__JOB_INDEXING] = { "indexing", vt__job_do_indexing } };

bool vt__job_cancelled(void *payload)
{
    const vt__job_run *run = payload;
    return atomic_load(&run->job->cancelled) || atomic_load(&run->jobs->stopping);
}

void vt__job_progress(vt__jobs *jobs, vt__job *job, double share)
{
    pthread_mutex_lock(&jobs->lock);
    if (share > job->share && share <= 1) job->share = share;
    pthread_mutex_unlock(&jobs->lock);
}

/* When a tenant's last job was begun, among all. */
static uint64_t last_turn(const vt__jobs *jobs, const char *tenant)
{
    uint64_t last = 0;
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->items[i]->turn > last && !strcmp(jobs->items[i]->tenant, tenant)) last = jobs->items[i]->turn;
    return last;
}

/* The oldest waiting job of the tenant that was served longest ago: items stand by age. */
static vt__job *choose(const vt__jobs *jobs)
{
    vt__job *best = NULL;
    uint64_t best_turn = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        vt__job *job = jobs->items[i];
        if (job->state != VT__JOB_WAITING || job->running) continue;
        uint64_t turn = last_turn(jobs, job->tenant);
        if (best && turn >= best_turn) continue;
        best = job;
        best_turn = turn;
    }
    return best;
}

static void log_outcome(const vt__jobs *jobs, const vt__job *job, const char *outcome, const vt_error *err)
{
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "job", job->id);
    vt__json_set_string(fields, "kind", kinds[job->kind].name);
    vt__json_set_string(fields, "outcome", outcome);
    if (err) vt__json_set_string(fields, "code", vt_status_name(err->code));
    vt__log_write(jobs->service->log, err ? VT__LOG_WARNING : VT__LOG_INFO, "job", fields);
}

static void audit_end(vt__jobs *jobs, const vt__job *job)
{
    vt__caller caller = vt__job_caller(job);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "job", job->id);
    vt__json_set_string(fields, "kind", kinds[job->kind].name);
    vt__json_set_string(fields, "purpose", vt__policy_purpose(jobs->service, &caller, job->action));
    vt__audit_event(jobs->service, &caller, "JOB_END", fields, job->state == VT__JOB_SUCCEEDED ? VT__CODE_OK : VT__CODE_FAILED);
}

/* The lock is held. */
static void note_begin(vt__jobs *jobs, vt__job *job)
{
    job->state = VT__JOB_RUNNING;
    job->running = true;
    job->attempts++;
    job->share = 0;
    job->turn = ++jobs->turns;
    job->started_ms = vt__service_now_ms(jobs->service);
    job->expires_ms = job->started_ms + longest_run_ms;
}

/* The lock is held. Stopping lets go of a job as if it had not been begun. */
static void note_end(vt__jobs *jobs, vt__job *job, vt__json *found, vt_status status, const vt_error *err)
{
    int64_t now = vt__service_now_ms(jobs->service);
    if (status == VT_ECANCELLED && atomic_load(&jobs->stopping)) {
        job->state = VT__JOB_WAITING;
        job->attempts--;
        job->started_ms = 0;
        job->expires_ms = now + jobs->options.keep_ms;
        return;
    }
    job->state = status ? VT__JOB_FAILED : VT__JOB_SUCCEEDED;
    job->found = found;
    job->ended_ms = now;
    job->expires_ms = now + jobs->options.keep_ms;
    if (status) snprintf(job->error, sizeof job->error, "%s", err->text);
}

/* Writes how it ended, and lets the files go that are of no use any more. The worker still has the job. */
static void settle(vt__jobs *jobs, vt__job *job, const vt_error *err)
{
    vt_error failure;
    bool ended = job->state != VT__JOB_WAITING;
    if (vt__job_write(jobs, job, VT__REPLACE, &failure) && failure.code != VT_ENOTFOUND) log_outcome(jobs, job, "not recorded", &failure);
    if (job->state != VT__JOB_SUCCEEDED) vt__job_drop_result(jobs, job);
    if (!ended) return;
    vt__job_drop_upload(jobs, job);
    audit_end(jobs, job);
    log_outcome(jobs, job, job->state == VT__JOB_SUCCEEDED ? "succeeded" : "failed", job->state == VT__JOB_SUCCEEDED ? NULL : err);
}

static void release(vt__jobs *jobs, vt__job *job)
{
    pthread_mutex_lock(&jobs->lock);
    job->running = false;
    bool removed = job->removed;
    pthread_mutex_unlock(&jobs->lock);
    if (!removed) return;
    vt__job_drop_upload(jobs, job);
    vt__job_drop_result(jobs, job);
    vt__job_free(job);
}

static void run_one(vt__jobs *jobs, vt__job *job, vt_session *session)
{
    vt__json *found = NULL;
    vt_error err = { .code = VT_OK };
    vt_status status = vt__job_write(jobs, job, VT__REPLACE, &err);
    vt__job_drop_result(jobs, job); /* half of one, of an earlier attempt */
    if (!status && !session) status = vt__fail(&err, VT_ENOMEM, "no session of the engine can be opened");
    if (!status) status = kinds[job->kind].work(&found, jobs, job, session, &err);
    pthread_mutex_lock(&jobs->lock);
    bool removed = job->removed;
    if (removed) vt__json_free(found);
    else note_end(jobs, job, status ? (vt__json_free(found), NULL) : found, status, &err);
    pthread_mutex_unlock(&jobs->lock);
    if (!removed) settle(jobs, job, &err);
    release(jobs, job);
}

static void *work(void *argument)
{
    vt__jobs *jobs = argument;
    vt_session *session = NULL;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE); /* of this thread alone */
    pthread_mutex_lock(&jobs->lock);
    while (!atomic_load(&jobs->stopping)) {
        vt__job *job = choose(jobs);
        if (!job) {
            if (session) vt_session_close(session); /* its memory is not held while nothing is to do */
            session = NULL;
            pthread_cond_wait(&jobs->wake, &jobs->lock);
            continue;
        }
        note_begin(jobs, job);
        pthread_mutex_unlock(&jobs->lock);
        if (!session && vt_session_open(&session, jobs->service->engine, NULL)) session = NULL;
        run_one(jobs, job, session);
        pthread_mutex_lock(&jobs->lock);
    }
    pthread_mutex_unlock(&jobs->lock);
    if (session) vt_session_close(session);
    return NULL;
}

void vt__job_workers_start(vt__jobs *jobs)
{
    while (jobs->started < jobs->options.workers && !pthread_create(&jobs->threads[jobs->started], NULL, work, jobs)) jobs->started++;
}
