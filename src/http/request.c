#include "http/request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes [from, from + size) to *to, zero-terminated, and moves *to past it. */
static bool decode(char **to, const char *from, size_t size, bool plus_is_space)
{
    char *out = *to;
    for (size_t i = 0; i < size; i++) {
        char c = from[i];
        if (c == '%') {
            int high = i + 2 < size ? hex_digit(from[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(from[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            if (c == 0) return false;
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *out++ = c;
    }
    *out++ = 0;
    *to = out;
    return true;
}

static vt_status split_path(vt__http_request *out, char **to, const char *path, size_t size, vt_error *err)
{
    for (size_t i = 0; i < size;) {
        if (path[i] == '/') {
            i++;
            continue;
        }
        size_t end = i;
        while (end < size && path[end] != '/') end++;
        if (out->segment_count == VT__HTTP_MAX_SEGMENTS) return vt__fail(err, VT_EINVAL, "The path has too many segments.");
        out->segments[out->segment_count++] = *to;
        if (!decode(to, path + i, end - i, false)) return vt__fail(err, VT_EINVAL, "The path has a bad %%-escape.");
        i = end;
    }
    return VT_OK;
}

static vt_status split_query(vt__http_request *out, char **to, const char *query, vt_error *err)
{
    while (*query) {
        size_t size = strcspn(query, "&");
        size_t name = 0;
        while (name < size && query[name] != '=') name++;
        if (size > 0) {
            if (out->query.count == VT__HTTP_MAX_FIELDS) return vt__fail(err, VT_EINVAL, "The query has too many arguments.");
            vt__http_field *field = &out->query.items[out->query.count++];
            field->name = *to;
            bool good = decode(to, query, name, true);
            field->value = *to;
            size_t value = name < size ? name + 1 : size;
            if (!good || !decode(to, query + value, size - value, true))
                return vt__fail(err, VT_EINVAL, "The query has a bad %%-escape.");
        }
        query += size;
        if (*query) query++;
    }
    return VT_OK;
}

vt_status vt__http_request_init(vt__http_request *out, const char *method, const char *target, vt_error *err)
{
    memset(out, 0, sizeof *out);
    out->method = method;
    size_t size = strlen(target);
    if (size > VT__HTTP_MAX_TARGET_BYTES) return vt__fail(err, VT_EINVAL, "The URL is too long.");
    /* every text ends in a zero that replaces a "/", "&" or "=", or the start: at most one byte more per argument */
    out->storage = vt__malloc(2 * size + VT__HTTP_MAX_FIELDS * 2 + VT__HTTP_MAX_SEGMENTS + 2, 1);
    if (!out->storage) return vt__fail_memory(err, size);
    char *to = out->storage;
    size_t path = strcspn(target, "?#");
    vt_status status = split_path(out, &to, target, path, err);
    if (!status && target[path] == '?') status = split_query(out, &to, target + path + 1, err);
    return status;
}

void vt__http_request_free(vt__http_request *request)
{
    vt__free(request->storage);
    request->storage = NULL;
}

bool vt__http_request_add_header(vt__http_request *request, const char *name, const char *value)
{
    if (request->headers.count == VT__HTTP_MAX_FIELDS) return false;
    request->headers.items[request->headers.count++] = (vt__http_field){ name, value };
    return true;
}

static const char *find(const vt__http_field *items, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(items[i].name, name) == 0) return items[i].value;
    return NULL;
}

const char *vt__http_header(const vt__http_request *request, const char *name)
{
    return find(request->headers.items, request->headers.count, name);
}

const char *vt__http_query(const vt__http_request *request, const char *name)
{
    return find(request->query.items, request->query.count, name);
}

const char *vt__http_param(const vt__http_request *request, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < request->param_count; i++) { /* the names lie in the pattern: "personId}/..." */
        const char *known = request->params[i].name;
        if (strncasecmp(known, name, size) == 0 && known[size] == '}') return request->params[i].value;
    }
    return "";
}

bool vt__http_content_type_is(const vt__http_request *request, const char *type)
{
    const char *value = vt__http_header(request, "Content-Type");
    if (!value) return false;
    size_t size = strcspn(value, "; \t");
    return size == strlen(type) && strncasecmp(value, type, size) == 0;
}

/* Copies a token or quoted string; returns where it ends, NULL when it does not fit. */
static const char *copy_value(char *out, size_t out_bytes, const char *text)
{
    size_t used = 0;
    bool quoted = *text == '"';
    if (quoted) text++;
    for (; *text && (quoted ? *text != '"' : *text != ';' && !isspace((unsigned char)*text)); text++) {
        if (quoted && *text == '\\' && text[1]) text++;
        if (used + 1 >= out_bytes) return NULL;
        out[used++] = *text;
    }
    out[used] = 0;
    return quoted && *text == '"' ? text + 1 : text;
}

bool vt__http_header_parameter(char *out, size_t out_bytes, const char *value, const char *name)
{
    size_t name_bytes = strlen(name);
    const char *at = strchr(value, ';');
    while (at) {
        at += 1 + strspn(at + 1, " \t");
        bool wanted = strncasecmp(at, name, name_bytes) == 0 && at[name_bytes] == '=';
        at += strcspn(at, "=;");
        if (*at == '=') {
            char skipped[1024];
            const char *end = wanted ? copy_value(out, out_bytes, at + 1) : copy_value(skipped, sizeof skipped, at + 1);
            if (!end) return false;
            if (wanted) return true;
            at = end;
        }
        at = strchr(at, ';');
    }
    return false;
}
