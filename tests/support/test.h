/* cmocka with the headers it wants before it, and the number of rows of a table. */
#ifndef VT_TESTS_TEST_H
#define VT_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#endif
