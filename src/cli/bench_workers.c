#include "cli/bench_workers.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

enum { max_workers = 64 };

typedef struct worker {
    pthread_t thread;
    vt__worker work;
    void *context;
    int number;
    vt_status status;
    vt_error err;
} worker;

static void *run(void *argument)
{
    worker *w = argument;
    w->status = w->work(w->context, w->number, &w->err);
    return NULL;
}

static double cpu_seconds(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

vt_status vt__workers_run(vt__workers_cost *out, int workers, vt__worker work, void *context, vt_error *err)
{
    worker all[max_workers];
    int started = 0;
    if (workers < 1 || workers > max_workers) return vt__fail(err, VT_EINVAL, "%d workers; 1 to %d are allowed", workers, max_workers);
    double cpu = cpu_seconds();
    int64_t begin = vt__monotonic_ns();
    for (; started < workers; started++) {
        all[started] = (worker){ .work = work, .context = context, .number = started };
        if (pthread_create(&all[started].thread, NULL, run, &all[started])) break;
    }
    vt_status status = started == workers ? VT_OK : vt__fail(err, VT_ENOMEM, "only %d of %d threads started", started, workers);
    for (int t = 0; t < started; t++) {
        pthread_join(all[t].thread, NULL);
        if (!status && all[t].status) status = vt__fail(err, all[t].status, "%s", all[t].err.text);
    }
    *out = (vt__workers_cost){ (double)(vt__monotonic_ns() - begin) / 1e9, cpu_seconds() - cpu };
    return status;
}

double vt__resident_mib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (!file) return NAN;
    int fields = fscanf(file, "%*s %ld", &pages);
    fclose(file);
    return fields == 1 ? (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20) : NAN;
}
