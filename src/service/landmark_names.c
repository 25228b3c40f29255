#include "service/landmark_names.h"

/* Each point is the mean of one or more of the 68 (iBUG numbers from 0). */
static const struct {
    const char *name;
    signed char from[6]; /* -1 ends */
} landmarks[VT__NAMED_LANDMARKS] = {
    { "pupilLeft", { 37, 38, 40, 41, -1 } },
    { "pupilRight", { 43, 44, 46, 47, -1 } },
    { "noseTip", { 30, -1 } },
    { "mouthLeft", { 48, -1 } },
    { "mouthRight", { 54, -1 } },
    { "eyebrowLeftOuter", { 17, -1 } },
    { "eyebrowLeftInner", { 21, -1 } },
    { "eyeLeftOuter", { 36, -1 } },
    { "eyeLeftTop", { 37, 38, -1 } },
    { "eyeLeftBottom", { 40, 41, -1 } },
    { "eyeLeftInner", { 39, -1 } },
    { "eyebrowRightInner", { 22, -1 } },
    { "eyebrowRightOuter", { 26, -1 } },
    { "eyeRightInner", { 42, -1 } },
    { "eyeRightTop", { 43, 44, -1 } },
    { "eyeRightBottom", { 46, 47, -1 } },
    { "eyeRightOuter", { 45, -1 } },
    { "noseRootLeft", { 39, 27, -1 } },
    { "noseRootRight", { 42, 27, -1 } },
    { "noseLeftAlarTop", { 29, 31, -1 } },
    { "noseRightAlarTop", { 29, 35, -1 } },
    { "noseLeftAlarOutTip", { 31, -1 } },
    { "noseRightAlarOutTip", { 35, -1 } },
    { "upperLipTop", { 51, -1 } },
    { "upperLipBottom", { 62, -1 } },
    { "underLipTop", { 66, -1 } },
    { "underLipBottom", { 57, -1 } },
};

const char *vt__landmark_name(size_t index)
{
    return index < VT__NAMED_LANDMARKS ? landmarks[index].name : NULL;
}

void vt__named_landmarks(vt_point out[VT__NAMED_LANDMARKS], const vt_point points68[VT_POINTS68])
{
    for (size_t i = 0; i < VT__NAMED_LANDMARKS; i++) {
        vt_point sum = { 0, 0 };
        int count = 0;
        for (; landmarks[i].from[count] >= 0; count++) {
            sum.x += points68[(size_t)landmarks[i].from[count]].x;
            sum.y += points68[(size_t)landmarks[i].from[count]].y;
        }
        out[i] = (vt_point){ sum.x / (float)count, sum.y / (float)count };
    }
}
