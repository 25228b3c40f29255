/* One record of the audit as a line of text: an object in compact JSON, written without an allocation, because every
 * request pays for it. */
#ifndef VT_SERVICE_AUDIT_LINE_H
#define VT_SERVICE_AUDIT_LINE_H

#include "base/json.h"
#include "service/audit_files.h"

typedef struct vt__audit_line {
    char text[VT__AUDIT_LINE_MAX + 2]; /* of bytes, not closed by a zero */
    size_t bytes;
    bool full; /* something did not fit: the line is none */
    int64_t second; /* whose text `time` holds */
    char time[24];
} vt__audit_line;

/* Begins a line with "number", "time" and "previous". */
void vt__audit_line_begin(vt__audit_line *line, int64_t number, int64_t time_ms, const uint8_t previous[VT__SHA256_BYTES]);

/* `name` is a literal; `text` is an id or a setting (what is no ASCII becomes '?'), NULL leaves the member out. */
void vt__audit_line_text(vt__audit_line *line, const char *name, const char *text);
void vt__audit_line_integer(vt__audit_line *line, const char *name, int64_t number);
void vt__audit_line_real(vt__audit_line *line, const char *name, double number); /* six decimals */
void vt__audit_line_members(vt__audit_line *line, const vt__json *fields);        /* all of an object; NULL: none */

/* Ends it with a line feed. False: too long, or no memory. */
bool vt__audit_line_end(vt__audit_line *line);

#endif
