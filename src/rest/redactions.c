/* Redaction over the wire: pictures are answered at once. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/redaction_query.h"

static const struct {
    const char *name, *type;
    vt_format format;
} formats[] = { { "jpeg", "image/jpeg", VT_FORMAT_JPEG }, { "png", "image/png", VT_FORMAT_PNG }, { "webp", "image/webp", VT_FORMAT_WEBP }, { "bmp", "image/bmp", VT_FORMAT_BMP } };
enum { FORMATS = sizeof formats / sizeof formats[0] };

static bool read_format(vt_format *out, vt__call *call)
{
    const char *names[FORMATS + 1] = { NULL };
    int place;
    for (size_t i = 0; i < FORMATS; i++) names[i] = formats[i].name;
    if (!vt__read_choice(&place, call, "format", names, -1)) return false;
    *out = place < 0 ? VT_FORMAT_UNKNOWN : formats[place].format;
    return true;
}

/* The bytes are the answer's from now on. */
static void answer_picture(vt__call *call, const vt__redacted *made)
{
    const char *type = "application/octet-stream";
    char number[24];
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].format == made->format) type = formats[i].type;
    snprintf(number, sizeof number, "%zu", made->hidden);
    vt__http_response_header(call->response, "x-vultus-faces-hidden", number);
    vt__http_response_header(call->response, "Cache-Control", "no-store");
    vt__http_response_body(call->response, 200, type, made->bytes, made->size_bytes);
}

void vt__rest_redact(vt__call *call)
{
    const uint8_t *image;
    size_t image_bytes;
    vt__redaction_wish wish;
    vt__redacted made;
    vt_format format;
    vt_error err;
    if (!vt__read_redaction(&wish, call) || !read_format(&format, call) || !vt__read_image(&image, &image_bytes, call)) return;
    vt__code code = vt__redact_picture(&made, call->service, &call->caller, call->session, image, image_bytes, &wish.what, format, &err);
    if (!vt__call_refused(call, code, &err)) answer_picture(call, &made);
}
