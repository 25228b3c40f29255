/* The real program, run as a user runs it. */
#ifndef VT_TESTS_PROGRAM_H
#define VT_TESTS_PROGRAM_H

#include <stddef.h>

typedef struct program_result {
    int code;     /* exit code */
    char *output; /* standard output and standard error, zero-terminated; free() it */
    size_t lines; /* of output */
} program_result;

/* Runs VULTUS_PROGRAM with arguments as a shell reads them, on the tests' pack. Skips without a program or a pack. */
program_result program_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
