#include "rest/face_json.h"

#include <math.h>

#include "service/landmark_names.h"

#define ACCESSORY_CONFIDENCE 0.5f /* from which an accessory is named */

static const struct {
    uint32_t attribute, want;
} wants[] = {
    { VT__ATTRIBUTE_HEAD_POSE, VT_WANT_POSE },
    { VT__ATTRIBUTE_GLASSES, VT_WANT_GLASSES },
    { VT__ATTRIBUTE_OCCLUSION, VT_WANT_OCCLUSION },
    { VT__ATTRIBUTE_BLUR, VT_WANT_QUALITY },
    { VT__ATTRIBUTE_EXPOSURE, VT_WANT_QUALITY },
    { VT__ATTRIBUTE_NOISE, VT_WANT_QUALITY },
    { VT__ATTRIBUTE_ACCESSORIES, VT_WANT_GLASSES | VT_WANT_HEADWEAR | VT_WANT_MASK },
    { VT__ATTRIBUTE_MASK, VT_WANT_MASK },
    { VT__ATTRIBUTE_QUALITY, VT_WANT_QUALITY | VT_WANT_POSE },
};

uint32_t vt__attributes_want(uint32_t attributes)
{
    uint32_t want = 0;
    for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++)
        if (attributes & wants[i].attribute) want |= wants[i].want;
    return want;
}

vt__json *vt__rectangle_json(const vt_box *box)
{
    vt__json *out = vt__json_object();
    vt__json_set_integer(out, "top", lroundf(box->top));
    vt__json_set_integer(out, "left", lroundf(box->left));
    vt__json_set_integer(out, "width", lroundf(box->width));
    vt__json_set_integer(out, "height", lroundf(box->height));
    return out;
}

vt__json *vt__landmarks_json(const vt_face *face)
{
    vt_point points[VT__NAMED_LANDMARKS];
    vt__named_landmarks(points, face->points68);
    vt__json *out = vt__json_object();
    for (size_t i = 0; i < VT__NAMED_LANDMARKS; i++) {
        vt__json *point = vt__json_object();
        vt__json_set(point, "x", vt__json_rounded(points[i].x, 1));
        vt__json_set(point, "y", vt__json_rounded(points[i].y, 1));
        vt__json_set(out, vt__landmark_name(i), point);
    }
    return out;
}

static vt__json *pose_json(const vt_pose *pose)
{
    vt__json *out = vt__json_object();
    vt__json_set(out, "pitch", vt__json_rounded(pose->pitch_deg, 1));
    vt__json_set(out, "roll", vt__json_rounded(pose->roll_deg, 1));
    vt__json_set(out, "yaw", vt__json_rounded(pose->yaw_deg, 1));
    return out;
}

static vt__json *level_json(const char *level_name, const char *const names[3], float value, float low, float high)
{
    vt__json *out = vt__json_object();
    vt__json_set_string(out, level_name, names[value < low ? 0 : value < high ? 1 : 2]);
    vt__json_set(out, "value", vt__json_rounded(value, 2));
    return out;
}

static vt__json *occlusion_json(const vt_attributes *a)
{
    vt__json *out = vt__json_object();
    vt__json_set_bool(out, "foreheadOccluded", a->forehead_occluded);
    vt__json_set_bool(out, "eyeOccluded", a->eye_occluded);
    vt__json_set_bool(out, "mouthOccluded", a->mouth_occluded);
    return out;
}

static void add_accessory(vt__json *list, const char *type, float confidence)
{
    if (confidence < ACCESSORY_CONFIDENCE) return;
    vt__json *one = vt__json_object();
    vt__json_set_string(one, "type", type);
    vt__json_set(one, "confidence", vt__json_rounded(confidence, 2));
    vt__json_append(list, one);
}

static vt__json *accessories_json(const vt_face *face)
{
    const vt_attributes *a = &face->attributes;
    vt__json *out = vt__json_array();
    if (face->have & VT_WANT_HEADWEAR) add_accessory(out, "headwear", a->headwear_confidence);
    if (face->have & VT_WANT_GLASSES && a->glasses != VT_GLASSES_NONE) add_accessory(out, "glasses", a->glasses_confidence);
    if (face->have & VT_WANT_MASK && a->mask == VT_MASK_FACE) add_accessory(out, "mask", a->mask_confidence);
    return out;
}

static vt__json *mask_json(const vt_attributes *a)
{
    static const char *const names[] = { "uncertain", "noMask", "faceMask", "otherMaskOrOcclusion" };
    vt__json *out = vt__json_object();
    vt__json_set_string(out, "type", names[a->mask]);
    vt__json_set_bool(out, "noseAndMouthCovered", a->nose_and_mouth_covered);
    return out;
}

static const char *glasses_name(vt_glasses glasses, vt__api_version version)
{
    static const char *const names[] = { "noGlasses", "readingGlasses", "sunglasses", "swimmingGoggles" };
    static const char *const old_names[] = { "NoGlasses", "ReadingGlasses", "Sunglasses", "SwimmingGoggles" };
    return version == VT__V1_0 || version == VT__V1_0_PREVIEW ? old_names[glasses] : names[glasses];
}

static void add_quality(vt__json *out, const vt_attributes *a, uint32_t attributes)
{
    static const char *const levels[] = { "low", "medium", "high" };
    static const char *const exposures[] = { "underExposure", "goodExposure", "overExposure" };
    if (attributes & VT__ATTRIBUTE_BLUR)
        vt__json_set(out, "blur", level_json("blurLevel", levels, a->blur, 0.25f, 0.75f));
    if (attributes & VT__ATTRIBUTE_EXPOSURE)
        vt__json_set(out, "exposure", level_json("exposureLevel", exposures, a->exposure, 0.25f, 0.75f));
    if (attributes & VT__ATTRIBUTE_NOISE)
        vt__json_set(out, "noise", level_json("noiseLevel", levels, a->noise, 0.3f, 0.7f));
    if (attributes & VT__ATTRIBUTE_QUALITY) vt__json_set_string(out, "qualityForRecognition", levels[a->quality]);
}

vt__json *vt__attributes_json(const vt_face *face, uint32_t attributes, vt__api_version version)
{
    const vt_attributes *a = &face->attributes;
    uint32_t have = face->have;
    vt__json *out = vt__json_object();
    if (attributes & VT__ATTRIBUTE_HEAD_POSE && have & VT_WANT_POSE) vt__json_set(out, "headPose", pose_json(&face->pose));
    if (attributes & VT__ATTRIBUTE_GLASSES && have & VT_WANT_GLASSES)
        vt__json_set_string(out, "glasses", glasses_name(a->glasses, version));
    if (attributes & VT__ATTRIBUTE_OCCLUSION && have & VT_WANT_OCCLUSION) vt__json_set(out, "occlusion", occlusion_json(a));
    if (attributes & VT__ATTRIBUTE_ACCESSORIES) vt__json_set(out, "accessories", accessories_json(face));
    if (attributes & VT__ATTRIBUTE_MASK && have & VT_WANT_MASK) vt__json_set(out, "mask", mask_json(a));
    if (have & VT_WANT_QUALITY) add_quality(out, a, attributes);
    return out;
}
