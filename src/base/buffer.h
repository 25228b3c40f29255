/* A growing byte buffer with a ceiling. Failure sticks: append as often as you like, look once at the end. */
#ifndef VT_BASE_BUFFER_H
#define VT_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

typedef struct vt__buffer {
    uint8_t *data; /* `size` bytes, always followed by one zero byte; NULL while empty */
    size_t size;
    size_t capacity;
    size_t ceiling; /* size may not pass it */
    vt_status status; /* VT_OK, VT_ENOMEM or VT_ELIMIT; once set, appends do nothing */
} vt__buffer;

/* Nothing is allocated until the first append. */
void vt__buffer_init(vt__buffer *buffer, size_t ceiling_bytes);
void vt__buffer_free(vt__buffer *buffer);
/* Empties it, keeping memory; clears a sticky failure. */
void vt__buffer_clear(vt__buffer *buffer);

void vt__buffer_append(vt__buffer *buffer, const void *bytes, size_t size_bytes);
void vt__buffer_text(vt__buffer *buffer, const char *text);
void vt__buffer_format(vt__buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands the bytes over (zero-terminated, freed with vt__free) and empties the buffer; an empty buffer gives "". */
vt_status vt__buffer_take(uint8_t **out, size_t *out_size_bytes, vt__buffer *buffer, vt_error *err);

#endif
