/* The files of one tenant's audit, DATA/audit/TENANT: a file of JSON lines a day, each line holding in "previous" the
 * SHA-256 of the line before it. Reading them needs no service and no key. */
#ifndef VT_SERVICE_AUDIT_FILES_H
#define VT_SERVICE_AUDIT_FILES_H

#include "base/file.h"
#include "service/audit_head.h"

enum { VT__AUDIT_LINE_MAX = 16384 };
#define VT__AUDIT_HEAD_FILE "head.json"
#define VT__AUDIT_DAYS_FILE "days.jsonl"
#define VT__AUDIT_DAY_BYTES 11 /* "2026-11-23" and the zero */

/* data_folder/audit/TENANT; vt__free it. NULL: no memory, or a tenant that can be no folder. */
char *vt__audit_folder(const char *data_folder, const char *tenant);

void vt__audit_day_text(char out[VT__AUDIT_DAY_BYTES], int64_t time_ms);
/* The day files ("2026-11-23.jsonl"), oldest first; none when the folder is not there. */
vt_status vt__audit_day_files(vt__names *out, const char *folder, vt_error *err);

/* Called for each line without its end; `name` is its file. Another status than VT_OK ends the reading and is handed on. */
typedef vt_status (*vt__audit_visit)(void *context, const char *name, const char *line, size_t line_bytes, vt_error *err);
/* *whole (may be NULL): the bytes up to the end of the last whole line. VT_EFORMAT: a line that is too long. */
vt_status vt__audit_each_line(const char *folder, const char *name, vt__audit_visit visit, void *context, uint64_t *whole,
                              vt_error *err);

/* The place that a line takes in the chain. VT_EFORMAT when it is no record. `previous` may be NULL. */
vt_status vt__audit_link_of(vt__audit_link *out, uint8_t previous[VT__SHA256_BYTES], const char *line, size_t line_bytes,
                            vt_error *err);

#endif
