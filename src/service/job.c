#include "service/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/job_state.h"
#include "service/jobs.h"

static const uint64_t gib = (uint64_t)1 << 30;
static const int64_t day_ms = INT64_C(86400000);

/* ---- the table; the lock is held ---- */

static vt_status put_in(vt__jobs *jobs, vt__job *job, vt_error *err)
{
    vt__job **grown = vt__realloc(jobs->items, jobs->count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    jobs->items = grown;
    jobs->items[jobs->count++] = job;
    return VT_OK;
}

static void take_out(vt__jobs *jobs, const vt__job *job)
{
    size_t place = 0;
    while (place < jobs->count && jobs->items[place] != job) place++;
    if (place == jobs->count) return;
    memmove(jobs->items + place, jobs->items + place + 1, (jobs->count - place - 1) * sizeof *jobs->items);
    jobs->count--;
}

static bool may_see(const vt__caller *caller, const vt__job *job)
{
    return !strcmp(caller->tenant, job->tenant) && (caller->scopes & (vt__action_scope(job->action) | VT__SCOPE_ADMIN));
}

static vt__code find(vt__job **out, vt__jobs *jobs, const vt__caller *caller, vt__job_kind kind, const char *id, vt_error *err)
{
    for (size_t i = 0; i < jobs->count; i++) {
        *out = jobs->items[i];
        bool fits = kind == VT__JOB_ANY || (*out)->kind == kind;
        if (fits && !strcmp((*out)->id, id) && may_see(caller, *out)) return VT__CODE_OK;
    }
    *out = NULL;
    return vt__code_fail(err, VT__CODE_JOB_NOT_FOUND);
}

/* ---- opening ---- */

static void fill_defaults(vt__job_options *o)
{
    if (!o->most_jobs) o->most_jobs = 100;
    if (!o->most_upload_bytes) o->most_upload_bytes = 2 * gib;
    if (!o->most_stored_bytes) o->most_stored_bytes = 20 * gib;
    if (!o->keep_ms) o->keep_ms = day_ms;
}

/* One that was being worked on begins again, unless it has ended the process so often before. */
static void settle(vt__jobs *jobs, vt__job *job)
{
    if (job->state == VT__JOB_RUNNING) job->state = VT__JOB_WAITING;
    if (job->state != VT__JOB_WAITING || job->attempts < VT__JOB_ATTEMPTS) return;
    job->state = VT__JOB_FAILED;
    job->ended_ms = vt__service_now_ms(jobs->service);
    job->expires_ms = job->ended_ms + jobs->options.keep_ms;
    snprintf(job->error, sizeof job->error, "The server ended %d times while it worked on this; it is not tried again.", job->attempts);
    vt__job_write(jobs, job, VT__REPLACE, NULL);
}

static int by_age(const void *a, const void *b)
{
    const vt__job *x = *(vt__job *const *)a, *y = *(vt__job *const *)b;
    if (x->created_ms != y->created_ms) return x->created_ms < y->created_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

static vt_status load(vt__jobs *jobs, vt_error *err)
{
    vt__records found;
    const vt__query query = { .kind = VT__RECORD_JOB, .scope = VT__SCOPE_JOBS };
    vt_status status = vt__store_find(&found, jobs->service->store, &query, err);
    for (size_t i = 0; i < found.count && !status; i++) {
        vt__job *job = vt__job_read(&found.items[i]);
        if (!job) continue; /* its record goes when it expires */
        status = put_in(jobs, job, err);
        if (status) vt__job_free(job);
        else settle(jobs, job);
    }
    vt__records_free(&found);
    if (!status && jobs->count) qsort(jobs->items, jobs->count, sizeof *jobs->items, by_age);
    return status ? status : vt__job_tidy(jobs, err);
}

vt_status vt__jobs_open(vt__jobs **out, vt__service *service, const vt__job_options *options, vt_error *err)
{
    vt__jobs *jobs = vt__calloc(1, sizeof *jobs);
    *out = jobs;
    if (!jobs) return vt__fail_memory(err, sizeof *jobs);
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->wake, NULL);
    jobs->service = service;
    jobs->options = *options;
    fill_defaults(&jobs->options);
    jobs->options.archive_root = NULL;
    jobs->archive_root = vt__strdup(options->archive_root);
    jobs->folder = vt__path_join(service->data_folder, "jobs");
    if (!jobs->options.workers || !service->engine) return VT_OK;
    jobs->threads = vt__calloc((size_t)jobs->options.workers, sizeof *jobs->threads);
    bool memory = jobs->folder && jobs->threads && (jobs->archive_root || !options->archive_root);
    vt_status status = memory ? vt__folder_make(jobs->folder, 0700, err) : vt__fail_memory(err, 1);
    if (!status) status = load(jobs, err);
    pthread_mutex_lock(&jobs->lock);
    if (!status && jobs->count) vt__job_workers_start(jobs);
    pthread_mutex_unlock(&jobs->lock);
    return status;
}

void vt__jobs_close(vt__jobs *jobs)
{
    if (!jobs) return;
    atomic_store(&jobs->stopping, true);
    pthread_mutex_lock(&jobs->lock);
    pthread_cond_broadcast(&jobs->wake);
    pthread_mutex_unlock(&jobs->lock);
    for (int i = 0; i < jobs->started; i++) pthread_join(jobs->threads[i], NULL);
    for (size_t i = 0; i < jobs->count; i++) vt__job_free(jobs->items[i]);
    pthread_cond_destroy(&jobs->wake);
    pthread_mutex_destroy(&jobs->lock);
    vt__free(jobs->items);
    vt__free(jobs->threads);
    vt__free(jobs->folder);
    vt__free(jobs->archive_root);
    vt__free(jobs);
}

/* ---- making ---- */

static void discard(vt__jobs *jobs, vt__job *job)
{
    pthread_mutex_lock(&jobs->lock);
    take_out(jobs, job);
    pthread_mutex_unlock(&jobs->lock);
    vt__job_drop_upload(jobs, job);
    vt__job_drop_result(jobs, job);
    vt__job_free(job);
}

/* Gives a new one to the workers, unless it was deleted already. */
static void begin_waiting(vt__jobs *jobs, vt__job *job)
{
    pthread_mutex_lock(&jobs->lock);
    bool removed = job->removed;
    job->running = false;
    if (!removed) {
        vt__job_workers_start(jobs);
        pthread_cond_signal(&jobs->wake);
    }
    pthread_mutex_unlock(&jobs->lock);
    if (!removed) return;
    vt__job_destroy(jobs, job, NULL);
    discard(jobs, job);
}

static vt__job *make(vt__jobs *jobs, const vt__caller *caller, vt__job_kind kind, vt__action action, vt__json *asked)
{
    vt__job *job = vt__calloc(1, sizeof *job);
    if (!job || !asked) {
        vt__free(job);
        vt__json_free(asked);
        return NULL;
    }
    vt__uuid_make(job->id);
    vt__random_bytes(job->key, sizeof job->key);
    snprintf(job->tenant, sizeof job->tenant, "%s", caller->tenant);
    snprintf(job->key_id, sizeof job->key_id, "%s", caller->key_id);
    job->scopes = caller->scopes;
    job->kind = kind;
    job->action = action;
    job->asked = asked;
    job->created_ms = vt__service_now_ms(jobs->service);
    job->expires_ms = job->created_ms + jobs->options.keep_ms;
    job->running = true; /* no worker takes it before its record is there */
    return job;
}

static vt__code enter(vt__jobs *jobs, vt__job *job, vt_error *err)
{
    pthread_mutex_lock(&jobs->lock);
    vt__code code = vt__job_room(jobs, job->tenant, err);
    if (!code) code = vt__code_of(put_in(jobs, job, err));
    pthread_mutex_unlock(&jobs->lock);
    return code;
}

vt__code vt__job_add(vt__json **out, vt__service *service, const vt__caller *caller, vt__job_kind kind, vt__action action, vt__json *asked,
                     vt__upload *upload, vt_error *err)
{
    vt__jobs *jobs = service->jobs;
    vt__job *job = make(jobs, caller, kind, action, asked);
    if (!job || (upload && vt__upload_become(job, upload, err))) {
        if (!job) vt__upload_drop(upload);
        vt__job_free(job);
        return job ? VT__CODE_FAILED : vt__code_fail(err, VT__CODE_NO_MEMORY);
    }
    vt__code code = enter(jobs, job, err);
    if (!code) code = vt__code_of(vt__job_write(jobs, job, VT__ADD, err));
    if (code) {
        discard(jobs, job);
        return code;
    }
    *out = vt__job_json(job, job->created_ms);
    begin_waiting(jobs, job);
    return VT__CODE_OK;
}

/* ---- looking ---- */

vt__code vt__job_list(vt__json **out, vt__service *service, const vt__caller *caller, vt__job_kind kind, vt_error *err)
{
    vt__jobs *jobs = service->jobs;
    int64_t now = vt__service_now_ms(service);
    (void)err;
    *out = vt__json_array();
    pthread_mutex_lock(&jobs->lock);
    for (size_t i = 0; i < jobs->count; i++) {
        const vt__job *job = jobs->items[i];
        if (may_see(caller, job) && (kind == VT__JOB_ANY || kind == job->kind)) vt__json_append(*out, vt__job_json(job, now));
    }
    pthread_mutex_unlock(&jobs->lock);
    return VT__CODE_OK;
}

vt__code vt__job_get(vt__json **out, vt__service *service, const vt__caller *caller, vt__job_kind kind, const char *id, vt_error *err)
{
    vt__jobs *jobs = service->jobs;
    vt__job *job;
    pthread_mutex_lock(&jobs->lock);
    vt__code code = find(&job, jobs, caller, kind, id, err);
    if (!code) *out = vt__job_json(job, vt__service_now_ms(service));
    pthread_mutex_unlock(&jobs->lock);
    return code;
}

static vt__code unfinished(const vt__job *job, vt_error *err)
{
    if (!job->running && job->state == VT__JOB_FAILED) vt__fail(err, VT_ECONFLICT, "The job has failed: %s", job->error);
    else vt__fail(err, VT_ECONFLICT, "The job is %s; ask again when it has succeeded.", job->running ? "running" : "waiting");
    return VT__CODE_JOB_UNFINISHED;
}

vt__code vt__job_result(vt__sealed_file **out, char ending[VT__JOB_ENDING_BYTES], vt__service *service, const vt__caller *caller,
                        const char *id, vt_error *err)
{
    vt__jobs *jobs = service->jobs;
    vt__job *job;
    uint8_t key[VT__KEY_BYTES] = { 0 };
    uint64_t size = 0;
    vt__action action = VT__ACTION_DETECT;
    pthread_mutex_lock(&jobs->lock);
    vt__code code = find(&job, jobs, caller, VT__JOB_REDACTION, id, err);
    if (!code && (job->running || job->state != VT__JOB_SUCCEEDED)) code = unfinished(job, err);
    if (!code) {
        memcpy(key, job->key, sizeof key);
        size = job->result_bytes;
        action = job->action;
        snprintf(ending, VT__JOB_ENDING_BYTES, "%s", vt__json_string_or(job->asked, "ending", "mp4"));
    }
    pthread_mutex_unlock(&jobs->lock);
    if (!code) code = vt__policy_check(service, caller, action, err);
    char *path = code ? NULL : vt__job_path(jobs, id, "out");
    if (!code) {
        vt_status status = path ? vt__sealed_open(out, path, size, key, err) : vt__fail_memory(err, 1);
        code = status == VT_ENOTFOUND ? vt__code_fail(err, VT__CODE_JOB_NOT_FOUND) : vt__code_of(status);
    }
    vt__free(path);
    vt__wipe(key, sizeof key);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "job", id);
    vt__audit_event(service, caller, "JOB_RESULT", fields, code);
    return code;
}

/* ---- removing ---- */

/* Takes it from the table; the worker that has it, if any, cleans up behind itself. The lock is held. */
static bool detach(vt__jobs *jobs, vt__job *job)
{
    take_out(jobs, job);
    job->removed = true;
    atomic_store(&job->cancelled, true);
    return job->running;
}

static vt_status remove_job(vt__jobs *jobs, vt__job *job, bool running, vt_error *err)
{
    vt_status status = vt__job_destroy(jobs, job, err);
    if (running) return status;
    vt__job_drop_upload(jobs, job);
    vt__job_drop_result(jobs, job);
    vt__job_free(job);
    return status;
}

vt__code vt__job_delete(vt__service *service, const vt__caller *caller, vt__job_kind kind, const char *id, vt_error *err)
{
    vt__jobs *jobs = service->jobs;
    vt__job *job, gone = { .id = "" };
    bool running = false;
    pthread_mutex_lock(&jobs->lock);
    vt__code code = find(&job, jobs, caller, kind, id, err);
    if (!code) {
        memcpy(gone.id, job->id, sizeof gone.id);
        memcpy(gone.tenant, job->tenant, sizeof gone.tenant);
        running = detach(jobs, job); /* from now on a running one may be freed by its worker */
    }
    pthread_mutex_unlock(&jobs->lock);
    if (!code) code = vt__code_of(remove_job(jobs, running ? &gone : job, running, err));
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "job", id);
    vt__audit_event(service, caller, "JOB_DELETE", fields, code);
    return code;
}

/* Whether it has expired, or where a tenant is named, is the tenant's and of the archive, if one is named too. */
static bool is_meant(const vt__job *job, const char *tenant, const char *archive, int64_t now_ms)
{
    if (!tenant) return job->expires_ms <= now_ms;
    return !strcmp(job->tenant, tenant) && (!archive || !strcmp(vt__json_string_or(job->asked, "archive", ""), archive));
}

static vt__job *detach_next(bool *running, vt__job *gone, vt__jobs *jobs, const char *tenant, const char *archive, int64_t now_ms)
{
    vt__job *job = NULL;
    pthread_mutex_lock(&jobs->lock);
    for (size_t i = 0; i < jobs->count && !job; i++)
        if (is_meant(jobs->items[i], tenant, archive, now_ms)) job = jobs->items[i];
    if (job) {
        memcpy(gone->id, job->id, sizeof gone->id);
        memcpy(gone->tenant, job->tenant, sizeof gone->tenant);
        *running = detach(jobs, job);
    }
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static vt_status remove_all(uint64_t *removed, vt__jobs *jobs, const char *tenant, const char *archive, int64_t now_ms, vt_error *err)
{
    vt__job *job, gone = { .id = "" };
    bool running;
    vt_status status = VT_OK;
    while (!status && (job = detach_next(&running, &gone, jobs, tenant, archive, now_ms))) {
        status = remove_job(jobs, running ? &gone : job, running, err);
        ++*removed;
    }
    return status;
}

vt_status vt__jobs_sweep(uint64_t *removed, vt__jobs *jobs, int64_t now_ms, vt_error *err)
{
    return remove_all(removed, jobs, NULL, NULL, now_ms, err);
}

vt_status vt__jobs_drop_tenant(vt__jobs *jobs, const char *tenant, vt_error *err)
{
    uint64_t removed = 0;
    return remove_all(&removed, jobs, tenant, NULL, 0, err);
}

vt_status vt__jobs_drop_archive(vt__jobs *jobs, const char *tenant, const char *archive, vt_error *err)
{
    uint64_t removed = 0;
    return remove_all(&removed, jobs, tenant, archive, 0, err);
}
