/* `eval --plot`: curves, or bars with their intervals, as an SVG picture. */
#ifndef VT_CLI_PLOT_H
#define VT_CLI_PLOT_H

#include "cli/report.h"

/* The option's row, for a command's table. */
#define VT__OPTION_PLOT(what) { "plot", "OUT.svg", NULL, what }

enum { vt__plot_most = 8 }; /* curves or bars */

typedef struct vt__curve {
    const char *name; /* in the legend */
    const double *x, *y;
    size_t count;
} vt__curve;

typedef struct vt__bar {
    const char *name; /* below the bar */
    vt__estimate share;
} vt__bar;

/* Either curves or bars. Log axes take values > 0 and leave the others out. A linear y axis begins at 0. */
typedef struct vt__plot {
    const char *title, *x_label, *y_label;
    vt__curve curves[vt__plot_most];
    vt__bar bars[2 * vt__plot_most];
    size_t curves_count, bars_count;
    bool log_x, log_y;
} vt__plot;

/* Writes where --plot says; does nothing without it. */
vt_status vt__plot_write(const vt__args *args, const vt__plot *plot, vt_error *err);

#endif
