/* A detected face in the wire's JSON. */
#ifndef VT_REST_FACE_JSON_H
#define VT_REST_FACE_JSON_H

#include "base/json.h"
#include "rest/operation.h"
#include "service/recognition.h"

/* Attributes of the wire, or'ed. */
enum {
    VT__ATTRIBUTE_HEAD_POSE = 1 << 0,
    VT__ATTRIBUTE_GLASSES = 1 << 1,
    VT__ATTRIBUTE_OCCLUSION = 1 << 2,
    VT__ATTRIBUTE_BLUR = 1 << 3,
    VT__ATTRIBUTE_EXPOSURE = 1 << 4,
    VT__ATTRIBUTE_NOISE = 1 << 5,
    VT__ATTRIBUTE_ACCESSORIES = 1 << 6,
    VT__ATTRIBUTE_MASK = 1 << 7,
    VT__ATTRIBUTE_QUALITY = 1 << 8
};

/* The vt_want bits that attributes need. */
uint32_t vt__attributes_want(uint32_t attributes);

vt__json *vt__rectangle_json(const vt_box *box);
vt__json *vt__landmarks_json(const vt_face *face);
/* Those asked for that the face has; `glasses` is spelt as the version spells it. */
vt__json *vt__attributes_json(const vt_face *face, uint32_t attributes, vt__api_version version);

#endif
