/* The inside of vt_engine and vt_session. */
#ifndef VT_FACE_ENGINE_H
#define VT_FACE_ENGINE_H

#include <vultus/face.h>

#include "match/calibration.h"
#include "model/detector.h"
#include "model/networks.h"
#include "model/scratch.h"

struct vt_engine {
    vt__networks *networks;
    vt__calibration calibration;
    uint32_t dimension;
    float *probes; /* probes.bin, or NULL */
    size_t probes_count;
};

struct vt_session {
    vt_engine *engine;
    vt__scratch scratch;
    vt__candidates candidates;
};

#endif
