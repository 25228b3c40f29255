#include "service/packing.h"

#include <string.h>

#define ABSENT UINT32_MAX

/* length, bytes, a zero: so that texts can be lent out as they lie */
void vt__pack_bytes(vt__buffer *out, const void *bytes, size_t size_bytes)
{
    uint32_t length = bytes ? (uint32_t)size_bytes : ABSENT;
    uint8_t head[4] = { (uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (uint8_t)(length >> 24) };
    vt__buffer_append(out, head, sizeof head);
    if (!bytes) return;
    vt__buffer_append(out, bytes, size_bytes);
    vt__buffer_append(out, "", 1);
}

void vt__pack_text(vt__buffer *out, const char *text)
{
    vt__pack_bytes(out, text, text ? strlen(text) : 0);
}

void vt__pack_number(vt__buffer *out, int64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    vt__buffer_append(out, bytes, sizeof bytes);
}

vt__unpacking vt__unpack_begin(const vt__record *record)
{
    return (vt__unpacking){ record->body, record->body_bytes, false };
}

static const uint8_t *take(vt__unpacking *from, size_t size_bytes)
{
    if (from->bad || size_bytes > from->left) {
        from->bad = true;
        return NULL;
    }
    const uint8_t *at = from->at;
    from->at += size_bytes;
    from->left -= size_bytes;
    return at;
}

const uint8_t *vt__unpack_bytes(size_t *size_bytes, vt__unpacking *from)
{
    *size_bytes = 0;
    const uint8_t *head = take(from, 4);
    if (!head) return NULL;
    uint32_t length = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
    if (length == ABSENT) return NULL;
    const uint8_t *bytes = take(from, (size_t)length + 1);
    if (bytes) *size_bytes = length;
    return bytes;
}

const char *vt__unpack_text(vt__unpacking *from)
{
    size_t length;
    return (const char *)vt__unpack_bytes(&length, from);
}

int64_t vt__unpack_number(vt__unpacking *from)
{
    const uint8_t *bytes = take(from, 8);
    uint64_t number = 0;
    for (int i = 0; bytes && i < 8; i++) number |= (uint64_t)bytes[i] << (8 * i);
    return (int64_t)number;
}
