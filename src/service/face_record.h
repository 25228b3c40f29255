/* Bodies of faces and face ids: user data, recognition model, template. */
#ifndef VT_SERVICE_FACE_RECORD_H
#define VT_SERVICE_FACE_RECORD_H

#include <vultus/face.h>

#include "service/packing.h"

#define VT__MODEL_BYTES 16

typedef struct vt__face_fields {
    const char *user_data; /* borrowed from the record; NULL when unset */
    char model[VT__MODEL_BYTES];
    uint32_t dimension;
    float values[VT_TEMPLATE_MAX_DIMENSION];
} vt__face_fields;

/* Copies, cutting to the space there is; NULL as "". */
void vt__copy_text(char *out, size_t out_bytes, const char *text);

void vt__face_pack(vt__buffer *out, const char *user_data, const char *model, const float *values, uint32_t dimension);
bool vt__face_unpack(vt__face_fields *out, const vt__record *record);

#endif
