/* Faces in the words of the wire. */
#ifndef VT_CLI_FACE_JSON_H
#define VT_CLI_FACE_JSON_H

#include <vultus/face.h>

#include "base/json.h"

/* {"faceRectangle", "score", "faceLandmarks", "faceAttributes"}: what the face has. NULL: no memory. */
vt__json *vt__face_json(const vt_face *face);

/* {"image", "width", "height", "faces": [...]} */
vt__json *vt__faces_json(const char *path, vt_size size, const vt_faces *faces);

#endif
