#include "face/extras.h"

#include "face/attributes.h"

vt_status vt_session_complete(vt_face *face, vt_session *session, vt_picture *picture, uint32_t want, vt_error *err)
{
    /* each row's bit, and what makes it; landmarks stand first because the others use them */
    static const struct {
        uint32_t bits;
        vt_status (*make)(vt_face *, vt_session *, vt_picture *, vt_error *);
    } makers[] = {
        { VT_WANT_ALL, vt__face_landmarks },
        { VT_WANT_POSE, vt__face_pose },
        { VT_WANT_MASK | VT_WANT_GLASSES | VT_WANT_HEADWEAR | VT_WANT_OCCLUSION, vt__face_probes },
        { VT_WANT_QUALITY, vt__face_quality },
    };
    vt_status status = VT_OK;
    for (size_t i = 0; i < sizeof makers / sizeof makers[0] && !status; i++)
        if ((want & ~face->have) & makers[i].bits) status = makers[i].make(face, session, picture, err);
    return status;
}
