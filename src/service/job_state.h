/* What the job files of this folder share. */
#ifndef VT_SERVICE_JOB_STATE_H
#define VT_SERVICE_JOB_STATE_H

#include "service/job.h"
#include "service/state.h"

#define VT__SCOPE_JOBS "job"

typedef enum vt__job_state { VT__JOB_WAITING = 0, VT__JOB_RUNNING, VT__JOB_SUCCEEDED, VT__JOB_FAILED } vt__job_state;

typedef struct vt__job {
    char id[VT__UUID_TEXT_BYTES];
    char tenant[VT__COLLECTION_ID_MAX + 1], key_id[VT__COLLECTION_ID_MAX + 1]; /* who asked for it */
    uint32_t scopes;
    vt__job_kind kind;
    vt__job_state state;
    vt__action action;
    uint8_t key[VT__KEY_BYTES]; /* of its files */
    uint64_t upload_bytes, result_bytes; /* 0: there was none */
    uint64_t plan_bytes; /* of what a redaction's first pass found, from which it is gone on with; 0: not so far yet */
    bool upload_kept, result_kept;       /* still on the disk */
    int attempts;
    int64_t created_ms, started_ms, ended_ms, expires_ms;
    vt__json *asked;  /* what is to be done; never changes */
    vt__json *found;  /* what came out, or NULL */
    char error[256];  /* of a failed one */
    /* not in its record */
    double share;      /* done, 0..1 */
    uint64_t turn;     /* when it was begun, among all: for fairness between tenants */
    bool running;      /* a worker has it, and frees it when `removed` */
    bool removed;
    atomic_bool cancelled;
} vt__job;

struct vt__jobs {
    vt__service *service;
    vt__job_options options; /* defaults filled in */
    char *folder;
    char *archive_root; /* may be NULL */
    pthread_mutex_t lock; /* held shortly: no disk and no network under it */
    pthread_cond_t wake;
    vt__job **items;
    size_t count;
    uint64_t turns;
    unsigned uploads;     /* being received */
    uint64_t stored_bytes; /* of all files, those being received too */
    pthread_t *threads;
    int started;
    atomic_bool stopping;
};

/* ---- job_record.c ---- */
/* Writes it (ADD or REPLACE); NOT_FOUND where it was removed meanwhile. The lock is not held; the caller alone changes the job. */
vt_status vt__job_write(vt__jobs *jobs, const vt__job *job, vt__change_op op, vt_error *err);
/* NULL: damaged, or no memory. */
vt__job *vt__job_read(const vt__record *record);
vt_status vt__job_destroy(vt__jobs *jobs, const vt__job *job, vt_error *err);
void vt__job_free(vt__job *job);
/* As the wire shows it; the lock is held. */
vt__json *vt__job_json(const vt__job *job, int64_t now_ms);

/* ---- job_file.c ---- */
char *vt__job_path(const vt__jobs *jobs, const char *id, const char *ending); /* "in", "out", "plan", "part" */
void vt__job_drop_upload(vt__jobs *jobs, vt__job *job);
void vt__job_drop_result(vt__jobs *jobs, vt__job *job);
/* JOBS_FULL when a tenant has as many as are kept; the lock is held. */
vt__code vt__job_room(const vt__jobs *jobs, const char *tenant, vt_error *err);
/* Gives an upload its lasting name and its key to the job; frees it. */
vt_status vt__upload_become(vt__job *job, vt__upload *upload, vt_error *err);
/* Removes files that are no job's. */
vt_status vt__job_tidy(vt__jobs *jobs, vt_error *err);

/* ---- job.c ---- */
/* A new one of the caller's, with an upload or NULL; takes both over. *out is what vt__job_get answers. */
vt__code vt__job_add(vt__json **out, vt__service *service, const vt__caller *caller, vt__job_kind kind, vt__action action, vt__json *asked,
                     vt__upload *upload, vt_error *err);

/* ---- job_worker.c ---- */
/* Starts what threads are wanting; the lock is held. */
void vt__job_workers_start(vt__jobs *jobs);

/* ---- the work of one kind, on a worker's session. `job` stays; its share may be set with vt__job_progress. ---- */
typedef vt_status (*vt__job_work)(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err);
vt_status vt__job_do_redaction(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err);
vt_status vt__job_do_indexing(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err);
void vt__job_progress(vt__jobs *jobs, vt__job *job, double share);
/* For vt_video_options: whether the job is to end. `payload` is a vt__job_run. */
typedef struct vt__job_run {
    vt__jobs *jobs;
    vt__job *job;
    double from, to; /* part of the progress that the present step is */
} vt__job_run;
bool vt__job_cancelled(void *run);
/* Its caller as it was; the texts are the job's. */
vt__caller vt__job_caller(const vt__job *job);

#endif
