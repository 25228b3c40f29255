#include <dlfcn.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "infer/runtime_state.h"

vt_status vt__runtime_check(const vt__runtime *runtime, vt__ort_status *status, const char *what, vt_error *err)
{
    if (!status) return VT_OK;
    vt__fail(err, VT_EMODEL, "%s: %s", what, runtime->api.GetErrorMessage(status));
    runtime->api.ReleaseStatus(status);
    return VT_EMODEL;
}

/* OrtApi is an array of function pointers in all but name. */
static void copy_slots(vt__ort *api, const void *table)
{
    const char *slots = table;
#define COPY_SLOT(slot, name, result, parameters) memcpy(&api->name, slots + (slot) * sizeof(void *), sizeof api->name);
    VT__ORT_SLOTS(COPY_SLOT)
#undef COPY_SLOT
}

static vt_status find_api(vt__runtime *runtime, const char *path, vt_error *err)
{
    if (strchr(path, '/') && !vt__file_exists(path))
        return vt__fail(err, VT_ENOTFOUND, "%s is missing: run `vultus pack build`", path);
    /* The library is never unloaded: its thread-local destructors may be pending, and crash at exit. */
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) return vt__fail(err, VT_EMODEL, "cannot load ONNX Runtime: %s", dlerror());
    const vt__ort_base *(*get_base)(void);
    void *symbol = dlsym(library, "OrtGetApiBase");
    if (!symbol) return vt__fail(err, VT_EMODEL, "%s is not ONNX Runtime", path);
    memcpy(&get_base, &symbol, sizeof get_base);
    const vt__ort_base *base = get_base();
    if (!base) return vt__fail(err, VT_EMODEL, "%s is not ONNX Runtime", path);
    const void *table = base->GetApi(VT__ORT_API_VERSION);
    if (!table)
        return vt__fail(err, VT_EMODEL, "ONNX Runtime %s is too old: 1.17 or later is needed", base->GetVersionString());
    runtime->version = base->GetVersionString();
    copy_slots(&runtime->api, table);
    return VT_OK;
}

/* The first session of the process decides on denormals for the runtime's own threads; ours set it per run as well. */
static vt_status make_options(vt__runtime *runtime, vt_error *err)
{
    const vt__ort *api = &runtime->api;
    vt_status status = vt__runtime_check(runtime, api->CreateSessionOptions(&runtime->options), "session options", err);
    if (status) return status;
    vt__ort_session_options *options = runtime->options;
    vt__ort_status *results[] = {
        api->SetSessionGraphOptimizationLevel(options, VT__ORT_OPTIMISE_ALL),
        api->SetIntraOpNumThreads(options, 1),
        api->SetInterOpNumThreads(options, 1),
        api->DisableCpuMemArena(options),
        api->AddSessionConfigEntry(options, "session.set_denormal_as_zero", "1"),
        api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"),
    };
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        vt_status one = vt__runtime_check(runtime, results[i], "session options", status ? NULL : err);
        if (!status) status = one;
    }
    return status;
}

static vt_status start(vt__runtime *runtime, vt_error *err)
{
    const vt__ort *api = &runtime->api;
    vt_status status =
        vt__runtime_check(runtime, api->CreateEnv(VT__ORT_LOG_FATAL, "vultus", &runtime->env), "ONNX Runtime", err);
    if (!status)
        status = vt__runtime_check(runtime,
                                   api->CreateCpuMemoryInfo(VT__ORT_ARENA_ALLOCATOR, VT__ORT_MEMORY_DEFAULT, &runtime->memory),
                                   "memory info", err);
    if (!status)
        status = vt__runtime_check(runtime, api->GetAllocatorWithDefaultOptions(&runtime->allocator), "allocator", err);
    return status ? status : make_options(runtime, err);
}

vt_status vt__runtime_open(vt__runtime **out, const char *path, vt_error *err)
{
    vt__runtime *runtime = vt__calloc(1, sizeof *runtime);
    if (!runtime) return vt__fail_memory(err, sizeof *runtime);
    vt_status status = find_api(runtime, path, err);
    if (!status) status = start(runtime, err);
    if (status) vt__runtime_close(runtime);
    else *out = runtime;
    return status;
}

void vt__runtime_close(vt__runtime *runtime)
{
    if (!runtime) return;
    if (runtime->options) runtime->api.ReleaseSessionOptions(runtime->options);
    if (runtime->memory) runtime->api.ReleaseMemoryInfo(runtime->memory);
    if (runtime->env) runtime->api.ReleaseEnv(runtime->env);
    vt__free(runtime);
}

const char *vt__runtime_version(const vt__runtime *runtime)
{
    return runtime->version;
}
