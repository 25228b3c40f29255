/* Counters, gauges and histograms, printed in the Prometheus text format 0.0.4. Registering takes a lock; counting is
 * one atomic addition. Any thread. */
#ifndef VT_BASE_METRICS_H
#define VT_BASE_METRICS_H

#include "base/buffer.h"

typedef struct vt__metrics vt__metrics;
typedef struct vt__metric vt__metric;

typedef enum vt__metric_kind { VT__METRIC_COUNTER = 0, VT__METRIC_GAUGE, VT__METRIC_SECONDS } vt__metric_kind;

vt_status vt__metrics_open(vt__metrics **out, vt_error *err);
void vt__metrics_close(vt__metrics *metrics);

/* The metric of that name and label text (`operation="detect",status="200"` or ""), made on first use; `help` is
 * borrowed (static text). NULL when there is no memory or the ceiling of 4,096 metrics is reached: counting NULL does nothing. */
vt__metric *vt__metrics_get(vt__metrics *metrics, vt__metric_kind kind, const char *name, const char *help,
                            const char *labels);

void vt__metric_add(vt__metric *metric, int64_t amount);   /* counter, gauge */
void vt__metric_set(vt__metric *metric, int64_t value);    /* gauge */
void vt__metric_observe(vt__metric *metric, int64_t nanoseconds); /* seconds histogram: 1 ms .. 10 s in 1-2.5-5 steps */
int64_t vt__metric_value(const vt__metric *metric);        /* counter or gauge value, histogram count */

void vt__metrics_text(vt__buffer *out, vt__metrics *metrics);

#endif
