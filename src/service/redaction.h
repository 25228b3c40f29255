/* Redaction of pictures at once; what is asked of a video is the same (job.h). Nobody is recognised and no template is made
 * unless persons are named. */
#ifndef VT_SERVICE_REDACTION_H
#define VT_SERVICE_REDACTION_H

#include <vultus/redact_video.h>

#include "base/json.h"
#include "service/people.h"

typedef struct vt__redaction {
    vt_redact_options masks;
    float min_face_px, min_score; /* 0 = the defaults of <vultus/redact_video.h> */
    vt_redact_whom whom;          /* another than EVERYONE is a recognition operation, HIDE_PERSON */
    vt__collection_id people_in;
    const char *const *people;    /* person ids; 1 to VT__PEOPLE_MAX, else 0 */
    size_t people_count;
    bool lossless, drop_audio;    /* videos */
} vt__redaction;
#define VT__REDACTION_INIT { VT_REDACT_OPTIONS_INIT, 0, 0, VT_REDACT_EVERYONE, { VT__KIND_COUNT, NULL }, NULL, 0, false, false }

/* The action that a redaction is: DETECT or HIDE_PERSON. */
vt__action vt__redaction_action(const vt__redaction *what);
/* OK when the caller may have it done. */
vt__code vt__redaction_permit(vt__service *service, const vt__caller *caller, const vt__redaction *what, vt_error *err);
/* The templates of the persons named; *count 0 when none are. */
vt__code vt__redaction_people(vt_template **out, size_t *count, vt__service *service, const vt__caller *caller, const vt__redaction *what,
                              vt_error *err);

/* What the audit says of it: purpose, collection and number of the persons named. */
vt__json *vt__redaction_fields(vt__service *service, const vt__caller *caller, const vt__redaction *what);

typedef struct vt__redacted {
    uint8_t *bytes; /* encoded without metadata; vt_bytes_free */
    size_t size_bytes;
    vt_format format;
    size_t faces, hidden;
} vt__redacted;

/* `format` UNKNOWN: the picture's own where it can be written, else PNG. */
vt__code vt__redact_picture(vt__redacted *out, vt__service *service, const vt__caller *caller, vt_session *session, const void *image,
                            size_t image_bytes, const vt__redaction *what, vt_format format, vt_error *err);

#endif
