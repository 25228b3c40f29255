#include "base/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { metrics_max = 4096, bounds_count = 13 };

static const double bounds_s[bounds_count] = { .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10 };

struct vt__metric {
    vt__metric_kind kind;
    const char *help;
    char *name;
    char *labels;
    atomic_int_least64_t value; /* histogram: number of observations */
    atomic_int_least64_t sum_ns;
    atomic_int_least64_t buckets[bounds_count];
};

struct vt__metrics {
    pthread_mutex_t lock;
    vt__metric *items[metrics_max];
    size_t count;
};

vt_status vt__metrics_open(vt__metrics **out, vt_error *err)
{
    vt__metrics *metrics = vt__calloc(1, sizeof *metrics);
    if (!metrics) return vt__fail_memory(err, sizeof *metrics);
    pthread_mutex_init(&metrics->lock, NULL);
    *out = metrics;
    return VT_OK;
}

static void metric_free(vt__metric *metric)
{
    if (!metric) return;
    vt__free(metric->name);
    vt__free(metric->labels);
    vt__free(metric);
}

void vt__metrics_close(vt__metrics *metrics)
{
    if (!metrics) return;
    for (size_t i = 0; i < metrics->count; i++) metric_free(metrics->items[i]);
    pthread_mutex_destroy(&metrics->lock);
    vt__free(metrics);
}

static vt__metric *make(vt__metric_kind kind, const char *name, const char *help, const char *labels)
{
    vt__metric *metric = vt__calloc(1, sizeof *metric);
    if (!metric) return NULL;
    metric->kind = kind;
    metric->help = help;
    metric->name = vt__strdup(name);
    metric->labels = vt__strdup(labels);
    if (metric->name && metric->labels) return metric;
    metric_free(metric);
    return NULL;
}

/* Where (name, labels) is or belongs: the list is sorted so that a name's series are printed together. */
static size_t find(const vt__metrics *metrics, const char *name, const char *labels, bool *found)
{
    size_t low = 0, high = metrics->count;
    *found = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(metrics->items[middle]->name, name);
        if (!order) order = strcmp(metrics->items[middle]->labels, labels);
        if (!order) {
            *found = true;
            return middle;
        }
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

vt__metric *vt__metrics_get(vt__metrics *metrics, vt__metric_kind kind, const char *name, const char *help,
                            const char *labels)
{
    if (!metrics) return NULL;
    pthread_mutex_lock(&metrics->lock);
    bool found;
    size_t at = find(metrics, name, labels, &found);
    vt__metric *metric = found ? metrics->items[at] : NULL;
    if (!found && metrics->count < metrics_max) metric = make(kind, name, help, labels);
    if (!found && metric) {
        memmove(&metrics->items[at + 1], &metrics->items[at], (metrics->count - at) * sizeof metrics->items[0]);
        metrics->items[at] = metric;
        metrics->count++;
    }
    pthread_mutex_unlock(&metrics->lock);
    return metric;
}

void vt__metric_add(vt__metric *metric, int64_t amount)
{
    if (metric) atomic_fetch_add_explicit(&metric->value, amount, memory_order_relaxed);
}

void vt__metric_set(vt__metric *metric, int64_t value)
{
    if (metric) atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void vt__metric_observe(vt__metric *metric, int64_t nanoseconds)
{
    if (!metric) return;
    int bucket = 0;
    while (bucket < bounds_count && (double)nanoseconds > bounds_s[bucket] * 1e9) bucket++;
    if (bucket < bounds_count) atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->sum_ns, nanoseconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->value, 1, memory_order_relaxed);
}

int64_t vt__metric_value(const vt__metric *metric)
{
    return metric ? atomic_load_explicit(&metric->value, memory_order_relaxed) : 0;
}

static void histogram_text(vt__buffer *out, vt__metric *metric)
{
    const char *comma = metric->labels[0] ? "," : "";
    int64_t total = 0, count = vt__metric_value(metric);
    for (int i = 0; i < bounds_count; i++) {
        total += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        vt__buffer_format(out, "%s_bucket{%s%sle=\"%g\"} %lld\n", metric->name, metric->labels, comma, bounds_s[i],
                          (long long)total);
    }
    vt__buffer_format(out, "%s_bucket{%s%sle=\"+Inf\"} %lld\n", metric->name, metric->labels, comma, (long long)count);
    const char *open = comma[0] ? "{" : "", *close = comma[0] ? "}" : "";
    vt__buffer_format(out, "%s_sum%s%s%s %.9g\n", metric->name, open, metric->labels, close,
                      (double)atomic_load_explicit(&metric->sum_ns, memory_order_relaxed) / 1e9);
    vt__buffer_format(out, "%s_count%s%s%s %lld\n", metric->name, open, metric->labels, close, (long long)count);
}

void vt__metrics_text(vt__buffer *out, vt__metrics *metrics)
{
    static const char *const kinds[] = { "counter", "gauge", "histogram" };
    pthread_mutex_lock(&metrics->lock);
    const char *last = "";
    for (size_t i = 0; i < metrics->count; i++) {
        vt__metric *metric = metrics->items[i];
        if (strcmp(last, metric->name) != 0)
            vt__buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                              kinds[metric->kind]);
        last = metric->name;
        if (metric->kind == VT__METRIC_SECONDS) {
            histogram_text(out, metric);
            continue;
        }
        const char *open = metric->labels[0] ? "{" : "", *close = metric->labels[0] ? "}" : "";
        vt__buffer_format(out, "%s%s%s%s %lld\n", metric->name, open, metric->labels, close,
                          (long long)vt__metric_value(metric));
    }
    pthread_mutex_unlock(&metrics->lock);
}
