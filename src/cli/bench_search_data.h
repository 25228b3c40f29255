/* Templates for `bench search`: real ones first, the others from a seed. */
#ifndef VT_CLI_BENCH_SEARCH_DATA_H
#define VT_CLI_BENCH_SEARCH_DATA_H

#include "cli/eval_set.h"
#include "match/code.h"

typedef struct vt__search_data {
    size_t n, probes;
    uint64_t seed;
    size_t real;        /* rows at the front that are templates of pictures */
    float *rows, *probe_rows;
} vt__search_data;

/* Fills rows and probes; n, probes and seed are set. With a set, its templates stand first and the others have its second
 * moments along the axes; without, a variance that falls along the axes. Five made rows are a person: the first as drawn,
 * the others at a cosine of about 0.65 to it, as real mated pairs are. Every second probe is another template of a made
 * person. */
vt_status vt__search_data_make(vt__search_data *data, const vt__axes *axes, const vt__eval_set *set, vt_error *err);
size_t vt__search_data_person(const vt__search_data *data, size_t row);
void vt__search_data_free(vt__search_data *data);

#endif
