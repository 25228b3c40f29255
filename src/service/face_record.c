#include "service/face_record.h"

#include <stdio.h>
#include <string.h>

void vt__copy_text(char *out, size_t out_bytes, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length >= out_bytes) length = out_bytes - 1;
    if (length) memcpy(out, text, length);
    out[length] = '\0';
}

/* Floats are kept as the bytes of IEEE 754 little-endian machines, which all supported ones are. */
void vt__face_pack(vt__buffer *out, const char *user_data, const char *model, const float *values, uint32_t dimension)
{
    vt__pack_text(out, user_data);
    vt__pack_text(out, model);
    vt__pack_bytes(out, values, dimension * sizeof(float));
}

bool vt__face_unpack(vt__face_fields *out, const vt__record *record)
{
    vt__unpacking from = vt__unpack_begin(record);
    size_t size_bytes;
    out->user_data = vt__unpack_text(&from);
    vt__copy_text(out->model, sizeof out->model, vt__unpack_text(&from));
    const uint8_t *values = vt__unpack_bytes(&size_bytes, &from);
    if (from.bad || !values || size_bytes > sizeof out->values || size_bytes % sizeof(float)) return false;
    out->dimension = (uint32_t)(size_bytes / sizeof(float));
    memcpy(out->values, values, size_bytes);
    return true;
}
