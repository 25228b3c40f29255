/* What `eval` and `bench` print: one list of metrics, as a table for people or as JSON for machines. */
#ifndef VT_CLI_REPORT_H
#define VT_CLI_REPORT_H

#include <math.h>

#include "base/json.h"
#include "cli/engine_open.h"

/* A value with its 95 % interval; low and high are NaN where none is stated. */
typedef struct vt__estimate {
    double value, low, high;
} vt__estimate;

/* A share of n, with Wilson's interval (1927). */
vt__estimate vt__share(size_t hits, size_t n);
/* A mean, with a percentile bootstrap of 1,000 draws (Efron 1979) from `seed`. */
vt__estimate vt__mean(const double *values, size_t n, uint64_t seed);
/* A value without an interval. */
vt__estimate vt__plain(double value);

typedef struct vt__report {
    vt__json *root, *metrics; /* metrics belongs to root */
    bool json;
} vt__report;

/* Starts {"task", "pack", "seed", "n", "metrics"}; for people it prints a heading. */
void vt__report_begin(vt__report *report, const vt__args *args, const char *task, const vt_engine *engine, uint64_t seed, size_t n);
/* `percent` only decides how people see it. */
void vt__report_add(vt__report *report, const char *name, vt__estimate estimate, bool percent);
/* Prints the JSON, if asked for, and frees. */
int vt__report_end(vt__report *report);

/* A line chart as SVG: one curve of count points. Log axes take values > 0. */
typedef struct vt__plot {
    const char *title, *x_label, *y_label;
    const double *x, *y;
    size_t count;
    bool log_x, log_y;
} vt__plot;

vt_status vt__plot_write(const char *path, const vt__plot *plot, vt_error *err);

#endif
