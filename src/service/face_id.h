/* Face ids: templates that expire. */
#ifndef VT_SERVICE_FACE_ID_H
#define VT_SERVICE_FACE_ID_H

#include "service/face_record.h"
#include "service/recognition.h"

/* FACE_NOT_FOUND when unknown, expired or another tenant's. */
vt__code vt__face_id_read(vt__face_fields *out, vt__service *service, const vt__caller *caller, const char *face_id,
                          vt_error *err);

/* Keeps `count` templates, all or none. */
vt__code vt__face_ids_keep(char (*out_ids)[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                           const vt_template *values, size_t count, const char *recognition_model, int ttl_s, vt_error *err);

#endif
