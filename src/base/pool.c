#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct waiting_job {
    vt__pool_job run;
    void *argument;
} waiting_job;

struct vt__pool {
    vt__pool_options options;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t filled;
    waiting_job *ring; /* options.capacity entries */
    size_t first, count;
    bool closing;
    pthread_t *threads;
    int started;
};

static bool take(waiting_job *out, vt__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->count && !pool->closing) pthread_cond_wait(&pool->filled, &pool->lock);
    bool have = pool->count > 0;
    if (have) {
        *out = pool->ring[pool->first];
        pool->first = (pool->first + 1) % pool->options.capacity;
        pool->count--;
    }
    pthread_mutex_unlock(&pool->lock);
    return have;
}

static void *work(void *argument)
{
    vt__pool *pool = argument;
    const vt__pool_options *options = &pool->options;
    void *worker = options->begin ? options->begin(options->context) : NULL;
    waiting_job job;
    while (take(&job, pool)) job.run(worker, job.argument);
    if (options->end) options->end(worker, options->context);
    return NULL;
}

vt_status vt__pool_open(vt__pool **out, const vt__pool_options *options, vt_error *err)
{
    if (options->workers < 1 || !options->capacity) return vt__fail(err, VT_EINVAL, "a pool needs a worker and a place");
    vt__pool *pool = vt__calloc(1, sizeof *pool);
    if (!pool) return vt__fail_memory(err, sizeof *pool);
    pool->options = *options;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->filled, NULL);
    pool->ring = vt__calloc(options->capacity, sizeof *pool->ring);
    pool->threads = vt__calloc((size_t)options->workers, sizeof *pool->threads);
    vt_status status = pool->ring && pool->threads ? VT_OK : vt__fail_memory(err, options->capacity * sizeof *pool->ring);
    while (!status && pool->started < options->workers) {
        int number = pthread_create(&pool->threads[pool->started], NULL, work, pool);
        if (number) status = vt__fail_errno(err, VT_ENOMEM, number, "cannot start a thread");
        else pool->started++;
    }
    if (status) vt__pool_close(pool);
    else *out = pool;
    return status;
}

vt_status vt__pool_submit(vt__pool *pool, vt__pool_job job, void *argument, vt_error *err)
{
    vt_status status = VT_OK;
    pthread_mutex_lock(&pool->lock);
    if (pool->closing) {
        status = vt__fail(err, VT_ECANCELLED, "shutting down");
    } else if (pool->count == pool->options.capacity) {
        status = vt__fail(err, VT_EBUSY, "%zu jobs are waiting already", pool->count);
    } else {
        pool->ring[(pool->first + pool->count++) % pool->options.capacity] = (waiting_job){ job, argument };
        pthread_cond_signal(&pool->filled);
    }
    pthread_mutex_unlock(&pool->lock);
    return status;
}

size_t vt__pool_waiting(vt__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    size_t count = pool->count;
    pthread_mutex_unlock(&pool->lock);
    return count;
}

void vt__pool_close(vt__pool *pool)
{
    if (!pool) return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->filled);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->started; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->filled);
    pthread_mutex_destroy(&pool->lock);
    vt__free(pool->ring);
    vt__free(pool->threads);
    vt__free(pool);
}
