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
/* The points of a curve as [[x, y], ...], in the JSON only. */
void vt__report_points(vt__report *report, const char *name, const double *x, const double *y, size_t count);
/* Prints the JSON, if asked for, and frees. */
int vt__report_end(vt__report *report);

#endif
