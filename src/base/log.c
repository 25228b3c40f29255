#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

static const char *const level_names[] = { "error", "warning", "info", "debug" };

struct vt__log {
    int descriptor;
    atomic_int level;
};

vt_status vt__log_open(vt__log **out, int descriptor, vt__log_level level, vt_error *err)
{
    vt__log *log = vt__calloc(1, sizeof *log);
    if (!log) return vt__fail_memory(err, sizeof *log);
    log->descriptor = descriptor;
    atomic_init(&log->level, (int)level);
    *out = log;
    return VT_OK;
}

void vt__log_close(vt__log *log)
{
    vt__free(log);
}

void vt__log_set_level(vt__log *log, vt__log_level level)
{
    if (log) atomic_store(&log->level, (int)level);
}

bool vt__log_level_parse(vt__log_level *out, const char *name)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, level_names[i]) != 0) continue;
        *out = (vt__log_level)i;
        return true;
    }
    return false;
}

/* One writev a line: lines of several threads do not mix on pipes (up to PIPE_BUF) and files opened for append. */
static void write_line(int descriptor, char *text)
{
    struct iovec parts[] = { { text, strlen(text) }, { (char *)"\n", 1 } };
    while (writev(descriptor, parts, 2) < 0 && errno == EINTR)
        ;
}

void vt__log_write(vt__log *log, vt__log_level level, const char *event, vt__json *fields)
{
    if (!log || (int)level > atomic_load(&log->level)) {
        vt__json_free(fields);
        return;
    }
    char now[VT__TIME_TEXT_BYTES];
    vt__clock clock = vt__clock_system();
    vt__time_text(now, vt__clock_now_ms(&clock));
    vt__json *line = vt__json_object();
    vt__json_set_string(line, "time", now);
    vt__json_set_string(line, "level", level_names[level]);
    vt__json_set_string(line, "event", event);
    for (size_t i = 0; i < vt__json_count(fields); i++)
        vt__json_set(line, vt__json_key_at(fields, i), vt__json_copy(vt__json_value_at(fields, i)));
    char *text = vt__json_text(line, false);
    if (text) write_line(log->descriptor, text);
    vt__free(text);
    vt__json_free(line);
    vt__json_free(fields);
}

void vt__log_text(vt__log *log, vt__log_level level, const char *event, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "message", message);
    vt__log_write(log, level, event, fields);
}
