#include "infer/network.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "infer/denormals.h"
#include "infer/runtime_state.h"

struct vt__network {
    vt__runtime *runtime;
    vt__ort_session *session;
    char *inputs[VT__NETWORK_MAX_TENSORS];
    char *outputs[VT__NETWORK_MAX_TENSORS];
    size_t input_count, output_count;
};

typedef vt__ort_status *(*name_getter)(const vt__ort_session *, size_t, vt__ort_allocator *, char **);

static vt_status read_names(char **names, size_t count, const vt__network *network, name_getter get, vt_error *err)
{
    const vt__runtime *runtime = network->runtime;
    for (size_t i = 0; i < count; i++) {
        char *name = NULL;
        vt_status status =
            vt__runtime_check(runtime, get(network->session, i, runtime->allocator, &name), "tensor name", err);
        if (status) return status;
        names[i] = vt__strdup(name);
        vt__runtime_check(runtime, runtime->api.AllocatorFree(runtime->allocator, name), "tensor name", NULL);
        if (!names[i]) return vt__fail_memory(err, 64);
    }
    return VT_OK;
}

static vt_status read_signature(vt__network *network, vt_error *err)
{
    const vt__ort *api = &network->runtime->api;
    vt_status status = vt__runtime_check(network->runtime, api->SessionGetInputCount(network->session, &network->input_count),
                                         "inputs", err);
    if (!status)
        status = vt__runtime_check(network->runtime, api->SessionGetOutputCount(network->session, &network->output_count),
                                   "outputs", err);
    if (status) return status;
    if (network->input_count != 1 || network->output_count < 1 || network->output_count > VT__NETWORK_MAX_TENSORS)
        return vt__fail(err, VT_EMODEL, "a network with %zu inputs and %zu outputs is not one of ours",
                        network->input_count, network->output_count);
    status = read_names(network->inputs, network->input_count, network, api->SessionGetInputName, err);
    if (!status) status = read_names(network->outputs, network->output_count, network, api->SessionGetOutputName, err);
    return status;
}

vt_status vt__network_open(vt__network **out, vt__runtime *runtime, const void *model, size_t size_bytes, vt_error *err)
{
    vt__network *network = vt__calloc(1, sizeof *network);
    if (!network) return vt__fail_memory(err, sizeof *network);
    network->runtime = runtime;
    vt__denormals_flush(true);
    vt_status status =
        vt__runtime_check(runtime,
                          runtime->api.CreateSessionFromArray(runtime->env, model, size_bytes, runtime->options, &network->session),
                          "cannot load a network", err);
    if (!status) status = read_signature(network, err);
    if (status) vt__network_close(network);
    else *out = network;
    return status;
}

void vt__network_close(vt__network *network)
{
    if (!network) return;
    if (network->session) network->runtime->api.ReleaseSession(network->session);
    for (size_t i = 0; i < VT__NETWORK_MAX_TENSORS; i++) {
        vt__free(network->inputs[i]);
        vt__free(network->outputs[i]);
    }
    vt__free(network);
}

const char *vt__network_input_name(const vt__network *network, size_t index)
{
    return index < network->input_count ? network->inputs[index] : NULL;
}

const char *vt__network_output_name(const vt__network *network, size_t index)
{
    return index < network->output_count ? network->outputs[index] : NULL;
}

static vt_status read_shape(vt__tensor *out, const vt__runtime *runtime, vt__ort_value *value, vt_error *err)
{
    const vt__ort *api = &runtime->api;
    vt__ort_tensor_info *info = NULL;
    vt__ort_element_type type = 0;
    vt_status status = vt__runtime_check(runtime, api->GetTensorTypeAndShape(value, &info), "output", err);
    if (status) return status;
    status = vt__runtime_check(runtime, api->GetTensorElementType(info, &type), "output type", err);
    if (!status) status = vt__runtime_check(runtime, api->GetDimensionsCount(info, &out->rank), "output rank", err);
    if (!status && (type != VT__ORT_FLOAT || out->rank > VT__TENSOR_MAX_RANK))
        status = vt__fail(err, VT_EMODEL, "output \"%s\" is no float tensor of rank <= %d", out->name, VT__TENSOR_MAX_RANK);
    if (!status) status = vt__runtime_check(runtime, api->GetDimensions(info, out->shape, out->rank), "output shape", err);
    api->ReleaseTensorTypeAndShapeInfo(info);
    out->count = 1;
    for (size_t i = 0; !status && i < out->rank; i++) out->count *= (size_t)out->shape[i];
    return status;
}

static vt_status read_output(vt__tensor *out, const vt__runtime *runtime, vt__ort_value *value, vt_error *err)
{
    vt_status status = read_shape(out, runtime, value, err);
    void *data = NULL;
    if (!status) status = vt__runtime_check(runtime, runtime->api.GetTensorMutableData(value, &data), "output data", err);
    out->data = data;
    return status;
}

/* Weights and activations of the recognizer are denormal in places: flushed to zero the answer is the same. */
vt_status vt__network_run(vt__outputs *out, const vt__network *network, const vt__tensor *input,
                          const char *const *names, size_t count, vt_error *err)
{
    vt__denormals_flush(true);
    return vt__network_run_unflushed(out, network, input, names, count, err);
}

vt_status vt__network_run_unflushed(vt__outputs *out, const vt__network *network, const vt__tensor *input,
                                    const char *const *names, size_t count, vt_error *err)
{
    const vt__runtime *runtime = network->runtime;
    *out = (vt__outputs){ .network = network };
    if (count > VT__NETWORK_MAX_TENSORS || (!names && count > network->output_count))
        return vt__fail(err, VT_EINVAL, "%zu outputs asked for, the network has %zu", count, network->output_count);
    if (!names) names = (const char *const *)network->outputs;
    const char *input_names[] = { input->name ? input->name : network->inputs[0] };
    vt__ort_value *value = NULL, *values[VT__NETWORK_MAX_TENSORS] = { 0 };
    vt_status status = vt__runtime_check(
        runtime,
        runtime->api.CreateTensorWithDataAsOrtValue(runtime->memory, input->data, input->count * sizeof(float),
                                                    input->shape, input->rank, VT__ORT_FLOAT, &value),
        "input", err);
    if (status) return status;
    const vt__ort_value *inputs[] = { value };
    status = vt__runtime_check(runtime,
                               runtime->api.Run(network->session, NULL, input_names, inputs, 1, names, count, values),
                               "running a network", err);
    runtime->api.ReleaseValue(value);
    for (size_t i = 0; i < count; i++) out->values[i] = values[i];
    out->count = status ? 0 : count;
    for (size_t i = 0; !status && i < count; i++) {
        out->items[i].name = names[i];
        status = read_output(&out->items[i], runtime, values[i], err);
    }
    if (status) vt__outputs_free(out);
    return status;
}

void vt__outputs_free(vt__outputs *outputs)
{
    for (size_t i = 0; i < VT__NETWORK_MAX_TENSORS; i++)
        if (outputs->values[i]) outputs->network->runtime->api.ReleaseValue(outputs->values[i]);
    *outputs = (vt__outputs){ 0 };
}

const vt__tensor *vt__outputs_get(const vt__outputs *outputs, const char *name)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (!strcmp(outputs->items[i].name, name)) return &outputs->items[i];
    return NULL;
}
