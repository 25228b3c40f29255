/* What is asked for beside a face's box. */
#ifndef VT_FACE_EXTRAS_H
#define VT_FACE_EXTRAS_H

#include "face/engine.h"
#include "face/view.h"

/* 68 landmarks by two passes; fills points68 and VT_WANT_LANDMARKS. */
vt_status vt__face_landmarks(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err);

/* Head pose by the network and the landmarks; fills pose and VT_WANT_POSE. Needs the landmarks. */
vt_status vt__face_pose(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err);

/* The five points that alignment goes by, from the 68 landmarks (full size). */
void vt__align_points(vt_point out[5], const vt_point points68[68]);

#endif
