/* Redaction over the wire: pictures are answered at once, videos become jobs. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/jobs.h"
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

/* ---- videos ---- */

static const char *const containers[] = { "mp4", "mkv", "mov", "webm", "avi", "gif", NULL };
static const char *const container_types[] = { "video/mp4", "video/x-matroska", "video/quicktime", "video/webm", "video/x-msvideo", "video/gif", NULL };

/* The query's, else that of the upload's type, else mp4. */
static bool read_container(const char **out, vt__call *call)
{
    int place = 0;
    for (int i = 0; container_types[i]; i++)
        if (vt__http_content_type_is(call->request, container_types[i])) place = i;
    if (!vt__read_choice(&place, call, "container", containers, place)) return false;
    *out = containers[place];
    return true;
}

vt__upload *vt__take_upload(vt__call *call)
{
    vt__upload *upload = call->request->sink.payload;
    if (upload && vt__upload_bytes(upload)) {
        call->request->sink.payload = NULL;
        return upload;
    }
    vt__call_fail(call, VT__WIRE_VIDEO_EMPTY);
    return NULL;
}

static void redact_video(vt__call *call)
{
    static const char *const sounds[] = { "keep", "drop", NULL };
    vt__redaction_wish wish;
    const char *ending;
    vt__upload *upload;
    vt__json *job = NULL;
    vt_error err;
    int sound;
    if (!vt__read_redaction(&wish, call) || !read_container(&ending, call) || !vt__read_choice(&sound, call, "audio", sounds, 0) ||
        !vt__read_query_bool(&wish.what.lossless, call, "lossless", false) || !(upload = vt__take_upload(call)))
        return;
    wish.what.drop_audio = sound == 1;
    vt__code code = vt__job_redact(&job, call->service, &call->caller, upload, &wish.what, ending, &err);
    if (vt__call_refused(call, code, &err)) return;
    vt__call_link(call, "Operation-Location", "/vultus/v1/redactions/%s", vt__json_string_or(job, "jobId", ""));
    vt__call_json(call, 202, job);
}

void vt__rest_redaction_result(vt__call *call)
{
    const char *id = vt__http_param(call->request, "redactionId"), *type = "video/mp4";
    char ending[VT__JOB_ENDING_BYTES];
    vt__sealed_file *file;
    vt_error err;
    vt__code code = vt__job_result(&file, ending, call->service, &call->caller, id, &err);
    if (vt__call_refused(call, code, &err)) return;
    for (int i = 0; containers[i]; i++)
        if (!strcmp(ending, containers[i])) type = container_types[i];
    vt__answer_sealed(call, file, type);
}

void vt__rest_redact(vt__call *call)
{
    const char *sent = vt__http_header(call->request, "Content-Type");
    if (sent && strncasecmp(sent, "video/", 6) == 0) {
        redact_video(call);
        return;
    }
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
