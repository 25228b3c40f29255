/* `vultus bench`: the same work by several threads at once. */
#ifndef VT_CLI_BENCH_WORKERS_H
#define VT_CLI_BENCH_WORKERS_H

#include <stddef.h>

#include <vultus/status.h>

/* What each worker does with its own number; NULL-checked status ends it. */
typedef vt_status (*vt__worker)(void *context, int number, vt_error *err);

typedef struct vt__workers_cost {
    double wall_s, cpu_s; /* of all workers together, by the clock and by the processors */
} vt__workers_cost;

/* Runs `workers` (1 to 64) threads to their end. */
vt_status vt__workers_run(vt__workers_cost *out, int workers, vt__worker work, void *context, vt_error *err);

/* Memory of this process that is resident now; NAN where the system does not tell. */
double vt__resident_mib(void);

#endif
