/* Jobs over the wire, whatever they do. */
#include "rest/jobs.h"

#include <stdio.h>

#include "base/memory.h"
#include "http/range.h"
#include "rest/handlers.h"

/* ---- a sealed file as an answer ---- */

typedef struct part {
    vt__sealed_file *file;
    uint64_t first;
} part;

static bool read_part(void *payload, void *out, size_t *size_bytes, uint64_t offset)
{
    part *p = payload;
    return vt__sealed_read(out, size_bytes, p->file, p->first + offset, NULL) == VT_OK;
}

static void free_part(void *payload)
{
    vt__sealed_close(((part *)payload)->file);
    vt__free(payload);
}

void vt__answer_sealed(vt__call *call, vt__sealed_file *file, const char *type)
{
    char text[80];
    vt__range range;
    uint64_t size = vt__sealed_size(file);
    part *p = vt__malloc(1, sizeof *p);
    vt__range_kind kind = vt__range_parse(&range, vt__http_header(call->request, "If-Range") ? NULL : vt__http_header(call->request, "Range"), size);
    vt__http_response_header(call->response, "Accept-Ranges", "bytes");
    vt__http_response_header(call->response, "Cache-Control", "no-store");
    if (!p || kind == VT__RANGE_OUTSIDE) {
        vt__sealed_close(file);
        vt__free(p);
        snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)size);
        if (p) vt__http_response_header(call->response, "Content-Range", text);
        snprintf(text, sizeof text, "%llu", (unsigned long long)size);
        vt__call_fail_about(call, p ? VT__WIRE_RANGE : VT__WIRE_INTERNAL, "%s", p ? text : call->request->id);
        return;
    }
    *p = (part){ file, range.first };
    snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)range.first, (unsigned long long)(range.first + range.count - 1),
             (unsigned long long)size);
    if (kind == VT__RANGE_PART) vt__http_response_header(call->response, "Content-Range", text);
    vt__http_response_source(call->response, kind == VT__RANGE_PART ? 206 : 200, type, (vt__http_body_source){ read_part, free_part, p }, range.count);
}

/* ---- */

static void list(vt__call *call, vt__job_kind kind)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__job_list(&json, call->service, &call->caller, kind, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_json(call, 200, json);
}

static void get(vt__call *call, vt__job_kind kind, const char *id)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__job_get(&json, call->service, &call->caller, kind, id, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_json(call, 200, json);
}

static void delete(vt__call *call, vt__job_kind kind, const char *id)
{
    vt_error err;
    vt__code code = vt__job_delete(call->service, &call->caller, kind, id, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 204);
}

void vt__rest_redaction_list(vt__call *call)
{
    list(call, VT__JOB_REDACTION);
}

void vt__rest_redaction_get(vt__call *call)
{
    get(call, VT__JOB_REDACTION, vt__http_param(call->request, "redactionId"));
}

void vt__rest_redaction_delete(vt__call *call)
{
    delete(call, VT__JOB_REDACTION, vt__http_param(call->request, "redactionId"));
}

void vt__rest_job_list(vt__call *call)
{
    list(call, VT__JOB_ANY);
}

void vt__rest_job_get(vt__call *call)
{
    get(call, VT__JOB_ANY, vt__http_param(call->request, "jobId"));
}

void vt__rest_job_delete(vt__call *call)
{
    delete(call, VT__JOB_ANY, vt__http_param(call->request, "jobId"));
}
