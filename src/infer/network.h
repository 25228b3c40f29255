/* A loaded network: named float tensors in and out. Loading is costly (20-60 ms), running is for any thread. */
#ifndef VT_INFER_NETWORK_H
#define VT_INFER_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

#include "infer/runtime.h"

enum { VT__TENSOR_MAX_RANK = 6, VT__NETWORK_MAX_TENSORS = 16 };

typedef struct vt__tensor {
    const char *name;
    float *data; /* row-major; inputs: the caller's; outputs: the runtime's, until vt__outputs_free */
    int64_t shape[VT__TENSOR_MAX_RANK];
    size_t rank;
    size_t count; /* floats */
} vt__tensor;

typedef struct vt__network vt__network;

/* Reads an ONNX model from memory (copied). The runtime must outlive the network. VT_EMODEL: not a model. */
vt_status vt__network_open(vt__network **out, vt__runtime *runtime, const void *model, size_t size_bytes, vt_error *err);
void vt__network_close(vt__network *network);

/* Names in the model's order; borrowed. NULL past the end. */
const char *vt__network_input_name(const vt__network *network, size_t index);
const char *vt__network_output_name(const vt__network *network, size_t index);

typedef struct vt__outputs {
    vt__tensor items[VT__NETWORK_MAX_TENSORS];
    size_t count;
    void *values[VT__NETWORK_MAX_TENSORS]; /* the runtime's */
    const vt__network *network;
} vt__outputs;

/* Runs one input tensor through and gives the named outputs (or the model's first `count` when names is NULL).
 * Any thread; sets the thread's denormal flags, without which some networks take seven times as long.
 * VT_EMODEL when the shapes do not fit or an output is no float tensor. Free with vt__outputs_free. */
vt_status vt__network_run(vt__outputs *out, const vt__network *network, const vt__tensor *input,
                          const char *const *names, size_t count, vt_error *err);

/* The same with the denormal flags as the thread has them; for the bench, which measures what they are worth. */
vt_status vt__network_run_unflushed(vt__outputs *out, const vt__network *network, const vt__tensor *input,
                                    const char *const *names, size_t count, vt_error *err);
void vt__outputs_free(vt__outputs *outputs);

/* The output of a name, or NULL. */
const vt__tensor *vt__outputs_get(const vt__outputs *outputs, const char *name);

#endif
