#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

void vt__buffer_init(vt__buffer *buffer, size_t ceiling_bytes)
{
    *buffer = (vt__buffer){ .ceiling = ceiling_bytes };
}

void vt__buffer_free(vt__buffer *buffer)
{
    vt__free(buffer->data);
    vt__buffer_init(buffer, buffer->ceiling);
}

void vt__buffer_clear(vt__buffer *buffer)
{
    buffer->size = 0;
    buffer->status = VT_OK;
    if (buffer->data) buffer->data[0] = 0;
}

/* Room for `extra` more bytes and the zero behind them. */
static int reserve(vt__buffer *buffer, size_t extra)
{
    if (buffer->status) return 0;
    if (extra > buffer->ceiling - buffer->size) {
        buffer->status = VT_ELIMIT;
        return 0;
    }
    size_t need = buffer->size + extra + 1;
    if (need <= buffer->capacity) return 1;
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    while (capacity < need) capacity = capacity > SIZE_MAX / 2 ? need : capacity * 2;
    uint8_t *data = vt__realloc(buffer->data, capacity, 1);
    if (!data) {
        buffer->status = VT_ENOMEM;
        return 0;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return 1;
}

void vt__buffer_append(vt__buffer *buffer, const void *bytes, size_t size_bytes)
{
    if (!reserve(buffer, size_bytes)) return;
    if (size_bytes) memcpy(buffer->data + buffer->size, bytes, size_bytes);
    buffer->size += size_bytes;
    buffer->data[buffer->size] = 0;
}

void vt__buffer_text(vt__buffer *buffer, const char *text)
{
    vt__buffer_append(buffer, text, strlen(text));
}

void vt__buffer_format(vt__buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length >= 0 && reserve(buffer, (size_t)length)) {
        vsnprintf((char *)buffer->data + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
}

vt_status vt__buffer_take(uint8_t **out, size_t *out_size_bytes, vt__buffer *buffer, vt_error *err)
{
    vt__buffer_append(buffer, "", 0);
    if (buffer->status)
        return vt__fail(err, buffer->status, "%s while building %zu bytes", vt_status_text(buffer->status), buffer->size);
    *out = buffer->data;
    if (out_size_bytes) *out_size_bytes = buffer->size;
    vt__buffer_init(buffer, buffer->ceiling);
    return VT_OK;
}
