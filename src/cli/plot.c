#include "cli/plot.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"

enum { width = 640, height = 440, left = 64, right = 620, top = 34, bottom = 376, max_svg_bytes = 4 << 20 };
static const char *const colours[vt__plot_most] = { "#1668b8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be185d", "#0e7490", "#475569" };

typedef struct axis {
    double low, high, step; /* in scaled units */
    bool log;
} axis;

static double scaled(const axis *a, double value)
{
    return a->log ? log10(fmax(value, 1e-12)) : value;
}

static void widen(axis *a, double value)
{
    if ((a->log && !(value > 0)) || !isfinite(value)) return;
    a->low = fmin(a->low, scaled(a, value));
    a->high = fmax(a->high, scaled(a, value));
}

/* Whole powers of ten, or steps of 1, 2 or 5 of which about five fit in. */
static void round_off(axis *a)
{
    if (!isfinite(a->low)) a->low = 0, a->high = 1;
    a->step = 1;
    if (!a->log) {
        double raw = fmax(a->high - a->low, 1e-9) / 5, power = pow(10, floor(log10(raw)));
        a->step = power * (raw <= 1.001 * power ? 1 : raw <= 2.001 * power ? 2 : raw <= 5.001 * power ? 5 : 10);
    }
    a->low = a->step * floor(a->low / a->step + 1e-9);
    a->high = a->step * ceil(a->high / a->step - 1e-9);
    if (!(a->high > a->low)) a->high = a->low + a->step;
}

static double place(const axis *a, double value, double from, double to)
{
    return from + (scaled(a, value) - a->low) / (a->high - a->low) * (to - from);
}

static double tick_value(const axis *a, int tick)
{
    double t = a->low + tick * a->step;
    return a->log ? pow(10, t) : fabs(t) < a->step / 1000 ? 0 : t;
}

static int tick_count(const axis *a)
{
    return (int)((a->high - a->low) / a->step + 1.5);
}

static void draw_y(vt__buffer *out, const axis *a)
{
    for (int t = 0; t < tick_count(a); t++) {
        double value = tick_value(a, t), y = place(a, value, bottom, top);
        vt__buffer_format(out, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n",
                          left, y, right, left - 6, y + 4, value);
    }
}

static void draw_x(vt__buffer *out, const axis *a)
{
    for (int t = 0; t < tick_count(a); t++) {
        double value = tick_value(a, t), x = place(a, value, left, right);
        vt__buffer_format(out, "<path d=\"M%.1f %dV%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.3g</text>\n",
                          x, top, bottom, x, bottom + 18, value);
    }
}

static void draw_curve(vt__buffer *out, const vt__curve *curve, const char *colour, const axis *xs, const axis *ys)
{
    bool begun = false;
    vt__buffer_format(out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"", colour);
    for (size_t i = 0; i < curve->count; i++) {
        if ((xs->log && !(curve->x[i] > 0)) || (ys->log && !(curve->y[i] > 0)) || !isfinite(curve->y[i])) continue;
        vt__buffer_format(out, "%c%.1f %.1f", begun ? 'L' : 'M', place(xs, curve->x[i], left, right), place(ys, curve->y[i], bottom, top));
        begun = true;
    }
    vt__buffer_text(out, "\"/>\n");
}

static void draw_legend(vt__buffer *out, const vt__plot *plot)
{
    for (size_t c = 0; c < plot->curves_count && plot->curves_count > 1; c++) {
        int y = top + 16 + 18 * (int)c;
        vt__buffer_format(out, "<path d=\"M%d %dh24\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"%d\" y=\"%d\">%s</text>\n", right - 190, y - 4,
                          colours[c], right - 160, y, plot->curves[c].name);
    }
}

static void draw_bars(vt__buffer *out, const vt__plot *plot, const axis *ys)
{
    double slot = (double)(right - left) / (double)plot->bars_count;
    for (size_t b = 0; b < plot->bars_count; b++) {
        const vt__bar *bar = &plot->bars[b];
        double x = left + slot * ((double)b + 0.5), y = place(ys, bar->share.value, bottom, top);
        vt__buffer_format(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x - slot * 0.3, y, slot * 0.6,
                          bottom - y, colours[0]);
        if (isfinite(bar->share.low))
            vt__buffer_format(out, "<path d=\"M%.1f %.1fV%.1fm-5 0h10\" stroke=\"#222\" fill=\"none\"/>\n", x, place(ys, bar->share.low, bottom, top),
                              place(ys, bar->share.high, bottom, top));
        vt__buffer_format(out, "<text transform=\"translate(%.1f %d) rotate(-20)\" text-anchor=\"end\" font-size=\"10\">%s</text>\n", x + 6,
                          bottom + 14, bar->name);
    }
}

static void fit(axis *xs, axis *ys, const vt__plot *plot)
{
    *xs = (axis){ INFINITY, -INFINITY, 1, plot->log_x };
    *ys = (axis){ INFINITY, -INFINITY, 1, plot->log_y };
    if (!plot->log_y) widen(ys, 0);
    for (size_t c = 0; c < plot->curves_count; c++)
        for (size_t i = 0; i < plot->curves[c].count; i++) {
            widen(xs, plot->curves[c].x[i]);
            widen(ys, plot->curves[c].y[i]);
        }
    for (size_t b = 0; b < plot->bars_count; b++) {
        widen(ys, plot->bars[b].share.value);
        widen(ys, plot->bars[b].share.high);
    }
    round_off(xs);
    round_off(ys);
}

static void draw(vt__buffer *out, const vt__plot *plot)
{
    axis xs, ys;
    fit(&xs, &ys, plot);
    vt__buffer_format(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"20\" text-anchor=\"middle\" font-size=\"14\">%s</text>\n",
                      width, height, width, height, width / 2, plot->title);
    draw_y(out, &ys);
    if (plot->curves_count) draw_x(out, &xs);
    vt__buffer_format(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text><text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
                      (left + right) / 2, height - 16, plot->x_label, (top + bottom) / 2, plot->y_label);
    for (size_t c = 0; c < plot->curves_count; c++) draw_curve(out, &plot->curves[c], colours[c], &xs, &ys);
    draw_bars(out, plot, &ys);
    draw_legend(out, plot);
    vt__buffer_text(out, "</svg>\n");
}

vt_status vt__plot_write(const vt__args *args, const vt__plot *plot, vt_error *err)
{
    const char *path = vt__args_get(args, "plot");
    if (!path) return VT_OK;
    vt__buffer out;
    vt__buffer_init(&out, max_svg_bytes);
    draw(&out, plot);
    vt_status status = out.status ? vt__fail(err, out.status, "the plot is too large") : vt__file_write(path, out.data, out.size, 0644, err);
    vt__buffer_free(&out);
    return status;
}
