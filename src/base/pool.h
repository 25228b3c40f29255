/* Worker threads behind a bounded queue. */
#ifndef VT_BASE_POOL_H
#define VT_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

typedef struct vt__pool vt__pool;

typedef struct vt__pool_options {
    int workers;     /* threads, >= 1 */
    size_t capacity; /* jobs that may wait, >= 1 */
    /* Called in each worker when it starts and before it ends; either may be NULL. What `begin` gives is handed to
     * every job of that worker: its engine session, say. */
    void *(*begin)(void *context);
    void (*end)(void *worker, void *context);
    void *context;
} vt__pool_options;

/* A job; `worker` is what begin gave. */
typedef void (*vt__pool_job)(void *worker, void *argument);

vt_status vt__pool_open(vt__pool **out, const vt__pool_options *options, vt_error *err);

/* Queues a job. VT_EBUSY when the queue is full, VT_ECANCELLED once closing began; then the job will not run. */
vt_status vt__pool_submit(vt__pool *pool, vt__pool_job job, void *argument, vt_error *err);

/* Jobs waiting, not those running. */
size_t vt__pool_waiting(vt__pool *pool);

/* Takes no more jobs, runs those queued, ends the threads, frees. NULL is allowed. */
void vt__pool_close(vt__pool *pool);

#endif
