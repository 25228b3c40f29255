#include "face/engine.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "model/recognizer.h"

static vt_status check_licences(const vt__pack *pack, const vt_engine_options *options, vt_error *err)
{
    for (size_t i = 0; options && options->commercial && i < pack->count; i++) {
        const vt__model *model = &pack->models[i];
        if (!model->commercial)
            return vt__fail(err, VT_EDENIED, "%s (%s) is under \"%s\", which forbids commercial use", model->file,
                            vt__task_name(model->task), model->licence);
    }
    return VT_OK;
}

/* The pack's own runtime after its digest is checked; a pack of the user's may have none: then the loader searches. */
static vt_status open_runtime(vt_engine *engine, const vt_engine_options *options, vt_error *err)
{
    const vt__json *entry = vt__json_get(engine->pack.root, "runtime");
    const char *file = vt__json_string_or(entry, "file", NULL);
    if (options && options->runtime_path) return vt__runtime_open(&engine->runtime, options->runtime_path, err);
    if (!file) return vt__runtime_open(&engine->runtime, "libonnxruntime.so.1", err);
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = vt__pack_read(&bytes, &size, &engine->pack, file, vt__json_string_or(entry, "sha256", ""), err);
    vt__free(bytes);
    if (status) return status;
    char *path = vt__path_join(engine->pack.folder, file);
    status = path ? vt__runtime_open(&engine->runtime, path, err) : vt__fail_memory(err, 64);
    vt__free(path);
    return status;
}

/* "calibration": {"cosine": [...], "confidence": [...]}. Without one, confidence 0.5 stands at cosine 0.5. */
static vt_status read_calibration(vt_engine *engine, vt_error *err)
{
    const vt__json *entry = vt__json_get(engine->pack.root, "calibration");
    const vt__json *cosines = vt__json_get(entry, "cosine"), *confidences = vt__json_get(entry, "confidence");
    float cosine[VT__CALIBRATION_MAX_POINTS] = { 0.5f }, confidence[VT__CALIBRATION_MAX_POINTS] = { 0.5f };
    size_t count = entry ? vt__json_count(cosines) : 1;
    if (entry && (count >= VT__CALIBRATION_MAX_POINTS || count != vt__json_count(confidences)))
        return vt__fail(err, VT_EFORMAT, "the manifest's calibration has %zu points", count);
    for (size_t i = 0; entry && i < count; i++) {
        double x = 2, y = 2;
        vt__json_as_number(&x, vt__json_at(cosines, i));
        vt__json_as_number(&y, vt__json_at(confidences, i));
        cosine[i] = (float)x;
        confidence[i] = (float)y;
    }
    return vt__calibration_make(&engine->calibration, cosine, confidence, count, err);
}

static vt_status read_pack(vt_engine *engine, const char *folder, const vt_engine_options *options, vt_error *err)
{
    vt_status status = vt__pack_open(&engine->pack, folder, err);
    if (!status) status = check_licences(&engine->pack, options, err);
    for (int task = 0; !status && task < VT__TASK_COUNT; task++)
        engine->slots[task].model = vt__pack_model(&engine->pack, (vt__task)task);
    const vt__model *detector = engine->slots[VT__TASK_DETECTOR].model;
    if (!status && !detector) status = vt__fail(err, VT_EMODEL, "the pack in %s has no detector", folder);
    if (!status) status = vt__detector_check(detector, err);
    if (!status) status = read_calibration(engine, err);
    const vt__model *recognizer = engine->slots[VT__TASK_RECOGNIZER].model;
    engine->dimension = vt__recognizer_dimension(recognizer);
    if (!status && recognizer && !engine->dimension)
        status = vt__fail(err, VT_EFORMAT, "%s: \"dimension\" is missing or over %d", recognizer->file, VT_TEMPLATE_MAX_DIMENSION);
    return status;
}

vt_status vt_engine_open(vt_engine **out, const char *pack_folder, const vt_engine_options *options, vt_error *err)
{
    vt_engine *engine = vt__calloc(1, sizeof *engine);
    if (!engine) return vt__fail_memory(err, sizeof *engine);
    pthread_mutex_init(&engine->loading, NULL);
    vt_status status = read_pack(engine, pack_folder, options, err);
    if (!status) status = open_runtime(engine, options, err);
    if (status) vt_engine_close(engine);
    else *out = engine;
    return status;
}

void vt_engine_close(vt_engine *engine)
{
    if (!engine) return;
    for (int task = 0; task < VT__TASK_COUNT; task++) vt__network_close(atomic_load(&engine->slots[task].network));
    vt__runtime_close(engine->runtime);
    vt__pack_close(&engine->pack);
    pthread_mutex_destroy(&engine->loading);
    vt__free(engine);
}

static vt_status load(vt_engine *engine, vt__slot *slot, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = vt__pack_read(&bytes, &size, &engine->pack, slot->model->file, slot->model->sha256, err);
    vt__network *network = NULL;
    if (!status) status = vt__network_open(&network, engine->runtime, bytes, size, err);
    vt__free(bytes);
    if (!status) atomic_store_explicit(&slot->network, network, memory_order_release);
    return status;
}

vt_status vt__engine_network(const vt__network **out, const vt__model **model, vt_engine *engine, vt__task task, vt_error *err)
{
    vt__slot *slot = &engine->slots[task];
    if (!slot->model) return vt__fail(err, VT_EUNSUPPORTED, "the pack has no network for \"%s\"", vt__task_name(task));
    vt_status status = VT_OK;
    if (!atomic_load_explicit(&slot->network, memory_order_acquire)) {
        pthread_mutex_lock(&engine->loading);
        if (!atomic_load_explicit(&slot->network, memory_order_acquire)) status = load(engine, slot, err);
        pthread_mutex_unlock(&engine->loading);
    }
    *out = atomic_load_explicit(&slot->network, memory_order_acquire);
    *model = slot->model;
    return status;
}

const char *vt_engine_digest(const vt_engine *engine)
{
    return engine->pack.digest;
}

uint32_t vt_engine_dimension(const vt_engine *engine)
{
    return engine->dimension;
}

float vt_engine_confidence(const vt_engine *engine, float cosine)
{
    return vt__calibration_confidence(&engine->calibration, cosine);
}

float vt_engine_cosine(const vt_engine *engine, float confidence)
{
    return vt__calibration_cosine(&engine->calibration, confidence);
}

vt_status vt_session_open(vt_session **out, vt_engine *engine, vt_error *err)
{
    vt_session *session = vt__calloc(1, sizeof *session);
    if (!session) return vt__fail_memory(err, sizeof *session);
    session->engine = engine;
    *out = session;
    return VT_OK;
}

void vt_session_close(vt_session *session)
{
    if (!session) return;
    vt__scratch_free(&session->scratch);
    vt__candidates_free(&session->candidates);
    vt__free(session);
}
