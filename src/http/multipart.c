#include "http/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "http/request.h"

#define MAX_BOUNDARY_BYTES 70 /* RFC 2046 */
#define MAX_HEADER_LINE_BYTES 1024
#define MAX_PART_HEADERS 16

typedef struct cursor {
    const uint8_t *at, *end;
    char delimiter[MAX_BOUNDARY_BYTES + 5]; /* CR LF -- boundary */
    size_t delimiter_bytes;
} cursor;

static const uint8_t *find_bytes(const uint8_t *from, const uint8_t *end, const void *what, size_t size)
{
    return from < end ? memmem(from, (size_t)(end - from), what, size) : NULL;
}

static vt_status find_first_delimiter(cursor *c, const char *content_type, vt_error *err)
{
    char boundary[MAX_BOUNDARY_BYTES + 1];
    if (!vt__http_header_parameter(boundary, sizeof boundary, content_type, "boundary") || !boundary[0])
        return vt__fail(err, VT_EFORMAT, "The multipart body has no usable boundary in its Content-Type.");
    size_t size = strlen(boundary);
    memcpy(c->delimiter, "\r\n--", 4);
    memcpy(c->delimiter + 4, boundary, size + 1);
    c->delimiter_bytes = size + 4;
    size_t body_bytes = (size_t)(c->end - c->at);
    if (body_bytes >= size + 2 && memcmp(c->at, c->delimiter + 2, size + 2) == 0) {
        c->at += size + 2;
        return VT_OK;
    }
    const uint8_t *found = find_bytes(c->at, c->end, c->delimiter, c->delimiter_bytes);
    if (!found) return vt__fail(err, VT_EFORMAT, "The multipart body does not contain its boundary.");
    c->at = found + c->delimiter_bytes;
    return VT_OK;
}

/* After a delimiter: "--" ends the body, else the rest of the line is skipped. */
static vt_status after_delimiter(bool *ended, cursor *c, vt_error *err)
{
    *ended = c->end - c->at >= 2 && memcmp(c->at, "--", 2) == 0;
    if (*ended) return VT_OK;
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
    if (c->end - c->at < 2 || memcmp(c->at, "\r\n", 2) != 0)
        return vt__fail(err, VT_EFORMAT, "The multipart body has a damaged boundary line.");
    c->at += 2;
    return VT_OK;
}

static void read_disposition(vt__part *part, const char *value)
{
    vt__http_header_parameter(part->name, sizeof part->name, value, "name");
    vt__http_header_parameter(part->filename, sizeof part->filename, value, "filename");
}

static void read_header(vt__part *part, const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon) return;
    size_t size = (size_t)(colon - line);
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    if (size == 19 && strncasecmp(line, "Content-Disposition", size) == 0) {
        read_disposition(part, value);
    } else if (size == 12 && strncasecmp(line, "Content-Type", size) == 0 && strlen(value) < sizeof part->content_type) {
        memcpy(part->content_type, value, strlen(value) + 1);
    }
}

/* Reads header lines up to and with the empty one. */
static vt_status read_headers(vt__part *part, cursor *c, vt_error *err)
{
    for (int count = 0; count <= MAX_PART_HEADERS; count++) {
        const uint8_t *end = find_bytes(c->at, c->end, "\r\n", 2);
        size_t size = end ? (size_t)(end - c->at) : MAX_HEADER_LINE_BYTES;
        if (size >= MAX_HEADER_LINE_BYTES) break;
        char line[MAX_HEADER_LINE_BYTES];
        memcpy(line, c->at, size);
        line[size] = 0;
        c->at = end + 2;
        if (size == 0) return VT_OK;
        read_header(part, line);
    }
    return vt__fail(err, VT_EFORMAT, "A part of the multipart body has damaged or too many headers.");
}

static vt_status read_part(vt__part *part, cursor *c, vt_error *err)
{
    memset(part, 0, sizeof *part);
    vt_status status = read_headers(part, c, err);
    if (status) return status;
    if (!part->name[0]) return vt__fail(err, VT_EFORMAT, "A part of the multipart body has no name.");
    /* an empty part: the line end before the delimiter is the one that ended the headers */
    const uint8_t *from = c->at - 2;
    const uint8_t *end = find_bytes(from, c->end, c->delimiter, c->delimiter_bytes);
    if (!end) return vt__fail(err, VT_EFORMAT, "The multipart body ends inside of part \"%s\".", part->name);
    part->bytes = c->at;
    part->size_bytes = end > c->at ? (size_t)(end - c->at) : 0;
    c->at = end + c->delimiter_bytes;
    return VT_OK;
}

vt_status vt__multipart_parse(vt__parts *out, const char *content_type, const void *body, size_t body_bytes,
                              vt_error *err)
{
    out->count = 0;
    const uint8_t *bytes = body ? body : (const uint8_t *)"";
    cursor c = { .at = bytes, .end = bytes + body_bytes };
    bool ended = false;
    vt_status status = find_first_delimiter(&c, content_type, err);
    while (!status && !(status = after_delimiter(&ended, &c, err)) && !ended) {
        if (out->count == VT__MULTIPART_MAX_PARTS)
            return vt__fail(err, VT_ELIMIT, "The multipart body has more than %d parts.", VT__MULTIPART_MAX_PARTS);
        status = read_part(&out->items[out->count++], &c, err);
    }
    return status;
}

const vt__part *vt__multipart_get(const vt__parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++)
        if (strcasecmp(parts->items[i].name, name) == 0) return &parts->items[i];
    return NULL;
}
