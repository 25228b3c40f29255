#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names in brackets: error.h wraps them for the analyzer. */
static void fill(vt_error *err, vt_status code, const char *format, va_list arguments)
{
    err->code = code;
    int written = vsnprintf(err->text, sizeof err->text, format, arguments);
    if (written <= 0) snprintf(err->text, sizeof err->text, "%s", vt_status_text(code));
    for (char *c = err->text; *c; c++)
        if (*c == '\n' || *c == '\r') *c = ' ';
}

vt_status (vt__fail)(vt_error *err, vt_status code, const char *format, ...)
{
    if (!err) return code;
    va_list arguments;
    va_start(arguments, format);
    fill(err, code, format, arguments);
    va_end(arguments);
    return code;
}

vt_status (vt__fail_errno)(vt_error *err, vt_status code, int number, const char *format, ...)
{
    if (!err) return code;
    va_list arguments;
    va_start(arguments, format);
    fill(err, code, format, arguments);
    va_end(arguments);
    size_t used = strlen(err->text);
    char reason[96];
    snprintf(err->text + used, sizeof err->text - used, ": %s", strerror_r(number, reason, sizeof reason));
    return code;
}

vt_status (vt__fail_memory)(vt_error *err, size_t size_bytes)
{
    return vt__fail(err, VT_ENOMEM, "no memory for %zu bytes", size_bytes);
}

vt_status (vt__error_prefix)(vt_error *err, vt_status code, const char *format, ...)
{
    if (!err) return code;
    char before[VT_ERROR_TEXT_BYTES];
    memcpy(before, err->text, sizeof before);
    va_list arguments;
    va_start(arguments, format);
    fill(err, code, format, arguments);
    va_end(arguments);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", before);
    return code;
}
