#include "service/audit_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

static void put(vt__audit_line *line, const char *text, size_t bytes)
{
    if (line->full || bytes > VT__AUDIT_LINE_MAX - line->bytes) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->bytes, text, bytes);
    line->bytes += bytes;
}

static void put_name(vt__audit_line *line, const char *name)
{
    put(line, line->bytes > 1 ? ",\"" : "\"", line->bytes > 1 ? 2 : 1);
    put(line, name, strlen(name));
    put(line, "\":", 2);
}

static void put_integer(vt__audit_line *line, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0) put(line, "-", 1);
    put(line, digits + at, sizeof digits - at);
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_escaped(vt__audit_line *line, char c)
{
    char code[8];
    if (c == '"' || c == '\\') put(line, c == '"' ? "\\\"" : "\\\\", 2);
    else if (c < 0 || c == 0x7f) put(line, "?", 1);
    else put(line, code, (size_t)snprintf(code, sizeof code, "\\u%04x", (unsigned)c));
}

void vt__audit_line_text(vt__audit_line *line, const char *name, const char *text)
{
    if (!text) return;
    put_name(line, name);
    put(line, "\"", 1);
    while (*text) {
        size_t plain = 0;
        while (is_plain(text[plain])) plain++;
        put(line, text, plain);
        text += plain;
        if (*text) put_escaped(line, *text++);
    }
    put(line, "\"", 1);
}

void vt__audit_line_integer(vt__audit_line *line, const char *name, int64_t number)
{
    put_name(line, name);
    put_integer(line, number);
}

void vt__audit_line_real(vt__audit_line *line, const char *name, double number)
{
    char text[32];
    int64_t millionths = llround(number * 1e6);
    put_name(line, name);
    if (millionths % 1000000 == 0) {
        put_integer(line, millionths / 1000000);
        put(line, ".0", 2);
    } else {
        put(line, text, (size_t)snprintf(text, sizeof text, "%.9g", (double)millionths / 1e6));
    }
}

void vt__audit_line_members(vt__audit_line *line, const vt__json *fields)
{
    if (!vt__json_count(fields)) return;
    char *text = vt__json_text(fields, false);
    if (text) {
        put(line, ",", 1);
        put(line, text + 1, strlen(text) - 2); /* without its braces */
    } else {
        line->full = true;
    }
    vt__free(text);
}

/* The text of a second is made once. */
static void put_time(vt__audit_line *line, int64_t time_ms)
{
    int64_t second = time_ms / 1000 - (time_ms % 1000 < 0), milliseconds = time_ms - second * 1000;
    if (second != line->second || !line->time[0]) {
        char text[VT__TIME_TEXT_BYTES];
        vt__time_text(text, second * 1000);
        snprintf(line->time, sizeof line->time, "%.19s", text);
        line->second = second;
    }
    const char fraction[] = { '.', (char)('0' + milliseconds / 100), (char)('0' + milliseconds / 10 % 10), (char)('0' + milliseconds % 10) };
    put_name(line, "time");
    put(line, "\"", 1);
    put(line, line->time, strlen(line->time));
    put(line, fraction, sizeof fraction);
    put(line, "Z\"", 2);
}

void vt__audit_line_begin(vt__audit_line *line, int64_t number, int64_t time_ms, const uint8_t previous[VT__SHA256_BYTES])
{
    char hash[2 * VT__SHA256_BYTES + 1];
    line->bytes = 0;
    line->full = false;
    put(line, "{", 1);
    vt__audit_line_integer(line, "number", number);
    put_time(line, time_ms);
    vt__hex_encode(hash, previous, VT__SHA256_BYTES);
    vt__audit_line_text(line, "previous", hash);
}

bool vt__audit_line_end(vt__audit_line *line)
{
    put(line, "}", 1);
    if (line->full) return false;
    line->text[line->bytes++] = '\n';
    return true;
}
