/* Filling a caller's vt_error. */
#ifndef VT_BASE_ERROR_H
#define VT_BASE_ERROR_H

#include <stddef.h>

#include <vultus/status.h>

/* Fills *err (may be NULL) with the code and one formatted line, and returns the code. */
vt_status vt__fail(vt_error *err, vt_status code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As vt__fail, with ": strerror(number)" at the end. */
vt_status vt__fail_errno(vt_error *err, vt_status code, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* VT_ENOMEM with how many bytes were asked for. */
vt_status vt__fail_memory(vt_error *err, size_t size_bytes);

/* Puts "prefix: " before the text of an error passed up, keeping its code. Returns the code. */
vt_status vt__error_prefix(vt_error *err, vt_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__ /* clang-tidy sees one file at a time: a failure is never VT_OK, and `*out` then not looked at */
static inline vt_status vt__never_ok(vt_status status)
{
    if (status == VT_OK) __builtin_unreachable();
    return status;
}
#define vt__fail(...) vt__never_ok(vt__fail(__VA_ARGS__))
#define vt__fail_errno(...) vt__never_ok(vt__fail_errno(__VA_ARGS__))
#define vt__fail_memory(...) vt__never_ok(vt__fail_memory(__VA_ARGS__))
#define vt__error_prefix(...) vt__never_ok(vt__error_prefix(__VA_ARGS__))
#endif

#endif
