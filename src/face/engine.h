/* The inside of vt_engine and vt_session. */
#ifndef VT_FACE_ENGINE_H
#define VT_FACE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include <vultus/face.h>

#include "image/region.h"
#include "infer/network.h"
#include "match/calibration.h"
#include "model/detector.h"
#include "model/manifest.h"
#include "model/scratch.h"

/* A network that is loaded when it is first needed, once, whichever thread comes first. */
typedef struct vt__slot {
    const vt__model *model; /* NULL: the pack has none */
    _Atomic(vt__network *) network;
} vt__slot;

struct vt_engine {
    vt__pack pack;
    vt__runtime *runtime;
    pthread_mutex_t loading; /* held while a network is loaded */
    vt__slot slots[VT__TASK_COUNT];
    vt__calibration calibration;
    uint32_t dimension;
};

struct vt_session {
    vt_engine *engine;
    vt__scratch scratch;
    vt__candidates candidates;
};

/* The network and model of a task, loaded if need be. VT_EUNSUPPORTED when the pack has none. */
vt_status vt__engine_network(const vt__network **out, const vt__model **model, vt_engine *engine, vt__task task, vt_error *err);

#endif
