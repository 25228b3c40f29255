/* Linear probes on the feature network: is there a mask, glasses, headwear, an occluded forehead, eye or mouth? */
#ifndef VT_FACE_PROBES_H
#define VT_FACE_PROBES_H

#include "face/engine.h"
#include "face/view.h"

enum { VT__PROBE_BANDS = 5, VT__PROBE_MAX_CHANNELS = 512, VT__PROBE_MAX_FEATURES = VT__PROBE_BANDS * VT__PROBE_MAX_CHANNELS };

typedef enum vt__probe {
    VT__PROBE_MASK = 0,
    VT__PROBE_GLASSES,    /* reading glasses or sunglasses */
    VT__PROBE_SUNGLASSES, /* sunglasses */
    VT__PROBE_HEADWEAR,
    VT__PROBE_FOREHEAD,
    VT__PROBE_EYES,
    VT__PROBE_MOUTH,
    VT__PROBE_COUNT
} vt__probe;

/* Channel means over five bands of rows (0-2, 3-5, 6-8, 9-11, 12-13 of 14) of the feature network on the aligned face.
 * *count = bands x channels. Needs landmarks in `face`. */
vt_status vt__probe_features(float out[VT__PROBE_MAX_FEATURES], size_t *count, vt_session *session, vt_picture *picture,
                             const vt_face *face, vt_error *err);

/* Probabilities 0..1 from the pack's probes.bin: for each probe, features + 1 floats (weights, then the constant).
 * VT_EUNSUPPORTED when the pack has none. */
vt_status vt__probe_run(float out[VT__PROBE_COUNT], vt_engine *engine, const float *features, size_t count, vt_error *err);

#endif
