/* Record bodies: texts and bytes one after another, each with its length. */
#ifndef VT_SERVICE_PACKING_H
#define VT_SERVICE_PACKING_H

#include "base/buffer.h"
#include "store/store.h"

/* NULL is kept apart from "". */
void vt__pack_text(vt__buffer *out, const char *text);
void vt__pack_bytes(vt__buffer *out, const void *bytes, size_t size_bytes);
void vt__pack_number(vt__buffer *out, int64_t number);

typedef struct vt__unpacking {
    const uint8_t *at;
    size_t left;
    bool bad; /* sticks; everything read after it is empty */
} vt__unpacking;
vt__unpacking vt__unpack_begin(const vt__record *record);
/* Borrowed from the record (zero-terminated); NULL for a packed NULL or on damage. */
const char *vt__unpack_text(vt__unpacking *from);
const uint8_t *vt__unpack_bytes(size_t *size_bytes, vt__unpacking *from);
int64_t vt__unpack_number(vt__unpacking *from);

#endif
