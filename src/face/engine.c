#include "face/engine.h"

#include "base/error.h"
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

/* "calibration": {"cosine": [...], "confidence": [...]}. Without one, confidence 0.5 stands at cosine 0.5. */
static vt_status read_calibration(vt_engine *engine, vt_error *err)
{
    const vt__json *entry = vt__json_get(vt__networks_pack(engine->networks)->root, "calibration");
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

static vt_status check_models(vt_engine *engine, vt_error *err)
{
    const vt__pack *pack = vt__networks_pack(engine->networks);
    const vt__model *detector = vt__pack_model(pack, VT__TASK_DETECTOR), *recognizer = vt__pack_model(pack, VT__TASK_RECOGNIZER);
    if (!detector) return vt__fail(err, VT_EMODEL, "the pack in %s has no detector", pack->folder);
    vt_status status = vt__detector_check(detector, err);
    engine->dimension = vt__recognizer_dimension(recognizer);
    if (!status && recognizer && !engine->dimension)
        status = vt__fail(err, VT_EFORMAT, "%s: \"dimension\" is missing or over %d", recognizer->file, VT_TEMPLATE_MAX_DIMENSION);
    return status;
}

/* Small enough (a few tens of KiB) to be read at once; a pack without it answers no attribute that needs it. */
static vt_status read_probes(vt_engine *engine, vt_error *err)
{
    const vt__pack *pack = vt__networks_pack(engine->networks);
    const char *digest = vt__pack_file_digest(pack, "probes.bin");
    if (!digest) return VT_OK;
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = vt__pack_read(&bytes, &size, pack, "probes.bin", digest, err);
    engine->probes = (float *)(void *)bytes;
    engine->probes_count = size / sizeof(float);
    return status;
}

vt_status vt_engine_open(vt_engine **out, const char *pack_folder, const vt_engine_options *options, vt_error *err)
{
    vt_engine *engine = vt__calloc(1, sizeof *engine);
    if (!engine) return vt__fail_memory(err, sizeof *engine);
    vt_status status = vt__networks_open(&engine->networks, pack_folder, options ? options->runtime_path : NULL, err);
    if (!status) status = check_licences(vt__networks_pack(engine->networks), options, err);
    if (!status) status = check_models(engine, err);
    if (!status) status = read_calibration(engine, err);
    if (!status) status = read_probes(engine, err);
    if (status) vt_engine_close(engine);
    else *out = engine;
    return status;
}

void vt_engine_close(vt_engine *engine)
{
    if (!engine) return;
    vt__networks_close(engine->networks);
    vt__free(engine->probes);
    vt__free(engine);
}

const char *vt_engine_digest(const vt_engine *engine)
{
    return vt__networks_pack(engine->networks)->digest;
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
    vt__box_candidates_free(&session->candidates);
    vt__free(session);
}
