#include "cli/report.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

enum { bootstrap_draws = 1000 };

vt__estimate vt__plain(double value)
{
    return (vt__estimate){ value, NAN, NAN };
}

vt__estimate vt__share(size_t hits, size_t n)
{
    if (!n) return vt__plain(NAN);
    const double z = 1.959964;
    double p = (double)hits / (double)n, base = 1 + z * z / (double)n;
    double centre = (p + z * z / (2 * (double)n)) / base;
    double half = z * sqrt(p * (1 - p) / (double)n + z * z / (4.0 * (double)n * (double)n)) / base;
    return (vt__estimate){ p, fmax(0, centre - half), fmin(1, centre + half) };
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

vt__estimate vt__mean(const double *values, size_t n, uint64_t seed)
{
    double draws[bootstrap_draws], sum = 0;
    if (!n) return vt__plain(NAN);
    for (size_t i = 0; i < n; i++) sum += values[i];
    for (size_t d = 0; d < bootstrap_draws; d++) {
        draws[d] = 0;
        for (size_t i = 0; i < n; i++) draws[d] += values[next_random(&seed) % n] / (double)n;
    }
    qsort(draws, bootstrap_draws, sizeof draws[0], compare);
    return (vt__estimate){ sum / (double)n, draws[bootstrap_draws / 40], draws[bootstrap_draws - 1 - bootstrap_draws / 40] };
}

void vt__report_begin(vt__report *report, const vt__args *args, const char *task, const vt_engine *engine, uint64_t seed, size_t n)
{
    report->json = vt__args_on(args, "json");
    report->root = vt__json_object();
    report->metrics = vt__json_object();
    vt__json_set_string(report->root, "task", task);
    vt__json_set_string(report->root, "pack", vt_engine_digest(engine));
    vt__json_set_integer(report->root, "seed", (int64_t)seed);
    vt__json_set_integer(report->root, "n", (int64_t)n);
    vt__json_set(report->root, "metrics", report->metrics);
    if (!report->json) printf("%s, n = %zu, pack %.12s, seed %llu\n", task, n, vt_engine_digest(engine), (unsigned long long)seed);
}

void vt__report_add(vt__report *report, const char *name, vt__estimate e, bool percent)
{
    vt__json *entry = vt__json_object();
    vt__json_set_real(entry, "value", e.value);
    if (isfinite(e.low)) vt__json_set_real(entry, "low", e.low);
    if (isfinite(e.high)) vt__json_set_real(entry, "high", e.high);
    vt__json_set(report->metrics, name, entry);
    if (report->json) return;
    double scale = percent ? 100 : 1;
    printf("  %-24s %9.3f%s", name, e.value * scale, percent ? " %" : "");
    if (isfinite(e.low)) printf("   [%.3f, %.3f]", e.low * scale, e.high * scale);
    printf("\n");
}

void vt__report_points(vt__report *report, const char *name, const double *x, const double *y, size_t count)
{
    vt__json *points = vt__json_array();
    for (size_t i = 0; i < count; i++) {
        vt__json *point = vt__json_array();
        vt__json_append(point, vt__json_rounded(x[i], 8));
        vt__json_append(point, vt__json_rounded(y[i], 8));
        vt__json_append(points, point);
    }
    vt__json_set(report->root, name, points);
}

int vt__report_end(vt__report *report)
{
    char *text = report->json ? vt__json_text(report->root, false) : NULL;
    if (text) printf("%s\n", text);
    int code = report->json && !text ? EXIT_BROKEN_SETUP : EXIT_FINE;
    vt__free(text);
    vt__json_free(report->root);
    return code;
}
