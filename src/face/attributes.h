/* Attributes of a face (docs/attributes.md says what each value means). None of them makes a template. */
#ifndef VT_FACE_ATTRIBUTES_H
#define VT_FACE_ATTRIBUTES_H

#include "face/engine.h"

/* Mask, glasses, headwear, occlusion: all come from one run of the feature network. Needs the landmarks. */
vt_status vt__face_probes(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err);

/* Blur, exposure, noise and the quality for recognition, for which pose and probes are filled too. Needs the landmarks. */
vt_status vt__face_quality(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err);

#endif
