/* Attributes of a face: by probes on the feature network, and by measuring the aligned face in 112 x 112 pixels. */
#include "face/attributes.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "face/aligned.h"
#include "face/extras.h"
#include "face/probes.h"

enum { side = 112, pixels_count = side * side };

/* The part of the template that is skin whatever the hair and the background: cheeks, nose, chin. */
enum { inner_left = 26, inner_right = 86, inner_top = 40, inner_bottom = 104 };

/* What lies outside the picture is no measurement: its black edge would look sharp. */
static void forget_outside(float *grey, const vt__affine *map, vt_size size)
{
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            float u = map->m[0] * (float)x + map->m[1] * (float)y + map->m[2], v = map->m[3] * (float)x + map->m[4] * (float)y + map->m[5];
            if (u < 0 || v < 0 || u > (float)(size.width - 1) || v > (float)(size.height - 1)) grey[y * side + x] = NAN;
        }
}

/* The aligned face in grey levels 0..255; NaN outside the picture. */
static vt_status grey_face(float *out, vt_picture *picture, const vt_face *face, vt_error *err)
{
    static const vt__planar plain = { VT__ORDER_GREY, { 0, 0, 0 }, { 1, 1, 1 } };
    vt_point points[5];
    vt__view view;
    vt__affine map;
    vt__align_points(points, face->points68);
    vt_status status = vt__aligned_open(&view, &map, picture, points, err);
    if (status) return status;
    vt__warp_planar(out, side, pixels_count, (vt_size){ side, side }, &view.pixels, &map, &plain, 0);
    forget_outside(out, &map, view.pixels.size);
    vt__view_close(&view);
    return VT_OK;
}

static float mean_inside(const float *grey)
{
    double sum = 0;
    size_t count = 0;
    for (int y = inner_top; y < inner_bottom; y++)
        for (int x = inner_left; x < inner_right; x++) {
            if (isnan(grey[y * side + x])) continue;
            sum += grey[y * side + x];
            count++;
        }
    return count ? (float)(sum / (double)count) : 0;
}

/* Energy of differences between neighbours against that of differences at eight pixels: what a blur takes away first
 * against what it leaves. The logarithm is about -1.9 for a sharp face and -4.1 when
 * nothing finer than eight pixels is left. */
static float blur_of(const float *grey)
{
    double fine = 1e-3, coarse = 1e-3;
    for (int y = 20; y < side - 10; y++)
        for (int x = 12; x < side - 20; x++) {
            float here = grey[y * side + x];
            float dx = grey[y * side + x + 1] - here, dy = grey[(y + 1) * side + x] - here;
            float far_x = grey[y * side + x + 8] - here, far_y = grey[(y + 8) * side + x] - here;
            if (isnan(dx + dy + far_x + far_y)) continue;
            fine += (double)(dx * dx + dy * dy);
            coarse += (double)(far_x * far_x + far_y * far_y);
        }
    double measure = log(fine / coarse);
    return (float)fmin(1, fmax(0, (-1.9 - measure) / 2.2));
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Standard deviation of noise by the median of a mask that answers to neither slopes nor edges (Immerkaer, "Fast Noise
 * Variance Estimation", 1996); 1.0 stands for 12 grey levels. */
static float noise_of(const float *grey)
{
    static const float mask[3][3] = { { 1, -2, 1 }, { -2, 4, -2 }, { 1, -2, 1 } };
    float answers[(inner_bottom - inner_top) * (inner_right - inner_left)];
    size_t count = 0;
    for (int y = inner_top; y < inner_bottom; y++)
        for (int x = inner_left; x < inner_right; x++) {
            float sum = 0;
            for (int v = -1; v <= 1; v++)
                for (int u = -1; u <= 1; u++) sum += mask[v + 1][u + 1] * grey[(y + v) * side + x + u];
            if (!isnan(sum)) answers[count++] = fabsf(sum);
        }
    if (!count) return 0;
    qsort(answers, count, sizeof answers[0], compare);
    float deviation = answers[count / 2] / (0.6745f * 6);
    return fminf(1, deviation / 12);
}

/* Set on grey faces of 40 pixels with sunglasses, reading glasses and none, where 0.5 errs towards dark lenses. */
static const float sunglasses_from = 0.62f, eyes_occluded_from = 0.68f;

static void take_probes(vt_attributes *a, const float probability[VT__PROBE_COUNT])
{
    float mask = probability[VT__PROBE_MASK], mouth = probability[VT__PROBE_MOUTH];
    a->mask_confidence = mask;
    a->mask = mask >= 0.5f ? VT_MASK_FACE : mouth >= 0.5f ? VT_MASK_OTHER : mask >= 0.35f ? VT_MASK_UNCERTAIN : VT_MASK_NONE;
    a->nose_and_mouth_covered = a->mask == VT_MASK_FACE && mouth >= 0.5f;
    float worn = probability[VT__PROBE_GLASSES], dark = probability[VT__PROBE_SUNGLASSES];
    a->glasses = dark >= sunglasses_from && worn >= 0.5f ? VT_GLASSES_SUN : worn >= 0.5f ? VT_GLASSES_READING : VT_GLASSES_NONE;
    a->glasses_confidence = worn >= 0.5f ? worn : 1 - worn;
    a->headwear_confidence = probability[VT__PROBE_HEADWEAR];
    a->forehead_occluded = probability[VT__PROBE_FOREHEAD] >= 0.5f;
    a->eye_occluded = probability[VT__PROBE_EYES] >= eyes_occluded_from;
    a->mouth_occluded = mouth >= 0.5f;
}

vt_status vt__face_probes(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err)
{
    float features[VT__PROBE_MAX_FEATURES], probability[VT__PROBE_COUNT];
    size_t count = 0;
    vt_status status = vt__probe_features(features, &count, session, picture, face, err);
    if (!status) status = vt__probe_run(probability, session->engine, features, count, err);
    if (status) return status;
    take_probes(&face->attributes, probability);
    face->have |= VT_WANT_MASK | VT_WANT_GLASSES | VT_WANT_HEADWEAR | VT_WANT_OCCLUSION;
    return VT_OK;
}

/* Each row caps the level that a face may have; limits were set on LFW so that false non-matches fall from low to high. */
static vt_level judge_quality(const vt_face *face)
{
    const vt_attributes *a = &face->attributes;
    float size_px = fmaxf(face->box.width, face->box.height), yaw = fabsf(face->pose.yaw_deg), pitch = fabsf(face->pose.pitch_deg);
    const struct {
        float value, medium_from, high_from; /* the larger the value, the worse */
    } rows[] = {
        { -size_px, -48, -90 },
        { yaw, 45, 30 },
        { pitch, 30, 20 },
        { a->blur, 0.8f, 0.55f },
        { fabsf(a->exposure - 0.5f), 0.38f, 0.28f },
        { a->noise, 0.8f, 0.5f },
        { a->mask_confidence, 0.5f, 0.3f },
        { a->eye_occluded ? 1.0f : 0.0f, 0.5f, 0.5f },
        { a->mouth_occluded ? 1.0f : 0.0f, 2.0f, 0.5f },
        { a->forehead_occluded ? 1.0f : 0.0f, 2.0f, 0.5f },
        { a->headwear_confidence, 2.0f, 0.5f },
    };
    vt_level level = VT_LEVEL_HIGH;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].value > rows[i].medium_from) return VT_LEVEL_LOW;
        if (rows[i].value > rows[i].high_from) level = VT_LEVEL_MEDIUM;
    }
    return level;
}

vt_status vt__face_quality(vt_face *face, vt_session *session, vt_picture *picture, vt_error *err)
{
    float grey[pixels_count];
    vt_status status = face->have & VT_WANT_MASK ? VT_OK : vt__face_probes(face, session, picture, err);
    if (!status && !(face->have & VT_WANT_POSE)) status = vt__face_pose(face, session, picture, err);
    if (!status) status = grey_face(grey, picture, face, err);
    if (status) return status;
    face->attributes.blur = blur_of(grey);
    face->attributes.exposure = mean_inside(grey) / 255;
    face->attributes.noise = noise_of(grey);
    face->attributes.quality = judge_quality(face);
    face->have |= VT_WANT_QUALITY;
    return VT_OK;
}
