/* JSON text read step by step, from memory or from a file of any size: a manifest of a long video is larger than memory
 * should hold. Errors name the byte. */
#ifndef VT_REDACT_MANIFEST_TEXT_H
#define VT_REDACT_MANIFEST_TEXT_H

#include <stdbool.h>

#include <vultus/video.h>

#include "base/json.h"

enum { VT__TEXT_KEY_BYTES = 64, VT__TEXT_BUFFER_BYTES = 65536 };

typedef struct vt__text {
    int file; /* -1: all is in `bytes`, or comes out of `from` */
    const vt_video_bytes *from;
    const uint8_t *bytes;
    size_t size, at;
    uint64_t before; /* bytes read before these */
    uint8_t *buffer;
} vt__text;

/* Over bytes in memory, a file, or bytes that are read as they are wanted; borrowed. VT_ENOTFOUND, VT_ENOMEM. Close also after a failure. */
void vt__text_over(vt__text *out, const void *bytes, size_t size_bytes);
vt_status vt__text_open(vt__text *out, const char *path, vt_error *err);
vt_status vt__text_from(vt__text *out, const vt_video_bytes *from, vt_error *err);
void vt__text_close(vt__text *text);

/* Takes the next sign, which is to be `wanted`; VT_EFORMAT else. */
vt_status vt__text_expect(vt__text *text, char wanted, vt_error *err);

/* Inside of an array or object that `*first` has just been opened: whether another element follows; takes the comma, or `end`. */
vt_status vt__text_more(bool *more, bool *first, vt__text *text, char end, vt_error *err);

/* A member's name and its colon. One with an escape in it or too long is taken as "". */
vt_status vt__text_key(char out[VT__TEXT_KEY_BYTES], vt__text *text, vt_error *err);

/* Any number; null and other values are VT_EFORMAT. */
vt_status vt__text_number(double *out, vt__text *text, vt_error *err);

/* Any value of at most a megabyte. Free with vt__json_free. */
vt_status vt__text_value(vt__json **out, vt__text *text, vt_error *err);

/* Nothing but white space may follow. */
vt_status vt__text_end(vt__text *text, vt_error *err);

#endif
