#include "cli/report.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { bootstrap_draws = 1000, plot_width = 640, plot_height = 440, plot_edge = 64, max_svg_bytes = 4 << 20 };

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

int vt__report_end(vt__report *report)
{
    char *text = report->json ? vt__json_text(report->root, false) : NULL;
    if (text) printf("%s\n", text);
    int code = report->json && !text ? EXIT_BROKEN_SETUP : EXIT_FINE;
    vt__free(text);
    vt__json_free(report->root);
    return code;
}

typedef struct axis {
    double low, high;
    bool log;
} axis;

static double scaled(const axis *a, double value)
{
    return a->log ? log10(fmax(value, 1e-12)) : value;
}

static axis fit(const double *values, size_t count, bool log)
{
    axis a = { INFINITY, -INFINITY, log };
    for (size_t i = 0; i < count; i++) {
        if (log && !(values[i] > 0)) continue;
        a.low = fmin(a.low, scaled(&a, values[i]));
        a.high = fmax(a.high, scaled(&a, values[i]));
    }
    if (log) a.low = floor(a.low), a.high = ceil(a.high);
    if (!(a.high > a.low)) a.high = a.low + 1;
    return a;
}

static double place(const axis *a, double value, double from, double to)
{
    return from + (scaled(a, value) - a->low) / (a->high - a->low) * (to - from);
}

static void ticks(vt__buffer *out, const axis *a, bool horizontal)
{
    double step = a->log ? 1 : (a->high - a->low) / 5;
    for (double t = a->low; t <= a->high + step / 1000; t += step) {
        double value = a->log ? pow(10, t) : t;
        if (horizontal) {
            double x = place(a, value, plot_edge, plot_width - 20);
            vt__buffer_format(out, "<path d=\"M%.1f 30V%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.3g</text>\n", x, plot_height - plot_edge, x, plot_height - plot_edge + 18, value);
        } else {
            double y = place(a, value, plot_height - plot_edge, 30);
            vt__buffer_format(out, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n", plot_edge, y, plot_width - 20, plot_edge - 6, y + 4, value);
        }
    }
}

vt_status vt__plot_write(const char *path, const vt__plot *plot, vt_error *err)
{
    axis xs = fit(plot->x, plot->count, plot->log_x), ys = fit(plot->y, plot->count, plot->log_y);
    vt__buffer out;
    vt__buffer_init(&out, max_svg_bytes);
    vt__buffer_format(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"18\" text-anchor=\"middle\" font-size=\"14\">%s</text>\n", plot_width, plot_height, plot_width / 2, plot->title);
    ticks(&out, &xs, true);
    ticks(&out, &ys, false);
    vt__buffer_format(&out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text><text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>\n<path fill=\"none\" stroke=\"#1668b8\" stroke-width=\"2\" d=\"", plot_width / 2, plot_height - 20, plot->x_label, plot_height / 2, plot->y_label);
    bool begun = false;
    for (size_t i = 0; i < plot->count; i++) {
        if ((plot->log_x && !(plot->x[i] > 0)) || (plot->log_y && !(plot->y[i] > 0))) continue;
        vt__buffer_format(&out, "%c%.1f %.1f", begun ? 'L' : 'M', place(&xs, plot->x[i], plot_edge, plot_width - 20), place(&ys, plot->y[i], plot_height - plot_edge, 30));
        begun = true;
    }
    vt__buffer_text(&out, "\"/>\n</svg>\n");
    vt_status status = out.status ? vt__fail(err, out.status, "the plot is too large") : vt__file_write(path, out.data, out.size, 0644, err);
    vt__buffer_free(&out);
    return status;
}
