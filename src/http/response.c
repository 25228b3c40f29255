#include "http/response.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"

void vt__http_response_init(vt__http_response *response)
{
    memset(response, 0, offsetof(vt__http_response, texts));
    response->texts_used = 0;
}

static void drop_body(vt__http_response *response)
{
    if (!response->body_is_static) vt__free(response->body);
    if (response->file > 0) close(response->file);
    if (response->source.payload) response->source.free(response->source.payload);
    response->source.payload = NULL;
    response->body = NULL;
    response->body_bytes = 0;
    response->body_is_static = false;
    response->file = 0;
    response->content_type = NULL;
}

void vt__http_response_free(vt__http_response *response)
{
    drop_body(response);
    response->header_count = 0;
}

bool vt__http_response_header(vt__http_response *response, const char *name, const char *value)
{
    size_t size = strlen(value) + 1;
    if (response->header_count == VT__HTTP_MAX_RESPONSE_HEADERS || size > sizeof response->texts - response->texts_used)
        return false;
    char *to = response->texts + response->texts_used;
    for (size_t i = 0; i < size; i++) to[i] = value[i] == '\r' || value[i] == '\n' ? ' ' : value[i];
    response->headers[response->header_count++] = (vt__http_response_field){ name, (uint16_t)response->texts_used };
    response->texts_used += size;
    return true;
}

const char *vt__http_response_get_header(const vt__http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, name) == 0) return response->texts + response->headers[i].value_offset;
    return NULL;
}

void vt__http_response_body(vt__http_response *response, int status, const char *content_type, uint8_t *body,
                            size_t body_bytes)
{
    drop_body(response);
    response->status = body ? status : 500;
    response->content_type = body ? content_type : NULL;
    response->body = body;
    response->body_bytes = body ? body_bytes : 0;
}

void vt__http_response_text(vt__http_response *response, int status, const char *content_type, char *text)
{
    vt__http_response_body(response, status, content_type, (uint8_t *)text, text ? strlen(text) : 0);
}

void vt__http_response_static(vt__http_response *response, int status, const char *content_type, const void *body,
                              size_t body_bytes)
{
    vt__http_response_body(response, status, content_type, (uint8_t *)(uintptr_t)body, body_bytes);
    response->body_is_static = true;
}

void vt__http_response_source(vt__http_response *response, int status, const char *content_type, vt__http_body_source source,
                              uint64_t size_bytes)
{
    drop_body(response);
    response->status = status;
    response->content_type = content_type;
    response->source = source;
    response->source_bytes = size_bytes;
}

void vt__http_response_empty(vt__http_response *response, int status)
{
    drop_body(response);
    response->status = status;
}
