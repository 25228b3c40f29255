/* The files of jobs: DATA/jobs/ID.in, the upload, and ID.out, the result; ID.part while either is written. ID.plan: what the first
 * of a redaction's two passes found; ID.planning while it is written. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "service/job_state.h"

struct vt__upload {
    vt__jobs *jobs;
    char id[VT__UUID_TEXT_BYTES];
    uint8_t key[VT__KEY_BYTES];
    vt__sealed_file *file;
    char *path; /* of the part */
    uint64_t bytes;
    bool spoilt;
};

char *vt__job_path(const vt__jobs *jobs, const char *id, const char *ending)
{
    return vt__format("%s/%s.%s", jobs->folder, id, ending);
}

/* ---- room ---- */

static bool take_room(vt__jobs *jobs, uint64_t bytes)
{
    pthread_mutex_lock(&jobs->lock);
    bool room = bytes <= jobs->options.most_stored_bytes && jobs->stored_bytes <= jobs->options.most_stored_bytes - bytes;
    if (room) jobs->stored_bytes += bytes;
    pthread_mutex_unlock(&jobs->lock);
    return room;
}

static void give_room(vt__jobs *jobs, uint64_t bytes)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->stored_bytes -= bytes < jobs->stored_bytes ? bytes : jobs->stored_bytes;
    pthread_mutex_unlock(&jobs->lock);
}

static void drop_file(vt__jobs *jobs, const char *id, const char *ending)
{
    char *path = vt__job_path(jobs, id, ending);
    if (path) unlink(path);
    vt__free(path);
}

void vt__job_drop_upload(vt__jobs *jobs, vt__job *job)
{
    drop_file(jobs, job->id, "plan");
    if (!job->upload_kept) return;
    drop_file(jobs, job->id, "in");
    give_room(jobs, job->upload_bytes);
    job->upload_kept = false;
}

void vt__job_drop_result(vt__jobs *jobs, vt__job *job)
{
    drop_file(jobs, job->id, "part");
    drop_file(jobs, job->id, "planning");
    if (!job->result_kept) return;
    drop_file(jobs, job->id, "out");
    give_room(jobs, job->result_bytes);
    job->result_kept = false;
}

/* ---- uploads ---- */

uint64_t vt__upload_most_bytes(const vt__service *service)
{
    return service->jobs->options.most_upload_bytes;
}

static vt__code full(vt_error *err, const char *why)
{
    vt__fail(err, VT_EBUSY, "%s", why);
    return VT__CODE_JOBS_FULL;
}

vt__code vt__job_room(const vt__jobs *jobs, const char *tenant, vt_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < jobs->count; i++) count += !strcmp(jobs->items[i]->tenant, tenant);
    if (count < jobs->options.most_jobs) return VT__CODE_OK;
    return full(err, "There are as many jobs as are kept; delete some, or wait until they expire.");
}

/* Counts an upload in, or says why not. The lock is held. */
static vt__code admit(vt__jobs *jobs, const char *tenant, uint64_t announced_bytes, vt_error *err)
{
    const vt__job_options *o = &jobs->options;
    vt__code code = vt__job_room(jobs, tenant, err);
    if (code) return code;
    if (jobs->uploads >= VT__JOB_UPLOADS) return full(err, "Too many videos are being received; try again soon.");
    if (announced_bytes > o->most_stored_bytes || jobs->stored_bytes > o->most_stored_bytes - announced_bytes)
        return full(err, "The room for videos is full; delete jobs, or wait until they expire.");
    jobs->uploads++;
    return VT__CODE_OK;
}

vt__code vt__upload_begin(vt__upload **out, vt__service *service, const vt__caller *caller, uint64_t announced_bytes, vt_error *err)
{
    vt__jobs *jobs = service->jobs;
    *out = NULL;
    if (!jobs->options.workers || !service->engine) return vt__code_fail(err, VT__CODE_UNSUPPORTED);
    pthread_mutex_lock(&jobs->lock);
    vt__code code = admit(jobs, caller->tenant, announced_bytes, err);
    pthread_mutex_unlock(&jobs->lock);
    if (code) return code;
    vt__upload *upload = vt__calloc(1, sizeof *upload);
    if (!upload) {
        pthread_mutex_lock(&jobs->lock);
        jobs->uploads--;
        pthread_mutex_unlock(&jobs->lock);
        return vt__code_fail(err, VT__CODE_NO_MEMORY);
    }
    upload->jobs = jobs;
    vt__uuid_make(upload->id);
    vt__random_bytes(upload->key, sizeof upload->key);
    upload->path = vt__job_path(jobs, upload->id, "part");
    vt_status status = upload->path ? vt__sealed_create(&upload->file, upload->path, upload->key, err) : vt__fail_memory(err, 1);
    if (status) {
        vt__upload_drop(upload);
        return vt__code_of(status);
    }
    *out = upload;
    return VT__CODE_OK;
}

bool vt__upload_take(vt__upload *upload, const void *bytes, size_t size_bytes)
{
    if (upload->spoilt || !take_room(upload->jobs, size_bytes)) return false;
    upload->bytes += size_bytes;
    upload->spoilt = vt__sealed_write(upload->file, bytes, size_bytes, upload->bytes - size_bytes, NULL) != VT_OK;
    return !upload->spoilt;
}

uint64_t vt__upload_bytes(const vt__upload *upload)
{
    return upload->bytes;
}

static void free_upload(vt__upload *upload)
{
    pthread_mutex_lock(&upload->jobs->lock);
    upload->jobs->uploads--;
    pthread_mutex_unlock(&upload->jobs->lock);
    vt__sealed_close(upload->file);
    vt__free(upload->path);
    vt__free_secret(upload, sizeof *upload);
}

void vt__upload_drop(vt__upload *upload)
{
    if (!upload) return;
    if (upload->file) unlink(upload->path);
    give_room(upload->jobs, upload->bytes);
    free_upload(upload);
}

vt_status vt__upload_become(vt__job *job, vt__upload *upload, vt_error *err)
{
    char *path = vt__job_path(upload->jobs, upload->id, "in");
    vt_status status = !path ? vt__fail_memory(err, 1) : upload->spoilt ? vt__fail(err, VT_EIO, "the video could not be kept") : VT_OK;
    if (!status) status = vt__sealed_publish(upload->file, path, err);
    vt__free(path);
    if (status) {
        vt__upload_drop(upload);
        return status;
    }
    memcpy(job->id, upload->id, sizeof job->id);
    memcpy(job->key, upload->key, sizeof job->key);
    job->upload_bytes = upload->bytes;
    job->upload_kept = true;
    free_upload(upload);
    return VT_OK;
}

/* ---- at the start ---- */

/* Whether a file belongs to a job that still needs it; then it is counted. */
static bool belongs(vt__jobs *jobs, const char *name)
{
    for (size_t i = 0; i < jobs->count; i++) {
        vt__job *job = jobs->items[i];
        if (strncmp(name, job->id, sizeof job->id - 1) != 0) continue;
        const char *ending = name + sizeof job->id - 1;
        bool unfinished = job->state == VT__JOB_WAITING;
        if (!strcmp(ending, ".in") && unfinished && job->upload_bytes) {
            jobs->stored_bytes += job->upload_bytes;
            return job->upload_kept = true;
        }
        if (!strcmp(ending, ".plan") && unfinished && job->plan_bytes) return true;
        if (!strcmp(ending, ".out") && job->state == VT__JOB_SUCCEEDED && job->result_bytes) {
            jobs->stored_bytes += job->result_bytes;
            return job->result_kept = true;
        }
        return false;
    }
    return false;
}

vt_status vt__job_tidy(vt__jobs *jobs, vt_error *err)
{
    vt__names names = { NULL, 0 };
    vt_status status = vt__folder_list(&names, jobs->folder, err);
    for (size_t i = 0; i < names.count; i++) {
        if (belongs(jobs, names.items[i])) continue;
        char *path = vt__path_join(jobs->folder, names.items[i]);
        if (path) unlink(path);
        vt__free(path);
    }
    vt__names_free(&names);
    return status;
}
