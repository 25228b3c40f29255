/* `vultus bench pipeline`: what the networks of the path take by themselves, to compare the whole with. */
#ifndef VT_CLI_BENCH_NETWORKS_H
#define VT_CLI_BENCH_NETWORKS_H

#include "face/engine.h"

typedef struct vt__networks_alone {
    double sum_ms;         /* detector at the picture's size, landmarks twice, recognizer once; 0 for what the pack lacks */
    double flushed_ms;     /* recognizer, its input made so small that its activations become denormal */
    double unflushed_ms;   /* the same, denormals reckoned with as IEEE 754 says */
} vt__networks_alone;

/* Medians over `rounds`. `picture` decides the detector's input. */
vt_status vt__networks_alone_measure(vt__networks_alone *out, const vt_engine *engine, vt_size picture, size_t rounds, vt_error *err);

/* Sorts the values. count > 0. */
double vt__median_of(double *values, size_t count);

#endif
