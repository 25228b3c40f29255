/* Pictures and what goes with them: the body's or a URL's bytes, targetFace, model names. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rest/call.h"
#include "rest/rest.h"
#include "service/audit.h"

#define MIN_IMAGE_BYTES 1024

static bool fetch(const uint8_t **out, size_t *out_bytes, vt__call *call, const char *url)
{
    vt_error err;
    vt_status status = vt__fetch(&call->fetched, out_bytes, url, &call->rest->fetch, &err);
    *out = call->fetched;
    switch (status) {
    case VT_OK: return true;
    case VT_ELIMIT: vt__call_fail(call, VT__WIRE_IMAGE_BIG); break;
    case VT_ENOMEM: vt__call_fail_about(call, VT__WIRE_INTERNAL, "%s", call->request->id); break;
    case VT_EINVAL:
    case VT_EDENIED: vt__call_fail_about(call, VT__WIRE_URL_INVALID, "%s", err.text); break;
    default: vt__call_fail_about(call, VT__WIRE_URL_FAILED, "%s", err.text); break;
    }
    return false;
}

/* Nothing is fetched for a key that may not have it looked at; the refusal is in the audit as the service's own are. */
static bool use_is_registered(vt__call *call)
{
    vt_error err;
    bool face_id = true;
    int action = call->operation->action;
    if (action == VT__ACTION_DETECT_FACE_ID && !vt__read_query_bool(&face_id, call, "returnFaceId", true)) return false;
    if (action == VT__ACTION_NONE || !face_id) return true;
    vt__code code = vt__policy_check(call->service, &call->caller, (vt__action)action, &err);
    if (code) vt__audit_record(call->service, &call->caller, &(vt__audit_entry){ (vt__action)action, NULL, 1, 0, -1, code });
    return !vt__call_refused(call, code, &err);
}

bool vt__read_image(const uint8_t **out, size_t *out_bytes, vt__call *call)
{
    if (call->body) {
        const char *url;
        if (!vt__read_string(&url, call, "url")) return false;
        if (!url) {
            vt__call_fail(call, VT__WIRE_BODY_INVALID);
            return false;
        }
        if (!use_is_registered(call) || !fetch(out, out_bytes, call, url)) return false;
    } else {
        *out = call->request->body;
        *out_bytes = call->request->body_bytes;
    }
    if (*out_bytes < MIN_IMAGE_BYTES) vt__call_fail(call, VT__WIRE_IMAGE_SMALL);
    else if (*out_bytes > call->rest->max_image_bytes) vt__call_fail(call, VT__WIRE_IMAGE_BIG);
    else return true;
    return false;
}

/* Four whole numbers, left, top, width, height. */
static bool parse_box(vt_box *out, const char *text)
{
    long numbers[4];
    for (int i = 0; i < 4; i++) {
        char *end;
        numbers[i] = strtol(text, &end, 10);
        if (end == text || *end != (i < 3 ? ',' : 0) || numbers[i] < 0 || numbers[i] > 1000000) return false;
        text = end + 1;
    }
    *out = (vt_box){ (float)numbers[0], (float)numbers[1], (float)numbers[2], (float)numbers[3] };
    return numbers[2] > 0 && numbers[3] > 0;
}

bool vt__read_target_face(vt_box *out, bool *given, vt__call *call)
{
    const char *text = vt__http_query(call->request, "targetFace");
    int model;
    if (!vt__read_detection_model(&model, call)) return false;
    *given = text && *text;
    if (!*given || parse_box(out, text)) return true;
    vt__call_fail(call, VT__WIRE_TARGET_FACE_INVALID);
    return false;
}

bool vt__read_detection_model(int *out, vt__call *call)
{
    static const char *const names[] = { "detection_01", "detection_02", "detection_03" };
    const char *text = vt__http_query(call->request, "detectionModel");
    *out = 1;
    if (!text || !*text) return true;
    for (int i = 0; i < 3; i++) {
        if (strcasecmp(text, names[i]) != 0) continue;
        *out = i + 1;
        return true;
    }
    vt__call_fail(call, VT__WIRE_DETECTION_MODEL);
    return false;
}

bool vt__recognition_model_find(const char **out, const char *name)
{
    static const char *const names[] = { "recognition_01", "recognition_02", "recognition_03", "recognition_04" };
    *out = names[0];
    if (!name) return true;
    for (int i = 0; i < 4; i++) {
        if (strcasecmp(name, names[i]) != 0) continue;
        *out = names[i];
        return true;
    }
    return false;
}
