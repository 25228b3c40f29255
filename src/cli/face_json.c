#include "cli/face_json.h"

#include <math.h>

#include "service/landmark_names.h"

static vt__json *rectangle_json(vt_box box)
{
    vt__json *rectangle = vt__json_object();
    vt__json_set_integer(rectangle, "top", lrintf(box.top));
    vt__json_set_integer(rectangle, "left", lrintf(box.left));
    vt__json_set_integer(rectangle, "width", lrintf(box.width));
    vt__json_set_integer(rectangle, "height", lrintf(box.height));
    return rectangle;
}

static vt__json *landmarks_json(const vt_face *face)
{
    vt_point named[VT__NAMED_LANDMARKS];
    vt__named_landmarks(named, face->points68);
    vt__json *landmarks = vt__json_object();
    for (size_t i = 0; i < VT__NAMED_LANDMARKS; i++) {
        vt__json *point = vt__json_object();
        vt__json_set(point, "x", vt__json_rounded(named[i].x, 1));
        vt__json_set(point, "y", vt__json_rounded(named[i].y, 1));
        vt__json_set(landmarks, vt__landmark_name(i), point);
    }
    return landmarks;
}

static vt__json *pose_json(vt_pose pose)
{
    vt__json *json = vt__json_object();
    vt__json_set(json, "pitch", vt__json_rounded(pose.pitch_deg, 1));
    vt__json_set(json, "roll", vt__json_rounded(pose.roll_deg, 1));
    vt__json_set(json, "yaw", vt__json_rounded(pose.yaw_deg, 1));
    return json;
}

static vt__json *level_json(const char *level_name, const char *const names[3], float value, float low, float high)
{
    vt__json *json = vt__json_object();
    vt__json_set_string(json, level_name, names[value < low ? 0 : value < high ? 1 : 2]);
    vt__json_set(json, "value", vt__json_rounded(value, 2));
    return json;
}

static void set_quality(vt__json *out, const vt_attributes *a)
{
    static const char *const levels[3] = { "low", "medium", "high" };
    static const char *const exposures[3] = { "underExposure", "goodExposure", "overExposure" };
    vt__json_set(out, "blur", level_json("blurLevel", levels, a->blur, .25f, .75f));
    vt__json_set(out, "exposure", level_json("exposureLevel", exposures, a->exposure, .25f, .75f));
    vt__json_set(out, "noise", level_json("noiseLevel", levels, a->noise, .3f, .7f));
    vt__json_set_string(out, "qualityForRecognition", levels[a->quality]);
}

static void set_mask(vt__json *out, const vt_attributes *a)
{
    static const char *const types[] = { "uncertain", "noMask", "faceMask", "otherMaskOrOcclusion" };
    vt__json *mask = vt__json_object();
    vt__json_set_string(mask, "type", types[a->mask]);
    vt__json_set_bool(mask, "noseAndMouthCovered", a->nose_and_mouth_covered);
    vt__json_set(out, "mask", mask);
}

static void set_occlusion(vt__json *out, const vt_attributes *a)
{
    vt__json *occlusion = vt__json_object();
    vt__json_set_bool(occlusion, "foreheadOccluded", a->forehead_occluded);
    vt__json_set_bool(occlusion, "eyeOccluded", a->eye_occluded);
    vt__json_set_bool(occlusion, "mouthOccluded", a->mouth_occluded);
    vt__json_set(out, "occlusion", occlusion);
}

static void append_accessory(vt__json *list, const char *type, float confidence)
{
    if (confidence < 0.5f) return;
    vt__json *item = vt__json_object();
    vt__json_set_string(item, "type", type);
    vt__json_set(item, "confidence", vt__json_rounded(confidence, 2));
    vt__json_append(list, item);
}

static void set_accessories(vt__json *out, const vt_face *face)
{
    const vt_attributes *a = &face->attributes;
    vt__json *list = vt__json_array();
    if (face->have & VT_WANT_HEADWEAR) append_accessory(list, "headwear", a->headwear_confidence);
    if (face->have & VT_WANT_GLASSES && a->glasses != VT_GLASSES_NONE) append_accessory(list, "glasses", a->glasses_confidence);
    if (face->have & VT_WANT_MASK && a->mask == VT_MASK_FACE) append_accessory(list, "mask", a->mask_confidence);
    vt__json_set(out, "accessories", list);
}

static vt__json *attributes_json(const vt_face *face)
{
    static const char *const glasses[] = { "NoGlasses", "ReadingGlasses", "Sunglasses", "SwimmingGoggles" };
    const uint32_t accessories = VT_WANT_HEADWEAR | VT_WANT_GLASSES | VT_WANT_MASK;
    const vt_attributes *a = &face->attributes;
    vt__json *out = vt__json_object();
    if (face->have & VT_WANT_POSE) vt__json_set(out, "headPose", pose_json(face->pose));
    if (face->have & VT_WANT_GLASSES) vt__json_set_string(out, "glasses", glasses[a->glasses]);
    if (face->have & VT_WANT_OCCLUSION) set_occlusion(out, a);
    if ((face->have & accessories) == accessories) set_accessories(out, face);
    if (face->have & VT_WANT_QUALITY) set_quality(out, a);
    if (face->have & VT_WANT_MASK) set_mask(out, a);
    return out;
}

vt__json *vt__face_json(const vt_face *face)
{
    vt__json *out = vt__json_object();
    vt__json_set(out, "faceRectangle", rectangle_json(face->box));
    vt__json_set(out, "score", vt__json_rounded(face->score, 4));
    if (face->have & VT_WANT_LANDMARKS) vt__json_set(out, "faceLandmarks", landmarks_json(face));
    if (face->have & ~(uint32_t)VT_WANT_LANDMARKS) vt__json_set(out, "faceAttributes", attributes_json(face));
    return out;
}

vt__json *vt__faces_json(const char *path, vt_size size, const vt_faces *faces)
{
    vt__json *out = vt__json_object(), *list = vt__json_array();
    vt__json_set_string(out, "image", path);
    vt__json_set_integer(out, "width", size.width);
    vt__json_set_integer(out, "height", size.height);
    for (size_t i = 0; i < faces->count; i++) vt__json_append(list, vt__face_json(&faces->items[i]));
    vt__json_set(out, "faces", list);
    return out;
}
