#include "rest/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

#define MAX_NAME_LETTERS 128
#define MAX_START_LETTERS 64

void vt__call_fail(vt__call *call, vt__wire_error error)
{
    vt__wire_error_set(call->response, error, NULL);
}

void vt__call_fail_about(vt__call *call, vt__wire_error error, const char *format, ...)
{
    char about[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(about, sizeof about, format, arguments);
    va_end(arguments);
    vt__wire_error_set(call->response, error, about);
}

void vt__call_json(vt__call *call, int status, vt__json *value)
{
    char *text = value ? vt__json_text(value, false) : NULL;
    vt__json_free(value);
    if (text) vt__http_response_text(call->response, status, VT__JSON_TYPE, text);
    else vt__call_fail_about(call, VT__WIRE_INTERNAL, "%s", call->request->id);
}

void vt__call_empty(vt__call *call, int status)
{
    vt__http_response_empty(call->response, status);
}

/* Host as sent, if it is one; what else a client may have put there must not come back in a header. */
static const char *host_of(const vt__http_request *request)
{
    const char *host = vt__http_header(request, "Host");
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:[]";
    return host && *host && strlen(host) < 256 && strspn(host, letters) == strlen(host) ? host : "localhost";
}

static const char *scheme_of(const vt__http_request *request)
{
    const char *forwarded = vt__http_header(request, "X-Forwarded-Proto");
    if (forwarded && strncasecmp(forwarded, "https", 5) == 0) return "https";
    if (forwarded && strncasecmp(forwarded, "http", 4) == 0) return "http";
    return request->secure ? "https" : "http";
}

void vt__call_address(char *out, size_t size, const vt__call *call)
{
    snprintf(out, size, "%s://%s", scheme_of(call->request), host_of(call->request));
}

void vt__call_link(vt__call *call, const char *header, const char *format, ...)
{
    char url[1024];
    int used = snprintf(url, sizeof url, "%s://%s", scheme_of(call->request), host_of(call->request));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(url + used, sizeof url - (size_t)used, format, arguments);
    va_end(arguments);
    vt__http_response_header(call->response, header, url);
}

bool vt__read_query_bool(bool *out, vt__call *call, const char *name, bool fallback)
{
    const char *text = vt__http_query(call->request, name);
    *out = fallback;
    if (!text || !*text) return true;
    if (strcasecmp(text, "true") == 0) {
        *out = true;
    } else if (strcasecmp(text, "false") == 0) {
        *out = false;
    } else {
        vt__call_fail_about(call, VT__WIRE_ARGUMENT, "The argument %s must be true or false.", name);
        return false;
    }
    return true;
}

bool vt__read_query_integer(int64_t *out, vt__call *call, const char *name, int64_t fallback, int64_t least, int64_t most,
                            vt__wire_error error)
{
    const char *text = vt__http_query(call->request, name);
    *out = fallback;
    if (!text || !*text) return true;
    char *end;
    long long number = strtoll(text, &end, 10);
    if (*end || number < least || number > most || strlen(text) > 12) {
        vt__call_fail(call, error);
        return false;
    }
    *out = number;
    return true;
}

bool vt__read_paging(const char **start, size_t *top, vt__call *call)
{
    const char *text = vt__http_query(call->request, "start");
    int64_t number;
    *start = text ? text : "";
    if (vt__utf8_length(*start) > MAX_START_LETTERS) {
        vt__call_fail(call, VT__WIRE_START_LONG);
        return false;
    }
    if (!vt__read_query_integer(&number, call, "top", 1000, 1, 1000, VT__WIRE_TOP_INVALID)) return false;
    *top = (size_t)number;
    return true;
}

static const vt__json *member(const vt__call *call, const char *name)
{
    const vt__json *value = vt__json_get(call->body, name);
    return value && vt__json_get_kind(value) != VT__JSON_NULL ? value : NULL;
}

bool vt__read_string(const char **out, vt__call *call, const char *name)
{
    const vt__json *value = member(call, name);
    *out = NULL;
    if (!value || vt__json_as_string(out, value)) return true;
    vt__call_fail(call, VT__WIRE_BODY_INVALID);
    return false;
}

bool vt__read_integer(int64_t *out, vt__call *call, const char *name, int64_t fallback, int64_t least, int64_t most,
                      vt__wire_error error)
{
    const vt__json *value = member(call, name);
    *out = fallback;
    if (!value) return true;
    if (vt__json_as_integer(out, value) && *out >= least && *out <= most) return true;
    vt__call_fail(call, error);
    return false;
}

bool vt__read_number(double *out, vt__call *call, const char *name, double fallback, double least, double most,
                     vt__wire_error error)
{
    const vt__json *value = member(call, name);
    *out = fallback;
    if (!value) return true;
    if (vt__json_as_number(out, value) && *out >= least && *out <= most) return true;
    vt__call_fail(call, error);
    return false;
}

bool vt__read_uuid(const char **out, vt__call *call, const char *name, vt__wire_error error)
{
    if (vt__json_as_string(out, member(call, name)) && vt__uuid_valid(*out)) return true;
    vt__call_fail(call, error);
    return false;
}

bool vt__read_uuids(const char ***out, size_t *count, vt__call *call, const char *name, size_t least, size_t most,
                    vt__wire_error bad_length, vt__wire_error bad_id)
{
    const vt__json *list = member(call, name);
    *out = NULL;
    *count = 0;
    if (!list) return true;
    size_t size = vt__json_count(list);
    if (vt__json_get_kind(list) != VT__JSON_ARRAY || size < least || size > most) {
        vt__call_fail(call, bad_length);
        return false;
    }
    const char **ids = vt__calloc(size ? size : 1, sizeof *ids);
    bool good = ids != NULL;
    for (size_t i = 0; good && i < size; i++) good = vt__json_as_string(&ids[i], vt__json_at(list, i)) && vt__uuid_valid(ids[i]);
    if (!good) {
        vt__free(ids);
        vt__call_fail(call, bad_id);
        return false;
    }
    *out = ids;
    *count = size;
    return true;
}

bool vt__read_name(const char **out, vt__call *call, bool required)
{
    if (!vt__read_string(out, call, "name")) return false;
    vt__wire_error error = VT__WIRE_ERRORS;
    if (!*out ? required : !**out) error = VT__WIRE_NAME_EMPTY;
    else if (*out && vt__utf8_length(*out) > MAX_NAME_LETTERS) error = VT__WIRE_NAME_LONG;
    if (error == VT__WIRE_ERRORS) return true;
    vt__call_fail(call, error);
    return false;
}

bool vt__read_user_data(const char **out, vt__call *call, size_t most)
{
    if (!vt__read_string(out, call, "userData")) return false;
    if (!*out || vt__utf8_length(*out) <= most) return true;
    vt__call_fail(call, VT__WIRE_USER_DATA_LONG);
    return false;
}

bool vt__wire_id_valid(const char *id)
{
    size_t size = strlen(id);
    return size >= 1 && size <= 64 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == size;
}

/* How many bytes follow a first byte, and the least code point that needs so many. */
static int following(unsigned char c, uint32_t *bits, uint32_t *least)
{
    if (c < 0x80) { *bits = c; *least = 0; return 0; }
    if (c >= 0xc2 && c < 0xe0) { *bits = c & 0x1f; *least = 0x80; return 1; }
    if (c >= 0xe0 && c < 0xf0) { *bits = c & 0x0f; *least = 0x800; return 2; }
    if (c >= 0xf0 && c < 0xf5) { *bits = c & 0x07; *least = 0x10000; return 3; }
    return -1;
}

size_t vt__utf8_length(const char *text)
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; length++) {
        uint32_t point, least;
        int more = following(*at++, &point, &least);
        if (more < 0) return SIZE_MAX;
        for (; more > 0; more--, at++) {
            if ((*at & 0xc0) != 0x80) return SIZE_MAX;
            point = point << 6 | (*at & 0x3fu);
        }
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return SIZE_MAX;
    }
    return length;
}
