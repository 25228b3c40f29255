/* POST /detect */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "rest/call.h"
#include "rest/face_json.h"
#include "rest/handlers.h"
#include "service/liveness_session.h"

/* Which attributes there are, and which detection model gives them. */
static const struct {
    const char *name;
    uint32_t attribute; /* VT__ATTRIBUTE_ */
    bool model_1, model_3, retired;
} attributes[] = {
    { "headPose", VT__ATTRIBUTE_HEAD_POSE, true, true, false },
    { "glasses", VT__ATTRIBUTE_GLASSES, true, true, false },
    { "occlusion", VT__ATTRIBUTE_OCCLUSION, true, true, false },
    { "blur", VT__ATTRIBUTE_BLUR, true, true, false },
    { "exposure", VT__ATTRIBUTE_EXPOSURE, true, true, false },
    { "noise", VT__ATTRIBUTE_NOISE, true, false, false },
    { "accessories", VT__ATTRIBUTE_ACCESSORIES, true, false, false },
    { "mask", VT__ATTRIBUTE_MASK, false, true, false },
    { "qualityForRecognition", VT__ATTRIBUTE_QUALITY, true, true, false },
    { "age", 0, true, true, true },
    { "smile", 0, true, true, true },
    { "facialHair", 0, true, true, true },
    { "hair", 0, true, true, true },
    { "emotion", 0, true, true, true },
    { "gender", 0, true, true, true },
    { "makeup", 0, true, true, true },
};

typedef struct detect_arguments {
    bool face_id, landmarks, return_model;
    uint32_t attributes;
    const char *model;
    int detection_model;
    int64_t ttl_s;
} detect_arguments;

static bool read_attribute(detect_arguments *out, vt__call *call, const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (strlen(attributes[i].name) != size || strncasecmp(attributes[i].name, name, size) != 0) continue;
        bool recent = strcmp(out->model, "recognition_03") >= 0;
        if (attributes[i].retired) {
            vt__call_fail_about(call, VT__WIRE_ATTRIBUTE_RETIRED, "%s", attributes[i].name);
            return false;
        }
        if (!(out->detection_model == 1 ? attributes[i].model_1 : attributes[i].model_3)) break;
        if (attributes[i].attribute == VT__ATTRIBUTE_QUALITY && !recent) break;
        out->attributes |= attributes[i].attribute;
        return true;
    }
    vt__call_fail(call, VT__WIRE_ATTRIBUTES_INVALID);
    return false;
}

static bool read_attributes(detect_arguments *out, vt__call *call)
{
    const char *text = vt__http_query(call->request, "returnFaceAttributes");
    if (!text || !*text) return true;
    if (out->detection_model == 2) {
        vt__call_fail(call, VT__WIRE_ATTRIBUTES_DETECTION_02);
        return false;
    }
    while (true) {
        size_t size = strcspn(text, ",");
        size_t before = strspn(text, " "), after = size;
        while (after > before && text[after - 1] == ' ') after--;
        if (before > size) before = size;
        if (!read_attribute(out, call, text + before, after - before)) return false;
        if (!text[size]) return true;
        text += size + 1;
    }
}

static bool read_arguments(detect_arguments *out, vt__call *call)
{
    *out = (detect_arguments){ 0 };
    if (!vt__read_query_bool(&out->face_id, call, "returnFaceId", true) ||
        !vt__read_query_bool(&out->landmarks, call, "returnFaceLandmarks", false) ||
        !vt__read_query_bool(&out->return_model, call, "returnRecognitionModel", false) ||
        !vt__read_query_integer(&out->ttl_s, call, "faceIdTimeToLive", VT__FACE_ID_TTL_MAX_S, VT__FACE_ID_TTL_MIN_S,
                                VT__FACE_ID_TTL_MAX_S, VT__WIRE_TIME_TO_LIVE) ||
        !vt__read_detection_model(&out->detection_model, call))
        return false;
    const char *model = vt__http_query(call->request, "recognitionModel");
    if (!vt__recognition_model_find(&out->model, model && *model ? model : NULL)) {
        vt__call_fail(call, VT__WIRE_RECOGNITION_MODEL);
        return false;
    }
    if (out->landmarks && out->detection_model == 2) {
        vt__call_fail(call, VT__WIRE_LANDMARKS_DETECTION_02);
        return false;
    }
    return read_attributes(out, call);
}

static void answer(vt__call *call, const detect_arguments *arguments, const vt__detected *detected)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < detected->faces.count; i++) {
        const vt_face *face = &detected->faces.items[i];
        vt__json *one = vt__json_object();
        if (detected->face_ids) vt__json_set_string(one, "faceId", detected->face_ids[i]);
        if (arguments->return_model) vt__json_set_string(one, "recognitionModel", arguments->model);
        vt__json_set(one, "faceRectangle", vt__rectangle_json(&face->box));
        if (arguments->landmarks) vt__json_set(one, "faceLandmarks", vt__landmarks_json(face));
        if (arguments->attributes)
            vt__json_set(one, "faceAttributes", vt__attributes_json(face, arguments->attributes, call->version));
        vt__json_append(list, one);
    }
    vt__call_json(call, 200, list);
}

/* The body's picture, the URL's, or the one that a liveness session kept. */
static bool read_picture(vt__detect_request *out, vt__call *call)
{
    const char *id = NULL;
    vt_error err;
    const uint8_t *image;
    bool of_session = call->body && !vt__json_get(call->body, "url") && vt__json_as_string(&id, vt__json_get(call->body, "sessionImageId"));
    if (of_session) {
        vt__code code = vt__liveness_image(&call->fetched, &out->image_bytes, call->service, &call->caller, id, &err);
        if (code == VT__CODE_OPERATION_NOT_FOUND) {
            vt__call_fail(call, VT__WIRE_LIVENESS_IMAGE_NOT_FOUND);
            return false;
        }
        out->image = call->fetched;
        return !vt__call_refused(call, code, &err);
    }
    if (!vt__read_image(&image, &out->image_bytes, call)) return false;
    out->image = image;
    return true;
}

void vt__rest_detect(vt__call *call)
{
    detect_arguments arguments;
    vt__detect_request request = { 0 };
    vt__detected detected = { 0 };
    vt_error err;
    if (!read_arguments(&arguments, call)) return;
    if (!read_picture(&request, call)) return;
    request.want = vt__attributes_want(arguments.attributes) | (arguments.landmarks ? VT_WANT_LANDMARKS : 0u);
    request.face_id = arguments.face_id;
    request.recognition_model = arguments.model;
    request.ttl_s = (int)arguments.ttl_s;
    if (vt__call_refused(call, vt__service_detect(&detected, call->service, &call->caller, call->session, &request, &err), &err))
        return;
    answer(call, &arguments, &detected);
    vt__detected_free(&detected);
}
