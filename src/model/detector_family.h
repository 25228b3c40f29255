/* What a detector family provides. */
#ifndef VT_MODEL_DETECTOR_FAMILY_H
#define VT_MODEL_DETECTOR_FAMILY_H

#include "model/detector.h"

typedef struct vt__detector_family {
    const char *name;
    /* Appends the candidates of one run, in pixels of the network's input. */
    vt_status (*decode)(vt__candidates *out, const vt__outputs *outputs, vt_size input, float threshold, vt_error *err);
    bool corners_squash; /* stretched to the input rather than padded */
} vt__detector_family;

extern const vt__detector_family vt__detector_yunet, vt__detector_rfb, vt__detector_scrfd;

/* An output that must hold `count` floats; NULL and err filled when it does not. */
const float *vt__detector_output(const vt__outputs *outputs, const char *name, size_t count, vt_error *err);

#endif
