#include "cli/bench_networks.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "face/detect.h"
#include "infer/denormals.h"

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double vt__median_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* One network and its input: noise of 0..peak. */
typedef struct trial {
    const vt__network *network;
    const vt__model *model;
    vt__scratch scratch;
    vt__tensor input;
    size_t outputs;
} trial;

static vt_status prepare(trial *out, const vt_engine *engine, vt__task task, vt_size size, float peak, vt_error *err)
{
    *out = (trial){ 0 };
    vt_status status = vt__networks_get(&out->network, &out->model, engine->networks, task, err);
    size_t planes = status ? 0 : (size_t)vt__order_planes(out->model->planar.order), count = planes * (size_t)size.width * (size_t)size.height;
    if (!status) status = vt__scratch_need(&out->scratch, count, err);
    if (status) return status;
    for (size_t i = 0; i < count; i++) out->scratch.floats[i] = (float)(i * 2654435761u % 256) / 255 * peak;
    out->input = (vt__tensor){ .name = out->model->input_name, .data = out->scratch.floats, .rank = 4, .count = count,
                               .shape = { 1, (int64_t)planes, size.height, size.width } };
    while (vt__network_output_name(out->network, out->outputs)) out->outputs++;
    return VT_OK;
}

static vt_status time_trial(double *out_ms, const trial *t, double *times, size_t rounds, vt_error *err)
{
    vt_status status = VT_OK;
    for (size_t r = 0; !status && r <= rounds; r++) { /* the first run, which allocates, is not counted */
        vt__outputs outputs;
        int64_t begin = vt__monotonic_ns();
        status = vt__network_run_unflushed(&outputs, t->network, &t->input, NULL, t->outputs, err);
        if (r) times[r - 1] = (double)(vt__monotonic_ns() - begin) / 1e6;
        vt__outputs_free(&outputs);
    }
    if (!status) *out_ms = vt__median_of(times, rounds);
    return status;
}

static vt_status time_network(double *sum_ms, const vt_engine *engine, vt__task task, vt_size size, float peak, double *times, size_t rounds, vt_error *err)
{
    if (!vt__pack_model(vt__networks_pack(engine->networks), task)) return VT_OK;
    trial t;
    double ms = 0;
    vt_status status = prepare(&t, engine, task, size, peak, err);
    vt__denormals_flush(true);
    if (!status) status = time_trial(&ms, &t, times, rounds, err);
    *sum_ms += ms;
    vt__scratch_free(&t.scratch);
    return status;
}

/* The recognizer on an input of nearly nothing: what flushing denormals is worth on this processor. */
static vt_status time_denormals(vt__networks_alone *out, const vt_engine *engine, double *times, size_t rounds, vt_error *err)
{
    if (!vt__pack_model(vt__networks_pack(engine->networks), VT__TASK_RECOGNIZER)) return VT_OK;
    trial t;
    vt_status status = prepare(&t, engine, VT__TASK_RECOGNIZER, (vt_size){ 112, 112 }, 1e-38f, err);
    vt__denormals_flush(true);
    if (!status) status = time_trial(&out->flushed_ms, &t, times, rounds, err);
    vt__denormals_flush(false);
    if (!status) status = time_trial(&out->unflushed_ms, &t, times, rounds, err);
    vt__denormals_flush(true);
    vt__scratch_free(&t.scratch);
    return status;
}

vt_status vt__networks_alone_measure(vt__networks_alone *out, const vt_engine *engine, vt_size picture, size_t rounds, vt_error *err)
{
    static const struct {
        vt__task task;
        vt_size size;
    } small[] = { { VT__TASK_LANDMARKS, { 64, 64 } }, { VT__TASK_LANDMARKS, { 64, 64 } }, { VT__TASK_RECOGNIZER, { 112, 112 } } };
    *out = (vt__networks_alone){ 0 };
    double *times = vt__calloc(rounds, sizeof *times);
    if (!times) return vt__fail_memory(err, rounds * sizeof *times);
    vt_status status = time_network(&out->sum_ms, engine, VT__TASK_DETECTOR, vt__detector_input(picture, 0), 255, times, rounds, err);
    for (size_t i = 0; !status && i < sizeof small / sizeof small[0]; i++)
        status = time_network(&out->sum_ms, engine, small[i].task, small[i].size, 1, times, rounds, err);
    if (!status) status = time_denormals(out, engine, times, rounds, err);
    vt__free(times);
    return status;
}
