#include "model/networks.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

struct vt__networks {
    vt__pack pack;
    vt__runtime *runtime;
    pthread_mutex_t loading; /* held while a network is loaded */
    _Atomic(vt__network *) loaded[VT__TASK_COUNT];
};

static vt_status open_runtime(vt__networks *networks, const char *runtime_path, vt_error *err)
{
    const vt__json *entry = vt__json_get(networks->pack.root, "runtime");
    const char *file = vt__json_string_or(entry, "file", NULL);
    if (runtime_path) return vt__runtime_open(&networks->runtime, runtime_path, err);
    if (!file) return vt__runtime_open(&networks->runtime, "libonnxruntime.so.1", err);
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = vt__pack_read(&bytes, &size, &networks->pack, file, vt__json_string_or(entry, "sha256", ""), err);
    vt__free(bytes);
    if (status) return status;
    char *path = vt__path_join(networks->pack.folder, file);
    status = path ? vt__runtime_open(&networks->runtime, path, err) : vt__fail_memory(err, 64);
    vt__free(path);
    return status;
}

vt_status vt__networks_open(vt__networks **out, const char *folder, const char *runtime_path, vt_error *err)
{
    vt__networks *networks = vt__calloc(1, sizeof *networks);
    if (!networks) return vt__fail_memory(err, sizeof *networks);
    pthread_mutex_init(&networks->loading, NULL);
    vt_status status = vt__pack_open(&networks->pack, folder, err);
    if (!status) status = open_runtime(networks, runtime_path, err);
    if (status) vt__networks_close(networks);
    else *out = networks;
    return status;
}

void vt__networks_close(vt__networks *networks)
{
    if (!networks) return;
    for (int task = 0; task < VT__TASK_COUNT; task++) vt__network_close(atomic_load(&networks->loaded[task]));
    vt__runtime_close(networks->runtime);
    vt__pack_close(&networks->pack);
    pthread_mutex_destroy(&networks->loading);
    vt__free(networks);
}

const vt__pack *vt__networks_pack(const vt__networks *networks)
{
    return &networks->pack;
}

static vt_status load(vt__networks *networks, const vt__model *model, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt__network *network = NULL;
    vt_status status = vt__pack_read(&bytes, &size, &networks->pack, model->file, model->sha256, err);
    if (!status) status = vt__network_open(&network, networks->runtime, bytes, size, err);
    vt__free(bytes);
    if (!status) atomic_store_explicit(&networks->loaded[model->task], network, memory_order_release);
    return status;
}

vt_status vt__networks_get(const vt__network **out, const vt__model **model, vt__networks *networks, vt__task task, vt_error *err)
{
    *model = vt__pack_model(&networks->pack, task);
    if (!*model) return vt__fail(err, VT_EUNSUPPORTED, "the pack has no network for \"%s\"", vt__task_name(task));
    vt_status status = VT_OK;
    *out = atomic_load_explicit(&networks->loaded[task], memory_order_acquire);
    if (*out) return VT_OK;
    pthread_mutex_lock(&networks->loading);
    if (!atomic_load_explicit(&networks->loaded[task], memory_order_acquire)) status = load(networks, *model, err);
    pthread_mutex_unlock(&networks->loading);
    *out = atomic_load_explicit(&networks->loaded[task], memory_order_acquire);
    return status;
}
