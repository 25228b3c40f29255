/* Structured log: one JSON object a line. Never given images, templates, names or user data. Any thread. */
#ifndef VT_BASE_LOG_H
#define VT_BASE_LOG_H

#include <stdbool.h>

#include <vultus/status.h>

#include "base/json.h"

typedef enum vt__log_level { VT__LOG_ERROR = 0, VT__LOG_WARNING, VT__LOG_INFO, VT__LOG_DEBUG } vt__log_level;

typedef struct vt__log vt__log;

/* Writes to a descriptor that stays the caller's (2 = standard error). */
vt_status vt__log_open(vt__log **out, int descriptor, vt__log_level level, vt_error *err);
void vt__log_close(vt__log *log);

void vt__log_set_level(vt__log *log, vt__log_level level);
bool vt__log_level_parse(vt__log_level *out, const char *name); /* error, warning, info, debug */

/* {"time", "level", "event", ...fields}. `fields` (an object or NULL) is taken over and freed in every case.
 * A NULL log, or a level above the log's, writes nothing. A line is written in one call, never interleaved. */
void vt__log_write(vt__log *log, vt__log_level level, const char *event, vt__json *fields);

/* As vt__log_write with one "message" field. */
void vt__log_text(vt__log *log, vt__log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
